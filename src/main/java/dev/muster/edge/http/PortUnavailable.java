package dev.muster.edge.http;

/// A server could not listen where it was told to: the port is taken, or the address is not this machine's.
public final class PortUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PortUnavailable(String what, String host, int port, Throwable cause) {
        super(
                "expected to listen on " + host + ":" + port + " for the " + what + ", but " + reason(cause)
                        + "; is another agent running? `muster status` tells; " + option(what)
                        + " chooses another port",
                cause);
    }

    /// How to choose another one: on the command line, and in `node.yaml`.
    private static String option(String what) {
        return what.equals("API") ? "--api-port (`ports.api`)" : "--artifact-port (`ports.artifacts`)";
    }

    private static String reason(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) root = root.getCause();
        String message = root.getMessage();
        return message == null ? root.getClass().getSimpleName() : message;
    }
}
