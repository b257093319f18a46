package dev.muster.edge.training;

/// What came of one check.
///
/// @param found what stands there; for a skipped one, why it was not looked at
public record Check(String category, String name, State state, String expected, String found) {
    public enum State {
        PASSED,
        FAILED,
        /// It does not apply, or what it looks at need not be there.
        SKIPPED
    }
}
