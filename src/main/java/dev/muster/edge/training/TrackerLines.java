package dev.muster.edge.training;

import dev.muster.core.state.Traces.Tracked;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where W&B shows a run, by what it prints:
///
///     wandb: View run dry-sun-1 at: https://wandb.ai/us/burgers/runs/1a2b3c4d
///     wandb: wandb sync /home/ann/burgers/wandb/offline-run-20260105_101500-1a2b3c4d
///     wandb: Run data is saved locally in /home/ann/burgers/wandb/run-20260105_101500-1a2b3c4d
public final class TrackerLines {
    private static final Pattern PAGE = Pattern.compile("https?://[^\\s/]+/\\S+/runs/([\\w-]{1,100})");
    private static final Pattern FOLDER = Pattern.compile("\\brun-\\d{8}_\\d{6}-([\\w-]{1,100})");

    private TrackerLines() {}

    /// @return what the line tells; empty of a line that is not W&B's
    public static Optional<Tracked> read(String line) {
        if (!line.contains("wandb")) return Optional.empty();
        Matcher page = PAGE.matcher(line);
        if (page.find() && page.group().length() <= 300) return Optional.of(new Tracked(page.group(1), page.group()));
        Matcher folder = FOLDER.matcher(line);
        return folder.find() ? Optional.of(new Tracked(folder.group(1), "")) : Optional.empty();
    }
}
