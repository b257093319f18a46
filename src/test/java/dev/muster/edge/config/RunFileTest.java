package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.run.Watch;
import dev.muster.core.run.WatchRules;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Money;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Watching;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunFileTest {
    private static RunFile read(String yaml) throws ConfigException {
        return RunFile.read(Path.of("run.yaml"), yaml.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aWholeFileIsRead() throws ConfigException {
        RunFile run = read("""
                series: burgers
                config: configs/a.yaml
                code: .
                exclude: ["data/**"]
                inputs: [data/x.h5:data/x.h5]
                checks: [latent-operator]
                estimate: 2h
                env: {SEED: "7"}
                resources: {gpu: "A100:40GB..80GB:2", cpus: 2, memory: 16GB, disk: 100GB, reliability: 98%}
                pricing: {spot: true, max_price: 1.90, max_total: 10, max_duration: 12h}
                retry: {attempts: 2, launches: 4}
                after: end
                tags: {team: pde}
                stages:
                  train:
                    command: [python3, train.py, "{config}"]
                    prepare: pip install -r requirements.txt
                    outputs: [model.pt, "log.jsonl?"]
                    save: {paths: ["checkpoints/**"], every: 2m}
                    metrics: [log.jsonl]
                    abort_on: [traceback, start-utilization]
                  eval:
                    command: [python3, eval.py]
                    results: eval.json
                    gate: {metric: nrmse, min_delta: 0.01, max_ratio: {ece: 1.25}, max: {bc: 0.5}}
                """);
        assertThat(run.stages()).extracting(RunFile.Stage::name).containsExactly("train", "eval");
        assertThat(run.needs().gpu().count()).isEqualTo(2);
        assertThat(run.needs().cpus()).isEqualTo(2000);
        assertThat(run.needs().diskGb()).isEqualTo(100);
        assertThat(run.needs().reliability()).contains(0.98);
        assertThat(run.pricing().priceMax()).contains(Money.parse("1.90"));
        assertThat(run.pricing().durationMax()).contains(Duration.ofHours(12));
        assertThat(run.after()).isEqualTo(RunSpec.After.END);
        assertThat(run.launches()).isEqualTo(4);
        assertThat(run.stages().getFirst().outputs()).containsExactly("model.pt", "log.jsonl?");
        assertThat(run.stages().getFirst().save().orElseThrow().every()).isEqualTo(Duration.ofMinutes(2));
        assertThat(run.stages().getFirst().abortOn()).containsExactly("TRACEBACK", "START_UTILIZATION");
        assertThat(run.stages().getLast().abortOn()).containsExactly("COST");
        assertThat(run.stages().getLast().gate().orElseThrow().ratios().require("ece"))
                .isEqualTo(1.25);
    }

    private static String alerts(String text) {
        return text + "\nstages: {train: {command: [x]}}\n";
    }

    /// A curve has too few values for less.
    @Test
    void rulesLookAtAMinuteAtLeast() {
        assertThatThrownBy(() -> read(alerts("alerts: {gradient: {for: 10s}}")))
                .hasMessageContaining("alerts.gradient")
                .hasMessageContaining("expected a time of 1 minutes to 4 hours, but found 10 s");
        assertThatThrownBy(() -> read(alerts("alerts: {loss: {for: 2m}}"))).hasMessageContaining("3 minutes to");
    }

    @Test
    void rulesHaveNumbersOfTheirOwn() throws ConfigException {
        RunFile run = read(alerts("""
                alerts:
                  utilization: {warn_below: 60, critical_below: 40%, for: 15m}
                  memory: off
                  loss: {flat: 2%, rise: 0.1, for: 1h}
                  gradient: {critical_above: 5}
                  diffusion_gradient: {warn_above: 1.5}
                  cost: {warn_above: 130%, critical_above: 2}"""));
        assertThat(run.alerts().keys())
                .containsExactly("COST", "DIFFUSION_GRADIENT", "GRADIENT", "LOSS", "MEMORY", "UTILIZATION");
        WatchRules rules = WatchRules.of(new Watching(List.of(), List.of("LOSS"), run.alerts()));
        WatchRules usual = WatchRules.DEFAULT;
        assertThat(rules.utilization())
                .isEqualTo(new WatchRules.Range(40, 60, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY));
        assertThat(rules.utilizationHold()).isEqualTo(Duration.ofMinutes(15));
        assertThat(rules.off()).containsExactly(Watch.Rule.MEMORY);
        assertThat(rules.flatShare()).isEqualTo(0.02);
        assertThat(rules.riseShare()).isEqualTo(0.1);
        assertThat(rules.flatFor()).isEqualTo(Duration.ofHours(1));
        assertThat(rules.operatorGradient()).isEqualTo(new WatchRules.Range(0.001, 0.01, 0.2, 5));
        assertThat(rules.diffusionGradient()).isEqualTo(new WatchRules.Range(0, 0.05, 1.5, 2));
        assertThat(rules.cost().warnAbove()).isEqualTo(1.3);
        assertThat(rules.cost().criticalAbove()).isEqualTo(2);
        assertThat(rules.abortOn()).containsExactly(Watch.Rule.LOSS);
        assertThat(rules.startHold()).isEqualTo(usual.startHold());
        assertThat(WatchRules.of(Watching.NOTHING).memory()).isEqualTo(usual.memory());
    }

    @Test
    void whatIsWrongWithThemIsTold() {
        assertThatThrownBy(() -> read(alerts("""
                        alerts:
                          utilisation: {warn_below: 60}
                          utilization: {warn_bellow: 60}
                          memory: 90
                          loss: {for: 3 fortnights}
                          final_loss: {warn_above: 1}
                          gradient: {warn_above: high}
                          start_utilization: {for: 9h}""")))
                .hasMessageContaining("run.yaml:2: alerts.utilisation: expected one of traceback, ")
                .hasMessageContaining(
                        "run.yaml:3: alerts.utilization.warn_bellow: unknown key; did you mean alerts.utilization.warn_below?")
                .hasMessageContaining("run.yaml:4: alerts.memory: expected off, or numbers as in ")
                .hasMessageContaining("run.yaml:5: alerts.loss.for: ")
                .hasMessageContaining("run.yaml:6: alerts.final_loss: expected critical_below, warn_below, ")
                .hasMessageContaining("run.yaml:7: alerts.gradient.warn_above: expected a number, but found \"high\"")
                .hasMessageContaining("run.yaml:8: alerts.start_utilization: expected a time of 1 minutes to 4 hours");
    }

    @Test
    void allThatIsWrongIsToldAtOnceInTheOrderOfLines() {
        assertThatThrownBy(() -> read("""
                        seris: a
                        pricing: {max_price: -1, max_totl: 3}
                        resources: {gpu: "A100:80GB..40GB", disk: 0}
                        after: later
                        stages:
                          train: {command: [], save: {paths: [../x]}}
                          eval: {command: [x], gate: {metric: loss}}
                        """))
                .hasMessageContaining("run.yaml:1: seris: unknown key; did you mean series?")
                .hasMessageContaining("run.yaml:2: pricing.max_price: expected an amount above $0")
                .hasMessageContaining("pricing.max_totl: unknown key; did you mean pricing.max_total?")
                .hasMessageContaining("run.yaml:3: resources.gpu: expected GPUs")
                .hasMessageContaining("run.yaml:3: resources.disk: expected a disk of 1 to")
                .hasMessageContaining("run.yaml:4: after: expected stop, end or keep")
                .hasMessageContaining("stages.train: expected a command")
                .hasMessageContaining("a path inside the working directory")
                .hasMessageContaining("stages.eval.gate: expected `results` beside it");
    }

    @Test
    void whatStopsAStageIsNamedOrUsual() throws ConfigException {
        RunFile run = read("""
                stages:
                  a: {command: [x], metrics: [m.csv]}
                  b: {command: [x], metrics: [m.csv], abort_on: none}
                """);
        assertThat(run.stages().getFirst().abortOn()).containsExactly("NOT_A_NUMBER", "COST");
        assertThat(run.stages().getLast().abortOn()).isEmpty();
        assertThatThrownBy(() -> read("stages: {a: {command: [x], metrics: [../m], abort_on: [cost, nan]}}"))
                .hasMessageContaining("stages.a.metrics: expected a path inside the working directory")
                .hasMessageContaining("stages.a.abort_on: expected one of traceback, not_a_number,");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "stages: {}", "stages: [a]", "stages: {train: 3}", "- a", "stages: {'../x': {command: [a]}}"
            })
    void aRunNeedsStages(String yaml) {
        assertThatThrownBy(() -> read(yaml)).isInstanceOf(ConfigException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "A100, A100, 1, , ",
        "A100:2, A100, 2, , ",
        "A100:40GB..80GB:1, A100, 1, 40GB, 80GB",
        "RTX 4090:4, RTX 4090, 4, , ",
        "RTX_4090:24GB:2, RTX_4090, 2, 24GB, ",
        "24GB..:1, , 1, 24GB, ",
        "..48GB, , 1, , 48GB",
        "2, , 2, , ",
        "none, , 0, , ",
    })
    void gpusAreWrittenInManyWays(String text, String name, int count, String low, String high) {
        GpuWish wish = GpuWish.parse(text);
        assertThat(wish.name().orElse(null)).isEqualTo(name);
        assertThat(wish.count()).isEqualTo(count);
        assertThat(wish.low().orElse(null)).isEqualTo(low == null ? null : Bytes.parse(low));
        assertThat(wish.high().orElse(null)).isEqualTo(high == null ? null : Bytes.parse(high));
    }

    @Test
    void otherWordsAreNoGpus() {
        for (String text : List.of("", ":::", "A100:0", "A100:80GB..40GB", "A100:1:2:3", "A100:99", "{}", "A100,H100"))
            assertThatThrownBy(() -> GpuWish.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
    }

    /// What people copy first.
    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/RUNS.md"})
    void theFilesInTheDocumentsAreValid(String document) throws IOException, ConfigException {
        String text = Files.readString(Path.of(document));
        int found = 0;
        for (String block : text.split("```")) {
            if (!block.startsWith("yaml\n") || !block.contains("\nstages:")) continue;
            found++;
            assertThat(read(block.substring("yaml\n".length())).stages()).isNotEmpty();
        }
        assertThat(found).isGreaterThanOrEqualTo(document.equals("docs/RUNS.md") ? 1 : 0);
    }

    @Test
    void secretsAreNamedAndNothingElse() throws ConfigException {
        RunFile run = read("""
                secrets: [WANDB_API_KEY]
                env: {SEED: "7", KEY: {secret: b2.key}}
                stages:
                  train: {command: [x], env: {TOKEN: {secret: HF}}, secrets: [S3]}
                """);
        assertThat(run.env())
                .containsEntry("WANDB_API_KEY", "{secret:WANDB_API_KEY}")
                .containsEntry("KEY", "{secret:b2.key}")
                .containsEntry("SEED", "7");
        assertThat(run.stages().getFirst().env())
                .containsOnly(Map.entry("TOKEN", "{secret:HF}"), Map.entry("S3", "{secret:S3}"));
        assertThatThrownBy(() -> read("""
                        secrets: [../x]
                        env: {A: {file: x}, B: {secret: "a b"}}
                        stages: {train: {command: [x, "{secret:KEY}"]}}
                        """))
                .hasMessageContaining("run.yaml:1: secrets: expected a secret's name")
                .hasMessageContaining("env.A: expected a text or {secret: NAME}")
                .hasMessageContaining("env.B.secret: expected a secret's name")
                .hasMessageContaining("stages.train.command: expected no secret in a command");
    }
}
