package dev.muster.edge.raft;

import static dev.muster.edge.raft.Voters.await;
import static dev.muster.edge.raft.Voters.bytes;
import static dev.muster.edge.raft.Voters.fate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RaftVoterTest {
    @TempDir
    Path dir;

    @Test
    void anEntryIsAppliedOnEveryVoterAndItsAnswerComesBack() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 1000)) {
            Fate fate = fate(voters.leader(), "a");

            assertThat(fate)
                    .isInstanceOfSatisfying(
                            Fate.Applied.class,
                            applied -> assertThat(new String(applied.result(), StandardCharsets.UTF_8))
                                    .isEqualTo("a#1"));
            await(
                    "all three have it",
                    () -> voters.machines.values().stream()
                            .allMatch(m -> m.entries().equals(List.of("a"))));
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

            List<String> expected =
                    IntStream.range(0, 1000).mapToObj(i -> "e" + i).toList();
            assertThat(voters.machine(voters.leaderId()).entries()).isEqualTo(expected);
            await(
                    "followers",
                    () -> voters.machines.values().stream()
                            .allMatch(m -> m.entries().equals(expected)));
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

    @Test
    void aLeaderWithoutAMajorityIsNotReadyAndRefusesWithoutTouchingTheLog() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 1000)) {
            String id = voters.leaderId();
            RaftVoter leader = voters.leader();
            for (String other : List.copyOf(voters.running.keySet())) if (!other.equals(id)) voters.stop(other);
            long alone = System.nanoTime();

            await("not ready", () -> !leader.leadership().ready());
            assertThat(Duration.ofNanos(System.nanoTime() - alone))
                    .isLessThan(RaftConfig.Timing.DEFAULT.electionMax().multipliedBy(3));
            await("the machine is told", () -> !voters.machine(id).leadership().ready());
            long last = leader.lastLogIndex();
            assertThat(fate(leader, "x")).isInstanceOf(Fate.Unavailable.class);
            assertThat(leader.lastLogIndex()).isEqualTo(last);
            await("the silence grows", () -> leader.leadership().quorumSilence().compareTo(Duration.ofSeconds(3)) > 0);
        }
    }

    @Test
    void aProposalThatLosesItsMajorityOnTheWayIsUnknownInTime() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 1000)) {
            String id = voters.leaderId();
            RaftVoter leader = voters.leader();
            List.copyOf(voters.running.keySet()).parallelStream()
                    .filter(other -> !other.equals(id))
                    .forEach(other -> voters.running.get(other).close());

            long sent = System.nanoTime();
            List<CompletableFuture<Fate>> fates = new ArrayList<>();
            while (leader.leadership().ready()) fates.add(leader.propose(bytes("lost?")));
            for (CompletableFuture<Fate> fate : fates)
                assertThat(fate.get(10, TimeUnit.SECONDS))
                        .isInstanceOfAny(Fate.Unknown.class, Fate.Unavailable.class, Fate.NotLeader.class);
            assertThat(Duration.ofNanos(System.nanoTime() - sent)).isLessThan(Duration.ofSeconds(8));
        }
    }

    @Test
    void allVotersRestartedHaveEveryEntryOnceAndInOrder() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 150)) {
            voters.proposeAll("e", 400);
            List<String> expected = voters.machine(voters.leaderId()).entries();
            for (VoterAddress founder : voters.founders()) voters.stop(founder.id());
            for (VoterAddress founder : voters.founders()) voters.start(founder);
            voters.propose("last");

            List<String> all = new ArrayList<>(expected);
            all.add("last");
            await(
                    "all have it",
                    () -> voters.machines.values().stream()
                            .allMatch(machine -> machine.entries().equals(all)));
            assertThat(voters.machine("n0").restored()).isPositive();
        }
    }

    @Test
    void theLogIsPurgedUpToTheSnapshotLessWhatIsKept() throws Exception {
        try (Voters voters = Voters.started(dir, 1, 100)) {
            String big = "x".repeat(60_000);
            for (int i = 0; i < 300; i++) voters.propose(big); // 18 MB in segments of 4 MB

            await("only the newest segments are left", () -> firstIndex("n0", voters) > 100);
            assertThat(logBytes("n0", voters)).isLessThan(14 << 20);
        }
    }

    @Test
    void aClosedVoterLeavesItsPortAndItsThreads() throws Exception {
        try (Voters voters = Voters.started(dir, 1, 1000)) {
            long before = raftThreads();
            long began = System.nanoTime();
            voters.stop("n0");

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            new ServerSocket(voters.founders().getFirst().port(), 1, InetAddress.getLoopbackAddress()).close();
            assertThat(before).isPositive();
            await("no thread of the voter is left", () -> raftThreads() == 0);
        }
    }

    @Test
    void aStoppedVoterRefuses() throws Exception {
        try (Voters voters = Voters.started(dir, 1, 1000)) {
            RaftVoter voter = voters.leader();
            voters.stop("n0");

            assertThat(fate(voter, "x")).isEqualTo(new Fate.Unavailable("this voter has stopped"));
            assertThat(voter.stopped()).isCompleted();
        }
    }

    @Test
    void anEntryAsLargeAsAllowedIsApplied() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 1000)) {
            assertThat(fate(voters.leader(), "x".repeat(RaftConfig.ENTRY_MAX_BYTES)))
                    .isInstanceOf(Fate.Applied.class);
            assertThatThrownBy(() -> voters.leader().propose(new byte[RaftConfig.ENTRY_MAX_BYTES + 1]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static long raftThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread.getName().contains("n0@") || thread.getName().contains("raft-roles"))
                .count();
    }

    private long firstIndex(String id, Voters voters) {
        return segments(id, voters).stream()
                .mapToLong(LogSegmentFile::start)
                .min()
                .orElseThrow();
    }

    private long logBytes(String id, Voters voters) {
        return segments(id, voters).stream()
                .mapToLong(segment -> segment.path().toFile().length())
                .sum();
    }

    /// A voter that runs replaces files meanwhile, and a walk breaks off at one that is gone: then it is taken again.
    private static List<LogSegmentFile> segments(String id, Voters voters) {
        for (int attempt = 1; ; attempt++) {
            try (Stream<Path> files = Files.walk(voters.dir(id))) {
                return files.flatMap(file -> LogSegmentFile.of(file).stream()).toList();
            } catch (IOException | UncheckedIOException e) {
                if (attempt == 10) throw new AssertionError(e);
            }
        }
    }
}
