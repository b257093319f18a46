package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.JobId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.swarm.Transport;
import dev.muster.edge.wire.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A large model on its way to whole nodes.
@Tag("slow")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class NodeSwarmTest {
    private static final int SIZE = 12 << 20;

    @TempDir
    Path base;

    @Test
    void aPromotedModelReachesAllAlsoWhenTheLeaderGoesOnTheWayAndNothingBeginsAnew() throws Exception {
        try (Cluster cluster = new Cluster(base, 3)) {
            cluster.network = new NodeConfig.Network(true, Transport.SWARM, 4 << 20, 0);
            cluster.startAll("v1", "v2", "v3", "w1", "w2");
            NodeRuntime source = cluster.node("w1");
            Sha256 sha = make(source);
            Command promotion = new Command.PromoteModel(new ConfigKey("hex8_2p"), sha, Optional.empty(), 0);
            assertThat(source.submit(Cluster.order(promotion), Duration.ofSeconds(20)))
                    .isInstanceOf(Member.Answer.Done.class);
            Eventually.await(
                    "a quarter is out",
                    Cluster.PATIENCE,
                    () -> source.transfers().bytesOut() > SIZE / 4);

            cluster.stop(cluster.leader().self().name());

            for (NodeRuntime node : cluster.running.values()) {
                Path link = cluster.data(node.self().name()).resolve("models/ringrift_best_hex8_2p.pth");
                Eventually.await(
                        () -> node.self() + " has it: " + node.transfers(), Cluster.PATIENCE, () -> Files.exists(link));
                assertThat(link).hasSize(SIZE);
                assertThat(node.transfers().bytesIn())
                        .as("%s received", node.self())
                        .isLessThan(SIZE + 17L * 128 * 1024);
            }
            assertThat(source.transfers().bytesOut()).isLessThan(3L * SIZE);
        }
    }

    private Sha256 make(NodeRuntime source) {
        Command order = new Command.SubmitJob(Wire.jobSpec(Wire.read("""
                {"name":"make","kind":"OTHER","command":["sh","-c","head -c %d /dev/urandom > model"],"node":"w1",
                 "config":"hex8_2p","outputs":[{"path":"model","required":true}]}""".formatted(SIZE), JsonNode.class)));
        Member.Answer.Done done = (Member.Answer.Done) source.submit(Cluster.order(order), Duration.ofSeconds(20));
        JobId job = JobId.parse(done.created());
        Eventually.await(
                "it is made",
                Cluster.PATIENCE,
                () -> attempt(source, job)
                        .filter(made -> made.status() == Attempt.Status.SUCCEEDED)
                        .isPresent());
        Sha256 sha = attempt(source, job).orElseThrow().outputs().getFirst().sha();
        assertThat(source.state().files().artifacts().require(sha).receipts().has(new NodeId("w1")))
                .isTrue();
        return sha;
    }

    private static Optional<Attempt> attempt(NodeRuntime node, JobId job) {
        return node.state().work().attemptsOf(job).values().stream().reduce((first, second) -> second);
    }
}
