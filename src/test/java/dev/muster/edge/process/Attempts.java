package dev.muster.edge.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A supervisor in a directory of its own, that ends what it started when the test is over.
final class Attempts implements AutoCloseable {
    static final ProcessLimits QUICK = new ProcessLimits(
            256 << 10,
            64 << 10,
            1 << 20,
            Duration.ofSeconds(1),
            Duration.ofMillis(20),
            Duration.ofMillis(500),
            Duration.ofSeconds(20));

    final Path dir;
    final Path work;
    final ProcessLimits limits;
    final String toolsPath;
    Supervisor supervisor;

    Attempts(Path temp, ProcessLimits limits, String toolsPath) throws IOException {
        this.dir = temp.resolve("agent");
        this.work = Files.createDirectories(temp.resolve("work"));
        this.limits = limits;
        this.toolsPath = toolsPath;
        this.supervisor = Supervisor.open(dir, limits, toolsPath);
    }

    Attempts(Path temp) throws IOException {
        this(temp, QUICK, Tools.defaultPath());
    }

    /// What a restart of the agent does, short of the JVM.
    void reopen() throws IOException {
        supervisor.close();
        supervisor = Supervisor.open(dir, limits, toolsPath);
    }

    ProcessSpec spec(String key, String... command) {
        return new ProcessSpec(key, List.of(command), Map.of("PATH", "/usr/bin:/bin"), work);
    }

    ProcessState start(String key, String... command) throws InterruptedException {
        StartResult result = supervisor.start(spec(key, command));
        if (result instanceof StartResult.Started started) {
            return started.state();
        }
        throw new AssertionError("expected a start, but found " + result);
    }

    /// Runs a script with bash, whose loops need no further programs.
    ProcessState script(String key, String script) throws InterruptedException {
        return start(key, "bash", "-c", script);
    }

    ProcessState ended(String key) throws IOException {
        Eventually.until(
                key + " ends, " + supervisor.state(key), () -> state(key).ended());
        return state(key);
    }

    ProcessState.Exited exited(String key) throws IOException {
        if (ended(key) instanceof ProcessState.Exited exited) {
            return exited;
        }
        throw new AssertionError("expected an exit, but found " + state(key));
    }

    ProcessState state(String key) {
        return supervisor.state(key).orElseThrow();
    }

    AttemptDir files(String key) {
        return new AttemptDir(dir.resolve("attempts").resolve(key));
    }

    String log(String key) throws IOException {
        StringBuilder log = new StringBuilder();
        LogReader reader = supervisor.logs();
        LogReader.Chunk chunk = reader.read(key, 0, LogReader.BYTES_MAX);
        while (chunk.bytes().length > 0) {
            log.append(new String(chunk.bytes(), StandardCharsets.ISO_8859_1));
            chunk = reader.read(key, chunk.next(), LogReader.BYTES_MAX);
        }
        return log.toString();
    }

    @Override
    public void close() throws IOException {
        for (String key : supervisor.states().states().keySet()) {
            supervisor.stop(key, Duration.ZERO);
            ended(key);
            Eventually.until(key + " is gone", () -> supervisor.forget(key));
        }
        supervisor.close();
    }
}
