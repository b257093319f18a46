package dev.muster.edge.web;

import dev.muster.edge.view.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/// Writes HTML. Whatever is written as text or as an attribute is escaped, and what is opened has to be closed, so no view can
/// write anything but well-formed markup of its own.
public final class Html {
    private static final Set<String> VOID = Set.of("meta", "link", "input", "br", "hr");
    /// Attributes that a browser follows.
    private static final Set<String> LINKS = Set.of("href", "src", "action");

    private final StringBuilder text = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();
    /// From and to, of what is different at each moment.
    private final List<int[]> passing = new ArrayList<>();
    private boolean inTag;

    /// Begins an element.
    public Html tag(String name) {
        closeTag();
        text.append('<').append(name);
        open.push(name);
        inTag = true;
        return this;
    }

    public Html tag(String name, String styles) {
        return tag(name).with("class", styles);
    }

    /// An attribute of the element that was just begun. A link that leads anywhere but to this page or the web becomes `#`.
    public Html with(String name, String value) {
        if (!inTag) throw new IllegalStateException("expected a tag before " + name + ", but it is closed");
        text.append(' ').append(name).append("=\"");
        escape(LINKS.contains(name) && !leadsOn(value) ? "#" : value);
        text.append('"');
        return this;
    }

    public Html with(String name, long value) {
        return with(name, Long.toString(value));
    }

    /// An attribute without a value.
    public Html flag(String name) {
        if (!inTag) throw new IllegalStateException("expected a tag before " + name + ", but it is closed");
        text.append(' ').append(name);
        return this;
    }

    public Html flag(String name, boolean set) {
        return set ? flag(name) : this;
    }

    public Html text(String words) {
        closeTag();
        escape(words);
        return this;
    }

    public Html text(long number) {
        return text(Long.toString(number));
    }

    /// Ends the element that was begun last and is not ended.
    public Html end() {
        String name = open.pop();
        closeTag();
        if (!VOID.contains(name)) text.append("</").append(name).append('>');
        return this;
    }

    public Html leaf(String name, String words) {
        return tag(name).text(words).end();
    }

    public Html leaf(String name, String styles, String words) {
        return tag(name, styles).text(words).end();
    }

    public Html link(String to, String words) {
        return tag("a").with("href", to).text(words).end();
    }

    /// What another one has written, whole.
    public Html put(Html other) {
        if (!other.open.isEmpty())
            throw new IllegalStateException("expected whole elements, but " + other.open + " is open");
        closeTag();
        int shift = text.length();
        for (int[] range : other.passing) passing.add(new int[] {range[0] + shift, range[1] + shift});
        text.append(other.text);
        return this;
    }

    /// How long ago, kept up to date by the browser: no news by itself.
    public Html ago(Instant at, Instant now) {
        tag("time", "ago").with("datetime", at.toString()).with("title", at.toString());
        closeTag();
        int from = text.length();
        text.append(Words.span(Duration.between(at, now)));
        passing.add(new int[] {from, text.length()});
        return end();
    }

    /// Words that are no news when they change.
    Html passing(String words) {
        closeTag();
        int from = text.length();
        escape(words);
        passing.add(new int[] {from, text.length()});
        return this;
    }

    /// The same for the same markup, whatever is passing in it.
    long fingerprint() {
        long hash = 1125899906842597L;
        int at = 0;
        for (int[] range : passing) {
            hash = hash(hash, at, range[0]);
            at = range[1];
        }
        return hash(hash, at, text.length());
    }

    private long hash(long hash, int from, int to) {
        long mixed = hash;
        for (int at = from; at < to; at++) mixed = 31 * mixed + text.charAt(at);
        return mixed;
    }

    /// @throws IllegalStateException when an element is not ended
    @Override
    public String toString() {
        if (!open.isEmpty())
            throw new IllegalStateException("expected all elements to be ended, but " + open + " are not");
        return text.toString();
    }

    private void closeTag() {
        if (inTag) text.append('>');
        inTag = false;
    }

    /// Within this page, or to the web: never a script.
    private static boolean leadsOn(String value) {
        return value.startsWith("/") && !value.startsWith("//")
                || value.startsWith("#")
                || value.startsWith("?")
                || value.startsWith("https://")
                || value.startsWith("http://");
    }

    private void escape(String words) {
        for (int at = 0; at < words.length(); at++) {
            char letter = words.charAt(at);
            switch (letter) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.append(isText(letter) ? letter : '\uFFFD');
            }
        }
    }

    /// Control characters are none in HTML; output of jobs is full of them.
    private static boolean isText(char letter) {
        return letter >= ' ' && letter != 0x7f || letter == '\n' || letter == '\t';
    }
}
