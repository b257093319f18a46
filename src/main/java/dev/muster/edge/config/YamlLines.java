package dev.muster.edge.config;

import dev.muster.core.hosts.Place;
import java.util.ArrayList;
import java.util.List;

/// The text of a YAML file by lines, for edits that leave all the rest as it is.
final class YamlLines {
    private final String text;
    private final List<Integer> starts = new ArrayList<>();

    YamlLines(String text) {
        this.text = text;
        int at = 0;
        while (at < text.length()) {
            starts.add(at);
            at = end(at);
        }
        if (starts.isEmpty()) starts.add(0);
    }

    /// Behind the line's end, which is `\n`, `\r\n` or `\r`.
    private int end(int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') at++;
        if (at + 1 < text.length() && text.charAt(at) == '\r' && text.charAt(at + 1) == '\n') return at + 2;
        return Math.min(at + 1, text.length());
    }

    String text() {
        return text;
    }

    int count() {
        return starts.size();
    }

    /// The parser counts lines from 1, and columns in letters rather than in UTF-16's halves of them.
    int offset(Place place) {
        int line = Math.min(place.line() - 1, count() - 1);
        int begin = starts.get(line);
        String rest = text.substring(begin, behind(line));
        int letters = Math.min(place.column() - 1, rest.codePointCount(0, rest.length()));
        return begin + rest.offsetByCodePoints(0, letters);
    }

    /// Where the line begins, from 0; the text's end behind the last one.
    int start(int line) {
        return line < count() ? starts.get(line) : text.length();
    }

    int behind(int line) {
        return start(line + 1);
    }

    /// Without its end.
    String line(int line) {
        return text.substring(start(line), behind(line)).replaceFirst("[\\r\\n]+$", "");
    }

    /// How this line ends; as the first one does where it is the last and has no end.
    String ending(int line) {
        String own = text.substring(start(line) + line(line).length(), behind(line));
        if (!own.isEmpty()) return own;
        return line == 0 ? "\n" : ending(0);
    }

    boolean open(int line) {
        return start(line) + line(line).length() == behind(line);
    }

    boolean blank(int line) {
        return line(line).isBlank();
    }

    boolean comment(int line) {
        return line(line).strip().startsWith("#");
    }

    int indent(int line) {
        String content = line(line);
        int at = 0;
        while (at < content.length() && content.charAt(at) == ' ') at++;
        return at;
    }

    /// The last line of what begins in `line` at `column` (from 0): all that is indented more belongs to it.
    int last(int line, int column) {
        int last = line;
        for (int next = line + 1; next < count(); next++) {
            if (blank(next)) continue;
            if (indent(next) <= column && !comment(next)) break;
            if (indent(next) > column && !comment(next)) last = next;
        }
        return last;
    }

    /// As [#last], with the comments right below that are indented like what stands in it.
    int lastWithComments(int line, int column) {
        int last = last(line, column);
        while (last + 1 < count() && comment(last + 1) && indent(last + 1) > column) last++;
        return last;
    }

    /// The first line that says something within what begins in `line`; `line` itself when there is none.
    int first(int line, int column) {
        int last = last(line, column);
        for (int next = line + 1; next <= last; next++) if (!blank(next) && !comment(next)) return next;
        return line;
    }
}
