package dev.muster.edge.local;

import dev.muster.edge.ssh.SshTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// One host of an [SshFleet]: where it is, what is wrong with it, what its sshd saw.
///
/// @param home what scripts find as their home and begin in; the host's own
/// @param sshd what answers for it; empty where nobody does
public record SshHost(String name, Trait trait, SshTarget target, Path home, Optional<Sshd> sshd) {
    /// What a host is like.
    public enum Trait {
        /// bash, and nothing else to say of it.
        PLAIN,
        /// Its login shell takes [SshFleet#SLOW] to begin.
        SLOW,
        /// It lets in others, not us.
        REFUSES_KEY,
        /// A banner before the login, and a shell whose files print to output and errors.
        NOISY,
        /// Nobody listens at its port.
        DOWN,
        /// Its port takes connections, and says nothing.
        SILENT,
        /// Its login shell is fish, if there is one here.
        FISH,
        /// Its login shell is zsh, if there is one here.
        ZSH,
        /// Its login shell is dash, if there is one here.
        DASH,
        /// Its login shell, and its `sh`, are busybox's, if there is one here.
        BUSYBOX,
        /// Others are reached over it.
        JUMP,
        /// Only to be reached over the jump host: in a network that this machine is not in.
        BEHIND
    }

    /// Connections that got as far as being let in.
    public long logins() throws IOException {
        if (sshd.isEmpty()) return 0;
        try (Stream<String> lines = Files.lines(sshd.get().log())) {
            return lines.filter(line -> line.contains("Accepted publickey")).count();
        }
    }
}
