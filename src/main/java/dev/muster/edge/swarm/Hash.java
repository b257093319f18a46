package dev.muster.edge.swarm;

import dev.muster.core.state.Sha256;
import java.security.MessageDigest;
import java.util.HexFormat;

/// A SHA-256 of what passes, in the words of the state; as fast as this machine can. Not thread-safe.
final class Hash {
    private final MessageDigest digest = dev.muster.edge.artifact.Sha256.digest();

    void update(byte[] bytes, int from, int length) {
        digest.update(bytes, from, length);
    }

    /// Ends it and begins a new one.
    Sha256 end() {
        return new Sha256(HexFormat.of().formatHex(digest.digest()));
    }
}
