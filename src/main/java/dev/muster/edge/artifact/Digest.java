package dev.muster.edge.artifact;

import java.security.MessageDigest;
import java.util.Optional;

/// SHA-256 of what passes, as fast as this machine can: by the system's libcrypto where it is there. An agent runs
/// without the JVM's second compiler, and Java's own SHA-256 is twenty times slower then (48 instead of 1,000 MB/s), which
/// for a file that is hashed twice on the way is more than all the rest of the transfer.
///
/// Not thread-safe.
public final class Digest {
    /// Loaded on first use: an agent that receives nothing large does not pay for it.
    private static final class Native {
        static final Optional<LibCrypto> LIBRARY = LibCrypto.load();
    }

    private final Optional<LibCrypto.Context> fast = Native.LIBRARY.map(LibCrypto::context);
    private final MessageDigest slow = Sha256.digest();

    /// Whether the system's library does it.
    public static boolean isNative() {
        return Native.LIBRARY.isPresent();
    }

    public void update(byte[] bytes, int from, int length) {
        if (fast.isPresent()) fast.get().update(bytes, from, length);
        else slow.update(bytes, from, length);
    }

    /// Ends it and begins a new one.
    ///
    /// @return 32 bytes
    public byte[] end() {
        return fast.isPresent() ? fast.get().end() : slow.digest();
    }
}
