package dev.muster.core.rent;

import dev.muster.core.state.Market;

/// On what terms a machine would be rented: an offer has no price before that is known.
///
/// @param diskGb of disk, which is billed from creation until destruction, also while the machine is stopped
public record Deal(Market market, int diskGb, Usage usage) {
    /// Gigabytes; more is a slip of the keyboard.
    public static final int DISK_MAX_GB = 1_000_000;

    /// @throws IllegalArgumentException when the disk is not 0 to [#DISK_MAX_GB]
    public Deal {
        if (diskGb < 0 || diskGb > DISK_MAX_GB)
            throw new IllegalArgumentException("expected a disk of 0 to " + DISK_MAX_GB + " GB, but found " + diskGb);
    }

    public static Deal onDemand(int diskGb) {
        return new Deal(Market.ON_DEMAND, diskGb, Usage.NONE);
    }
}
