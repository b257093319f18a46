package dev.muster.edge.artifact;

/// The answer to a put.
public sealed interface PutResult {

    /// It is in the store and on the disk, and reads back as it was written as long as the disk is sound.
    record Stored(Sha256 sha256, long size) implements PutResult, FetchResult {}

    /// Nothing was stored: writing on would leave less than the floor free.
    ///
    /// @param expected bytes that had to be free, the floor included
    /// @param found    bytes that were
    /// @param inodes   files that the disk could still take; -1 where that is not known
    record NoSpace(long expected, long found, long inodes) implements PutResult, FetchResult, PlaceResult {
        private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

        /// For people.
        public String message() {
            return expected <= found
                    ? "disk full: expected more than 1000 free inodes for the artifact store, but found " + inodes
                            + "; delete files there"
                    : "disk full: expected " + size(expected)
                            + " free in the artifact store, limits.disk_reserve included, but found " + size(found)
                            + ", " + size(expected - found)
                            + " too few; make room there, or lower limits.artifacts_max";
        }

        /// In the largest unit of which there is one, rounded down.
        private static String size(long bytes) {
            int unit = Math.clamp((63 - Long.numberOfLeadingZeros(Math.max(1, bytes))) / 10, 0, UNITS.length - 1);
            long tenths = (long) (bytes * 10.0 / (1L << (10 * unit)));
            return tenths / 10 + (tenths % 10 == 0 ? "" : "." + tenths % 10) + UNITS[unit];
        }
    }
}
