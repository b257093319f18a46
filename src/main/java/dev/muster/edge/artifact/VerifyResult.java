package dev.muster.edge.artifact;

import java.nio.file.Path;

/// What reading an artifact again showed.
public sealed interface VerifyResult {

    /// The bytes on the disk have the hash that they are kept under.
    record Verified(long size) implements VerifyResult {}

    /// They do not. The store no longer has it.
    ///
    /// @param quarantined where the bytes are now, for people
    record Corrupt(Sha256 found, long size, Path quarantined) implements VerifyResult {}

    /// The store does not hold it.
    record Missing() implements VerifyResult {}
}
