package dev.muster.core.state;

/// What all names that people choose have in common.
final class Ids {
    private static final int NAME_MAX = 63;

    private Ids() {}

    static String name(String what, String text) {
        if (text == null || !isName(text)) {
            throw new IllegalArgumentException("expected " + what
                    + " of 1 to 63 letters, digits, dots, dashes or underscores, starting with a letter or digit, but found \""
                    + text + "\"");
        }
        return text;
    }

    /// Safe as a path segment, a DNS label's superset, a metrics label and a URL segment.
    static boolean isName(String text) {
        if (text.isEmpty() || text.length() > NAME_MAX || !isPlain(text.charAt(0))) return false;
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isPlain(c) && c != '.' && c != '_' && c != '-') return false;
        }
        return true;
    }

    private static boolean isPlain(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
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
