package dev.muster.edge.swarm;

import dev.muster.core.state.Sha256;
import dev.muster.edge.artifact.Digest;
import java.util.HexFormat;

/// A [Digest] in the words of the state.
final class Hash {
    private final Digest digest = new Digest();

    void update(byte[] bytes, int from, int length) {
        digest.update(bytes, from, length);
    }

    /// Ends it and begins a new one.
    Sha256 end() {
        return new Sha256(HexFormat.of().formatHex(digest.end()));
    }
}
