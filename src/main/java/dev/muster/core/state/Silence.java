package dev.muster.core.state;

import java.time.Instant;
import java.util.regex.Pattern;

/// Of what people do not want to be told, for a time. What goes on when it ends is told then.
///
/// @param pattern `node-lost`, `node-lost/gpu-1`, `*/gpu-*`: a rule, or rule and subject, with `*` for any text
public record Silence(String id, String pattern, Instant until, String by, String why, Instant at) {
    static final int PATTERN_MAX = 200;

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_.:*@ +=-]+(/[A-Za-z0-9_.:*@ +=/-]+)?");

    /// @throws IllegalArgumentException when it is no pattern
    public static String pattern(String text) {
        if (text.length() > PATTERN_MAX || !SHAPE.matcher(text).matches())
            throw new IllegalArgumentException(
                    "expected a rule, or RULE/SUBJECT, with * for any text, as `node-lost/gpu-*`, but found \"" + text
                            + "\"");
        return text;
    }

    public boolean holds(Instant now) {
        return now.isBefore(until);
    }

    public boolean covers(String rule, String subject) {
        int slash = pattern.indexOf('/');
        return slash < 0
                ? matches(pattern, rule)
                : matches(pattern.substring(0, slash), rule) && matches(pattern.substring(slash + 1), subject);
    }

    /// Without backtracking: whoever writes a pattern must not be able to hold up a leader.
    static boolean matches(String pattern, String text) {
        int at = 0;
        int in = 0;
        int star = -1;
        int from = 0;
        while (in < text.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                from = in;
            } else if (at < pattern.length() && pattern.charAt(at) == text.charAt(in)) {
                at++;
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++from;
            } else return false;
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') at++;
        return at == pattern.length();
    }
}
