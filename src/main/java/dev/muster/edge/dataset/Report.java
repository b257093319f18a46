package dev.muster.edge.dataset;

import dev.muster.edge.training.Check;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is found in one file while it is read. Each dataset of numbers has the same checks, in the same order.
final class Report {
    /// PDEBench's fields are below 1e6; larger numbers were a sign of a run that blew up.
    static final double LARGEST = 1e10;

    /// More is not a data set, but a file that is broken.
    private static final int DATASETS_MAX = 20_000;

    final Sample sample;
    final Progress progress;
    private final String file;
    private final List<Check> checks = new ArrayList<>();
    private final List<Summary> datasets = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private boolean damage;
    private boolean cut;

    Report(String file, Sample sample, Progress progress) {
        this.file = file;
        this.sample = sample;
        this.progress = progress;
    }

    interface Body {
        void pour(Tally tally) throws Unsound, IOException;
    }

    List<Check> checks() {
        return checks;
    }

    List<Summary> datasets() {
        return datasets;
    }

    List<String> notes() {
        return notes;
    }

    /// Something is wrong with what the file holds; not only that it cannot be read here.
    boolean damage() {
        return damage;
    }

    /// The file is shorter than it says: that is why whatever is missing is.
    void cutOff() {
        cut = true;
    }

    void note(String note) {
        notes.add(note);
    }

    void check(String name, boolean passed, String expected, String found) {
        damage |= !passed;
        add(name, passed, expected, found);
    }

    private void add(String name, boolean passed, String expected, String found) {
        checks.add(new Check(file, name, passed ? Check.State.PASSED : Check.State.FAILED, expected, found));
    }

    void skipped(String name, String expected, String why) {
        checks.add(new Check(file, name, Check.State.SKIPPED, expected, why));
    }

    void failed(String name, Unsound why) {
        boolean ours = why.ours() && !cut;
        damage |= !ours;
        String found = cut && why.quoted() ? "an end before it: the file was cut off" : why.found();
        add(name, false, why.expected(), found + (ours ? ": this program cannot read it" : ""));
    }

    /// What holds no numbers, or none that can be looked at; it fails nothing.
    void aside(String name, List<Long> shape, String type, String why) throws Unsound {
        add(new Summary(name, shape, type, Optional.empty(), why));
    }

    /// What may hold numbers, none of which can be looked at: it fails nothing, and is not good either.
    void unseen(String name, List<Long> shape, String type, String why) throws Unsound {
        aside(name, shape, type, why);
        skipped((name.isEmpty() ? "" : name + ": ") + Inspection.LOOKED_AT, "numbers", why);
    }

    private void add(Summary summary) throws Unsound {
        if (datasets.size() == DATASETS_MAX)
            throw new Unsound("at most " + DATASETS_MAX + " datasets in a file", "more");
        datasets.add(summary);
    }

    void numbers(String name, NumberType type, Shape shape, Body body) throws Unsound, IOException {
        String about = name.isEmpty() ? "" : name + ": ";
        try {
            Tally tally = new Tally(shape);
            body.pour(tally);
            Summary.Numbers seen = tally.end();
            add(new Summary(name, shape.axes(), type.toString(), Optional.of(seen), ""));
            check(about + "whole", true, "all that its shape says", seen.looked() + " numbers looked at");
            judge(about, type, shape, seen);
        } catch (Unsound e) {
            add(new Summary(name, shape.axes(), type.toString(), Optional.empty(), "not whole"));
            failed(about + "whole", e);
            for (String check : List.of("NaN", "Inf", "range", "constant"))
                skipped(about + check, "numbers", "not all of it can be read");
        }
    }

    private void judge(String about, NumberType type, Shape shape, Summary.Numbers seen) {
        String where = seen.firstBad() < 0 ? "" : ", the first not finite in row " + seen.firstBad();
        check(about + "NaN", seen.nan() == 0, "none", seen.nan() + (seen.nan() == 0 ? "" : where));
        check(about + "Inf", seen.infinite() == 0, "none", seen.infinite() + (seen.infinite() == 0 ? "" : where));
        boolean none = Double.isNaN(seen.min());
        String range = none ? "no finite number" : seen.min() + " to " + seen.max();
        boolean small = Math.max(Math.abs(seen.min()), Math.abs(seen.max())) <= LARGEST;
        if (type.isFloat() && !none) check(about + "range", small, "at most " + LARGEST + " in size", range);
        else skipped(about + "range", "at most " + LARGEST + " in size", none ? range : "whole numbers");
        boolean one = seen.min() == seen.max() && seen.nan() + seen.infinite() == 0;
        if (shape.rank() < 2 || seen.looked() < 2)
            skipped(about + "constant", "more than one value", "a list of parameters may be");
        else check(about + "constant", !one, "more than one value", one ? "only " + seen.min() : range);
        if (!one && seen.constantRows() > 0)
            note(about + seen.constantRows() + " of its rows hold one value only; the first is row "
                    + seen.firstConstant());
    }
}
