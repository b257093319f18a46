package dev.muster.core.state;

import java.util.regex.Pattern;

/// What all names that people choose have in common.
final class Ids {
    /// Safe as a path segment, a DNS label's superset, a metrics label and a URL segment.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private Ids() {}

    static String name(String what, String text) {
        if (text == null || !NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("expected " + what
                    + " of 1 to 63 letters, digits, dots, dashes or underscores, starting with a letter or digit, but found \""
                    + text + "\"");
        }
        return text;
    }

    static long number(String what, String prefix, String text) {
        try {
            if (text.startsWith(prefix)) return Long.parseLong(text, prefix.length(), text.length(), 10);
        } catch (NumberFormatException e) {
            // told below, with what was expected
        }
        throw new IllegalArgumentException("expected " + what + ", but found \"" + text + "\"");
    }
}
