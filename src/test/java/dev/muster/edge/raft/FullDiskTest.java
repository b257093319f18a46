package dev.muster.edge.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FullDiskTest {
    @TempDir
    Path dir;

    @Test
    void aFullDiskStopsTheVoterAndLosesNothingThatWasAcknowledged() throws Exception {
        Path disk = Files.createDirectory(dir.resolve("disk"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk.toString()))
                .as("mounting a small tmpfs needs root")
                .isZero();
        try (Voters voters = Voters.started(disk, 1, 100_000)) {
            RaftVoter voter = voters.leader();
            List<String> acknowledged = new ArrayList<>();
            String filler = "x".repeat(50_000);
            Fate fate;
            for (int i = 0; (fate = Voters.fate(voter, i + filler)) instanceof Fate.Applied; i++)
                acknowledged.add(i + filler);

            assertThat(acknowledged).isNotEmpty();
            assertThat(fate).isInstanceOfAny(Fate.Unknown.class, Fate.Unavailable.class);
            assertThatThrownBy(() -> voter.stopped().get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            VoterFailure.class,
                            failure -> assertThat(failure.kind()).isEqualTo(VoterFailure.Kind.DISK))
                    .hasMessageContaining("No space left");

            assertThat(run("mount", "-o", "remount,size=64m", disk.toString())).isZero();
            voters.start(voters.founders().getFirst());
            voters.propose("after");
            assertThat(voters.machine("n0").entries())
                    .startsWith(acknowledged.toArray(String[]::new))
                    .endsWith("after");
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (java.io.IOException e) {
            return -1; // no such program here
        }
    }
}
