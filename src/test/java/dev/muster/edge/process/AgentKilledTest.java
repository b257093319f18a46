package dev.muster.edge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.muster.edge.process.ProcessState.Exited;
import dev.muster.edge.process.ProcessState.Running;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real agent in a JVM of its own, ended by `kill -9`.
@Tag("slow")
class AgentKilledTest {
    private static final String COUNT = "i=0; until [ -e done ]; do echo \"line $i\"; i=$((i + 1)); "
            + "((i % 50)) || sleep 0.01; done; echo $i > count; exit 42";

    @TempDir
    Path temp;

    private record Agent(Process process, BufferedReader output) implements AutoCloseable {
        String line() throws IOException {
            return output.readLine();
        }

        void killHard() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private Agent agent(String... starts) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                AgentMain.class.getName(),
                temp.resolve("agent").toString(),
                Files.createDirectories(temp.resolve("work")).toString()));
        command.addAll(List.of(starts));
        Process process = new ProcessBuilder(command)
                .redirectError(temp.resolve("agent.err").toFile())
                .start();
        return new Agent(process, process.inputReader());
    }

    @Test
    void theProcessItsWholeOutputAndItsStatusSurviveTheAgent() throws Exception {
        try (Agent agent = agent("a1", COUNT)) {
            assertThat(agent.line()).isEqualTo("open {}");
            assertThat(agent.line()).startsWith("start a1 Started[state=Running[pid=");
            agent.killHard();
        }
        try (Attempts attempts = new Attempts(temp)) {
            Running found = (Running) attempts.state("a1");
            long offset = attempts.supervisor.logs().read("a1", 0, 1).end();
            Eventually.until(
                    "output goes on after the kill",
                    () -> attempts.supervisor.logs().read("a1", 0, 1).end() > offset + 1000);
            attempts.reopen();
            assertThat(attempts.state("a1")).isEqualTo(found);

            Files.createFile(attempts.work.resolve("done"));

            assertThat(attempts.exited("a1").code()).isEqualTo(42);
            int count = Integer.parseInt(
                    Files.readString(attempts.work.resolve("count")).strip());
            assertThat(attempts.log("a1"))
                    .isEqualTo(IntStream.range(0, count)
                            .mapToObj(i -> "line " + i + "\n")
                            .collect(Collectors.joining()));
        }
    }

    @Test
    void aStatusWrittenWhileNoAgentRanIsFoundByTheNext() throws Exception {
        try (Agent agent = agent("a1", "until [ -e done ]; do sleep 0.02; done; echo bye; exit 42")) {
            agent.line();
            agent.line();
            agent.killHard();
        }
        Files.createFile(temp.resolve("work").resolve("done"));
        AttemptDir files =
                new AttemptDir(temp.resolve("agent").resolve("attempts").resolve("a1"));
        Eventually.until("the shim wrote the status", () -> files.exit().isPresent());

        try (Attempts attempts = new Attempts(temp)) {
            Exited exited = attempts.exited("a1");
            assertThat(exited.code()).isEqualTo(42);
            assertThat(attempts.log("a1")).isEqualTo("bye\n");
        }
    }

    /// Kills agents in the middle of starts: each attempt has run exactly once, or certainly never.
    @Test
    void anAgentKilledWhileItStartsLosesAndDoublesNothing() throws Exception {
        String[] starts = new String[40];
        for (int i = 0; i < starts.length; i += 2) {
            starts[i] = "a" + i / 2;
            starts[i + 1] = "echo ran >> a" + i / 2 + "; exit 3";
        }
        for (int startsSeen : List.of(1, 4, 9)) {
            try (Agent agent = agent(starts)) {
                agent.line();
                for (int seen = 0; seen < startsSeen; seen++) {
                    agent.line();
                }
                agent.killHard();
            }
        }
        try (Attempts attempts = new Attempts(temp)) {
            Map<String, ProcessState> states = attempts.supervisor.states().states();
            assertThat(states).hasSizeGreaterThanOrEqualTo(9);
            for (String key : states.keySet()) {
                Path ran = attempts.work.resolve(key);
                switch (attempts.ended(key)) {
                    case Exited exited -> {
                        assertThat(exited.code()).isEqualTo(3);
                        assertThat(ran).hasContent("ran");
                    }
                    case ProcessState.Lost lost -> {
                        assertThat(lost.why()).isEqualTo(ProcessState.Why.NEVER_STARTED);
                        assertThat(ran).doesNotExist();
                    }
                    case ProcessState.Starting _, Running _ -> throw new AssertionError(key + " has not ended");
                }
            }
        }
    }

    @Test
    void aSecondAgentIsRefusedUntilTheFirstIsGone() throws Exception {
        try (Agent first = agent()) {
            assertThat(first.line()).isEqualTo("open {}");
            try (Agent second = agent()) {
                assertThat(second.line())
                        .startsWith("refused expected to be the only agent on ")
                        .contains("held by the process with pid "
                                + first.process().pid() + ";");
            }
            first.killHard();
            try (Agent third = agent()) {
                assertThat(third.line()).isEqualTo("open {}");
            }
        }
    }

    @Test
    void theLockIsHeldAgainstThisProcessTooAndLetGo() throws Exception {
        Path dir = temp.resolve("data");
        DataDirLock first = DataDirLock.acquire(dir);
        assertThat(catchThrowable(() -> DataDirLock.acquire(dir)))
                .isInstanceOf(DataDirLock.HeldByAnother.class)
                .hasMessageContaining("pid " + ProcessHandle.current().pid() + " (this one)");
        first.close();

        try (DataDirLock _ = DataDirLock.acquire(dir)) {
            assertThat(dir.resolve("lock"))
                    .hasContent(Long.toString(ProcessHandle.current().pid()));
        }
    }
}
