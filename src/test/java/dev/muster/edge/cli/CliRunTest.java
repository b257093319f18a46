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

/// With the checks of docs/RUNS.md, which are so known to be right.
class CliRunTest extends CliHarness {
    @BeforeEach
    void files() throws IOException {
        Matcher block =
                Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("docs/RUNS.md")));
        assertThat(block.find()).isTrue();
        write("checks.yaml", block.group(1));
        Files.createDirectories(folder.resolve("configs"));
        write("configs/good.yaml", "model: {size: small}\noptimizer: {lr: 1e-4}\ndata: {root: " + folder + "}\n");
        write("configs/bad.yaml", "include: good\nmodel: {size: large}\noptimizer: {warm: 5}\n");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private Result validate(String config, String... more) {
        String[] words = new String[5 + more.length];
        String[] first = {"run", "validate", folder.resolve(config).toString(), "--checks", folder + "/checks.yaml"};
        System.arraycopy(first, 0, words, 0, first.length);
        System.arraycopy(more, 0, words, first.length, more.length);
        return run(words);
    }

    @Test
    void aValidConfigIsReady() {
        Result result = validate("configs/good.yaml");
        assertThat(result.err()).isEmpty();
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.out())
                .contains("small is a size", "warm-up of large models: skipped, model.size is small")
                .contains("3/4 checks passed, 1 skipped")
                .endsWith("Config is valid and ready for training!\n");
    }

    @Test
    void oneThatIsNotSaysWhatWasExpectedAndFound() {
        Result result = validate("configs/bad.yaml");
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.out())
                .contains("warm-up of large models: expected at least 1000, but found missing")
                .contains("bad.yaml:3: optimizer.warm: unknown key; did you mean warmup?")
                .contains("Config is not valid: 1 of its checks failed");
    }

    @Test
    void theAnswerOfOneIsAnObjectThatOfAFolderAList() {
        Doc one = Doc.json(validate("configs/bad.yaml", "-o", "json").out().getBytes(StandardCharsets.UTF_8));
        assertThat(one.flag("valid")).isFalse();
        assertThat(one.number("passed")).isEqualTo(3);
        assertThat(one.number("total")).isEqualTo(4);
        assertThat(one.list("checks")).hasSize(4);
        assertThat(one.list("checks").getLast().entries().keySet())
                .containsExactly("category", "name", "state", "expected", "found");
        Result all = validate("configs", "-o", "json");
        assertThat(all.exit()).isEqualTo(Exit.ERROR);
        assertThat(Doc.json(all.out().getBytes(StandardCharsets.UTF_8)).list())
                .extracting(verdict -> verdict.flag("valid"))
                .containsExactly(false, true);
        assertThat(validate("configs", "-o", "name").out()).isEqualTo(folder + "/configs/good.yaml\n");
        assertThat(validate("configs").out())
                .contains("warm-up of large models")
                .endsWith("1 of 2 configs are valid\n");
    }

    @Test
    void whatCannotBeReadHasNoCounts() throws IOException {
        write("configs/loop.yaml", "include: loop.yaml\n");
        Result all = validate("configs");
        assertThat(all.exit()).isEqualTo(Exit.ERROR);
        assertThat(all.out())
                .containsPattern("loop\\.yaml +unreadable +- +- +- +\\S")
                .endsWith("1 of 3 configs are valid, 1 cannot be read\n");
    }

    @Test
    void checkpointsOfAnotherArchitectureAreTold() throws IOException {
        Files.createDirectories(folder.resolve("checkpoints"));
        write(
                "configs/operator.yaml",
                "latent: {dim: 32, tokens: 16}\noperator: {pdet: {input_dim: 32, hidden_dim: 96}}\n"
                        + "diffusion: {latent_dim: 32, hidden_dim: 96}\ncheckpoint: {dir: " + folder
                        + "/checkpoints}\n");
        String config = folder + "/configs/operator.yaml";
        assertThat(run("run", "validate", config).out()).doesNotContain("of this architecture");

        write(
                "checkpoints/metadata.json",
                "{\"arch\": {\"latent_dim\": 32, \"latent_tokens\": 16.0, \"num_heads\": 8}}");
        assertThat(run("run", "validate", config).out()).contains("\u2705 checkpoints are of this architecture");

        write("checkpoints/metadata.json", "{\"arch\": {\"latent_dim\": 64, \"operator_hidden_dim\": 192}}");
        Result other = run("run", "validate", config);
        assertThat(other.exit()).isEqualTo(Exit.ERROR);
        assertThat(other.out())
                .contains(
                        "made with latent_dim 64, here latent.dim is 32; operator_hidden_dim 192, here operator.pdet.hidden_dim is 96");

        for (String garbage : new String[] {"", "[]", "{\"arch\": 3}", "{"}) {
            write("checkpoints/metadata.json", garbage);
            assertThat(run("run", "validate", config).out()).as(garbage).contains("metadata.json is no JSON object");
        }
    }

    @Test
    void warningsFailOnlyWhereItIsAskedFor() throws IOException {
        write(
                "configs/good.yaml",
                "model: {size: small}\nmodel: {size: small}\noptimizer: {lr: 1e-4}\ndata: {root: /}\n");
        assertThat(validate("configs/good.yaml").exit()).isEqualTo(Exit.DONE);
        Result strict = validate("configs/good.yaml", "--strict");
        assertThat(strict.exit()).isEqualTo(Exit.ERROR);
        assertThat(strict.out()).contains("warning: ", ":2: model: stands in line 1 already");
        assertThat(strict.err()).contains("--strict takes them for failures");
    }

    @Test
    void whatIsNotThereIsAMistakeOfTheCaller() throws IOException {
        assertThat(validate("configs/none.yaml").exit()).isEqualTo(Exit.USAGE);
        assertThat(validate("configs/none.yaml").err()).contains("there is no ");
        Result checks = run("run", "validate", folder + "/configs/good.yaml", "--checks", "of-nobody");
        assertThat(checks.exit()).isEqualTo(Exit.USAGE);
        assertThat(checks.err()).contains("expected a file of checks, or latent-operator, but found \"of-nobody\"");
        Files.createDirectories(folder.resolve("empty"));
        assertThat(validate("empty").err()).contains("expected *.yaml below");
    }

    private void pack(String... programs) throws IOException {
        StringBuilder text = new StringBuilder("pack: ours\nchecks:\n");
        int number = 0;
        for (String program : programs)
            text.append("  - {category: Ours, name: p")
                    .append(number++)
                    .append(", program: [sh, -c, ")
                    .append(program)
                    .append(", x, \"{config}\"], timeout: 2s}\n");
        write("checks.yaml", text.toString());
    }

    @Test
    void aProgramIsACheck() throws IOException {
        pack(
                "'grep -q small $1 && echo it is small'",
                "'echo first; echo too large >&2; exit 1'",
                "'echo not for this; exit 77'",
                "'exit 3'",
                "'sleep 30'",
                "'kill -9 $$'");
        Doc one = Doc.json(validate("configs/good.yaml", "-o", "json").out().getBytes(StandardCharsets.UTF_8));
        assertThat(one.list("checks"))
                .extracting(check -> check.text("state") + " " + check.text("found"))
                .containsExactly(
                        "PASSED it is small",
                        "FAILED too large",
                        "SKIPPED not for this",
                        "FAILED it ended with 3",
                        "FAILED no end within 2 s",
                        "FAILED it ended with 137");
        assertThat(one.flag("valid")).isFalse();
        write("configs/bad.yaml", "include: bad\n");
        Doc unread = Doc.json(validate("configs/bad.yaml", "-o", "json").out().getBytes(StandardCharsets.UTF_8));
        assertThat(unread.number("total")).as("the list does not shrink").isEqualTo(6);
    }

    @Test
    void aProgramThatIsNoneFailsItsCheckAndOneThatIsWrittenWronglyIsToldAtOnce() throws IOException {
        write("checks.yaml", "pack: a\nchecks: [{category: A, name: b, program: [no-such-program, \"{config}\"]}]\n");
        Result none = validate("configs/good.yaml");
        assertThat(none.exit()).isEqualTo(Exit.ERROR);
        assertThat(none.out()).contains("it ended with 127").contains("no-such-program");
        write("checks.yaml", "pack: a\nchecks: [{category: A, name: b, program: [x], timeout: 2d}]\n");
        assertThat(validate("configs/good.yaml").err()).contains("expected a timeout of up to 1h");
        write("checks.yaml", "pack: a\nchecks: [{category: A, name: b, program: [x], key: y}]\n");
        assertThat(validate("configs/good.yaml").err()).contains("unknown key key");
        write(
                "checks.yaml",
                "pack: a\nchecks: [{category: A, name: b, program: [x], when: {key: model.size, is: large}}]\n");
        assertThat(validate("configs/good.yaml").out()).contains("b: skipped, model.size is small");
    }
}
