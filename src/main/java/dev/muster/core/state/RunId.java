package dev.muster.core.state;

/// The name of a training run, as `run_20261016_101500`. It is also the name under which the ledger has what its machines
/// cost, so no group has the same.
public record RunId(String name) implements Comparable<RunId> {
    /// @throws IllegalArgumentException when it is no name
    public RunId {
        Ids.name("a run's id", name);
    }

    @Override
    public int compareTo(RunId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
