package dev.muster.market;

/// What a host asks; fixed for a contract when it is made.
///
/// @param gpuPico     one GPU on demand, picodollars per second
/// @param floorPico   the least bid for one GPU, picodollars per second
/// @param storageNano nanodollars per GB and month of 720 hours
/// @param upNano      nanodollars per GB sent
/// @param downNano    nanodollars per GB received
public record Prices(long gpuPico, long floorPico, long storageNano, long upNano, long downNano) {
    /// A month of 720 hours, as the market bills storage.
    private static final long MONTH_SECONDS = 720L * 3600;

    private static final long PICO_PER_NANO = 1000;

    public Prices {
        if (gpuPico <= 0 || floorPico <= 0 || storageNano < 0 || upNano < 0 || downNano < 0)
            throw new IllegalArgumentException("expected prices above nothing, but found " + gpuPico + ", " + floorPico
                    + ", " + storageNano + ", " + upNano + ", " + downNano);
    }

    /// Picodollars per second of a disk of so many GB, the nearest whole ones.
    long diskPico(double gb) {
        return Math.round(storageNano * PICO_PER_NANO * gb / MONTH_SECONDS);
    }

    /// Picodollars of so many bytes in all, rounded down. Take differences of totals, never sums of parts: those add
    /// up.
    static long bytesPico(long bytes, long nanoPerGb) {
        // nano/GB * bytes / 10⁹ * 1000 pico/nano, without passing what a long holds
        return Math.addExact(
                Math.multiplyExact(bytes / 1_000_000, nanoPerGb), bytes % 1_000_000 * nanoPerGb / 1_000_000);
    }

    Prices withGpus(long gpu, long floor) {
        return new Prices(gpu, floor, storageNano, upNano, downNano);
    }

    /// $ per GB and month.
    public double storageDollars() {
        return storageNano / 1e9;
    }

    public double upDollars() {
        return upNano / 1e9;
    }

    public double downDollars() {
        return downNano / 1e9;
    }
}
