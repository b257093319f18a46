package dev.muster.edge.ssh;

import java.io.IOException;

/// A script could not be run on a machine, or it is not known how it ended. The message names the machine and says what to do.
public final class SshException extends IOException {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    /// What is wrong.
    public enum Kind {
        /// No way to its address, from here or from the jump host.
        UNREACHABLE,
        /// It does not answer, does not let us in within the time, or the script took longer than it may.
        TIMEOUT,
        /// Nobody listens at the port, or who listens there gives us no shell.
        REFUSED,
        /// It answers, and takes none of our keys.
        KEY_REFUSED,
        /// Its host key is not the one that is known.
        HOST_KEY_CHANGED,
        /// It has no address, or its name cannot be resolved.
        NO_ADDRESS,
        /// The host to jump over cannot be logged in to.
        JUMP_FAILED,
        /// The SOCKS proxy is not there, or says no.
        PROXY_FAILED,
        /// The connection ended too early. A script may have run.
        LOST,
        /// This machine has no `ssh` that works.
        NO_SSH
    }

    public SshException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    SshException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
