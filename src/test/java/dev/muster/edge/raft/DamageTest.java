package dev.muster.edge.raft;

import static dev.muster.edge.raft.Voters.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One voter alone; its own disk must say when it is damaged.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DamageTest {
    private static final int OWN_ENTRY_MAX = 100;

    @TempDir
    Path dir;

    @Test
    void flippedBytesInAClosedSegmentStopTheVoter() throws Exception {
        try (Voters voters = withLog(100_000)) {
            restart(voters, "one more segment"); // a new term closes the segment
            voters.stop("n0");
            Path segment = newest("log_\\d+-\\d+");
            flip(segment, Files.size(segment) / 2);

            damaged(voters, segment);
        }
    }

    @Test
    void everyFlippedByteInTheOpenSegmentStopsTheVoter() throws Exception {
        try (Voters voters = withLog(100_000)) {
            voters.stop("n0");
            Path segment = newest("log_inprogress_.*");
            byte[] good = Files.readAllBytes(segment);
            int used = good.length;
            while (good[used - 1] == 0) used--;
            // The last entry may be Ratis's own, some bytes that nobody has applied: that counts as an unfinished
            // write.
            used -= OWN_ENTRY_MAX;
            for (int at = 8; at < used; at += 97) { // a prime, so that lengths, bodies and checksums all get their turn
                flip(segment, at);
                damaged(voters, segment);
                Files.write(segment, good);
            }
            restart(voters, "good again");
        }
    }

    @Test
    void aLogWithoutItsNewestSegmentStopsTheVoter() throws Exception {
        try (Voters voters = withLog(100_000)) {
            voters.stop("n0");
            Files.delete(newest("log_inprogress_.*"));

            damaged(voters, null);
        }
    }

    @Test
    void aLogWithAHoleStopsTheVoter() throws Exception {
        try (Voters voters = withLog(100_000)) {
            restart(voters, "x");
            restart(voters, "y");
            voters.stop("n0");
            List<Path> closed = all("log_\\d+-\\d+");
            Files.delete(closed.get(1));

            damaged(voters, null);
        }
    }

    @Test
    void aWriteThatWasCutShortIsDroppedAndTheRestIsKept() throws Exception {
        try (Voters voters = withLog(100_000)) {
            List<String> before = voters.machine("n0").entries();
            voters.stop("n0");
            Path segment = newest("log_inprogress_.*");
            byte[] bytes = Files.readAllBytes(segment);
            int used = bytes.length;
            while (bytes[used - 1] == 0) used--;
            byte[] torn = new byte
                    [used + 40]; // the first 20 bytes of an entry, and then nothing but the space allocated ahead
            System.arraycopy(bytes, 0, torn, 0, used);
            System.arraycopy(bytes, 8, torn, used, 20);
            Files.write(segment, torn);

            restart(voters, "after");

            assertThat(voters.machine("n0").entries())
                    .startsWith(before.toArray(String[]::new))
                    .endsWith("after")
                    .hasSize(before.size() + 1);
        }
    }

    @Test
    void whatAnInterruptedPurgeLeftBehindIsDeletedAndNothingIsMissing() throws Exception {
        try (Voters voters = withLog(150)) {
            restart(voters, "x"); // closes the first segment
            Path first = all("log_\\d+-\\d+").getFirst();
            byte[] segment = Files.readAllBytes(first);
            restart(voters, "y");
            voters.proposeAll("more", 300);
            await("the first segment is purged", () -> !Files.exists(first));
            List<String> before = voters.machine("n0").entries();
            voters.stop("n0");
            Files.write(first, segment);

            restart(voters, "after");

            assertThat(first).doesNotExist();
            assertThat(voters.machine("n0").entries())
                    .startsWith(before.toArray(String[]::new))
                    .endsWith("after")
                    .hasSize(before.size() + 1);
        }
    }

    @Test
    void aFlippedByteInTheSnapshotStopsTheVoter() throws Exception {
        try (Voters voters = withLog(50)) {
            voters.stop("n0");
            Path snapshot = newest("snapshot\\.\\d+_\\d+");
            flip(snapshot, Files.size(snapshot) / 2);

            damaged(voters, snapshot);
        }
    }

    @Test
    void aSnapshotThatIsGoneStopsTheVoter() throws Exception {
        try (Voters voters = withLog(50)) {
            restart(voters, "x"); // closes the segment, so that the next snapshot purges it
            voters.proposeAll("more", 200);
            voters.stop("n0");
            for (Path snapshot : all("snapshot\\..*")) Files.delete(snapshot);

            damaged(voters, null);
        }
    }

    @Test
    void votersThatThereWasNoRoomForComeFromTheCopy() throws Exception {
        try (Voters voters = withLog(50)) {
            restart(voters, "x"); // closes the segment, so that the next snapshot purges it
            voters.proposeAll("more", 200);
            List<String> before = voters.machine("n0").entries();
            voters.stop("n0");
            Path configuration = newest("raft-meta\\.conf");
            Files.write(configuration, new byte[0]);

            restart(voters, "after");

            assertThat(voters.machine("n0").entries())
                    .startsWith(before.toArray(String[]::new))
                    .endsWith("after");
            assertThat(configuration).isNotEmptyFile();
        }
    }

    @Test
    void votersThatCannotBeReadStopTheVoterIfTheCopyIsOlderThanTheSnapshot() throws Exception {
        try (Voters voters = withLog(50)) {
            voters.stop("n0");
            Path configuration = newest("raft-meta\\.conf");
            Path copy = newest(ConfigurationCopy.FILE);
            byte[] old = Files.readAllBytes(copy);
            restart(voters, "x");
            voters.proposeAll("more", 200);
            voters.stop("n0");
            Files.write(copy, old);
            Files.write(configuration, new byte[] {1, 2, 3});

            damaged(voters, configuration);
        }
    }

    @Test
    void votersThatCannotBeReadAndHaveNoCopyStopTheVoter() throws Exception {
        try (Voters voters = withLog(100_000)) {
            voters.stop("n0");
            Path configuration = newest("raft-meta\\.conf");
            Files.write(configuration, new byte[] {1, 2, 3});
            Path copy = newest(ConfigurationCopy.FILE);
            flip(copy, Files.size(copy) / 2);

            damaged(voters, configuration);
        }
    }

    @Test
    void anEntryThatCannotBeAppliedStopsTheVoterAndSaysWhich() throws Exception {
        try (Voters voters = Voters.started(dir, 1, 1000)) {
            RaftVoter voter = voters.leader();
            Fate fate = Voters.fate(voter, "poison");

            assertThat(fate).isInstanceOf(Fate.Unknown.class);
            assertThatThrownBy(() -> voter.stopped().get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            VoterFailure.class,
                            failure -> assertThat(failure.kind()).isEqualTo(VoterFailure.Kind.MACHINE))
                    .hasMessageContaining("poisoned");
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (Voters voters = Voters.of(dir, 1, 1000);
                ServerSocket socket =
                        new ServerSocket(voters.founders().getFirst().port(), 1, InetAddress.getLoopbackAddress())) {
            VoterFailure failure = failure(voters);

            assertThat(failure.kind()).isEqualTo(VoterFailure.Kind.PORT);
            assertThat(failure).hasMessageContaining("127.0.0.1:" + socket.getLocalPort());
        }
    }

    @Test
    void aDirectoryHasOneVoterOnly() throws Exception {
        try (Voters voters = Voters.started(dir, 1, 1000)) {
            VoterFailure failure = failure(voters);

            assertThat(failure.kind()).isEqualTo(VoterFailure.Kind.DIRECTORY);
            assertThat(failure).hasMessageContaining("another voter using it");
        }
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws Exception {
        try (Voters voters = Voters.of(dir, 1, 1000)) {
            Files.writeString(voters.dir("n0"), "a file");
            VoterFailure failure = failure(voters);

            assertThat(failure.kind()).isEqualTo(VoterFailure.Kind.DIRECTORY);
            assertThat(failure).hasMessageContaining(voters.dir("n0").toString());
        }
    }

    private Voters withLog(long snapshotEvery) throws Exception {
        Voters voters = Voters.started(dir, 1, snapshotEvery);
        voters.proposeAll("e", 120);
        return voters;
    }

    private static void restart(Voters voters, String entry) throws VoterFailure {
        if (voters.running.containsKey("n0")) voters.stop("n0");
        voters.start(voters.founders().getFirst());
        voters.propose(entry);
    }

    private VoterFailure failure(Voters voters) {
        try {
            RaftVoter.start(voters.config(voters.founders().getFirst()), new RecordingMachine())
                    .close();
        } catch (VoterFailure failure) {
            return failure;
        }
        throw new AssertionError("the voter started");
    }

    private void damaged(Voters voters, Path file) {
        VoterFailure failure = failure(voters);
        assertThat(failure.kind()).isEqualTo(VoterFailure.Kind.DAMAGED);
        assertThat(failure).hasMessageContaining("expected").hasMessageContaining("Move " + voters.dir("n0") + " away");
        if (file != null) assertThat(failure.file()).isEqualTo(Optional.of(file));
    }

    private Path newest(String name) throws IOException {
        return all(name).getLast();
    }

    private List<Path> all(String name) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .sorted(Comparator.comparingLong(DamageTest::numbered))
                    .toList();
        }
    }

    private static long numbered(Path file) {
        String digits = file.getFileName().toString().replaceAll(".*?(\\d+)$", "$1");
        return digits.matches("\\d+") ? Long.parseLong(digits) : 0;
    }

    private static void flip(Path file, long at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 0x40;
        Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    }
}
