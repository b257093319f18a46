package dev.muster.edge.view;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON (RFC 8259) into plain maps, lists, texts and numbers.
///
/// Only for the command line, where each millisecond of a start counts: Jackson's readers need `BigDecimal`, whose own
/// start takes 20 of them. Everything else reads JSON with Jackson.
final class JsonText {
    /// Deeper than anything we write; a stack overflow would be no message.
    private static final int DEPTH_MAX = 200;

    private final String text;
    private int at;
    private int depth;

    private JsonText(String text) {
        this.text = text;
    }

    /// @throws NotJson with line and column
    static Object read(byte[] utf8) {
        JsonText reader = new JsonText(new String(utf8, StandardCharsets.UTF_8));
        Object value = reader.value();
        reader.blanks();
        if (reader.at < reader.text.length()) throw reader.unexpected("the end");
        return value;
    }

    private Object value() {
        blanks();
        if (at == text.length()) throw unexpected("a value");
        char first = text.charAt(at);
        if (first == '{') return object();
        if (first == '[') return list();
        if (first == '"') return string();
        if (first == '-' || first >= '0' && first <= '9') return number();
        if (word("true")) return true;
        if (word("false")) return false;
        if (word("null")) return null;
        throw unexpected("a value");
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        enter();
        blanks();
        if (next('}')) return left(object);
        do {
            blanks();
            if (at == text.length() || text.charAt(at) != '"') throw unexpected("a key in quotes");
            String key = string();
            blanks();
            if (!next(':')) throw unexpected("a colon");
            object.put(key, value());
            blanks();
        } while (next(','));
        if (!next('}')) throw unexpected("a comma or }");
        return left(object);
    }

    private List<Object> list() {
        List<Object> list = new ArrayList<>();
        enter();
        blanks();
        if (next(']')) return left(list);
        do {
            list.add(value());
            blanks();
        } while (next(','));
        if (!next(']')) throw unexpected("a comma or ]");
        return left(list);
    }

    private void enter() {
        at++;
        if (++depth > DEPTH_MAX) throw unexpected("at most " + DEPTH_MAX + " levels");
    }

    private <T> T left(T value) {
        depth--;
        return value;
    }

    private String string() {
        int begin = ++at;
        while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\') at++;
        if (at < text.length() && text.charAt(at) == '"') return text.substring(begin, at++);
        StringBuilder unescaped = new StringBuilder(text.substring(begin, at));
        while (at < text.length()) {
            char letter = text.charAt(at++);
            if (letter == '"') return unescaped.toString();
            unescaped.append(letter == '\\' ? escaped() : letter);
        }
        throw unexpected("a closing quote");
    }

    private char escaped() {
        if (at == text.length()) throw unexpected("an escaped character");
        char letter = text.charAt(at++);
        return switch (letter) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case '"', '\\', '/' -> letter;
            case 'u' -> unicode();
            default -> throw unexpected("an escaped character");
        };
    }

    private char unicode() {
        int code = 0;
        for (int digit = 0; digit < 4; digit++, at++) {
            int value = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (value < 0) throw unexpected("four hexadecimal digits");
            code = code * 16 + value;
        }
        return (char) code;
    }

    private Object number() {
        int begin = at;
        boolean whole = true;
        while (at < text.length() && "+-0123456789.eE".indexOf(text.charAt(at)) >= 0) {
            if (".eE".indexOf(text.charAt(at)) >= 0) whole = false;
            at++;
        }
        String digits = text.substring(begin, at);
        try {
            return whole && digits.length() < 19 ? (Object) Long.parseLong(digits) : wide(digits, whole);
        } catch (NumberFormatException e) {
            at = begin;
            throw unexpected("a number");
        }
    }

    /// What may be larger than a long is a decimal then.
    private static Object wide(String digits, boolean whole) {
        double decimal = Double.parseDouble(digits);
        return whole && Math.abs(decimal) < 9.2e18 ? (Object) Long.parseLong(digits) : (Object) decimal;
    }

    private boolean word(String word) {
        if (!text.startsWith(word, at)) return false;
        at += word.length();
        return true;
    }

    private boolean next(char letter) {
        if (at == text.length() || text.charAt(at) != letter) return false;
        at++;
        return true;
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private NotJson unexpected(String expected) {
        int line = 1;
        int column = 1;
        for (int index = 0; index < Math.min(at, text.length()); index++) {
            column = text.charAt(index) == '\n' ? 1 : column + 1;
            if (text.charAt(index) == '\n') line++;
        }
        String found = at >= text.length() ? "the end" : "\"" + text.charAt(at) + "\"";
        return new NotJson("expected " + expected + " at line " + line + ", column " + column + ", but found " + found);
    }
}
