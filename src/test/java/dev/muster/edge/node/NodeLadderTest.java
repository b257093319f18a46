package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Command;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.swarm.SshPlace;
import dev.muster.edge.swarm.Sshd;
import dev.muster.edge.swarm.Transport;
import dev.muster.edge.swarm.Ways;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A person has a file fetched by another way than the nodes would choose.
@Tag("slow")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class NodeLadderTest {
    private static final NodeId W1 = new NodeId("w1");
    private static final NodeId W2 = new NodeId("w2");

    @TempDir
    Path base;

    @Test
    void aNodeGetsAFileByRsyncBecauseAPersonSaidSoThroughAnother() throws Exception {
        Sshd.needed();
        try (Sshd sshd = Sshd.start(base.resolve("sshd"));
                Cluster cluster = new Cluster(base, 1)) {
            Ways.Ssh both = new Ways.Ssh(
                    sshd.offered().user(),
                    "127.0.0.1",
                    sshd.offered().port(),
                    sshd.login().identity(),
                    sshd.login().known());
            Ways ways = new Ways(both, Optional.empty(), Map.of());
            // Of itself no node gets anything: there is no aria2.
            cluster.network = new NodeConfig.Network(true, Transport.ARIA2, 0, 0, ways);
            cluster.startAll("v1", "w1", "w2");
            Sha256 sha = put(cluster.node("w1"));
            NodeRuntime asked = cluster.node("v1");
            Eventually.await(
                    "all know it",
                    Cluster.PATIENCE,
                    () -> cluster.node("w2").state().files().artifacts().has(sha));

            Optional<SshPlace> place = asked.shelf().place(W1, sha, Optional.of(W2));
            Shelf.Copy copy = asked.shelf().fetch(W2, sha, Transport.RSYNC);

            assertThat(place.map(SshPlace::path).orElse(""))
                    .startsWith(base.resolve("w1").toString());
            assertThat(copy.why()).isEmpty();
            assertThat(copy.state()).isEqualTo(Shelf.State.HELD);
            assertThat(copy.metadata().toString()).contains("transport=rsync");
            Eventually.await(
                    "its receipt is there",
                    Cluster.PATIENCE,
                    () -> asked.state()
                            .files()
                            .artifacts()
                            .require(sha)
                            .receipts()
                            .has(W2));
            assertThat(asked.shelf()
                            .fetch(new NodeId("v1"), sha, Transport.ARIA2)
                            .why())
                    .contains("none is configured");
            assertThat(asked.shelf().place(new NodeId("v1"), sha, Optional.empty()))
                    .isEmpty();
        }
    }

    private static Sha256 put(NodeRuntime node) throws Exception {
        byte[] bytes = new byte[3 << 20];
        new Random(1).nextBytes(bytes);
        Shelf.Wanted wanted = new Shelf.Wanted("games", ArtifactKind.OTHER, bytes.length, Optional.empty());
        Shelf.Put.Stored stored = (Shelf.Put.Stored) node.shelf().put(new ByteArrayInputStream(bytes), wanted);
        Command order = new Command.PutArtifact(
                stored.sha(), stored.size(), "games", ArtifactKind.OTHER, Optional.empty(), node.self());
        assertThat(node.submit(Cluster.order(order), Duration.ofSeconds(20))).isInstanceOf(Member.Answer.Done.class);
        return stored.sha();
    }
}
