package dev.muster.edge.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The cluster's token, compared in constant time: how much of a guess was right does not show in how long "no" takes.
final class Token {
    private static final String SCHEME = "Bearer ";

    private final byte[] expected;

    Token(String text) {
        this.expected = digest(text);
    }

    /// @throws Problem 401 when the header is missing or wrong
    void check(Call call) {
        String header = call.header("Authorization").orElse("");
        boolean scheme = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        String found = scheme ? header.substring(SCHEME.length()).strip() : "";
        if (MessageDigest.isEqual(expected, digest(found))) return;
        throw Problem.of(
                401,
                "UNAUTHORIZED",
                header.isEmpty()
                        ? "expected `Authorization: Bearer <cluster token>`, but found no token"
                        : "expected the cluster's token, but found another one",
                "give it by --token, MUSTER_TOKEN or MUSTER_TOKEN_FILE; `muster cluster token` on a node of the cluster prints it");
    }

    /// Is it the cluster's?
    boolean is(String found) {
        return MessageDigest.isEqual(expected, digest(found.strip()));
    }

    /// Of equal length, whatever was sent.
    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
