package dev.muster.edge.swarm;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// Pieces of files in memory, used again and again: a new one for each chunk kept the collector of a small heap busy.
final class Buffers {
    /// A kill takes what is in one of each chunk that is arriving; the rest was written.
    static final int BYTES = 16 << 10;
    /// Free ones that are kept; as many as a busy node has on their way, so that an idle one holds 2 MiB at most.
    private static final int KEPT_MAX = 32;

    private final Deque<ByteBuffer> free = new ArrayDeque<>();

    /// One with an array, of [#BYTES]; give it back.
    synchronized ByteBuffer take() {
        ByteBuffer kept = free.pollFirst();
        return kept == null ? ByteBuffer.allocate(BYTES) : kept.clear();
    }

    synchronized void give(ByteBuffer buffer) {
        if (free.size() < KEPT_MAX) free.addFirst(buffer);
    }
}
