package dev.muster.edge.cli;

import static dev.muster.core.Launches.r;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.sight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Role;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The incidents of docs/RUNS.md, command by command.
class CliRunIncidentTest extends RunHarness {
    private Path data;
    private Path config;

    @BeforeEach
    void project() throws IOException {
        data = Files.createDirectory(folder.resolve("data"));
        config = folder.resolve("train.yaml");
        Files.writeString(
                config,
                "data: {task: burgers1d, split: train, root: " + data + "}\n"
                        + "training: {latent_cache_dir: data/latent_cache}\n");
        Files.writeString(
                folder.resolve("run.yaml"),
                "series: toy\nconfig: train.yaml\ninputs: [data]\n"
                        + "stages: {train: {command: [python3, train.py], save: {paths: [log.jsonl]}}}\n");
    }

    private void write(String name) {
        float[][][] values = new float[6][4][5];
        for (int row = 0; row < 6; row++) for (int time = 0; time < 4; time++) values[row][time][row % 5] = 1 + time;
        try (WritableHdfFile hdf = HdfFile.write(data.resolve(name))) {
            hdf.putDataset("tensor", values);
        }
    }

    private Result launch(String id, String... more) {
        String[] words = new String[7 + more.length];
        System.arraycopy(
                new String[] {"run", "launch", "-f", folder.resolve("run.yaml").toString(), "--run-id", id, "--yes"},
                0,
                words,
                0,
                7);
        System.arraycopy(more, 0, words, 7, more.length);
        return run(words);
    }

    private JobSpec train(String run) {
        return member.state()
                .runs()
                .runs()
                .require(r(run))
                .spec()
                .stages()
                .getFirst()
                .job();
    }

    private void fails(String run, String kind, String note) {
        member.order(new Command.StartRunStage(r(run), "train", train(run), "key"));
        AttemptId attempt = member.place(newest().toString(), 0, "gpu1");
        member.start(attempt);
        member.finish(
                attempt,
                new Attempt.Ending(Attempt.Status.FAILED, OptionalInt.of(1), List.of(), List.of(), note)
                        .as(kind)
                        .forGood());
        member.order(new Command.FinishRunStage(r(run), "train"));
        end(run);
    }

    @Test
    void damagedDataAreMovedAsideAndTheRunIsLaunchedWithGoodOnes() throws IOException {
        write("burgers1d_train.h5");
        Path file = data.resolve("burgers1d_train.h5");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertThat(launch("r1").exit()).isEqualTo(Exit.DONE);
        fails("r1", "DATA", "exited with 1: OSError: Unable to open file (truncated file)");
        assertThat(run("run", "show", "r1").out())
                .contains("train failed, missing or damaged data")
                .contains("muster run check-data CONFIG --quarantine DIR")
                .contains("launch it anew");
        Path aside = folder.resolve("quarantine");
        String[] check = {"run", "check-data", config.toString()};
        assertThat(run("run", "check-data", config.toString(), "--quarantine", aside.toString(), "--yes")
                        .exit())
                .isEqualTo(Exit.ERROR);
        assertThat(aside.resolve("burgers1d_train.h5")).exists();
        assertThat(file).doesNotExist();
        assertThat(run(check).exit()).as("it is missing now").isEqualTo(Exit.ERROR);
        Files.write(file, whole);
        assertThat(run(check).exit()).isEqualTo(Exit.DONE);
        assertThat(launch("r2").exit()).isEqualTo(Exit.DONE);
        assertThat(train("r2").inputs().getFirst().artifact())
                .as("the good data are other data")
                .isNotEqualTo(train("r1").inputs().getFirst().artifact());
    }

    @Test
    void aFourthLaunchThatWouldFailAlikeIsRefusedAndSaysWhatToDo() {
        write("burgers1d_train.h5");
        for (String run : List.of("r1", "r2", "r3")) {
            assertThat(launch(run).exit()).isEqualTo(Exit.DONE);
            member.now = member.now.plusSeconds(60);
            fails(run, "IMPORTS", "exited with 1: ModuleNotFoundError: No module named 'ups'");
        }
        Result fourth = launch("r4");
        assertThat(fourth.exit()).isEqualTo(Exit.REFUSED);
        assertThat(fourth.err()).contains("the last 3 runs of toy failed alike", "`muster run show r3` shows it");
        assertThat(launch("r4", "--anyway").exit()).isEqualTo(Exit.DONE);
    }

    @Test
    void aRunThatTakesTooMuchIsStoppedLookedAtAndKeptForAnalysis() {
        write("burgers1d_train.h5");
        assertThat(launch("r1").exit()).isEqualTo(Exit.DONE);
        member.order(new Command.StartRunStage(r("r1"), "train", train("r1"), "key"));
        AttemptId attempt = member.place(newest().toString(), 0, "gpu1");
        member.start(attempt);
        Attempt.Stored saved = file("log.jsonl", "{\"loss\":2}\n{\"loss\":1}\n");
        member.order(new Command.SaveProgress(
                attempt, member.state().work().attempts().require(attempt).token(), 1, List.of(saved), List.of()));
        assertThat(run("run", "stop", "r1", "--yes").exit()).isEqualTo(Exit.DONE);
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.STOPPED, OptionalInt.of(143), List.of(), List.of(), "job stopped: asked for"));
        member.order(new Command.FinishRunStage(r("r1"), "train"));
        end("r1");
        Path incident = folder.resolve("incident");
        assertThat(run("run", "results", "r1", "--out", incident.toString()).exit())
                .isEqualTo(Exit.DONE);
        assertThat(incident.resolve("r1/train/log.jsonl")).exists();
        Result analysis = run(
                "run",
                "analyze",
                "r1",
                "--output",
                incident.resolve("analysis.md").toString());
        assertThat(analysis.exit()).as(analysis.err()).isEqualTo(Exit.DONE);
        assertThat(incident.resolve("analysis.md")).content().contains("50");
    }

    /// What the cluster does by itself meanwhile is `99-run-machine-recreated.txt`.
    @Test
    void aDeadMachineIsLookedAtDestroyedAndTheNextGoesOnFromWhatWasSaved() {
        write("burgers1d_train.h5");
        assertThat(launch("r1", "--rented", "--max-price", "1", "--max-total", "5")
                        .exit())
                .isEqualTo(Exit.DONE);
        member.order(new Command.StartRunStage(r("r1"), "train", train("r1").onMachinesOf(r("r1")), "key"));
        AttemptId first = onMachine(1, "77");
        Attempt.Stored step = file("step.pt", "half");
        long token = member.state().work().attempts().require(first).token();
        member.order(new Command.SaveProgress(first, token, 1, List.of(step), List.of()));
        member.order(new Command.FenceNode(new NodeId("vast-77")));
        assertThat(run("run", "show", "r1").out())
                .containsPattern("train +WAITING +- +j1 +1 +vast-77")
                .containsPattern("i1 +[A-Z]+ ");
        assertThat(json(run("run", "show", "r1", "-o", "json"))
                        .list("stages")
                        .getFirst()
                        .list("saved"))
                .extracting(file -> file.text("path"))
                .containsExactly("step.pt");
        Result destroyed = run("instance", "destroy", "i1", "--abandon-data", "--confirm", "i1");
        assertThat(destroyed.exit()).as(destroyed.err()).isEqualTo(Exit.DONE);
        assertThat(member.state().rentals().instances().require(i(1)).abandon()).isTrue();
        AttemptId second = onMachine(2, "78");
        assertThat(member.state()
                        .work()
                        .attempts()
                        .require(second)
                        .saved()
                        .files()
                        .values())
                .containsExactly(step);
        assertThat(run("run", "show", "r1").out())
                .containsPattern("train +RUNNING +\\S+ +j1 +2 +vast-78")
                .containsPattern("i2 +[A-Z]+ ");
    }

    /// One is rented for r1, joins, and begins what waits.
    private AttemptId onMachine(long number, String rented) {
        member.order(order(rent("0.5"), "r1"));
        member.order(sight(number, rented, Observed.RUNNING));
        member.join("vast-" + rented, Role.MIXED, Hardware.cpus(4, Bytes.gib(8)));
        AttemptId attempt = member.place(newest().toString(), 0, "vast-" + rented);
        member.start(attempt);
        return attempt;
    }
}
