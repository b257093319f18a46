package dev.muster.edge.cli;

import static dev.muster.core.Launches.LESS;
import static dev.muster.core.Launches.finish;
import static dev.muster.core.Launches.gated;
import static dev.muster.core.Launches.stage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CliRunAnalyzeTest extends RunHarness {
    /// A loss that falls to a hundredth; its gradients do not go beyond 2.
    private static String metrics(double unstable) {
        StringBuilder lines = new StringBuilder();
        for (int step = 0; step <= 500; step++)
            lines.append(String.format(
                    Locale.ROOT,
                    "{\"step\": %d, \"operator/loss\": %.6f, \"operator/grad_norm\": %.3f, \"val/loss\": %.5f,"
                            + " \"time\": %d}%n",
                    step,
                    Math.exp(-step / 108.6) * 0.8,
                    step == 200 ? unstable : 0.1 + 0.05 * Math.sin(step / 9.0),
                    Math.exp(-step / 150.0),
                    1_000_000 + 3 * step));
        return lines.toString();
    }

    private void whole(String run, double loss, double unstable) {
        launched(run, stage("train"), gated("eval", LESS));
        does(run, "train", Map.of(), file("logs/metrics.jsonl", metrics(unstable)), file("model.pt", "weights"));
        does(run, "eval", Map.of("loss", loss, "baseline_nrmse", 0.2, "ttc_nrmse", 0.15));
        end(run);
        member.now = member.now.plusSeconds(60);
    }

    private Result analyze(String... more) {
        String[] words = new String[2 + more.length];
        words[0] = "run";
        words[1] = "analyze";
        System.arraycopy(more, 0, words, 2, more.length);
        return run(words);
    }

    /// As those of a machine that is stopped.
    @Test
    void metricsThatCannotBeFetchedAreANote() {
        whole("r1", 0.5, 1);
        member.files.remove(sha(metrics(1)));
        Result result = analyze("r1");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.out())
                .contains("train/logs/metrics.jsonl: not fetched, ")
                .contains("r1");
    }

    @Test
    void aReportSaysHowARunWent() {
        whole("r1", 0.5, 1);
        whole("r2", 0.25, 42);
        Result result = analyze("r2");
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .startsWith("# Analysis of r2\n\n| Run | r2 |\n")
                .contains("| Series | burgers, of which it is the best |")
                .contains("| train | DONE | 2m | RTX 4090 | gpu1 |")
                .contains(
                        "| train/logs/metrics.jsonl | operator/loss | 0.8 | 0.00801 | 0.00801 | 99% | excellent | 0 | 25m |")
                .contains("| 42 | 0 | unstable |")
                .contains("eval: the gate says better: loss 0.25 against 0.5 of r1.")
                .contains("| eval | This run | r1 | Change |", "| loss | 0.25 | 0.5 | -50.0% |")
                .contains("correction at test time, nrmse: 0.2 to 0.15, -25.0%, excellent")
                .contains("operator/loss, last 0.00801", "val/loss", "operator/grad_norm (log)")
                .contains("- operator/loss: gradients went up to 42: lower the learning rate")
                .contains("- operator/loss ended at 0.00801, above 0.001: train it for more epochs")
                .doesNotContain("## Failures");
    }

    @Test
    void aPageIsOneFileWithPlotsAndNothingFromElsewhere() throws IOException {
        whole("r1", 0.5, 1);
        Path out = folder.resolve("reports");
        Result result = analyze("r1", "--out", out + "/");
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("r1_analysis.md and ", "r1_analysis.html");
        assertThat(Files.readString(out.resolve("r1_analysis.md"))).startsWith("# Analysis of r1");
        String page = Files.readString(out.resolve("r1_analysis.html"));
        Matcher plots =
                Pattern.compile("<svg role=\"img\" aria-label=\"([^\"]+)\"").matcher(page);
        assertThat(plots.results().map(one -> one.group(1)))
                .containsExactly("operator/loss", "val/loss", "operator/grad_norm");
        assertThat(page)
                .contains("prefers-color-scheme: dark", "stroke:var(--curve)", "fill:var(--ink)")
                .doesNotContain("<script", "<img", "<link", "@import", "url(http", "href=", "src=", "rgb(3,3,3)");
        assertThat(page.length()).isBetween(10_000, 600_000);
        for (Path keep : Files.list(out).toList()) assertThat(keep.toString()).contains("r1_analysis");
        analyze("r1", "--output", folder.resolve("page.html").toString());
        assertThat(folder.resolve("page.html")).content().startsWith("<!doctype html>");
    }

    @Test
    void whatFailedIsToldWithAdvice() {
        launched("r1", stage("train"), stage("eval"));
        fails("r1", "train", "GPU_MEMORY", file("steps.csv", "step,loss,grad_norm\n1,0.5,1\n2,nan,2\n3,0.6,inf\nx\n"));
        Result result = analyze("r1");
        assertThat(result.out())
                .contains("## Failures", "| train | out of GPU memory |", "Reduce the batch size")
                .contains("- train: Reduce the batch size")
                .contains("- loss was NaN or infinite 1 time: Reduce the learning rate")
                .contains("- loss hardly fell");
        Doc doc = json(analyze("r1", "-o", "json"));
        assertThat(doc.list("convergence").getFirst().decimal("reduction").orElseThrow())
                .isBetween(-20.1, -19.9);
        assertThat(doc.list("convergence").getFirst().text("verdict")).isEqualTo("none");
    }

    @Test
    void whatBrokeIsNotPraisedThoughItsLossFell() throws IOException {
        launched("r1", stage("train"));
        fails("r1", "train", "", file("steps.csv", "step,loss\n1,0.5\n2,0.03\n3,nan\n"));
        assertThat(json(analyze("r1", "-o", "json"))
                        .list("convergence")
                        .getFirst()
                        .text("verdict"))
                .isEqualTo("not a number");
        launched("r2", stage("train"));
        fails("r2", "train", "", file("steps.csv", "step,loss\n1,0.5\n2,0.03\n"));
        assertThat(analyze("r2").out()).contains("| 94% | failed | 0 |");
    }

    /// What came later is nothing that it could have been measured by.
    @Test
    void anOldRunIsComparedWithTheBestBeforeIt() {
        for (String run : List.of("r1", "r2", "r3", "r4")) {
            launched(run, gated("eval", LESS));
            does(run, "eval", Map.of("loss", 0.5 - 0.1 * Integer.parseInt(run.substring(1))));
            end(run);
        }
        launched("r5", stage("train"));
        assertThat(json(run("run", "show", "r5", "-o", "json")).text("before")).isEqualTo("r4");
        assertThat(json(run("run", "show", "r3", "-o", "json")).text("before")).isEqualTo("r2");
        assertThat(json(run("run", "show", "r1", "-o", "json")).has("before")).isFalse();
        assertThat(analyze("r3").out()).contains("| eval | This run | r2 | Change |");
        assertThat(analyze("r1").out()).contains("| eval | This run | Before | Change |");
    }

    @Test
    void howLongAStageRanIsTheSameEverywhere() {
        launched("r1", stage("train"));
        AttemptId attempt = begin("r1", "train");
        member.finish(
                attempt, new Attempt.Ending(Attempt.Status.LOST, OptionalInt.empty(), List.of(), List.of(), "fenced"));
        member.now = member.now.plusSeconds(3600);
        AttemptId next = member.place(newest().toString(), 0, "gpu1");
        member.start(next);
        member.now = member.now.plusSeconds(60);
        assertThat(run("run", "show", "r1").out()).containsPattern("train +RUNNING +3m +");
        assertThat(analyze("r1").out()).contains("| train | RUNNING | 3m |");
        member.finish(
                next, new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), List.of(), List.of(), "exit 0"));
        member.order(finish("r1", "train"));
        end("r1");
        assertThat(run("run", "show", "r1").out()).containsPattern("train +DONE +3m +");
        assertThat(analyze("r1").out()).contains("| train | DONE | 3m |");
    }

    @Test
    void metricsAtHandAreTakenAndNoneAreTold() throws IOException {
        launched("r1", stage("train"));
        assertThat(analyze("r1").out())
                .contains("No loss of a training was found", "No metrics were found: let the program write them");
        Path mine =
                Files.writeString(folder.resolve("mine.jsonl"), "{\"step\":1,\"loss\":2}\n{\"step\":2,\"loss\":1}\n");
        assertThat(analyze("r1", "--metrics", mine.toString()).out())
                .contains("| loss | 2 | 1 | 1 | 50% | good | 0 | - |");
        Result none = analyze("r1", "--metrics", folder.resolve("none.jsonl").toString());
        assertThat(none.exit()).isEqualTo(Exit.USAGE);
        assertThat(none.err()).contains("there is no such file");
        assertThat(analyze("r9").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(analyze("r1", "--format", "pdf").err()).contains("expected --format md or html, but found \"pdf\"");
    }

    @Test
    void namesOfPeopleAreNoMarkup() throws IOException {
        launched("r1", stage("train"));
        does("r1", "train", Map.of("<b>|x", 1.0));
        end("r1");
        assertThat(analyze("r1").out()).contains("| \\<b\\>\\|x | 1 |");
        assertThat(analyze("r1", "--format", "html").out()).contains("<td>&lt;b&gt;|x</td>");
    }
}
