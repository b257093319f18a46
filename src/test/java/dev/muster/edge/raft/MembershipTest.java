package dev.muster.edge.raft;

import static dev.muster.edge.raft.Voters.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class MembershipTest {
    private static final long SNAPSHOT_EVERY = 200;

    @TempDir
    Path dir;

    @Test
    void aNewVoterIsCaughtUpByASnapshotAndThenCounts() throws Exception {
        try (Voters voters = Voters.started(dir, 3, SNAPSHOT_EVERY)) {
            voters.proposeAll("before", 1000);
            VoterAddress newcomer = Voters.address("n3");
            voters.start(newcomer);

            set(voters, with(voters.founders(), newcomer));
            voters.propose("after");

            await("n3 has everything", () -> same(voters, "n3"));
            assertThat(voters.machine("n3").restored()).isPositive();
            await(
                    "the snapshot's voters are followed by the new set",
                    () -> voters.machine("n3").voterSets().contains(List.of("n0", "n1", "n2", "n3")));
            assertThat(voters.leader().voters())
                    .extracting(VoterAddress::id)
                    .containsExactlyInAnyOrder("n0", "n1", "n2", "n3");
        }
    }

    @Test
    void aRemovedVoterStopsAndTheOthersGoOn() throws Exception {
        try (Voters voters = Voters.started(dir, 3, SNAPSHOT_EVERY)) {
            String removed = voters.follower();

            set(voters, without(voters.founders(), removed));
            voters.propose("after");

            await("it has stopped", () -> voters.running.get(removed).stopped().isDone());
            assertThat(voters.running.get(removed).stopped().isCompletedExceptionally())
                    .isFalse();
            assertThat(voters.machine(voters.leaderId()).entries()).containsExactly("after");
        }
    }

    @Test
    void aLeaderCanBeRemoved() throws Exception {
        try (Voters voters = Voters.started(dir, 3, SNAPSHOT_EVERY)) {
            voters.propose("before");
            String removed = voters.leaderId();

            Fate fate = voters.leader()
                    .setVoters(without(voters.founders(), removed))
                    .get();

            assertThat(fate).isInstanceOf(Fate.Applied.class);
            await("it has stopped", () -> voters.running.get(removed).stopped().isDone());
            voters.stop(removed);
            voters.propose("after");
            assertThat(voters.machine(voters.leaderId()).entries()).containsExactly("before", "after");
        }
    }

    @Test
    void aVoterWhoseDiskWasWipedComesBackUnderItsIdByASnapshot() throws Exception {
        try (Voters voters = Voters.started(dir, 3, SNAPSHOT_EVERY)) {
            voters.proposeAll("before", 1000);
            String wiped = voters.follower();
            voters.wipe(wiped);

            voters.start(RaftConfig.joining(address(voters, wiped), voters.dir(wiped), "test")
                    .withSnapshots(SNAPSHOT_EVERY, 20));
            await("readmitted", () -> voters.leader().readmit(wiped).join() instanceof Fate.Applied);
            voters.propose("after");

            await(wiped + " has everything", () -> same(voters, wiped));
            await("and votes again", () -> !voters.running.get(wiped).refilling());
        }
    }

    @Test
    void leadershipMovesToTheVoterThatIsNamed() throws Exception {
        try (Voters voters = Voters.started(dir, 3, SNAPSHOT_EVERY)) {
            String next = voters.follower();

            assertThat(voters.leader().transferLeadership(next).get()).isInstanceOf(Fate.Applied.class);

            await(next + " leads", () -> voters.running.get(next).leadership().ready());
        }
    }

    @Test
    void aChangeThatWouldPutNewVotersInTheMajorityIsRefused() throws Exception {
        try (Voters voters = Voters.started(dir, 1, SNAPSHOT_EVERY)) {
            List<VoterAddress> all = with(with(voters.founders(), Voters.address("n1")), Voters.address("n2"));

            assertThat(voters.leader().setVoters(all).get()).isInstanceOf(Fate.Unavailable.class);
        }
    }

    @Test
    void whatFollowsAnAnswerMayProposeAgain() throws Exception {
        try (Voters voters = Voters.started(dir, 3, SNAPSHOT_EVERY)) {
            RaftVoter leader = voters.leader();
            List<VoterAddress> two = without(voters.founders(), voters.follower());

            Fate fate = leader.setVoters(two)
                    .thenCompose(done -> leader.setVoters(two))
                    .thenCompose(done -> leader.propose(new byte[] {'x'}))
                    .get();

            assertThat(fate).isInstanceOf(Fate.Applied.class);
        }
    }

    @Test
    void oneVoterGrowsToThree() throws Exception {
        try (Voters voters = Voters.started(dir, 1, SNAPSHOT_EVERY)) {
            voters.proposeAll("before", 300);
            List<VoterAddress> all = new ArrayList<>(voters.founders());
            for (String id : List.of("n1", "n2")) {
                all.add(Voters.address(id));
                voters.start(all.getLast());
                set(voters, all);
            }
            voters.propose("after");

            await("all have everything", () -> same(voters, "n1") && same(voters, "n2"));
        }
    }

    private static void set(Voters voters, List<VoterAddress> wanted) {
        await("voters " + wanted, () -> voters.leader().setVoters(wanted).join() instanceof Fate.Applied);
    }

    private static boolean same(Voters voters, String id) {
        return voters.machine(id)
                .entries()
                .equals(voters.machine(voters.leaderId()).entries());
    }

    private static VoterAddress address(Voters voters, String id) {
        return voters.founders().stream()
                .filter(a -> a.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static List<VoterAddress> with(List<VoterAddress> voters, VoterAddress more) {
        List<VoterAddress> all = new ArrayList<>(voters);
        all.add(more);
        return all;
    }

    private static List<VoterAddress> without(List<VoterAddress> voters, String id) {
        return voters.stream().filter(voter -> !voter.id().equals(id)).toList();
    }
}
