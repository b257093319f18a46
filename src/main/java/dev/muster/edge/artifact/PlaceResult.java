package dev.muster.edge.artifact;

/// The answer to placing an artifact in a work directory.
public sealed interface PlaceResult
        permits PutResult.NoSpace, PlaceResult.Placed, PlaceResult.Missing, PlaceResult.Damaged {

    /// @param shared true if it is the store's own file under another name
    record Placed(boolean shared) implements PlaceResult {}

    /// The store does not hold it.
    record Missing() implements PlaceResult {}

    /// What was copied does not have its hash: the store's file, or the disk that it was copied to, is damaged. Nothing is
    /// at the target.
    record Damaged(Sha256 found, long size) implements PlaceResult {
        /// For people.
        public String message() {
            return "expected to copy the artifact, but found " + size + " bytes with SHA-256 " + found
                    + "; it is read again, and fetched again when it is damaged";
        }
    }
}
