package dev.muster.edge.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// How often somebody without the cluster's token has shown a token that opens nothing, in the last minute.
///
/// Nobody guesses 32 random bytes: this keeps those who try from the log, where each try costs a write on every voter.
final class Guesses {
    /// A person who has pasted the wrong line sees so many answers before being told to wait.
    static final int PER_SOURCE_MAX = 10;
    /// From all sources: one write a second.
    static final int ALL_MAX = 60;

    private static final Duration WINDOW = Duration.ofMinutes(1);

    private final LongSupplier nanos;
    private final Map<String, Integer> bySource = new HashMap<>();
    private long windowBegan;
    private int all;

    /// @param nanos as [System#nanoTime]
    Guesses(LongSupplier nanos) {
        this.nanos = nanos;
        this.windowBegan = nanos.getAsLong();
    }

    /// Counts one more try that may fail. There are never more sources than tries.
    ///
    /// @throws Problem 429 when there were too many
    synchronized void count(String source) {
        long now = nanos.getAsLong();
        if (now - windowBegan >= WINDOW.toNanos()) {
            windowBegan = now;
            all = 0;
            bySource.clear();
        }
        int own = bySource.getOrDefault(source, 0);
        if (own >= PER_SOURCE_MAX || all >= ALL_MAX) {
            throw Problem.of(
                    429,
                    "FULL",
                    own >= PER_SOURCE_MAX
                            ? "expected at most " + PER_SOURCE_MAX + " wrong tokens a minute from " + source
                            : "expected at most " + ALL_MAX + " wrong tokens a minute",
                    "try again in a minute; `muster cluster tokens` shows whether the token is good");
        }
        all++;
        bySource.put(source, own + 1);
    }
}
