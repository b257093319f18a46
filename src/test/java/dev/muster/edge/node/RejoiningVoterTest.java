package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class RejoiningVoterTest {
    @TempDir
    Path base;

    @Test
    void aVoterThatLostItsLogGetsItBackUnderTheSameLeaderAndSaysMeanwhileThatItKnowsNothing() throws Exception {
        try (Cluster cluster = new Cluster(base, 3)) {
            cluster.startAll("v1", "v2", "v3");
            NodeRuntime leader = cluster.leader();
            long term = leader.standing().term();
            submit(leader, 20);
            String lost = cluster.running.keySet().stream()
                    .filter(name -> !name.equals(leader.self().name()))
                    .findFirst()
                    .orElseThrow();
            cluster.stop(lost);
            submit(leader, 20);
            AttemptJournal.delete(cluster.data(lost).resolve("raft"));

            NodeRuntime back = cluster.start(lost);

            assertThat(back.state().revision() > 0 || back.standing().readOnly().isPresent())
                    .as("an empty state is never shown as the cluster's")
                    .isTrue();
            Path refilling = cluster.data(lost).resolve("raft").resolve("refilling");
            Eventually.await(
                    () -> "it has its log back: " + back.standing(),
                    Cluster.PATIENCE,
                    () -> Files.notExists(refilling)
                            && back.standing().readOnly().isEmpty()
                            && back.state().revision() >= leader.state().revision());
            assertThat(leader.standing().term()).isEqualTo(term);
            Eventually.await(
                    "it is a voter again",
                    Cluster.PATIENCE,
                    () -> leader.state().fleet().voters().contains(new NodeId(lost)));

            // The proof that it counts again: with the third one gone, the two are a majority.
            String third = cluster.running.keySet().stream()
                    .filter(name -> !List.of(lost, leader.self().name()).contains(name))
                    .findFirst()
                    .orElseThrow();
            cluster.stop(third);
            submit(back, 1);
        }
    }

    private static void submit(NodeRuntime node, int jobs) {
        for (int i = 0; i < jobs; i++) {
            assertThat(node.submit(Cluster.order(Cluster.job("any", "true")), Duration.ofSeconds(30)))
                    .isInstanceOf(Member.Answer.Done.class);
        }
    }
}
