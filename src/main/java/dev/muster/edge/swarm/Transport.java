package dev.muster.edge.swarm;

/// How a file comes to a node.
public enum Transport {
    /// By the swarm; when that fails, from one source.
    AUTO,
    /// By the swarm only.
    SWARM,
    /// From one source after the other, with ranges.
    HTTP,
    /// What changed against a file that the node holds, by the swarm. Nobody can ask for it: it is how a file came.
    DELTA
}
