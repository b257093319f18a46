package dev.muster.core.state;

/// An artifact's name: the SHA-256 of its bytes, 64 lower-case hexadecimal digits.
public record Sha256(String hex) implements Comparable<Sha256> {
    private static final int DIGITS = 64;

    /// @throws IllegalArgumentException when the text is not 64 lower-case hexadecimal digits
    public Sha256 {
        if (hex == null || !isHex(hex)) {
            throw new IllegalArgumentException(
                    "expected a SHA-256 of 64 hexadecimal digits, but found \"" + hex + "\"");
        }
    }

    /// A loop: hashes are read by the thousand, and a pattern took longer than all else of it.
    private static boolean isHex(String text) {
        if (text.length() != DIGITS) return false;
        for (int i = 0; i < DIGITS; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
        }
        return true;
    }

    /// The first twelve digits, for people.
    public String brief() {
        return hex.substring(0, 12);
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
