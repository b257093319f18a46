package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// With the policy and the traces of docs/SCALING.md, which are so known to be right.
class CliScaleTest extends CliHarness {
    private static final Path PAGE = Path.of("docs/SCALING.md");

    @BeforeEach
    void files() throws IOException {
        Matcher block =
                Pattern.compile("```(yaml|csv)\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
        for (String name : new String[] {"policy.yaml", "prices.csv", "demand.csv"}) {
            assertThat(block.find()).isTrue();
            write(name, block.group(2));
        }
        assertThat(block.find()).isFalse();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private Result simulate(String... more) {
        String[] words = new String[8 + more.length];
        String[] first = {
            "scale",
            "simulate",
            "--prices",
            file("prices.csv"),
            "--demand",
            file("demand.csv"),
            "--policy",
            file("policy.yaml")
        };
        System.arraycopy(first, 0, words, 0, first.length);
        System.arraycopy(more, 0, words, first.length, more.length);
        return run(words);
    }

    @Test
    void aPolicyIsTriedOut() {
        Result result = simulate("--days", "2");
        assertThat(result.err()).isEmpty();
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.out())
                .contains("tasks done", "  selfplay", "  training", "hours idle", "machines\n", "dollars a day\n")
                .contains("2026-01-05", "2026-01-06");
        assertThat(result.out().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void aPersonSeesHowFarItIs() {
        assertThat(simulate("--days", "3").err()).isEmpty();
        terminal = true;
        assertThat(simulate("--days", "3").err()).contains("\rpolicy: day 1 of 3", "\rpolicy: day 2 of 3");
    }

    @Test
    void aCapThatWasNotKeptIsTold() throws IOException {
        String policy = Files.readString(folder.resolve("policy.yaml"));
        write(
                "policy.yaml",
                policy.replaceFirst("on_cap: drain", "on_cap: refuse").replace("day: 20", "day: 1"));
        assertThat(simulate("--days", "2").out())
                .contains("CAP PASSED: $1.00 per day, on 2 days", "what ran went on (on_cap: refuse)");
        write("policy.yaml", policy.replace("day: 20", "day: 1"));
        assertThat(simulate("--days", "2").out()).doesNotContain("CAP PASSED");
    }

    @Test
    void aGroupThatIsNeverRentedSaysWhy() throws IOException {
        String policy = Files.readString(folder.resolve("policy.yaml"));
        assertThat(simulate("--days", "2").out()).doesNotContain("NEVER RENTED");
        write("policy.yaml", policy.replace("gpu: RTX 3070 ", "gpu: RTX 5090 "));
        Result other = simulate("--days", "2");
        assertThat(other.out())
                .contains("NEVER RENTED: selfplay-rtx3070\n  0 of at least 1 machine; no offer", "30 GPU");
        assertThat(other.out()).doesNotContain("NEVER RENTED: training");
        assertThat(Doc.json(simulate("--days", "1", "-o", "json").out().getBytes(StandardCharsets.UTF_8))
                        .list("policies")
                        .getFirst()
                        .get("never_rented")
                        .text("selfplay-rtx3070"))
                .isNotEmpty();
        write("demand.csv", "time,kind,tasks,minutes\n0h,training,1,10\n");
        write("policy.yaml", policy.replace("min: 1", "min: 0").replace("target: 4", "target: 0"));
        assertThat(simulate("--days", "2").out()).contains("NEVER RENTED: selfplay-rtx3070\n  ");
    }

    @Test
    void theChartsAreAsWideAsTheTerminal() {
        env.put("COLUMNS", "120");
        assertThat(simulate("--days", "1")
                        .out()
                        .lines()
                        .mapToInt(String::length)
                        .max()
                        .orElse(0))
                .isBetween(100, 120);
    }

    @Test
    void twoPoliciesStandSideBySide() throws IOException {
        write("cheaper.yaml", Files.readString(folder.resolve("policy.yaml")).replace("day: 20", "day: 1"));
        Result result = simulate("--days", "2", "--compare", file("cheaper.yaml"));
        assertThat(result.out()).containsPattern("policy +cheaper +change");
        assertThat(result.out()).contains("machines, policy", "machines, cheaper", "kept back by day");
        Doc doc = Doc.json(simulate("--days", "2", "--compare", file("cheaper.yaml"), "-o", "json")
                .out()
                .getBytes(StandardCharsets.UTF_8));
        Doc first = doc.list("policies").getFirst();
        Doc second = doc.list("policies").getLast();
        assertThat(first.decimal("spent").orElseThrow())
                .isGreaterThan(second.decimal("spent").orElseThrow());
        assertThat(first.list("per_day")).hasSize(2);
        assertThat(first.list("samples")).hasSize(240);
        assertThat(second.list("refused").getFirst().text("cap")).isEqualTo("day");
    }

    @Test
    void withoutTracesItSaysWhatIsMissing() {
        Result result = run("scale", "simulate", "--policy", file("policy.yaml"));
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err())
                .isEqualTo("muster: expected --prices FILE, but found none\nexpected --demand FILE, but found none\n"
                        + "  docs/SCALING.md has an example\n");
        assertThat(simulate("--compare", "none.yaml").err())
                .isEqualTo("muster: --compare: there is no file none.yaml\n");
        assertThat(simulate("--days", "0").err()).contains("expected --days of 1 to 366, but found 0");
    }

    @Test
    void whatIsWrongInAFileIsToldWithItsLine() throws IOException {
        write("demand.csv", "time,kind,tasks,minutes\n0h,chess,1,10\n");
        Result result = simulate();
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err()).contains("demand.csv:2: kind: expected selfplay, training, evaluation or other");
        write("policy.yaml", "groups: {}\n");
        write("prices.csv", "time,gpu,per_hour\n0h,RTX 3070,dear\n");
        assertThat(simulate().err())
                .as("all files at once")
                .contains("expected at least one group", "prices.csv:2: per_hour: expected", "demand.csv:2: kind: ");
    }
}
