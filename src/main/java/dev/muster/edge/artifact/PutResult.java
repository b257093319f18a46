package dev.muster.edge.artifact;

/// The answer to a put.
public sealed interface PutResult {

    /// It is in the store and on the disk, and reads back as it was written as long as the disk is sound.
    record Stored(Sha256 sha256, long size) implements PutResult, FetchResult {}

    /// Nothing was stored: writing on would leave less than the floor free.
    ///
    /// @param expected bytes that had to be free, the floor included
    /// @param found    bytes that were
    record NoSpace(long expected, long found) implements PutResult, FetchResult, PlaceResult {
        /// For people.
        public String message() {
            return "expected " + expected + " bytes free in the artifact store, but found " + found
                    + "; delete artifacts, or lower the floor";
        }
    }
}
