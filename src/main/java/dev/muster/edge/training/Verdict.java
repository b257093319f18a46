package dev.muster.edge.training;

import java.util.List;

/// What came of one config's checks. Their number does not depend on which keys are missing.
///
/// @param config   as it was asked for
/// @param warnings what does not fail it, with its place
/// @param error    why it cannot be read; empty otherwise
public record Verdict(String config, List<Check> checks, List<String> warnings, String error) {
    public Verdict {
        checks = List.copyOf(checks);
        warnings = List.copyOf(warnings);
    }

    /// Nothing failed.
    public boolean valid() {
        return error.isEmpty() && count(Check.State.FAILED) == 0;
    }

    public int count(Check.State state) {
        return (int) checks.stream().filter(check -> check.state() == state).count();
    }
}
