package dev.muster.edge.view;

import dev.muster.edge.dataset.DataVerdict;
import dev.muster.edge.dataset.Inspection;
import dev.muster.edge.dataset.Quarantine;
import dev.muster.edge.dataset.Summary;
import dev.muster.edge.training.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What came of the checks of data files.
public final class DataText {
    private static final int DATASETS_TOLD = 20;
    private static final int FAILED_TOLD = 10;

    private DataText() {}

    /// `good`, `splits`, `files` with their `checks` and `datasets`, `warnings`, `quarantined`.
    public static Doc doc(DataVerdict verdict) {
        return Doc.object()
                .with("good", verdict.good())
                .with("splits", checks(verdict.splits()))
                .with(
                        "files",
                        Doc.all(verdict.files().stream().map(DataText::doc).toList()))
                .with("warnings", Doc.of(verdict.warnings()))
                .with(
                        "quarantined",
                        Doc.all(verdict.moves().stream().map(DataText::doc).toList()));
    }

    private static Doc doc(Inspection file) {
        Doc doc = Doc.object().with("file", file.file().toString()).with("good", file.good());
        if (file.unseen()) doc = doc.with("unseen", true);
        if (!file.format().isEmpty()) doc = doc.with("format", file.format());
        if (file.bytes() >= 0) doc = doc.with("bytes", file.bytes());
        return doc.with("checks", checks(file.checks()))
                .with(
                        "datasets",
                        Doc.all(file.datasets().stream().map(DataText::doc).toList()))
                .with("notes", Doc.of(file.notes()));
    }

    private static Doc checks(List<Check> checks) {
        return Doc.all(checks.stream()
                .map(check -> Doc.object()
                        .with("category", check.category())
                        .with("name", check.name())
                        .with("state", check.state().name())
                        .with("expected", check.expected())
                        .with("found", check.found()))
                .toList());
    }

    /// Without `min`, `max` and `mean` where no number is finite.
    private static Doc doc(Summary dataset) {
        Doc doc = Doc.object()
                .with("name", dataset.name())
                .with("shape", Doc.numbers(dataset.shape()))
                .with("type", dataset.type());
        if (!dataset.note().isEmpty()) doc = doc.with("note", dataset.note());
        if (dataset.numbers().isEmpty()) return doc;
        Summary.Numbers seen = dataset.numbers().get();
        doc = doc.with("looked", seen.looked()).with("nan", seen.nan()).with("inf", seen.infinite());
        if (seen.firstBad() >= 0) doc = doc.with("first_bad_row", seen.firstBad());
        if (!Double.isNaN(seen.min())) doc = doc.with("min", seen.min()).with("max", seen.max());
        if (Double.isFinite(seen.mean())) doc = doc.with("mean", seen.mean());
        return doc.with("constant_rows", seen.constantRows());
    }

    private static Doc doc(Quarantine.Move move) {
        Doc doc = Doc.object()
                .with("from", move.from().toString())
                .with("to", move.to().toString())
                .with("done", move.done());
        return move.link().isEmpty() ? doc : doc.with("link", move.link().get().toString());
    }

    /// @param wide    all datasets, and all that failed
    /// @param symbols the terminal has them; otherwise words
    public static String text(DataVerdict verdict, boolean wide, boolean symbols) {
        StringBuilder text = new StringBuilder();
        if (!verdict.splits().isEmpty()) {
            text.append("Splits\n");
            for (Check check : verdict.splits())
                text.append("  ").append(VerdictText.line(check, symbols)).append('\n');
            text.append('\n');
        }
        for (Inspection file : verdict.files()) file(text, file, wide, symbols);
        for (String warning : verdict.warnings())
            text.append("warning: ").append(TextTable.oneLine(warning)).append('\n');
        long good = verdict.files().stream().filter(Inspection::good).count();
        long unseen = verdict.files().stream()
                .filter(file -> file.unseen() && !file.bad())
                .count();
        long failed = verdict.splits().stream()
                .filter(check -> check.state() == Check.State.FAILED)
                .count();
        String splits = failed == 0 ? "" : "; " + failed + " of the checks of splits failed";
        boolean bad = failed > 0 || verdict.files().stream().anyMatch(Inspection::bad);
        String others = unseen == 0
                ? ""
                : "; " + unseen + " may be: not all of " + (unseen == 1 ? "it" : "them") + " was looked at";
        return text.append(VerdictText.mark(state(bad, unseen > 0), symbols))
                .append(' ')
                .append(good + " of " + verdict.files().size() + " files are good" + others + splits + "\n")
                .toString();
    }

    private static Check.State state(boolean bad, boolean unseen) {
        return bad ? Check.State.FAILED : unseen ? Check.State.SKIPPED : Check.State.PASSED;
    }

    private static void file(StringBuilder text, Inspection file, boolean wide, boolean symbols) {
        long passed = file.checks().stream()
                .filter(check -> check.state() == Check.State.PASSED)
                .count();
        text.append(VerdictText.mark(state(file.bad(), file.unseen()), symbols))
                .append(' ')
                .append(TextTable.oneLine(file.file().toString()));
        List<String> facts = new ArrayList<>();
        if (!file.format().isEmpty()) facts.add(file.format());
        if (file.bytes() >= 0) facts.add(Words.bytes(file.bytes()));
        facts.add(passed + "/" + file.checks().size() + " checks passed");
        long skipped = file.checks().stream()
                .filter(check -> check.state() == Check.State.SKIPPED)
                .count();
        if (skipped > 0) facts.add(skipped + " skipped");
        text.append("  ").append(String.join(", ", facts)).append('\n');
        List<Check> failed = file.checks().stream()
                .filter(check -> check.state() == Check.State.FAILED)
                .toList();
        for (Check check : failed.subList(0, wide ? failed.size() : Math.min(FAILED_TOLD, failed.size())))
            text.append("  ").append(VerdictText.line(check, symbols)).append('\n');
        more(text, failed.size() - FAILED_TOLD, wide, "failed");
        datasets(text, file.datasets(), wide);
        List<String> notes = file.notes();
        for (String note : notes.subList(0, wide ? notes.size() : Math.min(FAILED_TOLD, notes.size())))
            text.append("  note: ").append(TextTable.oneLine(note)).append('\n');
        more(text, notes.size() - FAILED_TOLD, wide, "notes");
        text.append('\n');
    }

    private static void more(StringBuilder text, int more, boolean wide, String what) {
        if (!wide && more > 0)
            text.append("  ").append(more).append(" more ").append(what).append("; -o wide tells them\n");
    }

    private static void datasets(StringBuilder text, List<Summary> datasets, boolean wide) {
        if (datasets.isEmpty()) return;
        TextTable table = new TextTable("DATASET", "SHAPE", "TYPE", ">MIN", ">MAX", ">MEAN", ">NAN", ">INF", "NOTE");
        for (Summary one : datasets.subList(0, wide ? datasets.size() : Math.min(DATASETS_TOLD, datasets.size()))) {
            String shape = one.shape().stream().map(Object::toString).collect(Collectors.joining("x"));
            if (one.numbers().isEmpty()) {
                table.row(one.name(), shape, one.type(), "", "", "", "", "", one.note());
                continue;
            }
            Summary.Numbers seen = one.numbers().get();
            table.row(
                    one.name(),
                    shape,
                    one.type(),
                    number(seen.min()),
                    number(seen.max()),
                    number(seen.mean()),
                    seen.nan(),
                    seen.infinite(),
                    one.note());
        }
        for (String line : table.render().split("\n"))
            text.append("  ").append(line).append('\n');
        more(text, datasets.size() - DATASETS_TOLD, wide, "datasets");
    }

    private static String number(double value) {
        if (Double.isNaN(value)) return "";
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? Long.toString((long) value)
                : Float.toString((float) value);
    }

    /// What is to be moved, as a person is asked for it.
    public static String plan(List<Quarantine.Move> moves) {
        return moves.stream()
                .map(move -> (move.done() ? "moved " : "move ") + move.from() + " to " + move.to()
                        + move.link()
                                .map(link -> "; " + link + " leads to it, and then nowhere")
                                .orElse(""))
                .collect(Collectors.joining("\n"));
    }
}
