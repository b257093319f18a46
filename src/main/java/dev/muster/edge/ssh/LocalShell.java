package dev.muster.edge.ssh;

import dev.muster.edge.ssh.SshException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// This machine, without SSH: for agents, and for tests of scripts. Scripts begin in a folder that is named, not at home.
public final class LocalShell implements HostShell {
    private final Path folder;
    private final Map<String, String> environment;

    /// In this program's own folder and environment.
    public LocalShell() {
        this(Path.of(""), Map.of());
    }

    /// @param environment besides this program's own; what is in both is taken from here
    public LocalShell(Path folder, Map<String, String> environment) {
        this.folder = folder.toAbsolutePath();
        this.environment = Map.copyOf(environment);
    }

    @Override
    public Result run(String script, List<String> args, Duration timeout) throws SshException, InterruptedException {
        return run(Payload.of(script, args, false, Optional.empty()), Optional.empty(), timeout);
    }

    @Override
    public Result send(String script, List<String> args, Path file, Duration timeout)
            throws SshException, InterruptedException {
        Ssh.expectReadable(file);
        return run(Payload.of(script, args, true, Optional.empty()), Optional.of(file), timeout);
    }

    private Result run(Payload payload, Optional<Path> input, Duration timeout)
            throws SshException, InterruptedException {
        ScriptRun.Outcome outcome = ScriptRun.of(start(payload), payload, input, timeout);
        if (outcome.result().isPresent()) return outcome.result().get();
        if (!outcome.timely()) {
            String message = "expected the script to end within " + Diagnosis.shown(timeout)
                    + ", but it did not; it was ended. Allow it more time, or look what it waits for";
            throw new SshException(Kind.TIMEOUT, message);
        }
        String message =
                "expected the script to end by itself, but its shell was ended (status " + outcome.exit() + ")";
        throw new SshException(Kind.LOST, message + Diagnosis.quoted(outcome.said()));
    }

    private Process start(Payload payload) throws SshException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", payload.program()).directory(folder.toFile());
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new SshException(Kind.NO_SSH, "expected to start sh in " + folder + ": " + e.getMessage(), e);
        }
    }
}
