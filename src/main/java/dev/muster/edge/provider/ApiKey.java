package dev.muster.edge.provider;

/// A provider's secret. Never printed: a record that holds it can be logged.
record ApiKey(String secret) {
    /// @throws IllegalArgumentException when it is not one word of printable ASCII; the message does not show it
    public ApiKey {
        boolean word = !secret.isEmpty() && secret.chars().allMatch(c -> c > ' ' && c < 127);
        if (!word || secret.length() > 4096)
            throw new IllegalArgumentException("expected a key of printable characters without spaces, but found "
                    + secret.length() + " characters" + (word ? "" : ", some of them others"));
    }

    @Override
    public String toString() {
        return "***";
    }
}
