package dev.muster.core.check;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.Bytes;
import java.time.Duration;

/// From where on a figure is no longer well: all of them, and only here. Each has a level at which it is left and a
/// better one at which it is reached again, so that a figure at the border does not flap.
///
/// The disk's failure level is [DiskFloor#work], the one number that also stops new work (`policy.disk_free_min`).
public record Thresholds(DiskFloor floor) {
    public static final Thresholds DEFAULT = new Thresholds(DiskFloor.DEFAULT);

    /// The runbook marks 50 GB as low on a disk of 500 GB: the smaller of the two on other disks.
    static final Bytes DISK_LOW = Bytes.gib(50);

    static final double DISK_LOW_SHARE = 0.10;
    /// Times the level: what has to be free again.
    static final double DISK_RELEASE = 1.2;

    /// Share free.
    static final Limit INODES = Limit.least(0.10, 0.12, 0.02, 0.03);
    /// Share free; the runbooks warn above 80 % in use.
    static final Limit MEMORY = Limit.least(0.20, 0.23, 0.05, 0.08);
    /// Share in use; the prior system's levels.
    static final Limit FILES = Limit.most(0.80, 0.75, 0.90, 0.85);
    /// Seconds. Above the first, ages and certificates are wrong; Raft itself does not mind.
    static final Limit CLOCK = Limit.most(2, 1.5, 30, 20);

    public static final Duration SKEW_WARN = Duration.ofSeconds((long) CLOCK.warn());
    public static final Duration SKEW_FAIL = Duration.ofSeconds((long) CLOCK.fail());

    /// Bytes free.
    Limit disk(long total) {
        double share = total <= 0 ? DISK_LOW.count() : total * DISK_LOW_SHARE;
        double low = Math.max(floor.soon(), Math.min(DISK_LOW.count(), share));
        return Limit.least(low, low * DISK_RELEASE, floor.work(), floor.work() * DISK_RELEASE);
    }

    /// Bytes free at which a low disk is well again.
    public long diskEnough(long total) {
        return (long) Math.ceil(disk(total).warnEnds()) + 1;
    }

    /// Two levels with their releases.
    ///
    /// @param least true: smaller is worse
    record Limit(boolean least, double warn, double warnEnds, double fail, double failEnds) {
        static Limit least(double warn, double warnEnds, double fail, double failEnds) {
            return new Limit(true, warn, warnEnds, fail, failEnds);
        }

        static Limit most(double warn, double warnEnds, double fail, double failEnds) {
            return new Limit(false, warn, warnEnds, fail, failEnds);
        }

        /// @param before the last grade: a level that was reached is left only at its release
        Grade of(double value, Grade before) {
            if (at(value, before == Grade.FAIL ? failEnds : fail)) return Grade.FAIL;
            boolean low = before == Grade.FAIL || before == Grade.WARN;
            return at(value, low ? warnEnds : warn) ? Grade.WARN : Grade.OK;
        }

        private boolean at(double value, double level) {
            return least ? value <= level : value >= level;
        }
    }
}
