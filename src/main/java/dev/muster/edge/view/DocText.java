package dev.muster.edge.view;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A [Doc] as JSON or YAML text.
public final class DocText {
    /// What YAML reads as a text without quotes, whatever its version: no number, no word for true, false or nothing.
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./+#@-]*(?: [A-Za-z0-9_./+#@-]+)*");
    private static final Pattern WORD = Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null|nan|inf|[0-9.+-].*");

    private final StringBuilder out = new StringBuilder(1024);

    private DocText() {}

    /// One line.
    public static String compact(Doc doc) {
        DocText text = new DocText();
        text.compact(doc.raw());
        return text.out.toString();
    }

    /// Indented by two, ending with a line feed.
    public static String json(Doc doc) {
        DocText text = new DocText();
        text.pretty(doc.raw(), 0);
        return text.out.append('\n').toString();
    }

    /// YAML 1.2 in block style; texts that could be read as something else are quoted.
    public static String yaml(Doc doc) {
        DocText text = new DocText();
        text.block(doc.raw(), 0);
        return text.out.toString();
    }

    private void compact(Object value) {
        switch (value) {
            case Map<?, ?> map -> {
                String comma = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(comma);
                    quoted(entry.getKey().toString());
                    out.append(':');
                    compact(entry.getValue());
                    comma = ",";
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            case List<?> list -> {
                String comma = "[";
                for (Object element : list) {
                    out.append(comma);
                    compact(element);
                    comma = ",";
                }
                out.append(list.isEmpty() ? "[]" : "]");
            }
            case null, default -> scalar(value);
        }
    }

    private void pretty(Object value, int indent) {
        switch (value) {
            case Map<?, ?> map
            when !map.isEmpty() -> {
                String comma = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(comma);
                    line(indent + 1);
                    quoted(entry.getKey().toString());
                    out.append(": ");
                    pretty(entry.getValue(), indent + 1);
                    comma = ",";
                }
                line(indent);
                out.append('}');
            }
            case List<?> list
            when !list.isEmpty() -> {
                String comma = "[";
                for (Object element : list) {
                    out.append(comma);
                    line(indent + 1);
                    pretty(element, indent + 1);
                    comma = ",";
                }
                line(indent);
                out.append(']');
            }
            case null, default -> compact(value);
        }
    }

    private void line(int indent) {
        out.append('\n').append("  ".repeat(indent));
    }

    private void block(Object value, int indent) {
        switch (value) {
            case Map<?, ?> map
            when !map.isEmpty() -> {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append("  ".repeat(indent));
                    key(entry.getKey().toString(), entry.getValue(), indent);
                }
            }
            case List<?> list
            when !list.isEmpty() -> {
                for (Object element : list) {
                    out.append("  ".repeat(indent)).append("- ");
                    element(element, indent);
                }
            }
            case null, default -> {
                out.append("  ".repeat(indent));
                plain(value);
                out.append('\n');
            }
        }
    }

    private void key(String key, Object value, int indent) {
        plain(key);
        out.append(':');
        if (isBlock(value)) {
            out.append('\n');
            block(value, value instanceof List ? indent : indent + 1);
        } else {
            out.append(' ');
            plain(value);
            out.append('\n');
        }
    }

    /// An object in a list begins on the dash's own line.
    private void element(Object element, int indent) {
        if (element instanceof Map<?, ?> map && !map.isEmpty()) {
            boolean first = true;
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (!first) out.append("  ".repeat(indent + 1));
                key(entry.getKey().toString(), entry.getValue(), indent + 1);
                first = false;
            }
        } else {
            plain(element);
            out.append('\n');
        }
    }

    private static boolean isBlock(Object value) {
        return value instanceof Map<?, ?> map && !map.isEmpty() || value instanceof List<?> list && !list.isEmpty();
    }

    private void plain(Object value) {
        boolean bare = value instanceof String text
                && PLAIN.matcher(text).matches()
                && !WORD.matcher(text).matches();
        if (bare) out.append(value);
        else compact(value);
    }

    private void scalar(Object value) {
        if (value instanceof String text) quoted(text);
        else if (value instanceof Double number && (number.isNaN() || number.isInfinite())) out.append("null");
        else out.append(value);
    }

    private void quoted(String text) {
        out.append('"');
        for (int index = 0; index < text.length(); index++) {
            char letter = text.charAt(index);
            switch (letter) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (letter < 0x20 || letter == 0x7f) out.append(String.format("\\u%04x", (int) letter));
                    else out.append(letter);
                }
            }
        }
        out.append('"');
    }
}
