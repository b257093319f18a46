package dev.muster.edge.node;

/// Why a node cannot start or go on, for a person, and the program's exit code for it.
public final class StartFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /// Something is wrong here: a port, a directory, a name.
    public static final int ERROR = 1;
    /// The cluster does not let this node in.
    public static final int NOT_ALLOWED = 4;

    private final int exitCode;

    StartFailure(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
