package dev.muster.core.check;

/// How well something is, best first.
public enum Grade {
    OK,
    WARN,
    /// It could not be measured, which is not well.
    UNKNOWN,
    FAIL;

    public Grade worse(Grade other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
