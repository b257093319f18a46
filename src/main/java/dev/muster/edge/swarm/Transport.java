package dev.muster.edge.swarm;

import java.util.Locale;

/// How a file comes to a node.
public enum Transport {
    /// By each of the others, in their order, until one of them brings it.
    AUTO,
    /// In chunks from many nodes at once.
    SWARM,
    /// From one source after the other, with ranges.
    HTTP,
    /// By an aria2 that runs on this node, from the holders' artifact ports.
    ARIA2,
    /// By rsync over SSH from one source after the other.
    RSYNC,
    /// What changed against a file that the node holds, by the swarm. Nobody can ask for it: it is how a file came.
    DELTA;

    /// As people write it.
    ///
    /// @throws IllegalArgumentException when there is no such way
    public static Transport parse(String text) {
        try {
            Transport transport = valueOf(text.toUpperCase(Locale.ROOT));
            if (transport == DELTA) throw new IllegalArgumentException("it comes about by itself");
            return transport;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected auto, swarm, http, aria2 or rsync, but found \"" + text + "\"", e);
        }
    }

    /// As people read it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
