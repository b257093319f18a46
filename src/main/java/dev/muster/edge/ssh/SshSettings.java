package dev.muster.edge.ssh;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How SSH is used.
///
/// @param program    `ssh`, found on the PATH, or a file
/// @param config     instead of `~/.ssh/config`
/// @param known      the known hosts' file instead of the user's
/// @param connectMax until a machine has answered; logging in may take three times as long
/// @param idle       a connection that nobody uses is closed after this, also when this program is gone
/// @param parallel   most hosts at once; further calls wait
public record SshSettings(
        String program, Optional<Path> config, Optional<Path> known, Duration connectMax, Duration idle, int parallel) {
    /// Each login costs some 100 ms of a processor here (ADR 22), and mostly waiting: more at once gain nothing on small machines.
    public static final int PARALLEL = 32;

    public SshSettings {
        if (parallel < 1)
            throw new IllegalArgumentException("expected at least one host at once, but found " + parallel);
        if (connectMax.toSeconds() < 1)
            throw new IllegalArgumentException("expected at least one second to connect, but found " + connectMax);
    }

    public static SshSettings defaults() {
        return new SshSettings(
                "ssh", Optional.empty(), Optional.empty(), Duration.ofSeconds(10), Duration.ofMinutes(2), PARALLEL);
    }

    public SshSettings withConfig(Path file) {
        return new SshSettings(program, Optional.of(file), known, connectMax, idle, parallel);
    }

    public SshSettings withKnown(Path file) {
        return new SshSettings(program, config, Optional.of(file), connectMax, idle, parallel);
    }

    public SshSettings withConnectMax(Duration max) {
        return new SshSettings(program, config, known, max, idle, parallel);
    }

    public SshSettings withParallel(int hosts) {
        return new SshSettings(program, config, known, connectMax, idle, hosts);
    }

    public SshSettings withProgram(String file) {
        return new SshSettings(file, config, known, connectMax, idle, parallel);
    }

    Duration loginMax() {
        return connectMax.multipliedBy(3);
    }
}
