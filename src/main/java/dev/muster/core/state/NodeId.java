package dev.muster.core.state;

/// A machine's name in the cluster: chosen by a person, kept for life, never an address.
public record NodeId(String name) implements Comparable<NodeId> {
    /// @throws IllegalArgumentException when the name could not be a path segment
    public NodeId {
        Ids.name("a node name", name);
    }

    /// Can a node have this name?
    public static boolean possible(String name) {
        try {
            Ids.name("a node name", name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
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
