package dev.muster.edge.cli;

/// The program's exit codes; `muster help` prints them, a test pins them.
public final class Exit {
    public static final int DONE = 0;
    public static final int ERROR = 1;
    public static final int USAGE = 2;
    /// Accepted, but it cannot be placed; or answered, but not healthy.
    public static final int NOT_HEALTHY = 3;
    public static final int NOT_ALLOWED = 4;
    /// Refused by a budget, a policy, or because it would put the cluster or data at risk.
    public static final int REFUSED = 5;
    /// An order whose answer was lost: it may have been applied. The same command with the same `--request-id` finds out.
    public static final int UNKNOWN = 6;
    public static final int JOB_FAILED = 100;
    public static final int NOT_FINISHED = 101;
    public static final int NOT_FOUND = 102;
    public static final int CANCELLED = 103;

    private Exit() {}

    /// For an error code of the API.
    static int of(String code) {
        return switch (code) {
            case "INVALID", "TOO_LARGE" -> USAGE;
            case "UNAUTHORIZED" -> NOT_ALLOWED;
            case "NOT_FOUND" -> NOT_FOUND;
            case "UNSAFE", "BRAKED", "OVER_BUDGET", "NO_CREDIT" -> REFUSED;
            default -> ERROR;
        };
    }
}
