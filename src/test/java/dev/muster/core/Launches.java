package dev.muster.core;

import static dev.muster.core.Orders.n;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Gate;
import dev.muster.core.state.Group;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Money;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Sync;
import dev.muster.core.state.Table;
import dev.muster.core.state.Watching;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Training runs as tests need them, short.
public final class Launches {
    /// The loss is to be less by a hundredth.
    public static final Gate LESS = gate(false, 0.01);

    private Launches() {}

    public static RunId r(String name) {
        return new RunId(name);
    }

    public static Gate gate(boolean higher, double deltaMin) {
        return new Gate(Optional.of("loss"), higher, deltaMin, Table.empty(), Table.empty());
    }

    /// One core; results are read, `model.pt` is left, `step.pt` is saved on the way.
    public static JobSpec job(String... command) {
        return watched(Optional.empty(), command);
    }

    public static JobSpec watched(Optional<Watching> watch, String... command) {
        return new JobSpec(
                "job",
                JobKind.TRAINING,
                Optional.empty(),
                1,
                List.of(command),
                Map.of(),
                new Resources(1000, Bytes.ZERO, 0, Bytes.ZERO),
                List.of(),
                List.of(new JobSpec.Output("model.pt", false)),
                Optional.empty(),
                JobSpec.PRIORITY_DEFAULT,
                2,
                Duration.ofSeconds(10),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Sync(List.of("step.pt"), Sync.EVERY_DEFAULT)),
                Optional.of("results.json"),
                Optional.empty(),
                Optional.empty(),
                watch,
                1);
    }

    public static RunSpec.Stage stage(String name) {
        return new RunSpec.Stage(name, job(name), Optional.empty(), false);
    }

    public static RunSpec.Stage gated(String name, Gate gate) {
        return new RunSpec.Stage(name, job(name), Optional.of(gate), false);
    }

    public static RunSpec.Stage reused(String name, Optional<Gate> gate) {
        return new RunSpec.Stage(name, job(name), gate, true);
    }

    /// On nodes that are there.
    public static RunSpec spec(RunSpec.Stage... stages) {
        return spec(Optional.empty(), Optional.empty(), RunSpec.After.STOP, stages);
    }

    /// On one machine of its own.
    public static RunSpec renting(String id, RunSpec.Stage... stages) {
        return spec(Optional.of(Rents.group(id, 1, 1, 1)), Optional.empty(), RunSpec.After.STOP, stages);
    }

    public static RunSpec spec(
            Optional<Group> machines, Optional<Money> totalMax, RunSpec.After after, RunSpec.Stage... stages) {
        return new RunSpec(
                "burgers",
                List.of(stages),
                machines,
                totalMax,
                Optional.empty(),
                3,
                after,
                Optional.empty(),
                Optional.empty(),
                Table.empty());
    }

    public static Command.LaunchRun launch(String id, RunSpec spec) {
        return new Command.LaunchRun(r(id), spec, false);
    }

    /// Its key is the stage's name.
    public static Command start(String run, String stage) {
        return new Command.StartRunStage(r(run), stage, job(stage), stage);
    }

    public static Command startRented(String run, String stage) {
        return new Command.StartRunStage(r(run), stage, job(stage).onMachinesOf(r(run)), stage);
    }

    public static Command finish(String run, String stage) {
        return new Command.FinishRunStage(r(run), stage);
    }

    public static Command end(String run) {
        return new Command.EndRun(r(run));
    }

    public static Command stop(String run) {
        return new Command.StopRun(r(run), "enough");
    }

    public static Command resume(Story story, String run, String... from) {
        return new Command.ResumeRun(
                r(run),
                of(story, run).spec(),
                Optional.of(List.of(from)).filter(names -> !names.isEmpty()).map(List::getFirst));
    }

    public static Run of(Story story, String run) {
        return story.state().runs().runs().require(r(run));
    }

    public static Run.Stage of(Story story, String run, String stage) {
        return of(story, run).stage(stage).orElseThrow();
    }

    /// The first attempt of the newest job.
    public static AttemptId newest(Story story) {
        return AttemptId.parse(new JobId(story.state().work().nextJob() - 1) + ".0.1");
    }

    /// The stage is started, works on n1 with that result, and is finished.
    public static Story does(Story story, String run, String stage, double loss, Attempt.Stored... left) {
        story.and(start(run, stage));
        return scores(story, "n1", loss, left).and(finish(run, stage));
    }

    public static Story scores(Story story, String node, double loss, Attempt.Stored... left) {
        AttemptId attempt = newest(story);
        story.and(new Command.PlaceTask(attempt, n(node)));
        return story.and(new Command.FinishAttempt(
                attempt,
                story.token(attempt.toString()),
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(left),
                        List.of(),
                        "exit 0",
                        false,
                        Table.<String, Double>empty().with("loss", loss),
                        "")));
    }

    /// A run of one gated stage, from its launch to its end.
    public static Story whole(Story story, String run, double loss) {
        story.and(launch(run, spec(gated("eval", LESS))));
        return does(story, run, "eval", loss).and(end(run)).after(Duration.ofMinutes(1));
    }
}
