package dev.muster.edge.raft;

import static dev.muster.edge.raft.Voters.await;
import static dev.muster.edge.raft.Voters.bytes;
import static dev.muster.edge.raft.Voters.fate;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RaftVoterTest {
    @TempDir
    Path dir;

    @Test
    void anEntryIsAppliedOnEveryVoterAndItsAnswerComesBack() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 1000)) {
            Fate fate = fate(voters.leader(), "a");

            assertThat(fate).isInstanceOfSatisfying(Fate.Applied.class, applied -> assertThat(new String(applied.result(), StandardCharsets.UTF_8)).isEqualTo("a#1"));
            await("all three have it", () -> voters.machines.values().stream().allMatch(m -> m.entries().equals(List.of("a"))));
            assertThat(voters.machine("n0").voterSets()).contains(List.of("n0", "n1", "n2"));
        }
    }

    @Test
    void manyOutstandingProposalsAreAppliedInTheOrderInWhichTheyWereMade() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 100_000)) {
            RaftVoter leader = voters.leader();
            List<CompletableFuture<Fate>> fates = new ArrayList<>();
            for (int i = 0; i < 1000; i++) fates.add(leader.propose(bytes("e" + i)));
            for (CompletableFuture<Fate> fate : fates) assertThat(fate.get()).isInstanceOf(Fate.Applied.class);

            List<String> expected = IntStream.range(0, 1000).mapToObj(i -> "e" + i).toList();
            assertThat(voters.machine(voters.leaderId()).entries()).isEqualTo(expected);
            await("followers", () -> voters.machines.values().stream().allMatch(m -> m.entries().equals(expected)));
        }
    }

    @Test
    void aFollowerRefusesAndNamesTheLeader() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 1000)) {
            String leader = voters.leaderId();
            RaftVoter follower = voters.running.get(voters.follower());
            await("the follower knows", () -> follower.leadership().leader().isPresent());

            assertThat(fate(follower, "x")).isEqualTo(new Fate.NotLeader(java.util.Optional.of(leader)));
        }
    }
}
