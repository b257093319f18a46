package dev.muster.edge.raft;

import static dev.muster.edge.raft.Voters.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RefillTest {
    @TempDir
    Path dir;

    @Test
    void aVoterThatLostItsDirectoryDoesNotVoteBeforeItIsFullAgain() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 100)) {
            voters.proposeAll("e", 500);
            String leader = voters.leaderId();
            String wiped = voters.follower();
            VoterAddress wipedAddress = voters.founders().stream()
                    .filter(a -> a.id().equals(wiped))
                    .findFirst()
                    .orElseThrow();
            voters.wipe(wiped);
            HeldUp machine = new HeldUp(new RecordingMachine());
            RaftVoter refilled = RaftVoter.start(RaftConfig.joining(wipedAddress, voters.dir(wiped), "test"), machine);
            try {
                assertThat(voters.leader().readmit(wiped).get()).isInstanceOf(Fate.Applied.class);
                await("the first entries have come", () -> machine.asked.getCount() == 0);
                voters.stop(leader);
                String other = voters.running.keySet().iterator().next();

                RaftVoter alone = voters.running.get(other);
                await("nobody leads", () -> alone.leadership().leader().isEmpty());
                long until = System.nanoTime()
                        + 5 * RaftConfig.Timing.DEFAULT.electionMax().toNanos();
                await("many election timeouts", () -> {
                    assertThat(alone.leadership().ready()).isFalse();
                    assertThat(refilled.leadership().ready()).isFalse();
                    return System.nanoTime() > until;
                });
                assertThat(refilled.refilling()).isTrue();

                machine.mayGoOn.countDown();
                voters.start(voters.founders().stream()
                        .filter(a -> a.id().equals(leader))
                        .findFirst()
                        .orElseThrow());
                await("it is full", () -> !refilled.refilling());
                assertThat(voters.dir(wiped).resolve("refilling")).doesNotExist();
                voters.stop(leader.equals(voters.leaderId()) ? leader : other);
                await(
                        "its vote makes a leader",
                        () -> refilled.leadership().ready()
                                || voters.running.values().stream()
                                        .anyMatch(v -> v.leadership().ready()));
            } finally {
                machine.mayGoOn.countDown();
                refilled.close();
            }
        }
    }

    /// Applies and restores nothing before it is told to go on.
    private record HeldUp(RecordingMachine machine, CountDownLatch asked, CountDownLatch mayGoOn)
            implements ReplicatedMachine {
        HeldUp(RecordingMachine machine) {
            this(machine, new CountDownLatch(1), new CountDownLatch(1));
        }

        @Override
        public byte[] apply(long term, long index, byte[] entry) {
            hold();
            return machine.apply(term, index, entry);
        }

        @Override
        public void votersChanged(long term, long index, List<VoterAddress> voters) {
            machine.votersChanged(term, index, voters);
        }

        @Override
        public void save(OutputStream out) throws IOException {
            machine.save(out);
        }

        @Override
        public void restore(InputStream in) throws IOException {
            hold();
            machine.restore(in);
        }

        private void hold() {
            asked.countDown();
            try {
                mayGoOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void leadershipChanged(Leadership leadership) {
            machine.leadershipChanged(leadership);
        }
    }
}
