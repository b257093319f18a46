package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// More nodes than two cores have room for as processes: in one, each with its store, its port and its limits.
@Tag("slow")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ManyNodesTest {
    private static final int NODES = 48;
    private static final int BYTES = 64 << 20;
    /// 12 Mbit/s each way.
    private static final long RATE = 1_500_000;

    @TempDir
    Path base;

    @Test
    void fortyEightNodesHaveTheFileAboutWhenTheSourceHasGivenItAwayOnce() throws Exception {
        byte[] file = Lab.bytes(BYTES, 48);
        Sha256 sha = Lab.sha(file);
        double bound = (double) BYTES / RATE;
        try (Lab lab = new Lab(base)) {
            start(lab, "source").hold(file);
            List<Lab.Node> receivers = new ArrayList<>();
            for (int i = 1; i <= NODES; i++) receivers.add(start(lab, "n" + i));

            long began = System.nanoTime();
            List<CompletableFuture<Fetched>> fetches =
                    receivers.stream().map(node -> node.fetch(sha)).toList();
            for (CompletableFuture<Fetched> fetch : fetches) fetch.get(3, TimeUnit.MINUTES);
            double ratio = (System.nanoTime() - began) / 1e9 / bound;

            System.out.printf("swarm: %d nodes at %d kB/s: R %.3f%n", NODES, RATE / 1000, ratio);
            assertThat(ratio).isBetween(0.95, 1.5);
            for (Lab.Node node : receivers)
                assertThat(node.swarm.figures().twice()).isLessThan(BYTES / (128 << 10) / 10);
        }
    }

    private static Lab.Node start(Lab lab, String name) throws IOException {
        return lab.start(name, new Swarm.Settings(Lab.TOKEN, true, RATE, RATE, 24, Transport.SWARM));
    }
}
