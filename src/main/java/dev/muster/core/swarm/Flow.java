package dev.muster.core.swarm;

/// One chunk on its way. Compared by identity.
final class Flow {
    final Peer receiver;
    final Peer source;
    final int chunk;
    final long startedAt;
    final long dueAt;

    /// Whether the source had failed before, and this is to find out whether it still does.
    final boolean probe;

    Flow(Peer receiver, Peer source, int chunk, long startedAt, long dueAt) {
        this.receiver = receiver;
        this.source = source;
        this.chunk = chunk;
        this.startedAt = startedAt;
        this.dueAt = dueAt;
        probe = source.sendsOnProbation();
    }
}
