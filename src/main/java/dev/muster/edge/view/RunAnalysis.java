package dev.muster.edge.view;

import dev.muster.core.run.Failure;
import dev.muster.edge.training.Convergence;
import dev.muster.edge.training.MetricsFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// What became of a run, for people: how it learned, how it compares, what it cost, why it failed, what to do.
///
/// @param answer of `GET /v1/runs/ID`
/// @param read   the files of metrics it has left
/// @param others answers for the runs it was compared with, by their ids
/// @param notes  what could not be looked at
public record RunAnalysis(Doc answer, List<Read> read, Map<String, Doc> others, List<String> notes) {
    private static final int CURVES_MAX = 24;
    private static final int LOADS_MAX = 8;

    /// As agents write them.
    private static final SortedMap<String, String> LOADS = new TreeMap<>(Map.of(
            "system/gpu", "GPU", "system/gpu_memory", "GPU memory", "system/cpu", "CPU", "system/memory", "memory"));

    /// One file of metrics.
    ///
    /// @param stage   that left it; empty of one at hand
    /// @param skipped lines that could not be read
    public record Read(String stage, String path, List<MetricsFile.Row> rows, long skipped) {
        public Read {
            rows = List.copyOf(rows);
        }

        String name() {
            return stage.isEmpty() ? path : stage + "/" + path;
        }

        List<Convergence> losses() {
            return Convergence.of(rows);
        }
    }

    public RunAnalysis {
        read = List.copyOf(read);
        others = Map.copyOf(others);
        notes = List.copyOf(notes);
    }

    public Paper paper() {
        Doc run = answer.get("run");
        Paper paper = new Paper("Analysis of " + run.text("id"));
        paper.rows(List.of("Run", run.text("id")), summary(run));
        paper.section("Stages").rows(List.of("Stage", "Phase", ">Ran", "GPU", "Node", "Note"), stages());
        convergence(paper);
        evaluation(paper);
        cost(paper);
        failures(paper);
        return paper.section("Recommendations").points(RunAdvice.of(this));
    }

    private List<List<String>> summary(Doc run) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Series", run.text("series") + (run.flag("champion") ? ", of which it is the best" : "")));
        rows.add(List.of("Status", run.text("status") + (run.has("message") ? ": " + run.text("message") : "")));
        rows.add(List.of("Launched", run.text("launched_at") + " by " + answer.text("submitter")));
        rows.add(List.of("Took", of(RunText.hours(run.decimal("hours")), run, "estimated", RunText::hours)));
        rows.add(List.of("Cost", of(RunText.money(run.decimal("spent")), run, "estimated_cost", RunText::money)));
        for (Doc stage : rows())
            if (stage.has("tracked")) rows.add(List.of("W&B of " + stage.text("name"), RunText.tracked(stage)));
        Doc config = answer.get("spec").get("config");
        if (config.isSomething())
            rows.add(List.of("Config", config.text("path") + ", " + Words.brief(config.text("sha"))));
        for (Map.Entry<String, Doc> tag :
                answer.get("spec").get("tags").entries().entrySet())
            rows.add(List.of("Tag " + tag.getKey(), tag.getValue().text()));
        return rows;
    }

    private interface Amount {
        String text(OptionalDouble amount);
    }

    private static String of(String actual, Doc run, String estimate, Amount amount) {
        OptionalDouble estimated = run.decimal(estimate);
        return estimated.isEmpty() || estimated.getAsDouble() <= 0
                ? actual
                : actual + " of " + amount.text(estimated) + " estimated";
    }

    List<Doc> rows() {
        return answer.list("stages");
    }

    private List<List<String>> stages() {
        return rows().stream()
                .map(stage -> List.of(
                        stage.text("name"),
                        stage.text("phase"),
                        RunText.ran(stage),
                        stage.text("gpu"),
                        stage.text("node"),
                        stage.has("from") ? "taken from " + stage.text("from") : stage.text("note")))
                .toList();
    }

    // ---- how it learned

    private void convergence(Paper paper) {
        paper.section("Convergence");
        List<List<String>> losses = new ArrayList<>();
        List<List<String>> gradients = new ArrayList<>();
        for (Read file : read)
            for (Convergence loss : file.losses()) {
                losses.add(row(file, loss));
                loss.gradient().ifPresent(gradient -> gradients.add(row(file, loss, gradient)));
            }
        if (losses.isEmpty()) paper.text("No loss of a training was found in what the run has left.");
        paper.rows(
                List.of(
                        "File",
                        "Loss",
                        ">Initial",
                        ">Final",
                        ">Minimum",
                        ">Reduction",
                        "Verdict",
                        ">NaN, Inf",
                        ">Time"),
                losses);
        paper.rows(List.of("File", "Gradients of", ">Mean", ">Largest", ">Infinite", "Verdict"), gradients);
        paper.points(notes);
        curves().forEach(paper::plot);
    }

    private List<String> row(Read file, Convergence loss) {
        return List.of(
                file.name(),
                loss.loss(),
                CurveText.number(loss.initial()),
                CurveText.number(loss.last()),
                CurveText.number(loss.least()),
                loss.reduction().isEmpty() ? "-" : Math.round(loss.reduction().getAsDouble()) + "%",
                word(file, loss),
                Integer.toString(loss.notNumbers()),
                Words.seconds(loss.seconds()));
    }

    /// However well it fell before: what broke is not praised.
    private String word(Read file, Convergence loss) {
        boolean fell = loss.word() != Convergence.Word.NONE;
        if (fell && loss.notNumbers() > 0) return "not a number";
        if (fell && failed(file.stage())) return "failed";
        return loss.word().name().toLowerCase(Locale.ROOT);
    }

    private boolean failed(String name) {
        return rows().stream()
                .anyMatch(stage ->
                        stage.text("name").equals(name) && stage.text("phase").equals("FAILED"));
    }

    private static List<String> row(Read file, Convergence loss, Convergence.Gradient gradient) {
        return List.of(
                file.name(),
                loss.stage().isEmpty() ? "the training" : loss.stage(),
                CurveText.number(gradient.mean()),
                CurveText.number(gradient.most()),
                Integer.toString(gradient.infinite()),
                gradient.stable() ? "stable" : "unstable");
    }

    /// Losses, those of evaluations among them, then gradients.
    private List<CurveText.Series> curves() {
        List<CurveText.Series> curves = new ArrayList<>();
        for (String ending : List.of("loss", "grad_norm"))
            for (Read file : read)
                for (String name : Convergence.names(file.rows())) {
                    boolean drawn = name.equals(ending) || name.endsWith("/" + ending);
                    if (drawn && curves.size() < CURVES_MAX) curves.add(CurveText.of(name, file.rows()));
                }
        return curves;
    }

    // ---- how it compares

    private void evaluation(Paper paper) {
        paper.section("Evaluation");
        boolean some = false;
        for (Doc stage : rows()) {
            Map<String, Doc> results = stage.get("results").entries();
            Doc verdict = stage.get("verdict");
            if (results.isEmpty() && !verdict.isSomething()) continue;
            some = true;
            if (verdict.isSomething())
                paper.text(stage.text("name") + ": the gate says "
                        + verdict.text("answer").toLowerCase(Locale.ROOT) + ": " + verdict.text("why") + ".");
            Optional<Doc> other = other(stage);
            paper.rows(
                    List.of(
                            stage.text("name"),
                            ">This run",
                            ">" + other.map(one -> one.text("id")).orElse("Before"),
                            ">Change"),
                    results.entrySet().stream()
                            .map(one -> RunNumbers.compared(
                                    one.getKey(),
                                    one.getValue(),
                                    other.map(doc -> doc.get("results").get(one.getKey()))))
                            .toList());
            paper.points(RunNumbers.corrected(results));
        }
        if (!some) paper.text("No stage has written results.");
    }

    /// The run by which the stage was judged, else the best of the series before it, and what it had in the same stage.
    private Optional<Doc> other(Doc stage) {
        String id = against(stage);
        if (!others.containsKey(id)) return Optional.empty();
        return others.get(id).list("stages").stream()
                .filter(row -> row.text("name").equals(stage.text("name")))
                .map(row -> Doc.object().with("id", id).with("results", row.get("results")))
                .findFirst();
    }

    private String against(Doc stage) {
        String judged = stage.get("verdict").text("against");
        return judged.isEmpty() ? answer.text("before") : judged;
    }

    /// Whose answers this analysis wants.
    public static List<String> compared(Doc answer) {
        RunAnalysis bare = new RunAnalysis(answer, List.of(), Map.of(), List.of());
        TreeSet<String> ids = new TreeSet<>();
        for (Doc stage : bare.rows()) ids.add(bare.against(stage));
        ids.remove("");
        return List.copyOf(ids);
    }

    // ---- what it cost

    private void cost(Paper paper) {
        paper.section("Hardware and cost");
        Doc run = answer.get("run");
        List<List<String>> machines = answer.list("instances").stream()
                .map(one -> List.of(
                        one.text("id"),
                        one.number("gpus") == 0 ? "-" : one.text("gpus") + "x " + one.text("gpu"),
                        RunText.money(one.decimal("per_hour_now")),
                        RunText.money(one.decimal("spent")),
                        one.text("node"),
                        one.text("phase")))
                .toList();
        if (machines.isEmpty() && run.decimal("spent").orElse(0) == 0)
            paper.text("It ran on nodes that are there: no machine was rented for it.");
        paper.rows(List.of("Machine", "GPU", ">$/h now", ">Spent", "Node", "Phase"), machines);
        loads(paper);
        List<String> shares = new ArrayList<>();
        share(run, "spent", "estimated_cost").ifPresent(share -> shares.add("cost: " + share + " % of the estimate"));
        share(run, "hours", "estimated").ifPresent(share -> shares.add("time: " + share + " % of the estimate"));
        if (answer.get("spec").get("estimate").has("basis"))
            shares.add("the estimate's basis: "
                    + answer.get("spec").get("estimate").text("basis"));
        paper.points(shares);
    }

    /// How busy the machines were, minute by minute.
    private void loads(Paper paper) {
        List<List<String>> rows = new ArrayList<>();
        List<CurveText.Series> plots = new ArrayList<>();
        for (Read file : read)
            for (Map.Entry<String, String> load : LOADS.entrySet()) {
                double[] values = file.rows().stream()
                        .mapToDouble(row -> row.metrics().getOrDefault(load.getKey(), Double.NaN))
                        .filter(Double::isFinite)
                        .toArray();
                if (values.length == 0) continue;
                rows.add(List.of(
                        file.name(),
                        load.getValue(),
                        Math.round(Arrays.stream(values).average().orElseThrow()) + "%",
                        Math.round(Arrays.stream(values).max().orElseThrow()) + "%",
                        Integer.toString(values.length)));
                if (values.length > 1 && plots.size() < LOADS_MAX) plots.add(CurveText.of(load.getKey(), file.rows()));
            }
        paper.rows(List.of("File", "In use", ">Mean", ">Largest", ">Minutes"), rows);
        plots.forEach(paper::plot);
    }

    static Optional<Long> share(Doc run, String actual, String estimate) {
        double estimated = run.decimal(estimate).orElse(0);
        return estimated <= 0
                ? Optional.empty()
                : Optional.of(Math.round(run.decimal(actual).orElse(0) / estimated * 100));
    }

    // ---- why it failed

    private void failures(Paper paper) {
        warnings(paper);
        List<List<String>> rows = rows().stream()
                .filter(stage -> stage.text("phase").equals("FAILED"))
                .map(stage -> {
                    Optional<Failure.Kind> kind = kind(stage);
                    return List.of(
                            stage.text("name"),
                            kind.map(Failure.Kind::words).orElse("not told"),
                            stage.text("note"),
                            kind.map(Failure.Kind::advice).orElse(""));
                })
                .toList();
        if (!rows.isEmpty())
            paper.section("Failures").rows(List.of("Stage", "Kind", "Said", "What the runbook advises"), rows);
    }

    private void warnings(Paper paper) {
        List<List<String>> warnings = new ArrayList<>();
        for (Doc warning : answer.list("warnings"))
            warnings.add(List.of("", WarningRow.words(warning), warning.text("advice")));
        for (Doc stage : rows())
            for (Doc warning : stage.list("warnings"))
                warnings.add(List.of(stage.text("name"), WarningRow.words(warning), warning.text("advice")));
        if (!warnings.isEmpty())
            paper.section("Warnings").rows(List.of("Stage", "Said", "What the runbook advises"), warnings);
    }

    static Optional<Failure.Kind> kind(Doc stage) {
        for (Failure.Kind kind : Failure.Kind.values())
            if (kind.name().equals(stage.text("failure"))) return Optional.of(kind);
        return Optional.empty();
    }

    /// The same for programs.
    public Doc doc() {
        List<Doc> losses = new ArrayList<>();
        for (Read file : read) for (Convergence loss : file.losses()) losses.add(doc(file, loss));
        return Doc.object()
                .with("run", answer.get("run").text("id"))
                .with("status", answer.get("run").text("status"))
                .with("files", Doc.of(read.stream().map(Read::name).toList()))
                .with("convergence", Doc.all(losses))
                .with("notes", Doc.of(notes))
                .with("recommendations", Doc.of(RunAdvice.of(this)));
    }

    private Doc doc(Read file, Convergence loss) {
        Doc doc = Doc.object()
                .with("file", file.name())
                .with("loss", loss.loss())
                .with("initial", loss.initial())
                .with("final", loss.last())
                .with("minimum", loss.least())
                .with("verdict", word(file, loss))
                .with("not_numbers", (long) loss.notNumbers());
        if (loss.reduction().isPresent())
            doc = doc.with("reduction", loss.reduction().getAsDouble());
        if (loss.gradient().isEmpty()) return doc;
        Convergence.Gradient gradient = loss.gradient().get();
        return doc.with("grad_norm_mean", gradient.mean())
                .with("grad_norm_max", gradient.most())
                .with("stable", gradient.stable());
    }
}
