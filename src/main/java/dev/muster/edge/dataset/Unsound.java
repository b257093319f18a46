package dev.muster.edge.dataset;

/// A file, or a part of it, that is not what it should be.
final class Unsound extends Exception {
    private static final long serialVersionUID = 1L;

    private final String expected;
    private final boolean ours;

    Unsound(String expected, String found) {
        this(expected, found, false);
    }

    /// @param ours it may well be good, only that this program cannot read it
    Unsound(String expected, String found, boolean ours) {
        super(found, null, false, false);
        this.expected = expected;
        this.ours = ours;
    }

    boolean ours() {
        return ours;
    }

    String expected() {
        return expected;
    }

    String found() {
        return String.valueOf(getMessage());
    }
}
