package dev.muster.edge.provider;

import dev.muster.core.rent.Money;
import dev.muster.edge.view.Doc;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/// Reads what providers write: numbers that are texts, texts with blanks and line feeds, nothing for zero.
final class Read {
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

    /// Empty when it is missing or no amount.
    static Optional<Money> money(Doc doc, String key) {
        try {
            return number(doc, key).isPresent() ? Optional.of(Money.parse(text(doc, key))) : Optional.empty();
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
