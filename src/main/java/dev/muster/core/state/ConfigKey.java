package dev.muster.core.state;

/// What a model plays, as the runbooks spell it: `hex8_2p`, `square19_4p`.
public record ConfigKey(String name) implements Comparable<ConfigKey> {
    /// @throws IllegalArgumentException when the name could not be a path segment
    public ConfigKey {
        Ids.name("a config key", name);
    }

    @Override
    public int compareTo(ConfigKey other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
