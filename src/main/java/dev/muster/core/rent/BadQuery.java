package dev.muster.core.rent;

import java.util.List;

/// A query that cannot be understood.
public final class BadQuery extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String word;
    private final boolean field;

    private BadQuery(String message, String word, boolean field) {
        super(message);
        this.word = word;
        this.field = field;
    }

    static BadQuery of(String message) {
        return new BadQuery(message, "", false);
    }

    static BadQuery field(String word) {
        return new BadQuery("unknown query word " + word, word, true);
    }

    /// The word that nobody knows; empty when something else is wrong.
    public String word() {
        return word;
    }

    /// What it could have been; empty when something else is wrong.
    public List<String> known() {
        return field ? OfferField.words() : List.of();
    }
}
