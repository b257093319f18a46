package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Watching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Training runs by the command line, against a cluster in memory.
class CliRunLaunchTest extends CliHarness {
    private Path project;

    @BeforeEach
    void project() throws IOException {
        project = Files.createDirectories(folder.resolve("project"));
        write("train.py", "print(1)\n");
        write("train.yaml", "latent: {dim: 32}\nstages: {operator: {epochs: 25}}\n");
        file("""
                series: toy
                config: train.yaml
                code: .
                env: {SEED: "7"}
                alerts: {memory: off, cost: {warn_above: 130%}}
                stages:
                  train:
                    command: [python3, train.py, "{config}", "{run_args}"]
                    outputs: [model.pt, "log.jsonl?"]
                    save: {paths: ["ckpt/**"], every: 30s}
                    metrics: [log.jsonl]
                  eval: {command: [python3, eval.py], results: eval.json, gate: {metric: loss, min_delta: 0.1}}
                """);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(project.resolve(name), text);
    }

    private void file(String yaml) throws IOException {
        write("run.yaml", yaml);
    }

    private Result launch(String... more) {
        List<String> words = new ArrayList<>(
                List.of("run", "launch", "-f", project.resolve("run.yaml").toString()));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    private Run of(String id) {
        return member.state().runs().runs().require(new RunId(id));
    }

    @Test
    void aRunThatNoNodeCanEverTakeIsToldBeforehand() {
        Result plan = launch("--own", "--gpu", "H100:8", "--dry-run");
        assertThat(plan.exit()).as(plan.err()).isEqualTo(Exit.DONE);
        assertThat(plan.out()).contains("warning: no node can ever run train as it is: ");
        assertThat(launch("--own", "--gpu", "H100:8", "--yes", "--run-id", "r1").out())
                .contains("\n  warning: no node can ever run train as it is: ");
        assertThat(launch("--own", "--dry-run").out()).doesNotContain("no node can ever");
    }

    @Test
    void aRunIsShippedAndLaunched() {
        Result result =
                launch("--run-id", "r1", "--yes", "--tag", "team=pde", "--run-arg=--fast", "--run-arg=--tag=a=b");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.out())
                .startsWith("Launch r1 of toy:\n")
                .contains("\nlaunched r1;", "muster run show r1 --watch");
        RunSpec spec = of("r1").spec();
        assertThat(spec.machines()).isEmpty();
        assertThat(spec.tags().asMap()).containsEntry("team", "pde").containsEntry("a", "b");
        assertThat(spec.config().orElseThrow().path()).isEqualTo("train.yaml");
        JobSpec train = spec.stages().getFirst().job();
        assertThat(train.command()).containsExactly("python3", "train.py", "train.yaml", "--fast");
        assertThat(train.env()).containsEntry("SEED", "7");
        assertThat(train.outputs())
                .containsExactly(new JobSpec.Output("model.pt", true), new JobSpec.Output("log.jsonl", false));
        Table<String, Watching.Limits> limits = Table.<String, Watching.Limits>empty()
                .with("MEMORY", new Watching.Limits(true, Table.empty()))
                .with(
                        "COST",
                        new Watching.Limits(false, Table.<String, Double>empty().with("warn_above", 1.3)));
        assertThat(train.watch()).contains(new Watching(List.of("log.jsonl"), List.of("NOT_A_NUMBER", "COST"), limits));
        assertThat(train.sync().orElseThrow().every()).isEqualTo(Duration.ofSeconds(30));
        assertThat(train.inputs()).hasSize(1);
        assertThat(train.inputs().getFirst().as()).isEqualTo(JobSpec.As.UNPACK);
        assertThat(member.state().files().held(train.inputs().getFirst().artifact()))
                .isTrue();
        assertThat(spec.stages().getLast().gate().orElseThrow().deltaMin()).isEqualTo(0.1);
    }

    @Test
    void theSameCodeIsSentOnceAndTheSameIdIsRefused() {
        launch("--run-id", "r1", "--yes");
        int files = member.state().files().artifacts().size();
        assertThat(launch("--run-id", "r2", "--yes").exit()).isEqualTo(Exit.DONE);
        assertThat(member.state().files().artifacts().size()).isEqualTo(files);
        Result again = launch("--run-id", "r1", "--yes");
        assertThat(again.exit()).isEqualTo(Exit.REFUSED);
        assertThat(again.err()).contains("expected a new run, but r1 is there already");
    }

    @Test
    void aDryRunSaysWhatItWouldDoAndSendsNothing() {
        int before = member.state().files().artifacts().size();
        Result dry = launch(
                "--run-id",
                "r1",
                "--dry-run",
                "--max-price",
                "1.90",
                "--gpu",
                "A100:40GB..80GB:1",
                "--max-total",
                "10",
                "--spot");
        assertThat(dry.exit()).as(dry.err()).isEqualTo(Exit.DONE);
        assertThat(dry.out())
                .contains("Launch r1 of toy:")
                .contains(
                        "a machine of its own with 1x A100, for up to $1.90 per hour, at a bid; afterwards it is stopped")
                .contains("stopped at: $10.00 in all")
                .contains("ships 3 files");
        assertThat(member.state().files().artifacts().size()).isEqualTo(before);
        assertThat(member.state().runs().runs().isEmpty()).isTrue();
        assertThat(launch("--run-id", "r1").exit()).as("without a terminal").isEqualTo(Exit.USAGE);
    }

    @Test
    void aMachineOfItsOwnIsAskedForInTheWordsOfAnOffer() {
        launch(
                "--run-id",
                "r1",
                "--yes",
                "--max-price",
                "1.90",
                "--gpu",
                "A100:40GB..80GB:1",
                "--destroy",
                "--disk",
                "100");
        RunSpec spec = of("r1").spec();
        Group machines = spec.machines().orElseThrow();
        assertThat(machines.priceMax()).isEqualTo(Money.parse("1.90"));
        assertThat(machines.gpus()).containsExactly("A100");
        assertThat(machines.gpuCount()).isEqualTo(1);
        assertThat(machines.query()).isEqualTo("gpu_ram>=40 gpu_ram<=80");
        assertThat(machines.market()).isEqualTo(Market.ON_DEMAND);
        assertThat(machines.diskGb()).isEqualTo(100);
        assertThat(spec.after()).isEqualTo(RunSpec.After.END);
        assertThat(spec.stages().getFirst().job().resources().gpus()).isEqualTo(1);
    }

    @Test
    void aStageRunsOnSeveralOwnNodes() throws IOException {
        file("series: toy\nmachines: own\nresources: {nodes: 2}\n"
                + "stages: {train: {command: [x]}, eval: {command: [y], nodes: 1}}\n");
        assertThat(launch("--run-id", "r1", "--yes").exit()).isEqualTo(Exit.DONE);
        assertThat(of("r1").spec().stages()).map(stage -> stage.job().nodes()).containsExactly(2, 1);
        Result several = launch("--rented", "--max-price", "2", "--yes");
        assertThat(several.exit()).isEqualTo(Exit.USAGE);
        assertThat(several.err()).contains("stage train is to run on 2 nodes at once, but a run that rents");
        file("machines: own\nstages: {train: {command: [x], nodes: 65}}\n");
        assertThat(launch("--yes").err()).contains("expected 1 to 64 nodes, but found \"65\"");
    }

    @Test
    void whatCannotBeIsRefusedInWords() throws IOException {
        assertThat(launch("--rented", "--yes").err()).contains("expected the most that a machine may cost per hour");
        assertThat(launch("--gpu", "A1000000", "--yes").err()).contains("unknown GPU \"A1000000\"");
        assertThat(launch("--skip", "evil", "--yes").err()).contains("no stage evil; the run has train, eval");
        assertThat(launch("--max-price", "2", "--max-total", "1", "--yes").err())
                .contains("expected a total of at least one hour's price");
        assertThat(launch("--own", "--rented").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("run", "launch", "-f", "nowhere.yaml").err()).contains("there is no such file");
        write("train.yaml", "include: train.yaml\n");
        assertThat(launch("--yes").err()).contains("expected no file to include itself");
        write("train.yaml", "latent: {dim: 32}\n");
        file("code: .\nconfig: train.yaml\nchecks: [latent-operator]\nstages: {train: {command: [x]}}\n");
        Result invalid = launch("--yes");
        assertThat(invalid.exit()).isEqualTo(Exit.ERROR);
        assertThat(invalid.err()).contains("train.yaml is not valid").contains("muster run validate");
        assertThat(launch("--skip-validation", "--yes", "--run-id", "forced").exit())
                .isEqualTo(Exit.DONE);
        assertThat(member.state().runs().runs().size()).isEqualTo(1);
    }

    @Test
    void aCapThatWouldNotLastRefusesTheRun() throws IOException {
        file("estimate: 10h\nstages: {train: {command: [x]}}\n");
        run("budget", "set", "--day", "5", "--yes");
        Result refused = launch("--max-price", "1", "--yes", "--run-id", "r1");
        assertThat(refused.exit()).isEqualTo(Exit.REFUSED);
        assertThat(refused.err()).contains("per day has $5.00 left, and the run is thought to need $10.00");
        assertThat(launch("--max-price", "1", "--yes", "--run-id", "r1", "--anyway")
                        .exit())
                .isEqualTo(Exit.DONE);
        assertThat(of("r1").spec().estimate().orElseThrow().cost()).isEqualTo(Money.ofDollars(10));
        assertThat(of("r1").spec().estimate().orElseThrow().costWritten()).contains(Money.ofDollars(10));
        Result dear = launch("--max-price", "1", "--max-total", "3", "--yes", "--run-id", "r2");
        assertThat(dear.exit()).isEqualTo(Exit.REFUSED);
        assertThat(dear.err()).contains("it is thought to cost $10.00, and may cost $3.00");
    }

    @Test
    void aRunIsShownStoppedAndResumed() {
        launch("--run-id", "r1", "--yes");
        assertThat(run("run", "list").out()).contains("r1").contains("OPEN");
        JobSpec train = of("r1").spec().stages().getFirst().job();
        member.order(new Command.StartRunStage(new RunId("r1"), "train", train, "key"));
        assertThat(run("run", "show", "r1").out()).as("no node has it yet").contains("train  WAITING");
        member.start(member.place(newest().toString(), 0, "n2"));
        Result shown = run("run", "show", "r1");
        assertThat(shown.out())
                .contains("Series    toy")
                .contains("train  RUNNING")
                .contains("eval   WAITING");
        assertThat(run("run", "show", "r1", "-o", "json").out()).contains("\"phase\": \"RUNNING\"");
        assertThat(run("run", "show", "none").exit()).isEqualTo(Exit.NOT_FOUND);
        Result resumed = run("run", "resume", "r1", "--yes");
        assertThat(resumed.exit()).isEqualTo(Exit.REFUSED);
        assertThat(resumed.err()).contains("expected r1 to be over, but it is open");
        assertThat(run("run", "stop", "r1", "--yes", "--why", "too dear").out()).startsWith("r1 stops;");
        assertThat(of("r1").stopping()).contains("too dear");
        member.finish(
                AttemptId.parse(newest() + ".0.1"),
                new Attempt.Ending(
                        Attempt.Status.STOPPED, OptionalInt.of(143), List.of(), List.of(), "job stopped: too dear"));
        member.order(new Command.FinishRunStage(new RunId("r1"), "train"));
        member.order(new Command.EndRun(new RunId("r1")));
        assertThat(run("run", "show", "r1").out()).contains("STOPPED: too dear").contains("train  STOPPED");
        Result ended = run("run", "stop", "r1", "--yes");
        assertThat(ended.exit()).isEqualTo(Exit.REFUSED);
        assertThat(ended.err()).contains("expected r1 to be open, but it is STOPPED");
        Result later = run("run", "resume", "r1", "--from", "eval", "--yes");
        assertThat(later.exit()).isEqualTo(Exit.REFUSED);
        assertThat(later.err())
                .contains("expected the stages before eval to be done, but train of r1 is FAILED")
                .contains("without --from it goes on with train");
        assertThat(run("run", "resume", "r1", "--from", "train", "--dry-run").out())
                .contains("stages: train (done anew), eval (done anew)\n  where: nodes that are there");
        Result from = run("run", "resume", "r1", "--from", "nothing", "--yes");
        assertThat(from.exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("run", "resume", "r1", "--max-duration", "3h", "--yes").exit())
                .isEqualTo(Exit.DONE);
        assertThat(of("r1").open()).isTrue();
        assertThat(of("r1").spec().durationMax()).contains(Duration.ofHours(3));
    }

    @Test
    void curvesAreDrawnOfWhatWasMeasured() throws IOException {
        launch("--run-id", "r1", "--yes");
        JobSpec train = of("r1").spec().stages().getFirst().job();
        member.order(new Command.StartRunStage(new RunId("r1"), "train", train, "key"));
        StringBuilder lines = new StringBuilder();
        for (int step = 0; step < 50; step++)
            lines.append("{\"step\": ")
                    .append(step)
                    .append(", \"loss\": ")
                    .append(1.0 / (step + 1))
                    .append("}\n");
        Path metrics = Files.writeString(folder.resolve("log.jsonl"), lines);
        Result put = run("artifact", "put", metrics.toString(), "-o", "name");
        Sha256 sha = new Sha256(put.out().strip());
        AttemptId attempt = member.place(newest().toString(), 0, "n2");
        member.start(attempt);
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(new Attempt.Stored("log.jsonl", sha, Files.size(metrics))),
                        List.of(),
                        ""));
        member.order(new Command.FinishRunStage(new RunId("r1"), "train"));
        assertThat(run("run", "show", "r1").out())
                .contains("log.jsonl of train, 50 rows")
                .contains("loss, last 0.02");
        assertThat(Optional.of(of("r1").stages().getFirst().phase())).contains(Run.Phase.DONE);
    }

    @Test
    void aFailureComesWithTheRunbooksAdvice() {
        launch("--run-id", "r1", "--yes");
        JobSpec train = of("r1").spec().stages().getFirst().job();
        member.order(new Command.StartRunStage(new RunId("r1"), "train", train, "key"));
        AttemptId attempt = member.place(newest().toString(), 0, "n2");
        member.start(attempt);
        member.finish(
                attempt,
                new Attempt.Ending(
                                Attempt.Status.FAILED,
                                OptionalInt.of(1),
                                List.of(),
                                List.of(),
                                "exited with 1: CUDA out of memory")
                        .as("GPU_MEMORY")
                        .forGood());
        member.order(new Command.FinishRunStage(new RunId("r1"), "train"));
        assertThat(run("run", "show", "r1").out())
                .contains("gpu memory; exited with 1: CUDA out of memory")
                .contains("train failed, out of GPU memory: Reduce the batch size");
    }

    @Test
    void whatNobodyHasMadeCannotBeTaken() throws IOException {
        Result none = launch("--run-id", "r1", "--yes", "--skip-training");
        assertThat(none.exit()).isEqualTo(Exit.REFUSED);
        assertThat(none.err()).contains("no earlier run of toy has done train with the same command");
        Result later = launch("--run-id", "r1", "--yes", "--skip", "eval");
        assertThat(later.exit()).isEqualTo(Exit.REFUSED);
        assertThat(later.err()).contains("no earlier run of toy has done eval, so there is nothing to be taken");
        assertThat(member.state().runs().runs().isEmpty()).isTrue();
    }

    @Test
    void inWhatAnEarlierRunWasMadeOfSomethingElseIsSaid() {
        launch("--run-id", "r1", "--yes");
        RunId r1 = new RunId("r1");
        member.order(new Command.StartRunStage(
                r1, "train", of("r1").spec().stages().getFirst().job(), "key"));
        AttemptId attempt = member.place(newest().toString(), 0, "n2");
        member.start(attempt);
        member.finish(
                attempt,
                new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), List.of(), List.of(), "exit 0"));
        member.order(new Command.FinishRunStage(r1, "train"));
        assertThat(launch("--run-id", "r2", "--yes", "--skip-training", "--env", "SEED=8")
                        .err())
                .contains("nothing to be taken instead; since r1 did, this differs: the variable SEED");
    }

    @Test
    void anUnknownCardIsToldWithThoseThatAreLikeIt() {
        Result result = launch("--gpu", "RTX9999", "--rented", "--max-price", "1", "--dry-run");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err())
                .contains("unknown GPU \"RTX9999\"; did you mean ")
                .containsPattern("RTX [0-9]{4}");
        assertThat(launch("--gpu", "Voodoo2", "--rented", "--max-price", "1", "--dry-run")
                        .err())
                .contains("unknown GPU \"Voodoo2\"; did you mean ");
    }

    @Test
    void whatHasNoEffectOnOwnNodesIsRefusedThere() {
        Result own = launch("--own", "--max-price", "1", "--yes");
        assertThat(own.exit()).isEqualTo(Exit.USAGE);
        assertThat(own.err()).contains("expected --max-price of a machine of its own");
        Result id = launch("--run-id", "../x", "--yes");
        assertThat(id.exit()).isEqualTo(Exit.USAGE);
        assertThat(id.err()).contains("--run-id: expected a run's id");
    }

    @Test
    void allThatIsNotThereIsToldWithWhatIsWrongBesides() throws IOException {
        file("""
                series: toy
                config: nowhere.yaml
                code: nothing
                inputs: [data/x.h5:x.h5, train.py]
                checks: [ours.yaml]
                after: later
                stages: {train: {command: [x]}}
                """);
        Result result = launch("--yes");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err())
                .contains("run.yaml:2: config: expected a file, but there is no ")
                .contains("run.yaml:3: code: expected a folder, but there is no ")
                .contains("run.yaml:4: inputs: expected a file or folder, but there is no ")
                .contains("run.yaml:5: checks: expected a file of checks, but there is no ")
                .contains("run.yaml:6: after: expected stop, end or keep");
    }

    @Test
    void aWatchedRunIsDrawnWithItsCurves() throws IOException {
        terminal = true;
        Path metrics = Files.writeString(folder.resolve("log.jsonl"), "{\"loss\": 2}\n{\"loss\": 1}\n");
        Sha256 sha = new Sha256(
                run("artifact", "put", metrics.toString(), "-o", "name").out().strip());
        atPause = times -> {
            if (times == 0)
                member.order(new Command.StartRunStage(
                        new RunId("r1"),
                        "train",
                        of("r1").spec().stages().getFirst().job(),
                        "key"));
            if (times == 1) {
                AttemptId attempt = member.place(newest().toString(), 0, "n2");
                member.start(attempt);
                member.order(new Command.SaveProgress(
                        attempt,
                        member.state().work().attempts().require(attempt).token(),
                        1,
                        List.of(new Attempt.Stored("log.jsonl", sha, 24)),
                        List.of()));
            }
        };
        pausesMax = 3;
        Result watched = launch("--run-id", "r1", "--yes", "--watch");
        assertThat(watched.exit()).isEqualTo(Exit.NOT_FINISHED);
        assertThat(watched.out()).contains("log.jsonl of train, 2 rows").contains("loss, last 1");
        env.put("NO_COLOR", "1");
        Result plain = run("run", "resume", "r1", "--yes", "--watch");
        assertThat(plain.exit()).isEqualTo(Exit.REFUSED);
    }
}
