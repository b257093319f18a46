package dev.muster.edge.cli;

/// A command that cannot do what it was asked: printed as message and hint, or with `--json` as
/// `{"code","message","hint"}`, on stderr.
public final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exit;
    private final String code;
    private final String hint;
    private final boolean maybe;

    /// @param exit one of [Exit]
    /// @param code the API's word, as `NOT_FOUND`
    /// @param hint what to do; may be empty
    public Failure(int exit, String code, String message, String hint) {
        this(exit, code, message, hint, false);
    }

    /// @param maybe an order may have been applied all the same
    Failure(int exit, String code, String message, String hint, boolean maybe) {
        super(message, null, false, false);
        this.exit = exit;
        this.code = code;
        this.hint = hint;
        this.maybe = maybe;
    }

    public static Failure usage(String message, String hint) {
        return new Failure(Exit.USAGE, "USAGE", message, hint);
    }

    public int exit() {
        return exit;
    }

    public String code() {
        return code;
    }

    public String hint() {
        return hint;
    }

    boolean maybe() {
        return maybe;
    }

    Failure maybe(boolean orNot) {
        return new Failure(exit, code, getMessage(), hint, orNot);
    }
}
