package dev.muster.edge.cli;

import dev.muster.core.hosts.Finding;
import dev.muster.edge.view.Doc;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a doctor found: a line each, and what to do about it. Exit 3 when something fails.
final class Report {
    private enum Grade {
        OK,
        WARN,
        FAIL
    }

    /// @param where a place in a file, as in `hosts.yaml:12:3`; may be empty
    private record Line(Grade grade, String where, String kind, String about, String text, String advice) {}

    private final List<Line> findings = new ArrayList<>();

    void ok(String about, String text) {
        findings.add(new Line(Grade.OK, "", "", about, text, ""));
    }

    void warn(String about, String text, String advice) {
        findings.add(new Line(Grade.WARN, "", "", about, text, advice));
    }

    void fail(String about, String text, String advice) {
        findings.add(new Line(Grade.FAIL, "", "", about, text, advice));
    }

    /// Something in a file.
    void add(String where, Finding found) {
        Grade grade = found.grade() == Finding.Grade.FAIL ? Grade.FAIL : Grade.WARN;
        findings.add(new Line(grade, where, found.kind().name(), found.about(), found.message(), found.hint()));
    }

    /// Warnings and failures so far.
    int wrong() {
        return (int) findings.stream().filter(found -> found.grade != Grade.OK).count();
    }

    /// @return the exit code
    int print(Args args) throws Failure {
        args.shell()
                .out()
                .print(args.output().render(doc(), wide -> text(args.shell().colours()), doc -> failing()));
        return failing().isEmpty() ? Exit.DONE : Exit.NOT_HEALTHY;
    }

    private List<String> failing() {
        return findings.stream()
                .filter(found -> found.grade == Grade.FAIL)
                .map(Line::about)
                .toList();
    }

    private String text(boolean colours) {
        StringBuilder text = new StringBuilder();
        for (Line found : findings) {
            String word = found.grade.name().toLowerCase(Locale.ROOT);
            String colour = switch (found.grade) {
                case OK -> "\u001b[32m";
                case WARN -> "\u001b[33m";
                case FAIL -> "\u001b[31m";
            };
            text.append(colours ? colour + word + "\u001b[0m" : word).append(" ".repeat(6 - word.length()));
            if (!found.where.isEmpty()) text.append(found.where).append(": ");
            text.append(found.about).append(": ").append(found.text).append('\n');
            if (!found.advice.isEmpty())
                text.append("        ").append(found.advice).append('\n');
        }
        return text.toString();
    }

    private Doc doc() {
        Doc list = Doc.json("[]".getBytes(StandardCharsets.UTF_8));
        for (Line found : findings) {
            Doc one = Doc.object()
                    .with("grade", found.grade.name())
                    .with("about", found.about)
                    .with("message", found.text)
                    .with("hint", found.advice);
            list = list.plus(
                    found.where.isEmpty() ? one : one.with("place", found.where).with("kind", found.kind));
        }
        return Doc.object().with("healthy", failing().isEmpty()).with("findings", list);
    }
}
