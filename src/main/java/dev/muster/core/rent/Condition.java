package dev.muster.core.rent;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// One thing that is asked of an offer.
///
/// @param field one of [OfferField]
public record Condition(String field, Op op, Literal value) {
    /// By the words of the wire.
    public enum Op {
        EQ,
        NEQ,
        GT,
        GTE,
        LT,
        LTE,
        IN,
        NOTIN;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What is compared with, as it is sent: plain numbers are texts there, and only those with a unit are numbers.
    public sealed interface Literal {
        record Text(String text) implements Literal {}

        record Number(double value) implements Literal {}

        record Flag(boolean value) implements Literal {}

        record Nothing() implements Literal {}

        record Many(List<String> texts) implements Literal {
            public Many {
                texts = List.copyOf(texts);
            }
        }
    }

    /// @throws IllegalArgumentException when a list is asked of an operator that takes none, or the other way round
    public Condition {
        boolean several = op == Op.IN || op == Op.NOTIN;
        if (several != value instanceof Literal.Many)
            throw new IllegalArgumentException("expected " + (several ? "a list" : "one value") + " after " + field
                    + " " + op.word() + ", but found " + value);
    }

    public static Condition text(String field, Op op, String text) {
        return new Condition(field, op, new Literal.Text(text));
    }

    public static Condition flag(String field, boolean value) {
        return new Condition(field, Op.EQ, new Literal.Flag(value));
    }

    public static Condition in(String field, List<String> texts) {
        return new Condition(field, Op.IN, new Literal.Many(texts));
    }

    /// What it is about, for people.
    String subject() {
        return OfferField.subject(field);
    }

    /// Whether an offer is so, by our own arithmetic: providers do not always honour what was asked.
    ///
    /// What an offer does not say is false, or nothing, and otherwise never what is asked.
    ///
    /// @param deal decides what the price is
    boolean holds(Offer offer, Deal deal) {
        Optional<Trait> trait = trait(offer, deal);
        return switch (op) {
            case EQ -> same(trait, value);
            case NEQ -> !same(trait, value);
            case IN -> any(trait);
            case NOTIN -> !any(trait);
            case GT, GTE, LT, LTE -> ordered(trait);
        };
    }

    private Optional<Trait> trait(Offer offer, Deal deal) {
        if (field.equals(OfferField.PRICE))
            return Optional.of(new Trait.Number(offer.cost(deal).dollars()));
        return Optional.ofNullable(offer.traits().get(field));
    }

    private boolean any(Optional<Trait> trait) {
        return value instanceof Literal.Many(List<String> texts)
                && texts.stream().anyMatch(text -> same(trait, new Literal.Text(text)));
    }

    private boolean same(Optional<Trait> trait, Literal wanted) {
        return switch (wanted) {
            case Literal.Nothing() -> trait.isEmpty();
            case Literal.Flag(boolean flag) -> trait.map(Condition::truth).orElse(false) == flag;
            case Literal.Number(double number) -> {
                OptionalDouble found = number(trait);
                yield found.isPresent() && found.getAsDouble() == number;
            }
            case Literal.Text(String text) -> trait.isPresent() && same(trait.get(), text);
            case Literal.Many many -> false;
        };
    }

    private boolean same(Trait trait, String text) {
        OptionalDouble number = number(text);
        return switch (trait) {
            case Trait.Flag(boolean flag) -> number.isPresent() && (number.getAsDouble() != 0) == flag;
            case Trait.Number(double found) -> number.isPresent() && number.getAsDouble() == found;
            case Trait.Text(String found) -> sameText(found, text);
        };
    }

    private boolean sameText(String found, String text) {
        if (field.equals(OfferField.GPU)) return GpuName.same(found, text);
        if (plain(found).equals(plain(text))) return true;
        // The filter takes a country's two letters, the offer says "Oregon, US".
        return field.equals(OfferField.REGION)
                && plain(found.substring(found.lastIndexOf(',') + 1)).equals(plain(text));
    }

    private static String plain(String text) {
        return text.replace('_', ' ').strip().toLowerCase(Locale.ROOT);
    }

    private static boolean truth(Trait trait) {
        return switch (trait) {
            case Trait.Flag(boolean flag) -> flag;
            case Trait.Number(double number) -> number != 0;
            case Trait.Text(String text) -> text.equalsIgnoreCase("true");
        };
    }

    private boolean ordered(Optional<Trait> trait) {
        OptionalDouble found = number(trait);
        OptionalDouble wanted = wanted();
        if (found.isEmpty() || wanted.isEmpty()) return false;
        int order = Double.compare(found.getAsDouble(), wanted.getAsDouble());
        return switch (op) {
            case GT -> order > 0;
            case GTE -> order >= 0;
            case LT -> order < 0;
            case LTE -> order <= 0;
            case EQ, NEQ, IN, NOTIN -> false;
        };
    }

    private OptionalDouble wanted() {
        return switch (value) {
            case Literal.Number(double number) -> OptionalDouble.of(number);
            case Literal.Text(String text) -> number(text);
            case Literal.Flag(boolean flag) -> OptionalDouble.of(flag ? 1 : 0);
            case Literal.Nothing nothing -> OptionalDouble.empty();
            case Literal.Many many -> OptionalDouble.empty();
        };
    }

    /// Also a text that is a number; `535.86.05` is a driver's version.
    private OptionalDouble number(Optional<Trait> trait) {
        if (trait.isEmpty()) return OptionalDouble.empty();
        return switch (trait.get()) {
            case Trait.Number(double number) -> OptionalDouble.of(number);
            case Trait.Flag(boolean flag) -> OptionalDouble.of(flag ? 1 : 0);
            case Trait.Text(String text) -> number(field.equals(OfferField.DRIVER) ? driver(text) : text);
        };
    }

    static OptionalDouble number(String text) {
        if (!text.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?")) return OptionalDouble.empty();
        return OptionalDouble.of(Double.parseDouble(text));
    }

    /// `535.86.05` as the number 535086005, in which versions are compared; anything else as it is.
    static String driver(String version) {
        if (!version.matches("\\d{1,4}(\\.\\d{1,3}){1,2}")) return version;
        String[] parts = version.split("\\.");
        long number = 0;
        for (int part = 0; part < 3; part++)
            number = number * 1000 + (part < parts.length ? Integer.parseInt(parts[part]) : 0);
        return Long.toString(number);
    }
}
