package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.gossip.Opinion;
import dev.muster.core.state.NodeId;
import dev.muster.edge.config.Token;
import dev.muster.edge.gossip.GossipPort;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class SightingsTest {
    @TempDir
    Path base;

    private static Optional<Opinion> held(NodeRuntime node, String name) {
        return Optional.ofNullable(node.sightings().get(new NodeId(name))).map(GossipPort.Seen::opinion);
    }

    private static void awaitAlive(Cluster cluster, String observer, String... names) {
        Eventually.await(
                () -> observer + " to see " + List.of(names) + " alive: "
                        + cluster.node(observer).sightings(),
                Cluster.PATIENCE,
                () -> List.of(names).stream()
                        .allMatch(name -> held(cluster.node(observer), name).equals(Optional.of(Opinion.ALIVE))));
    }

    @Test
    void everyNodeKnowsEveryoneAlsoWithoutVotersAndAfterARestartWithoutThem() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1", "w2");
            for (String observer : List.of("v1", "w1", "w2")) awaitAlive(cluster, observer, "v1", "w1", "w2");
            assertThat(cluster.node("w1")
                            .sightings()
                            .get(new NodeId("v1"))
                            .profile()
                            .voter())
                    .isTrue();

            cluster.stop("v1");
            Eventually.await(
                    "v1 to have left",
                    Cluster.PATIENCE,
                    () -> held(cluster.node("w1"), "v1").equals(Optional.of(Opinion.LEFT)));
            awaitAlive(cluster, "w1", "w2");

            cluster.stop("w1");
            cluster.start("w1");
            awaitAlive(cluster, "w1", "w2");
            awaitAlive(cluster, "w2", "w1");
            assertThat(cluster.node("w1").state().revision()).isZero();
            assertThat(held(cluster.node("w1"), "v1")).contains(Opinion.LEFT);
        }
    }

    @Test
    void anAgentWithAnotherTokenIsNoMember() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1");
            cluster.start("w2", new Token("another-token"));
            awaitAlive(cluster, "v1", "w1");
            awaitAlive(cluster, "w1", "v1");
            assertThat(cluster.node("v1").sightings()).doesNotContainKey(new NodeId("w2"));
        }
    }
}
