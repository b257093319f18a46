package dev.muster.core.plan;

import dev.muster.core.state.Bytes;

/// What stays free on the disk under a node's data directory: one pair of numbers for everybody who asks, that is the
/// scheduler and `job explain`, the agent, `/ready` and `doctor`.
///
/// @param work    bytes free below which the node takes no new work
/// @param reserve bytes free below which the disk counts as full: the attempt that filled it is stopped. Journals, logs
///                and the Raft log live on it meanwhile
public record DiskFloor(long work, long reserve) {
    /// 1 GiB lets what runs end in peace; 64 MiB are several seconds of everything the agent itself writes.
    public static final DiskFloor DEFAULT = new DiskFloor(1L << 30, 64L << 20);

    /// Times `work`, below which a person should hear of it.
    private static final int SOON = 4;

    /// @throws IllegalArgumentException when the reserve is none, or larger than what new work needs
    public DiskFloor {
        if (reserve < 1 || reserve > work) {
            throw new IllegalArgumentException("expected 1B <= disk_reserve <= disk_free_min, but found "
                    + new Bytes(Math.max(0, reserve)) + " and " + new Bytes(Math.max(0, work)));
        }
    }

    /// Bytes free below which the node will soon take no work.
    public long soon() {
        return SOON * work;
    }
}
