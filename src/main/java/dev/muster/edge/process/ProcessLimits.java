package dev.muster.edge.process;

import java.time.Duration;

/// The limits of a [Supervisor], each with its reason.
///
/// @param logCapBytes     output kept per attempt; older segments are deleted, by the shim itself. At most one
///        segment
///                        more is on disk
/// @param logSegmentBytes largest segment, a multiple of 4096. A segment also ends after `logSegmentBytes / 4096`
///                        writes of the job, so it may be smaller
/// @param freeBytesMin    a start is refused below this much free space, because a job without room to write fails
///                        anyway
/// @param logRetry        how long output is dropped before the shim tries a full disk again; whole seconds
/// @param poll            how often running processes are looked at. One look reads two small files per process
/// @param drain           how long an exit is held back for output that something left behind keeps open
/// @param claim           how long a start waits for its shim to report. A loaded machine takes tens of milliseconds
public record ProcessLimits(
        long logCapBytes,
        long logSegmentBytes,
        long freeBytesMin,
        Duration logRetry,
        Duration poll,
        Duration drain,
        Duration claim) {

    static final int BLOCK_BYTES = 4096;

    public ProcessLimits {
        if (logSegmentBytes < BLOCK_BYTES || logSegmentBytes % BLOCK_BYTES != 0 || logCapBytes < logSegmentBytes) {
            throw new IllegalArgumentException("expected log segments of a multiple of " + BLOCK_BYTES
                    + " bytes and a cap of at least one, but found " + logSegmentBytes + " and " + logCapBytes);
        }
        if (logRetry.toSeconds() < 1 || !poll.isPositive()) {
            throw new IllegalArgumentException(
                    "expected to retry the log after 1 s or more and to poll, but found " + logRetry + " and " + poll);
        }
    }

    /// The same with another floor of free space.
    public ProcessLimits withFreeBytesMin(long bytes) {
        return new ProcessLimits(logCapBytes, logSegmentBytes, bytes, logRetry, poll, drain, claim);
    }

    /// 256 MiB of output in segments of 16 MiB, a floor of 64 MiB free, a look every quarter second.
    public static ProcessLimits defaults() {
        return new ProcessLimits(
                256L << 20,
                16L << 20,
                64L << 20,
                Duration.ofSeconds(10),
                Duration.ofMillis(250),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10));
    }
}
