package dev.muster.core.hosts;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What an address looks like, without asking anybody.
enum Address {
    ELSEWHERE,
    /// Left over from a template.
    PLACEHOLDER,
    /// The machine that reads the file, whichever that is.
    LOCAL,
    /// Of a private network (RFC 1918, RFC 4193, or link-local).
    PRIVATE;

    private static final Pattern V4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final Pattern LEFT_OVER =
            Pattern.compile("<.*|(?=.*x)[\\dx]+(\\.[\\dx]+){3}|your[-_].*|.*changeme.*");

    static Address of(String written) {
        String text = written.strip().toLowerCase(Locale.ROOT);
        if (LEFT_OVER.matcher(text).matches()) return PLACEHOLDER;
        if (text.equals("localhost") || text.equals("127.0.0.1") || text.equals("::1")) return LOCAL;
        if (text.matches("f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*")) return PRIVATE;
        Matcher v4 = V4.matcher(text);
        return v4.matches() && isPrivate(Integer.parseInt(v4.group(1)), Integer.parseInt(v4.group(2)))
                ? PRIVATE
                : ELSEWHERE;
    }

    private static boolean isPrivate(int first, int second) {
        return first == 10
                || (first == 172 && second >= 16 && second <= 31)
                || (first == 192 && second == 168)
                || (first == 169 && second == 254);
    }
}
