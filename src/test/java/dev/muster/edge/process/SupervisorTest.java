package dev.muster.edge.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.process.ProcessState.Exited;
import dev.muster.edge.process.ProcessState.Lost;
import dev.muster.edge.process.ProcessState.Running;
import dev.muster.edge.process.ProcessState.Why;
import dev.muster.edge.process.StartResult.AlreadyKnown;
import dev.muster.edge.process.StartResult.Reason;
import dev.muster.edge.process.StartResult.Refused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class SupervisorTest {
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
    void aCommandRunsInASessionOfItsOwnAndItsStatusAndOutputAreKept() throws Exception {
        Instant before = Instant.now();
        attempts.script("a1", "read -r -a f < /proc/self/stat; echo out ${f[5]}; echo err >&2; exit 7");

        Exited exited = attempts.exited("a1");

        assertThat(exited.code()).isEqualTo(7);
        assertThat(exited.signal()).isEmpty();
        assertThat(exited.at()).isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
        long session = ((AttemptDir.Claim.Shim) attempts.files("a1").claim().orElseThrow())
                .process()
                .pid();
        assertThat(attempts.log("a1")).isEqualTo("out " + session + "\nerr\n");
    }

    @Test
    void argumentsAndEnvironmentArriveUnchangedAndNothingElseDoes() throws Exception {
        String nasty = "a b\t$(touch x) `id` \"q\" 'p' \\ * ; & | > < é\nnewline";
        Map<String, String> env = Map.of("WORD", nasty, "dir", "mine", "at", "mine", "PATH", "/usr/bin:/bin");
        ProcessSpec spec = new ProcessSpec(
                "a1",
                List.of(
                        "bash",
                        "-c",
                        "printf '%s|' \"$@\"; printf '%s|' \"$WORD\" \"$dir\" \"$at\" \"$PATH\"; " + "echo; compgen -e",
                        "bash",
                        nasty,
                        ""),
                env,
                attempts.work);

        attempts.supervisor.start(spec);

        assertThat(attempts.exited("a1").code()).isZero();
        String[] halves = new String(attempts.log("a1").getBytes("ISO-8859-1"), "UTF-8").split("\\|\n");
        assertThat(halves[0]).isEqualTo(nasty + "||" + nasty + "|mine|mine|/usr/bin:/bin");
        assertThat(halves[1].split("\n"))
                .contains("WORD", "dir", "at", "PATH", "MUSTER_PROCESS")
                .as("bash adds the others itself")
                .isSubsetOf("WORD", "dir", "at", "PATH", "MUSTER_PROCESS", "PWD", "OLDPWD", "SHLVL", "_");
        assertThat(attempts.work).isEmptyDirectory();
    }

    @Test
    void aSecondStartOfAKeyDoesNothing() throws Exception {
        attempts.script("a1", "echo once >> ran; echo ran; exec sleep 60");
        Eventually.until("it ran", () -> attempts.log("a1").equals("ran\n"));

        StartResult again = attempts.supervisor.start(attempts.spec("a1", "bash", "-c", "echo twice >> ran"));

        assertThat(again)
                .isInstanceOfSatisfying(
                        AlreadyKnown.class, known -> assertThat(known.state()).isInstanceOf(Running.class));
        assertThat(attempts.work.resolve("ran")).hasContent("once");
    }

    @Test
    void aMissingCommandIs127AndOneThatMayNotRunIs126AndTheLogSaysWhy() throws Exception {
        Files.writeString(attempts.work.resolve("data"), "x");

        attempts.start("missing", "no-such-command");
        attempts.start("data", "./data");

        assertThat(attempts.exited("missing").code()).isEqualTo(127);
        assertThat(attempts.log("missing")).contains("no-such-command").contains("not found");
        assertThat(attempts.exited("data").code()).isEqualTo(126);
        assertThat(attempts.log("data")).contains("ermission denied");
    }

    @Test
    void theSignalThatEndedACommandIsKept() throws Exception {
        attempts.script("a1", "kill -SEGV $$");

        assertThat(attempts.exited("a1").signal()).isEqualTo(OptionalInt.of(11));
        assertThat(attempts.exited("a1").code()).isEqualTo(139);
    }

    @Test
    void aRefusedStartSaysWhyAndLeavesNothingBehind() throws Exception {
        ProcessSpec nowhere = new ProcessSpec("a1", List.of("true"), Map.of(), attempts.work.resolve("absent"));

        assertThat(attempts.supervisor.start(nowhere)).isInstanceOfSatisfying(Refused.class, no -> {
            assertThat(no.reason()).isEqualTo(Reason.NO_WORK_DIR);
            assertThat(no.message()).contains("absent");
        });
        assertThat(attempts.dir.resolve("attempts")).isEmptyDirectory();
        assertThat(attempts.supervisor.state("a1")).isEmpty();
        attempts.start("a1", "true");
        assertThat(attempts.exited("a1").code()).isZero();
    }

    @Test
    void aStartBelowTheFloorOfFreeSpaceIsRefused() throws Exception {
        ProcessLimits greedy = new ProcessLimits(
                1 << 20,
                4096,
                Long.MAX_VALUE,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ZERO);
        try (Attempts full = new Attempts(temp.resolve("full"), greedy, Tools.defaultPath())) {
            StartResult result = full.supervisor.start(full.spec("a1", "true"));

            assertThat(result).isInstanceOfSatisfying(Refused.class, no -> {
                assertThat(no.reason()).isEqualTo(Reason.DISK_FULL);
                assertThat(no.message()).contains("expected at least 8796093022207MiB free");
            });
        }
    }

    @Test
    void aStartWithoutSetsidIsRefused() throws Exception {
        Path tools = Files.createDirectory(temp.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("sh"), Path.of("/bin/sh"));
        try (Attempts bare = new Attempts(temp.resolve("bare"), Attempts.QUICK, tools.toString())) {
            StartResult result = bare.supervisor.start(bare.spec("a1", "true"));

            assertThat(result).isInstanceOfSatisfying(Refused.class, no -> {
                assertThat(no.reason()).isEqualTo(Reason.MISSING_TOOL);
                assertThat(no.message()).contains("expected setsid, ln, ");
            });
        }
    }

    @Test
    void aCommandLineTooLongForTheKernelIsRefusedAndLeavesNothingBehind() throws Exception {
        StartResult result = attempts.supervisor.start(attempts.spec("a1", "echo", "x".repeat(200_000)));

        assertThat(result)
                .isInstanceOfSatisfying(
                        Refused.class, no -> assertThat(no.reason()).isEqualTo(Reason.SPAWN));
        assertThat(attempts.dir.resolve("attempts")).isEmptyDirectory();
    }

    @Test
    void aReopenedSupervisorFindsTheSameProcessAndItsEnd() throws Exception {
        Running running = (Running) attempts.script("a1", "until [ -e done ]; do sleep 0.02; done; exit 3");
        attempts.reopen();

        assertThat(attempts.state("a1")).isEqualTo(running);
        Files.createFile(attempts.work.resolve("done"));

        assertThat(running.startedAt())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
        assertThat(attempts.exited("a1").code()).isEqualTo(3);
        attempts.reopen();
        assertThat(attempts.exited("a1").code()).isEqualTo(3);
    }

    @Test
    void anEntryThatWasNeverStartedIsLostAndNoLateShimCanStartIt() throws Exception {
        AttemptDir dir = AttemptDir.create(attempts.dir.resolve("attempts"), entry("a1", ProcTable.bootId()));
        attempts.reopen();

        assertThat(attempts.state("a1"))
                .isInstanceOfSatisfying(
                        Lost.class, lost -> assertThat(lost.why()).isEqualTo(Why.NEVER_STARTED));

        Tools tools = Tools.install(attempts.dir, Tools.defaultPath());
        Process late = new ProcessBuilder(
                        tools.commandLine(dir.path(), "m", attempts.limits, List.of("touch", attempts.work + "/ran")))
                .redirectErrorStream(true)
                .start();
        assertThat(late.waitFor()).isEqualTo(1);
        assertThat(attempts.work).isEmptyDirectory();
    }

    @Test
    void anEntryOfAnEarlierBootIsLost() throws Exception {
        Path all = attempts.dir.resolve("attempts");
        AttemptDir.create(all, entry("unclaimed", "an-earlier-boot"));
        AttemptDir claimed = AttemptDir.create(all, entry("claimed", "an-earlier-boot"));
        long self = ProcessHandle.current().pid();
        long ticks = ProcTable.find(self).orElseThrow().identity().startTicks();
        Files.writeString(claimed.path().resolve("claim"), "shim " + self + " " + ticks + " an-earlier-boot\n");
        attempts.reopen();

        assertThat(List.of(attempts.state("unclaimed"), attempts.state("claimed")))
                .allSatisfy(state -> assertThat(((Lost) state).why()).isEqualTo(Why.REBOOTED));
    }

    @Test
    void aRecycledPidIsNotMistakenForTheProcess() throws Exception {
        AttemptDir dir = AttemptDir.create(attempts.dir.resolve("attempts"), entry("a1", ProcTable.bootId()));
        long self = ProcessHandle.current().pid();
        long ticks = ProcTable.find(self).orElseThrow().identity().startTicks();
        Files.writeString(
                dir.path().resolve("claim"), "shim " + self + " " + (ticks - 1) + " " + ProcTable.bootId() + "\n");
        attempts.reopen();

        assertThat(attempts.state("a1"))
                .isInstanceOfSatisfying(
                        Lost.class, lost -> assertThat(lost.why()).isEqualTo(Why.VANISHED));
        assertThat(attempts.supervisor.processCount("a1")).isZero();
    }

    @Test
    void anUnreadableEntryIsLostAndCanBeForgotten() throws Exception {
        Path dir = Files.createDirectory(attempts.dir.resolve("attempts").resolve("a1"));
        Files.writeString(dir.resolve("start.json"), "{\"key\":");
        Files.createDirectory(attempts.dir.resolve("attempts").resolve(".new-a2"));
        attempts.reopen();

        assertThat(attempts.state("a1"))
                .isInstanceOfSatisfying(
                        Lost.class, lost -> assertThat(lost.why()).isEqualTo(Why.UNREADABLE));
        assertThat(attempts.supervisor.forget("a1")).isTrue();
        assertThat(attempts.dir.resolve("attempts")).isEmptyDirectory();
    }

    @Test
    void aKilledShimLeavesItsCommandRunningAndThenItIsLost() throws Exception {
        Running running = (Running) attempts.script("a1", "while [ ! -e done ]; do sleep 0.02; done");
        Eventually.until("it runs", () -> attempts.supervisor.processCount("a1") > 0);

        ProcessHandle.of(running.pid()).orElseThrow().destroyForcibly();
        Eventually.until(
                "the shim is gone",
                () -> ProcTable.find(running.pid())
                        .filter(ProcTable.Proc::alive)
                        .isEmpty());
        attempts.reopen();

        assertThat(attempts.state("a1")).isInstanceOf(Running.class);
        assertThat(attempts.supervisor.processCount("a1")).isPositive();
        Files.createFile(attempts.work.resolve("done"));
        assertThat(attempts.ended("a1")).isInstanceOfSatisfying(Lost.class, lost -> {
            assertThat(lost.why()).isEqualTo(Why.VANISHED);
            assertThat(lost.detail()).contains("pid " + running.pid());
        });
    }

    @Test
    void aRunningAttemptIsNotForgottenAndAnEndedOneLeavesNothing() throws Exception {
        attempts.start("a1", "sleep", "60");

        assertThat(attempts.supervisor.forget("a1")).isFalse();
        assertThat(attempts.state("a1")).isInstanceOf(Running.class);
        attempts.supervisor.stop("a1", Duration.ZERO);
        attempts.ended("a1");

        Eventually.until("forgotten", () -> attempts.supervisor.forget("a1"));
        assertThat(attempts.supervisor.state("a1")).isEmpty();
        assertThat(attempts.dir.resolve("attempts")).isEmptyDirectory();
        assertThat(attempts.supervisor.forget("a1")).isTrue();
    }

    @Test
    void aChangeWakesWhoWaitsForIt() throws Exception {
        attempts.script("a1", "while [ ! -e done ]; do sleep 0.02; done");
        Supervisor.Snapshot seen = attempts.supervisor.states();
        assertThat(attempts.supervisor.awaitChange(seen.revision(), Duration.ofMillis(100)))
                .isEqualTo(seen);

        Files.createFile(attempts.work.resolve("done"));
        Supervisor.Snapshot next = attempts.supervisor.awaitChange(seen.revision(), Duration.ofSeconds(30));

        assertThat(next.revision()).isGreaterThan(seen.revision());
        assertThat(next.states().get("a1")).isInstanceOf(Exited.class);
    }

    private static AttemptDir.Entry entry(String key, String bootId) {
        return new AttemptDir.Entry(key, "0123", List.of("true"), List.of(), "/", bootId);
    }
}
