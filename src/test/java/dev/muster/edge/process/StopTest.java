package dev.muster.edge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.process.ProcessState.Exited;
import dev.muster.edge.process.ProcessState.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class StopTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    Path temp;

    private Attempts attempts;

    @BeforeEach
    void open() throws Exception {
        attempts = new Attempts(temp);
    }

    @AfterEach
    void close() throws Exception {
        attempts.close();
    }

    @Test
    void aPoliteStopLetsTheCommandFinishAndKeepsItsLastWords() throws Exception {
        attempts.script("a1", "trap 'echo saving; exit 5' TERM; echo ready; while :; do sleep 0.05; done");
        Eventually.until("ready", () -> attempts.log("a1").equals("ready\n"));

        attempts.supervisor.stop("a1", LONG);

        assertThat(attempts.exited("a1").code()).isEqualTo(5);
        assertThat(attempts.log("a1")).startsWith("ready\n").endsWith("saving\n");
    }

    @Test
    void whatIgnoresATermIsKilledAfterTheGrace() throws Exception {
        attempts.script("a1", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
        Eventually.until("ready", () -> attempts.log("a1").equals("ready\n"));

        attempts.supervisor.stop("a1", LONG);
        attempts.supervisor.stop("a1", Duration.ofMillis(200));

        assertThat(attempts.exited("a1").signal()).isEqualTo(OptionalInt.of(9));
    }

    @Test
    void aStopReachesChildrenInOtherGroupsAndOtherSessionsAndOrphans() throws Exception {
        attempts.script(
                "a1",
                "set -m; sleep 86461 & set +m; setsid sleep 86462 & (setsid setsid sleep 86463 &) ; echo ready; wait");
        Eventually.until("ready", () -> attempts.log("a1").equals("ready\n"));
        // What is still to fork would leave a child that nobody has asked.
        for (String seconds : List.of("86461", "86462", "86463"))
            Eventually.until("sleep " + seconds, () -> sleeps(seconds));
        Eventually.until(
                "four of them", () -> attempts.supervisor.processCounts().equals(Map.of("a1", 4)));

        attempts.supervisor.stop("a1", LONG);

        attempts.ended("a1");
        Eventually.until("all are gone", () -> attempts.supervisor.processCount("a1") == 0);
    }

    private static boolean sleeps(String seconds) {
        return ProcessHandle.allProcesses()
                .anyMatch(process -> process.info().command().orElse("").endsWith("/sleep")
                        && List.of(process.info().arguments().orElse(new String[0]))
                                .contains(seconds));
    }

    @Test
    void whatACommandLeftBehindIsSeenAndCanBeStopped() throws Exception {
        attempts.script("a1", "sleep 600 & echo gone");

        assertThat(attempts.exited("a1").code()).isZero();
        assertThat(attempts.log("a1")).isEqualTo("gone\n");
        assertThat(attempts.supervisor.processCount("a1")).isEqualTo(1);
        assertThat(attempts.supervisor.forget("a1")).isFalse();

        attempts.supervisor.stop("a1", LONG);
        Eventually.until("nothing is left", () -> attempts.supervisor.forget("a1"));
    }

    @Test
    void aStopAfterARestartOfTheAgentWorksTheSame() throws Exception {
        attempts.start("a1", "sleep", "600");
        attempts.reopen();

        attempts.supervisor.stop("a1", LONG);

        assertThat(attempts.exited("a1").signal()).isEqualTo(OptionalInt.of(15));
    }

    @Test
    void stoppingWhatEndedOrNeverWasChangesNothing() throws Exception {
        attempts.start("a1", "true");
        Exited exited = attempts.exited("a1");

        assertThat(attempts.supervisor.stop("a1", LONG)).isTrue();
        assertThat(attempts.supervisor.stop("a2", LONG)).isFalse();
        assertThat(attempts.state("a1")).isEqualTo(exited);
    }

    @Test
    void aStopOfOneLeavesTheOthers() throws Exception {
        attempts.start("a1", "sleep", "600");
        Running other = (Running) attempts.start("a2", "sleep", "600");

        attempts.supervisor.stop("a1", LONG);

        attempts.ended("a1");
        assertThat(attempts.state("a2")).isEqualTo(other);
        assertThat(attempts.supervisor.processCount("a2")).isEqualTo(1);
    }

    @Test
    void aProcessThatForksWhileItIsStoppedIsStoppedToo() throws Exception {
        attempts.script(
                "a1",
                "trap 'for i in 1 2 3 4 5; do (trap \"\" TERM; sleep 600) & done; exit 0' TERM; "
                        + "echo ready; while :; do sleep 0.05; done");
        Eventually.until("ready", () -> attempts.log("a1").equals("ready\n"));

        attempts.supervisor.stop("a1", Duration.ofSeconds(1));

        attempts.ended("a1");
        Eventually.until("all are gone", () -> attempts.supervisor.processCount("a1") == 0);
        assertThat(Files.exists(attempts.files("a1").path().resolve("exit"))).isTrue();
    }
}
