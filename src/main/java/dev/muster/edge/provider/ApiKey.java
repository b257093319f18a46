package dev.muster.edge.provider;

import dev.muster.edge.support.Redaction;

/// A provider's secret. Never printed: a record that holds it can be logged.
record ApiKey(String secret) {
    private static final int LENGTH_MIN = 6;

    /// @throws IllegalArgumentException when it is not one word of printable ASCII; the message does not show it
    public ApiKey {
        boolean word = !secret.isEmpty() && secret.chars().allMatch(c -> c > ' ' && c < 127);
        if (!word || secret.length() > 4096)
            throw new IllegalArgumentException("expected a key of printable characters without spaces, but found "
                    + secret.length() + " characters" + (word ? "" : ", some of them others"));
    }

    /// The text without it. A key of a letter or two, as somebody takes for a trial, would be found in every word.
    String hiddenIn(String text) {
        return secret.length() < LENGTH_MIN ? text : text.replace(secret, Redaction.REMOVED);
    }

    @Override
    public String toString() {
        return "***";
    }
}
