package dev.muster.edge.dataset;

/// A file, or a part of it, that is not what it should be.
final class Unsound extends Exception {
    private static final long serialVersionUID = 1L;

    private final String expected;
    private final boolean ours;
    private final boolean quoted;

    Unsound(String expected, String found) {
        this(expected, found, false);
    }

    /// @param ours it may well be good, only that this program cannot read it
    Unsound(String expected, String found, boolean ours) {
        this(expected, found, ours, false);
    }

    private Unsound(String expected, String found, boolean ours, boolean quoted) {
        super(found, null, false, false);
        this.expected = expected;
        this.ours = ours;
        this.quoted = quoted;
    }

    /// @param words of a library
    static Unsound quoting(String expected, String words, boolean ours) {
        return new Unsound(expected, words, ours, true);
    }

    boolean quoted() {
        return quoted;
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
