package dev.muster.core.state;

/// A machine's name in the cluster: chosen by a person, kept for life, never an address.
public record NodeId(String name) implements Comparable<NodeId> {
    /// @throws IllegalArgumentException when the name could not be a path segment
    public NodeId {
        Ids.name("a node name", name);
    }

    @Override
    public int compareTo(NodeId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
