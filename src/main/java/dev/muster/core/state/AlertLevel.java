package dev.muster.core.state;

/// How bad it is, and how well that is known.
public enum AlertLevel {
    /// It cannot be told whether something is wrong. Never the same as that nothing is.
    UNKNOWN,
    WARNING,
    CRITICAL;

    public AlertLevel worse(AlertLevel other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
