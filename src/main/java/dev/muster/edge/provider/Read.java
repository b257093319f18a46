package dev.muster.edge.provider;

import dev.muster.core.state.Money;
import dev.muster.edge.view.Doc;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/// Reads what providers write: numbers that are texts, texts with blanks and line feeds, nothing for zero.
final class Read {
    private static final int SHOWN_MAX = 120;
    /// More in one number is a mistake; with less, no sum overflows.
    private static final double DOLLARS_MAX = 1_000_000;

    private Read() {}

    /// Empty when it is missing or no number.
    static OptionalDouble number(Doc doc, String key) {
        String text = text(doc, key);
        if (!text.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?")) return OptionalDouble.empty();
        return OptionalDouble.of(Double.parseDouble(text));
    }

    static double number(Doc doc, String key, double absent) {
        return number(doc, key).orElse(absent);
    }

    static long whole(Doc doc, String key) {
        return Math.round(number(doc, key, 0));
    }

    static String text(Doc doc, String key) {
        return doc.text(key).strip();
    }

    static boolean flag(Doc doc, String key) {
        return text(doc, key).equalsIgnoreCase("true") || number(doc, key, 0) != 0;
    }

    /// An answer that lacks what it was asked for. Its values are not shown: some are secrets.
    static ProviderFailure.Unavailable incomplete(String provider, String what, Doc answer) {
        String found =
                answer.isObject() ? "only " + String.join(", ", answer.entries().keySet()) : "none";
        return new ProviderFailure.Unavailable(
                provider,
                "expected " + what + ", but found "
                        + (found.length() > SHOWN_MAX ? found.substring(0, SHOWN_MAX) + "…" : found));
    }

    /// Empty when it is missing or no amount that anybody pays.
    static Optional<Money> money(Doc doc, String key) {
        try {
            OptionalDouble number = number(doc, key);
            return number.isPresent() && Math.abs(number.getAsDouble()) <= DOLLARS_MAX
                    ? Optional.of(Money.parse(text(doc, key)))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static Money money(Doc doc, String key, Money absent) {
        return money(doc, key).orElse(absent);
    }

    /// Seconds since 1970, with or without a fraction.
    static Optional<Instant> time(Doc doc, String key) {
        OptionalDouble seconds = number(doc, key);
        return seconds.isPresent() && seconds.getAsDouble() > 0 && seconds.getAsDouble() < 1e11
                ? Optional.of(Instant.ofEpochMilli((long) (seconds.getAsDouble() * 1000)))
                : Optional.empty();
    }

    /// The first that is written.
    static String first(Doc doc, String... keys) {
        for (String key : keys) {
            if (!text(doc, key).isEmpty()) return text(doc, key);
        }
        return "";
    }
}
