package dev.muster.core.rent;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/// Where a machine may stand: countries by their two letters (ISO 3166-1), and the parts of the world they make up.
public final class Region {
    private static final TreeMap<String, List<String>> PARTS = new TreeMap<>();

    static {
        part(
                "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI SK UA",
                "europe",
                "eu");
        part("US CA MX", "north-america", "na");
        part("AR BR CL CO PE UY", "south-america", "sa");
        part("AE CN HK ID IL IN JP KR KZ MY PH SG TH TR TW VN", "asia");
        part("AU NZ", "oceania");
    }

    private Region() {}

    private static void part(String countries, String... names) {
        for (String name : names) PARTS.put(name, List.of(countries.split(" ")));
    }

    /// `US,SE`, `europe`, `europe,US`.
    ///
    /// @throws IllegalArgumentException when a word is neither two letters nor a part of the world
    public static List<String> countries(String written) {
        List<String> countries = new ArrayList<>();
        for (String word : written.split("[,\\s]+")) {
            List<String> part = PARTS.get(word.toLowerCase(Locale.ROOT).replace('_', '-'));
            if (part != null) countries.addAll(part);
            else if (word.matches("[a-zA-Z]{2}")) countries.add(word.toUpperCase(Locale.ROOT));
            else
                throw new IllegalArgumentException("expected a country's two letters, or one of "
                        + String.join(", ", PARTS.keySet()) + ", but found \"" + word + "\"");
        }
        return countries.stream().distinct().toList();
    }
}
