package dev.muster.edge.swarm;

import java.util.concurrent.atomic.LongAdder;

/// What went over the artifact port since the agent started.
public final class Counters {
    final LongAdder bytesIn = new LongAdder();
    final LongAdder bytesOut = new LongAdder();
    final LongAdder chunks = new LongAdder();
    final LongAdder corrupt = new LongAdder();
    final LongAdder twice = new LongAdder();
    final LongAdder refused = new LongAdder();

    Figures figures() {
        return new Figures(bytesIn.sum(), bytesOut.sum(), chunks.sum(), corrupt.sum(), twice.sum(), refused.sum());
    }

    /// @param bytesIn  of files, received, good or not
    /// @param bytesOut of files, sent
    /// @param chunks   received and verified
    /// @param corrupt  received with another hash than their manifest's
    /// @param twice    received though they were here already
    /// @param refused  requests that found all upload places taken
    public record Figures(long bytesIn, long bytesOut, long chunks, long corrupt, long twice, long refused) {
        /// Of a node that has transferred nothing.
        public static final Figures NONE = new Figures(0, 0, 0, 0, 0, 0);
    }
}
