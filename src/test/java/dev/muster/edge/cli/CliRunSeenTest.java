package dev.muster.edge.cli;

import static dev.muster.core.Launches.finish;
import static dev.muster.core.Launches.stage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import dev.muster.core.state.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a run shows while it runs, and what is there of it when its machine is gone.
class CliRunSeenTest extends RunHarness {
    private static final String LOAD = "_timestamp,system/gpu,system/gpu_memory,system/cpu,system/memory\n"
            + "1000,90.0,40.0,,20.0\n1060,50.0,60.0,,20.0\n";

    private AttemptId warned() {
        launched("r1", stage("train"));
        AttemptId attempt = begin("r1", "train");
        long token = member.state().work().attempts().require(attempt).token();
        member.order(new Command.WarnAttempt(
                attempt, token, "UTILIZATION", new Traces.Warning(false, "", "GPU in use: 55.0% in the last 10 min")));
        member.order(new Command.LinkAttempt(
                attempt, token, new Traces.Tracked("1a2b", "https://wandb.ai/us/burgers/runs/1a2b")));
        return attempt;
    }

    private void fails(AttemptId attempt) {
        Traces.Warning nan = new Traces.Warning(true, "", "loss was NaN at 8:00");
        Traces seen = new Traces(
                List.of(
                        file("logs/" + attempt + ".log", "the last words\n"),
                        file("logs/" + attempt + ".load.csv", LOAD)),
                Table.<String, Traces.Warning>empty().with("NOT_A_NUMBER", nan),
                Optional.empty());
        member.finish(
                attempt,
                new Attempt.Ending(
                                Attempt.Status.FAILED,
                                OptionalInt.of(1),
                                List.of(),
                                List.of(),
                                "aborted by NOT_A_NUMBER")
                        .forGood()
                        .as("ABORTED")
                        .with(seen));
        member.order(finish("r1", "train"));
        end("r1");
    }

    @Test
    void whatIsOverIsWatchedNoLonger() {
        fails(warned());
        Result watched = run("run", "show", "r1", "--watch");
        assertThat(watched.exit()).isEqualTo(Exit.JOB_FAILED);
        assertThat(watched.out()).contains("r1").contains("FAILED");
        assertThat(run("run", "show", "r1", "--watch=0.1s").exit()).isEqualTo(Exit.USAGE);
    }

    @Test
    void whileItRuns() throws InterruptedException {
        AttemptId attempt = warned();
        member.soft = Optional.of(Soft.leadingSince(member.now)
                .withHeard(
                        new NodeId("gpu1"),
                        new Soft.Heard(
                                member.now,
                                member.state().revision(),
                                Set.of(attempt),
                                new Soft.Telemetry(0.25, 0.5, 0.4, 1L << 30, 0.912, 0.4, 3))));
        assertThat(shownWith(" now: "))
                .contains("train on gpu1 now: GPU 91 %, GPU memory 40 %, CPU 25 %, memory 50 %\n")
                .contains(
                        "train, warning utilization: GPU in use: 55.0% in the last 10 min; Look what the GPU waits for")
                .contains("train, W&B: https://wandb.ai/us/burgers/runs/1a2b\n");
        assertThat(run("job", "show", attempt.task().job().toString()).out())
                .contains(attempt + ": warning utilization: GPU in use: 55.0%");
        assertThat(run("events").out()).containsOnlyOnce("ATTEMPT_WARNED").contains("rule=UTILIZATION");
    }

    /// Until the log declares its node gone, it is RUNNING there.
    @Test
    void thatItsNodeIsSilentIsSaid() throws InterruptedException {
        AttemptId attempt = warned();
        NodeId gpu1 = new NodeId("gpu1");
        member.soft = Optional.of(member.allHeard()
                .withHeard(
                        gpu1,
                        new Soft.Heard(
                                member.now.minusSeconds(30),
                                1,
                                Set.of(attempt),
                                new Soft.Telemetry(0, 0, 0, 1, 0, 0, 1))));
        String says = "waits for gpu1, which is silent for 30s: after 1m it counts as gone, and another node goes on";
        assertThat(shownWith(says)).contains("train " + says);
        assertThat(run("run", "list").out()).contains("train " + says);
        assertThat(run("job", "show", attempt.task().job().toString()).out()).contains(says);
        member.soft = Optional.of(member.allHeard());
        assertThat(run("job", "show", attempt.task().job().toString(), "-o", "json")
                        .exit())
                .isEqualTo(Exit.DONE);
    }

    @Test
    void theLastFailureCountsAsOne() {
        launched("r1", stage("train"));
        fails("r1", "train", "GPU_MEMORY");
        assertThat(run("job", "show", newest().toString()).out()).containsPattern("failed +2 +2 ");
    }

    /// What the leader hears comes a moment later.
    private String shownWith(String text) throws InterruptedException {
        for (int tries = 0; tries < 100 && !run("run", "show", "r1").out().contains(text); tries++) Thread.sleep(100);
        return run("run", "show", "r1").out();
    }

    @Test
    void onceItHasEnded() throws IOException {
        AttemptId attempt = warned();
        fails(attempt);
        assertThat(run("run", "show", "r1").out())
                .contains("train, critical not_a_number: loss was NaN", "warning utilization", "train, W&B: https://")
                .contains("train, output kept: 15B, ", "`muster job logs " + attempt + "` prints it")
                .doesNotContain(" now: ");
        assertThat(run("run", "results", "r1").out())
                .contains("W&B: https://wandb.ai/us/burgers/runs/1a2b", "logs/" + attempt + ".log");
        assertThat(run("run", "analyze", "r1").out())
                .contains("| W&B of train | https://wandb.ai/us/burgers/runs/1a2b |")
                .contains("## Warnings", "Reduce the learning rate, clip gradients")
                .contains("| train/logs/" + attempt + ".load.csv | GPU | 70% | 90% | 2 |")
                .contains("system/gpu\\_memory".replace("\\", ""))
                .doesNotContain("| CPU |");
        Path to = folder.resolve("archive");
        assertThat(run("run", "archive", "r1", "--to", to.toString()).err()).isEmpty();
        assertThat(to.resolve("r1/train/logs/" + attempt + ".log")).content().isEqualTo("the last words\n");
        assertThat(Files.readString(to.resolve("r1/SHA256SUMS"))).contains("train/logs/" + attempt + ".load.csv");
    }

    @Test
    void aLogThatIsLostLosesNothingElse() {
        AttemptId attempt = warned();
        fails(attempt);
        for (String node : List.of("n1", "n2", "gpu1"))
            member.order(new Command.DropReplica(sha("the last words\n"), new NodeId(node)));
        Path to = folder.resolve("archive");
        assertThat(run("run", "archive", "r1", "--to", to.toString()).err()).isEmpty();
        assertThat(to.resolve("r1/train/logs/" + attempt + ".log")).doesNotExist();
        assertThat(to.resolve("r1/train/logs/" + attempt + ".load.csv")).exists();
    }
}
