package dev.muster.edge.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// The cluster's shared secret. Never printed: a record that holds it can be logged.
public record Token(String secret) {
    public static final int MIN = 8;
    public static final int MAX = 512;

    /// @throws IllegalArgumentException when too short, too long, or not one word of printable ASCII
    public Token {
        boolean word = secret.chars().allMatch(c -> c > ' ' && c < 127);
        if (!word || secret.length() < MIN || secret.length() > MAX) {
            throw new IllegalArgumentException("expected a token of " + MIN + " to " + MAX
                    + " printable characters without spaces, but found " + secret.length() + " characters"
                    + (word ? "" : ", some of them others"));
        }
    }

    /// Compares in a time that does not tell how much was right.
    public boolean matches(String offered) {
        return MessageDigest.isEqual(secret.getBytes(StandardCharsets.UTF_8), offered.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "***";
    }
}
