package dev.muster.core.swarm;

/// One chunk on its way. Compared by identity.
final class Flow {
    final Peer receiver;
    final Peer source;
    final int chunk;
    final long startedAt;
    final long dueAt;

    /// Whether the source then sent as much as it may: only so its speed says something about it.
    final boolean saturated;

    /// Whether the source had failed before, and this is to find out whether it still does.
    final boolean probe;

    Flow(Peer receiver, Peer source, int chunk, long startedAt, long dueAt) {
        this.receiver = receiver;
        this.source = source;
        this.chunk = chunk;
        this.startedAt = startedAt;
        this.dueAt = dueAt;
        saturated = source.up.size() + 1 >= source.pace.slots();
        probe = source.sendsOnProbation();
    }
}
