package dev.muster.edge.artifact;

/// The answer to a fetch.
public sealed interface FetchResult permits PutResult.Stored, PutResult.NoSpace, FetchResult.Mismatch {

    /// What arrived is not what was asked for; it was deleted.
    ///
    /// @param foundSha256 of what was read
    /// @param foundSize   bytes read. A sender of too much is cut off, so this may be less than it would have sent
    record Mismatch(Sha256 expectedSha256, long expectedSize, Sha256 foundSha256, long foundSize)
            implements FetchResult {
        /// For people.
        public String message() {
            return "expected " + expectedSize + " bytes with SHA-256 " + expectedSha256 + ", but found " + foundSize
                    + " with " + foundSha256 + "; fetch it from another node";
        }
    }
}
