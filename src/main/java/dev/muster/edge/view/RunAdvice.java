package dev.muster.edge.view;

import dev.muster.core.run.Failure;
import dev.muster.edge.training.Convergence;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What a person may do about a run, by the prior system's limits and the runbook's advice.
final class RunAdvice {
    /// Losses above it at the end ask for more training.
    private static final Map<String, Double> FINAL_MAX = Map.of("operator", 1e-3, "diffusion", 1e-2);

    /// The final loss is so many times the least one: the end is not its best.
    private static final double PAST_BEST = 1.5;
    /// In percent of the estimate; the runbook's warning.
    private static final long COST_WARNING = 120;

    private final RunAnalysis analysis;
    private final Set<String> advice = new LinkedHashSet<>();

    private RunAdvice(RunAnalysis analysis) {
        this.analysis = analysis;
    }

    static List<String> of(RunAnalysis analysis) {
        RunAdvice advice = new RunAdvice(analysis);
        advice.failures();
        for (RunAnalysis.Read file : analysis.read()) file.losses().forEach(advice::loss);
        advice.metrics();
        advice.gates();
        advice.costs();
        if (advice.advice.isEmpty()) advice.add("Nothing stands out.");
        return new ArrayList<>(advice.advice);
    }

    private void add(String text) {
        advice.add(text);
    }

    private void failures() {
        for (Doc stage : analysis.rows())
            if (stage.text("phase").equals("FAILED"))
                RunAnalysis.kind(stage)
                        .map(Failure.Kind::advice)
                        .filter(text -> !text.isEmpty())
                        .ifPresent(text -> add(stage.text("name") + ": " + text));
    }

    private void loss(Convergence loss) {
        String name = loss.loss();
        if (loss.notNumbers() > 0)
            add(name + " was NaN or infinite " + Words.count(loss.notNumbers(), "time") + ": "
                    + Failure.Kind.NOT_A_NUMBER.advice());
        if (loss.gradient().filter(gradient -> !gradient.stable()).isPresent())
            add(name + ": gradients went up to "
                    + CurveText.number(loss.gradient().get().most())
                    + ": lower the learning rate, or clip them (training.grad_clip).");
        Double most = FINAL_MAX.get(loss.stage());
        if (most != null && loss.last() > most)
            add(String.format(
                    Locale.ROOT,
                    "%s ended at %s, above %s: train it for more epochs, or with another learning rate.",
                    name,
                    CurveText.number(loss.last()),
                    CurveText.number(most)));
        if (loss.word() == Convergence.Word.LITTLE || loss.word() == Convergence.Word.NONE)
            add(name + " hardly fell: look at the learning rate, and at the data (`muster run check-data`).");
        if (loss.least() > 0 && loss.last() > PAST_BEST * loss.least())
            add(name + " ended at " + CurveText.number(loss.last()) + ", well above its minimum of "
                    + CurveText.number(loss.least())
                    + ": an earlier checkpoint may be better; decay the learning rate.");
    }

    private void metrics() {
        if (analysis.read().stream().allMatch(file -> file.losses().isEmpty()))
            add(
                    "No metrics were found: let the program write them (JSON lines, CSV or W&B's offline files), and name the file"
                            + " among its stage's outputs, or give one with --metrics.");
    }

    private void gates() {
        for (Doc stage : analysis.rows())
            if (stage.get("verdict").text("answer").equals("NO"))
                add(stage.text("name") + ": the gate said no: "
                        + stage.get("verdict").text("why") + ".");
    }

    private void costs() {
        Doc run = analysis.answer().get("run");
        RunAnalysis.share(run, "spent", "estimated_cost")
                .filter(share -> share > COST_WARNING)
                .ifPresent(
                        share -> add(
                                "It cost " + share
                                        + " % of what was estimated: `muster run estimate` learns of it; look for time in which the GPU was idle."));
    }
}
