package dev.muster.edge.rent;

import dev.muster.core.rent.Rented;
import dev.muster.edge.ssh.HostShell;
import dev.muster.edge.ssh.Ssh;
import dev.muster.edge.ssh.SshException;
import dev.muster.edge.ssh.SshTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A way into a machine by SSH that was really gone.
record Door(Rented.Endpoint endpoint, HostShell shell) {
    private static final Duration TRY_MAX = Duration.ofSeconds(30);
    /// No jump, whatever `~/.ssh/config` says.
    private static final Optional<String> NO_JUMP = Optional.of("none");

    /// Direct first: a provider's proxy is slow, and full at times.
    ///
    /// @param user     empty for the one that the provider names
    /// @param identity the private key's file
    /// @throws IOException with what each way said
    static Door find(Ssh ssh, String name, Rented.Reach reach, Optional<String> user, Path identity)
            throws IOException, InterruptedException {
        List<String> troubles = new ArrayList<>();
        List<Rented.Endpoint> ways = new ArrayList<>();
        reach.direct().ifPresent(ways::add);
        reach.proxy().ifPresent(ways::add);
        for (Rented.Endpoint way : ways) {
            HostShell shell = ssh.shell(new SshTarget(
                    name,
                    way.host(),
                    way.port(),
                    user.orElse(reach.user()),
                    Optional.of(identity),
                    NO_JUMP,
                    OptionalInt.empty()));
            try {
                if (shell.run("exit 0", List.of(), TRY_MAX).ok()) return new Door(way, shell);
                troubles.add(way + " runs no script");
            } catch (SshException e) {
                troubles.add(e.getMessage());
            }
        }
        throw new IOException(
                ways.isEmpty()
                        ? "expected its provider to name a way to " + name + " by SSH, but it does not yet"
                        : "cannot log in: " + String.join("; ", troubles));
    }

    String host() {
        return endpoint.host();
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}
