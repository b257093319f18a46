package dev.muster.edge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TrainingConfigTest {
    @TempDir
    Path folder;

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static String value(TrainingConfig config, String key) {
        return config.settings().find(key).orElseThrow().brief();
    }

    @Test
    void whatAFileSaysCountsMoreThanWhatItIncludesKeyByKey() throws Exception {
        write("base/defaults.yml", "training: {batch_size: 8, lr: 1.0e-3}\nseed: 1\n");
        write("middle.yaml", "include: base/defaults\ntraining:\n  lr: 2.0e-3\n");
        TrainingConfig config =
                TrainingConfig.read(write("top.yaml", "include: middle\ntraining: {epochs: 5}\nseed: null\n"));
        assertThat(value(config, "training.batch_size")).isEqualTo("8");
        assertThat(value(config, "training.lr")).isEqualTo("2.0e-3");
        assertThat(value(config, "training.epochs")).isEqualTo("5");
        assertThat(config.settings().find("seed").orElseThrow().isNothing()).isTrue();
        assertThat(config.settings().find("include")).isEmpty();
        assertThat(config.files())
                .extracting(file -> folder.relativize(file).toString())
                .containsExactly("top.yaml", "middle.yaml", "base/defaults.yml");
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void aListOfIncludesIsLaidOneOverTheOther() throws Exception {
        write("a.yaml", "x: {one: 1, two: 1}\n");
        write("b.yaml", "x: {two: 2}\n");
        TrainingConfig config = TrainingConfig.read(write("top.yaml", "include: [a, b.yaml]\n"));
        assertThat(value(config, "x.one")).isEqualTo("1");
        assertThat(value(config, "x.two")).isEqualTo("2");
    }

    @Test
    void aCycleOfIncludesIsToldWithItsPlaceAndItsFiles() throws Exception {
        write("a.yaml", "x: 1\ninclude: b\n");
        write("b.yaml", "include: c.yaml\n");
        write("c.yaml", "include: ./a\n");
        assertThatThrownBy(() -> TrainingConfig.read(folder.resolve("a.yaml")))
                .isInstanceOf(TrainingConfig.Unreadable.class)
                .hasMessageEndingWith(
                        "c.yaml:1: include: expected no file to include itself, but found a.yaml -> b.yaml -> c.yaml -> a.yaml");
    }

    @Test
    void anIncludeThatIsNotThereIsToldWhereItIsAskedFor() throws Exception {
        assertThatThrownBy(() -> TrainingConfig.read(write("a.yaml", "x: 1\ninclude: gone\n")))
                .hasMessageMatching(".*a.yaml:2: expected a config, but there is no .*/gone");
        assertThatThrownBy(() -> TrainingConfig.read(write("b.yaml", "include: {a: 1}\n")))
                .hasMessageContaining("include: expected the path of a config, but found keys and values");
        assertThatThrownBy(() -> TrainingConfig.read(folder))
                .hasMessageEndingWith("expected a config, but found a folder");
    }

    @Test
    void aKeyThatStandsTwiceIsToldAndTheLastCounts() throws Exception {
        TrainingConfig config = TrainingConfig.read(write("a.yaml", "training:\n  lr: 1\n  batch: 2\n  lr: 3\n"));
        assertThat(value(config, "training.lr")).isEqualTo("3");
        assertThat(config.warnings())
                .containsExactly(
                        folder.resolve("a.yaml") + ":4: training.lr: stands in line 2 already; this one counts");
    }

    @Test
    void anchorsOfSingleValuesAndMergeKeysAreUnderstood() throws Exception {
        TrainingConfig config = TrainingConfig.read(write(
                "a.yaml",
                "dim: &dim 32\nbase: &base {lr: 1, epochs: 2}\nlatent: {dim: *dim}\nop: {<<: *base, lr: 9}\n"));
        assertThat(value(config, "latent.dim")).isEqualTo("32");
        assertThat(value(config, "op.epochs")).isEqualTo("2");
        assertThat(value(config, "op.lr")).isEqualTo("9");
    }

    /// Two to that power.
    private static String bomb(int levels) {
        StringBuilder bomb = new StringBuilder("a0: &a0 {x: 1}\n");
        for (int level = 1; level <= levels; level++)
            bomb.append("a%1$d: &a%1$d {l: *a%2$d, r: *a%2$d}\n".formatted(level, level - 1));
        return bomb.toString();
    }

    @Test
    @Timeout(20)
    void aFewLinesThatStandForBillionsTakeNoTime() throws Exception {
        Path file = write("bomb.yaml", bomb(40));
        assertThatThrownBy(() -> TrainingConfig.read(file))
                .hasMessageEndingWith("aliases that stand for more than 1000000 values");
        CheckPack pack = CheckPack.builtIn(CheckPack.DEFAULT);
        assertThat(CheckPack.verdict(file.toString(), List.of(pack), folder).valid())
                .isFalse();
        write("small.yaml", bomb(16));
        Path twice = write("twice.yaml", "include: small\n" + bomb(16));
        assertThatThrownBy(() -> TrainingConfig.read(twice)).hasMessageEndingWith("aliases that stand for too much");
    }

    @Test
    void whatIsNoConfigKeepsItsListOfChecks() throws Exception {
        CheckPack pack = CheckPack.builtIn(CheckPack.DEFAULT);
        for (String text : List.of("- a\n", "just words\n", "a: [1\n", "a: 1\n---\nb: 2\n", "a: *b\n", "a: \u0000\n")) {
            Path file = write("bad.yaml", text);
            Verdict verdict = CheckPack.verdict(file.toString(), List.of(pack), folder);
            assertThat(verdict.valid()).as(text).isFalse();
            assertThat(verdict.error()).as(text).startsWith(file + ":");
            assertThat(verdict.checks()).hasSize(27).allMatch(check -> check.state() == Check.State.SKIPPED);
        }
    }

    @Test
    void theNumberOfChecksDoesNotDependOnWhatIsMissing() throws Exception {
        CheckPack pack = CheckPack.builtIn(CheckPack.DEFAULT);
        for (String text :
                List.of("", "a: 1\n", "latent: null\n", "latent: [1]\ntraining: x\n", "ttc: {enabled: yes}\n")) {
            Verdict verdict = CheckPack.verdict(write("few.yaml", text).toString(), List.of(pack), folder);
            assertThat(verdict.checks()).as(text).hasSize(27);
            assertThat(verdict.valid()).isFalse();
        }
    }

    private Check check(String text, String name) throws Exception {
        CheckPack pack = CheckPack.builtIn(CheckPack.DEFAULT);
        return CheckPack.verdict(write("one.yaml", text).toString(), List.of(pack), folder).checks().stream()
                .filter(check -> check.name().startsWith(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void listsNullsAndOtherKindsOfValuesHaveAReason() throws Exception {
        assertThat(check("data: {task: [burgers1d, advection1d]}\n", "data.task"))
                .matches(check ->
                        check.state() == Check.State.PASSED && check.found().equals("a list of 2"));
        assertThat(check("data: {task: []}\n", "data.task"))
                .matches(check ->
                        check.state() == Check.State.FAILED && check.found().equals("an empty list"));
        assertThat(check("data: {task: null}\n", "data.task"))
                .matches(check ->
                        check.state() == Check.State.FAILED && check.found().equals("null"));
        assertThat(check("training: {grad_clip: true}\n", "gradient clip").state())
                .isEqualTo(Check.State.FAILED);
        assertThat(check("training: {grad_clip: .nan}\n", "gradient clip").state())
                .isEqualTo(Check.State.FAILED);
        assertThat(check("training: {grad_clip: 1e-1}\n", "gradient clip").state())
                .isEqualTo(Check.State.PASSED);
        assertThat(check("training: {grad_clip: 11}\n", "gradient clip").expected())
                .isEqualTo("0.1 to 10");
        assertThat(check("latent: {dim: 32.0}\noperator: {pdet: {input_dim: 32}}\n", "operator.pdet.input_dim")
                        .state())
                .isEqualTo(Check.State.PASSED);
        assertThat(check("latent: {dim: 1024}\ntraining: {batch_size: 5}\n", "batch_size appropriate for 1024-dim"))
                .matches(check ->
                        check.state() == Check.State.FAILED && check.found().equals("5 at 1024"));
    }

    @Test
    void aMistypedKeyIsToldWithTheOneThatWasMeant() throws Exception {
        CheckPack pack = CheckPack.builtIn(CheckPack.DEFAULT);
        Path file = write("typo.yaml", "training:\n  batchsize: 3\n  zzzz: 1\n");
        assertThat(CheckPack.verdict(file.toString(), List.of(pack), folder).warnings())
                .containsExactly(
                        file + ":2: training.batchsize: unknown key; did you mean batch_size?",
                        file + ":3: training.zzzz: unknown key; latent-operator does not know it");
    }

    @Test
    void aProjectsOwnChecksAreReadAndTheirMistakesTold() throws Exception {
        Path pack = write("checks.yaml", """
                pack: ours
                checks:
                  - {category: Model, name: "{model.size} fits", key: model.size, one_of: [small, large]}
                  - category: Model
                    name: warm-up
                    key: warmup
                    at_most: 100
                    when: {key: model.size, is: large}
                """);
        CheckPack ours = CheckPack.read(pack);
        Verdict verdict =
                CheckPack.verdict(write("run.yaml", "model: {size: small}\n").toString(), List.of(ours), folder);
        assertThat(verdict.valid()).isTrue();
        assertThat(verdict.checks())
                .containsExactly(
                        new Check("Model", "small fits", Check.State.PASSED, "one of small, large", "small"),
                        new Check("Model", "warm-up", Check.State.SKIPPED, "at most 100", "model.size is small"));
        assertThatThrownBy(() -> CheckPack.read(
                        write("bad.yaml", "pack: x\nchecks:\n  - {category: A, name: b, key: c, betwen: [1, 2]}\n")))
                .hasMessageEndingWith("bad.yaml:3: unknown key betwen; did you mean between?");
        assertThatThrownBy(() ->
                        CheckPack.read(write("bad.yaml", "pack: x\nchecks:\n  - {category: A, name: b, key: c}\n")))
                .hasMessageContaining("bad.yaml:3: expected one of ");
        assertThatThrownBy(() -> CheckPack.builtIn("../latent-operator"))
                .hasMessageContaining("expected a file of checks");
    }
}
