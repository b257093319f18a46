package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One file to several nodes over real connections on loopback.
@Tag("slow")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SwarmTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path base;

    private Lab lab;

    @BeforeEach
    void start() {
        lab = new Lab(base);
    }

    @AfterEach
    void stop() {
        lab.close();
    }

    private List<Lab.Node> receivers(int count, Swarm.Settings settings) throws Exception {
        List<Lab.Node> nodes = new ArrayList<>();
        for (int i = 1; i <= count; i++) nodes.add(lab.start("r" + i, settings));
        return nodes;
    }

    private static void all(List<CompletableFuture<Fetched>> fetches) throws Exception {
        for (CompletableFuture<Fetched> fetch : fetches) fetch.get(60, TimeUnit.SECONDS);
    }

    @Test
    void fourReceiversGetTheFileAndItsSourceSendsFarLessThanFourCopies() throws Exception {
        byte[] file = Lab.bytes(16 * MIB + 12_345, 1);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        List<Lab.Node> receivers = receivers(4, Lab.settings());

        all(receivers.stream().map(node -> node.fetch(sha)).toList());

        for (Lab.Node node : receivers) assertThat(node.read(sha)).isEqualTo(file);
        assertThat(source.swarm.figures().bytesOut()).isBetween((long) file.length, 2L * file.length);
        System.out.println("sent " + source.swarm.figures().bytesOut() / (double) file.length);
    }
}
