package dev.muster.edge.alert;

import dev.muster.core.state.AlertLevel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/// A notice in words, for people. What subjects and texts hold may come from anywhere: they stay on one line, and short.
final class NoticeText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    static final int TITLE_MAX = 300;
    private static final int SUBJECT_MAX = 100;
    private static final int LINE_MAX = 400;
    private static final int HASH_LETTERS = 32;

    private NoticeText() {}

    /// `[CRITICAL] prod: 3 nodes are not heard: gpu-1, gpu-2, gpu-3`.
    static String title(Notice notice) {
        return cut("[" + state(notice) + "] " + clean(notice.cluster()) + ": " + clean(notice.title()), TITLE_MAX);
    }

    /// What it has come to, in a word or two.
    static String state(Notice notice) {
        return switch (notice.kind()) {
            case FIRED -> notice.level().name();
            case CHANGED -> notice.level() + ", changed";
            case ESCALATED -> notice.level() + ", worse";
            case RESOLVED -> "RESOLVED";
            case TEST -> "TEST";
        };
    }

    /// All that is known, in some lines.
    static String body(Notice notice) {
        StringBuilder text = new StringBuilder(cut(clean(notice.title()), TITLE_MAX)).append("\n\n");
        for (String line : lines(notice, UnaryOperator.identity()))
            text.append(line).append('\n');
        if (!notice.lines().isEmpty() || notice.more() > 0) text.append('\n');
        if (!notice.runbook().isBlank())
            text.append("What to do: ").append(clean(notice.runbook())).append('\n');
        return text.append(footer(notice)).append('\n').toString();
    }

    static String footer(Notice notice) {
        return "Cluster " + clean(notice.cluster()) + ", alert " + clean(notice.alert()) + ", notice " + notice.number()
                + ", " + time(notice.at());
    }

    /// One for each subject, and one for those that have none.
    ///
    /// @param escaped what makes a service take letters for letters
    static List<String> lines(Notice notice, UnaryOperator<String> escaped) {
        List<String> lines = new java.util.ArrayList<>();
        for (Notice.Line line : notice.lines()) lines.add(line(line, escaped));
        if (notice.more() > 0) lines.add("and " + notice.more() + " more");
        return lines;
    }

    private static String line(Notice.Line line, UnaryOperator<String> escaped) {
        String word = line.over() ? "over" : line.level().name();
        return word + "  " + escaped.apply(subject(line)) + ": " + escaped.apply(text(line)) + " (since "
                + time(line.since()) + ")";
    }

    static String subject(Notice.Line line) {
        return cut(clean(line.subject()), SUBJECT_MAX);
    }

    static String text(Notice.Line line) {
        return cut(clean(line.text()), LINE_MAX);
    }

    static String time(Instant at) {
        return TIME.format(at.truncatedTo(ChronoUnit.SECONDS));
    }

    /// As services want it: whole seconds, with a zone.
    static String iso(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static String word(AlertLevel level) {
        return level.name().toLowerCase(Locale.ROOT);
    }

    static String word(Notice.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /// On one line, without what steers a terminal, a mail's head or the direction of letters.
    static String clean(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\s]+", " ")
                .replaceAll("\\p{Cf}", "")
                .replaceAll("\\p{Cs}", "?")
                .strip();
    }

    /// At most so many of UTF-16's units, and no half letter.
    static String cut(String text, int max) {
        if (text.length() <= max) return text;
        int end = max - 1;
        if (Character.isHighSurrogate(text.charAt(end - 1))) end--;
        return text.substring(0, end) + "…";
    }

    /// The key itself, or where it is too long, its beginning and a hash of all of it.
    static String key(Notice notice, int max) {
        String key = clean(notice.key());
        return key.length() <= max ? key : cut(key, max - HASH_LETTERS - 1) + "-" + hash(notice.key());
    }

    static String hash(String text) {
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sum).substring(0, HASH_LETTERS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
