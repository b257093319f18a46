package dev.muster.edge.delta;

import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.HexFormat;

/// SHA-256 of files.
final class Shas {
    private static final int BUFFER_BYTES = 256 << 10;

    private Shas() {}

    static MessageDigest digest() {
        return dev.muster.edge.artifact.Sha256.digest();
    }

    static Sha256 name(MessageDigest digest) {
        return new Sha256(HexFormat.of().formatHex(digest.digest()));
    }

    static Sha256 of(FileChannel file) throws IOException {
        MessageDigest digest = digest();
        byte[] buffer = new byte[BUFFER_BYTES];
        long size = file.size();
        for (long at = 0; at < size; ) {
            int n = (int) Math.min(buffer.length, size - at);
            Bytes.read(file, at, buffer, 0, n);
            digest.update(buffer, 0, n);
            at += n;
        }
        return name(digest);
    }
}
