package dev.muster.edge.artifact;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// A SHA-256, the name of an artifact.
///
/// @param hex 64 lower-case hexadecimal digits, so it is safe as a file name
public record Sha256(String hex) implements Comparable<Sha256> {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    /// @throws IllegalArgumentException if `hex` is anything else
    public Sha256 {
        if (!isValid(hex)) {
            throw new IllegalArgumentException("expected a SHA-256 as 64 lower-case hex digits, but found " + hex);
        }
    }

    static boolean isValid(String hex) {
        return HEX.matcher(hex).matches();
    }

    /// The fastest there is: the system's libcrypto, or else the JDK's.
    public static MessageDigest digest() {
        Optional<MessageDigest> fast = LibcryptoSha256.create();
        if (fast.isPresent()) return fast.get();
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// Ends the digest.
    static Sha256 of(MessageDigest digest) {
        return new Sha256(HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public int compareTo(Sha256 other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
