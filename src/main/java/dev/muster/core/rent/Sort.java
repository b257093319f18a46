package dev.muster.core.rent;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// By what offers are put in order.
///
/// @param field one of [OfferField]
public record Sort(String field, boolean descending) {
    /// `dph,num_gpus-`: a `-` behind a word is for descending.
    ///
    /// @throws BadQuery when a word is unknown
    public static List<Sort> parse(String words) {
        List<Sort> order = new ArrayList<>();
        for (String written : words.split(",")) {
            String word = written.strip();
            if (word.isEmpty()) continue;
            String name = word.replaceAll("^[-+]+|[-+]+$", "");
            String field = OfferField.of(name).orElseThrow(() -> BadQuery.field(name));
            order.add(new Sort(field, word.startsWith("-") || word.endsWith("-")));
        }
        return order;
    }

    /// What an offer does not say comes last, whichever way.
    static Comparator<Offer> comparator(List<Sort> order, Deal deal) {
        return (one, other) -> {
            for (Sort sort : order) {
                int by = sort.compare(one, other, deal);
                if (by != 0) return by;
            }
            int price = one.cost(deal).compareTo(other.cost(deal));
            return price != 0 ? price : one.id().compareTo(other.id());
        };
    }

    private int compare(Offer one, Offer other, Deal deal) {
        if (field.equals(OfferField.PRICE)) return turned(one.cost(deal).compareTo(other.cost(deal)));
        Trait first = one.traits().get(field);
        Trait second = other.traits().get(field);
        if (first == null || second == null) return first == second ? 0 : first == null ? 1 : -1;
        return turned(compare(first, second));
    }

    private static int compare(Trait one, Trait other) {
        if (one instanceof Trait.Number(double first) && other instanceof Trait.Number(double second))
            return Double.compare(first, second);
        return text(one).compareTo(text(other));
    }

    private static String text(Trait trait) {
        return switch (trait) {
            case Trait.Flag(boolean flag) -> Boolean.toString(flag);
            case Trait.Number(double number) -> Double.toString(number);
            case Trait.Text(String text) -> text.toLowerCase(Locale.ROOT);
        };
    }

    private int turned(int by) {
        return descending ? -by : by;
    }
}
