package dev.muster.edge.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Traces.Tracked;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrackerLinesTest {
    private static Optional<Tracked> read(String line) {
        return TrackerLines.read(line);
    }

    @Test
    void aPageIsTheRuns() {
        String page = "https://wandb.ai/us/burgers/runs/1a2b3c4d";
        assertThat(read("wandb: View run dry-sun-1 at: " + page)).contains(new Tracked("1a2b3c4d", page));
        assertThat(read("\u001B[34m\u001B[1mwandb\u001B[0m: View run at \u001B[34m\u001B[4m" + page + "\u001B[0m"))
                .as("coloured, without what ends the colour")
                .contains(new Tracked("1a2b3c4d", page));
        assertThat(read("wandb: View project at https://wandb.ai/us/burgers")).isEmpty();
        assertThat(read("see https://elsewhere.example/a/runs/1")).isEmpty();
    }

    @Test
    void offlineThereIsAnIdOnly() {
        assertThat(read("wandb: wandb sync /home/ann/burgers/wandb/offline-run-20260105_101500-1a2b3c4d"))
                .contains(new Tracked("1a2b3c4d", ""));
        assertThat(read("wandb: Run data is saved locally in /home/ann/burgers/wandb/run-20260105_101500-1a2b3c4d"))
                .contains(new Tracked("1a2b3c4d", ""));
        assertThat(read("wandb: Tracking run with wandb version 0.18.5")).isEmpty();
    }

    @Test
    void whatIsKnownLaterCountsMore() {
        Tracked id = new Tracked("a", "");
        Tracked page = new Tracked("a", "https://wandb.ai/us/x/runs/a");
        assertThat(id.and(page)).isEqualTo(page);
        assertThat(page.and(id)).isEqualTo(page);
    }
}
