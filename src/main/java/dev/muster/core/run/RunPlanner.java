package dev.muster.core.run;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Looks where each training run stands and proposes its next step: a stage's job, its end, and, of a run with machines of
/// its own, those. Whoever launched it may be gone.
public final class RunPlanner {
    private final ClusterState state;
    private final Instant now;
    private final List<Action> actions = new ArrayList<>();
    private final List<Wait> waits = new ArrayList<>();

    private RunPlanner(ClusterState state, Instant now) {
        this.state = state;
        this.now = now;
    }

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        if (state.runs().runs().isEmpty()) return Plan.NOTHING;
        RunPlanner planner = new RunPlanner(state, now);
        Machines machines = new Machines(state, soft, now, planner.actions, planner.waits);
        for (Run run : state.runs().runs().values()) {
            if (run.open()) planner.open(run, machines);
            else machines.over(run);
        }
        return new Plan(planner.actions, planner.waits);
    }

    /// Why a stopped machine of a run is not started again on these terms, but ended; empty when it may be.
    public static Optional<String> tooDear(Group terms, Instance stopped) {
        return Machines.dear(terms, stopped);
    }

    /// Why a stage that is to be taken from an earlier run cannot be, as far as that is known before any stage has run; empty
    /// when it can, and when there is none. What comes after a stage that is made anew is made of what that will leave: of it is
    /// only known whether any earlier run has made it.
    ///
    /// @param run as it was launched
    public static Optional<String> lacks(ClusterState state, Run run) {
        Run then = run;
        boolean taken = true;
        for (RunSpec.Stage stage : run.spec().stages()) {
            Optional<Map.Entry<RunId, Run.Stage>> made = taken
                    ? state.runs()
                            .made(then, stage.name(), StageWork.of(then, stage).key())
                    : Optional.empty();
            if (stage.reuse() && taken && made.isEmpty()) return Optional.of(noneMade(state, then, stage));
            if (stage.reuse() && !taken && !state.runs().everMade(run, stage.name()))
                return Optional.of("no earlier run of " + run.spec().series() + " has done " + stage.name()
                        + ", so there is nothing to be taken instead");
            taken &= stage.reuse();
            if (taken)
                then = then.taking(
                        made.orElseThrow().getKey(), made.orElseThrow().getValue());
        }
        return Optional.empty();
    }

    private static String noneMade(ClusterState state, Run run, RunSpec.Stage stage) {
        String unlike = state.runs().of(run.spec().series()).stream()
                .filter(other -> !other.id().equals(run.id()))
                .filter(other -> other.stage(stage.name())
                        .filter(one -> one.phase().made())
                        .isPresent())
                .findFirst()
                .flatMap(other -> StageWork.unlike(run, other, stage.name())
                        .map(what -> "; since " + other.id() + " did, this differs: " + what))
                .orElse("");
        return "no earlier run of " + run.spec().series() + " has done " + stage.name()
                + " with the same command, environment, code and inputs, so there is nothing to be taken instead"
                + unlike;
    }

    private void open(Run run, Machines machines) {
        Run.Stage stage = run.current().orElse(null);
        boolean failed = run.stages().stream().anyMatch(one -> one.phase() == Run.Phase.FAILED);
        boolean stopping = run.stopping().isPresent();
        boolean running = stage != null && stage.phase() == Run.Phase.RUNNING;
        if (stage == null || !running && (failed || stopping)) {
            propose(new Command.EndRun(run.id()), "nothing is left to be done");
            return;
        }
        Optional<CostRule> cost = stopping ? Optional.empty() : CostRule.of(state, run, stage.name(), now);
        cost.flatMap(CostRule::news)
                .ifPresent(warning -> propose(new Command.WarnRun(run.id(), Watch.Rule.COST.name(), warning), ""));
        Optional<String> limit =
                stopping ? Optional.empty() : limit(run, machines).or(() -> cost.flatMap(CostRule::stop));
        if (limit.isPresent()) propose(new Command.StopRun(run.id(), limit.get()), "");
        else if (running) working(run, stage, machines);
        else start(run, run.spec().stages().get(run.spec().stage(stage.name())), machines);
    }

    /// Why it may not go on; empty when it may.
    private Optional<String> limit(Run run, Machines machines) {
        Duration time = Duration.between(run.since(), now);
        Optional<String> late = run.spec()
                .durationMax()
                .filter(most -> time.compareTo(most) >= 0)
                .map(most -> "its time is over: " + Durations.brief(most));
        if (late.isPresent() || run.spec().machines().isEmpty()) return late;
        Money spent = Machines.spent(state, run, now);
        return run.spec()
                .totalMax()
                .filter(cap -> spent.compareTo(cap) >= 0)
                .map(cap -> "it has cost " + spent + " of at most " + cap)
                .or(() -> machines.poor(run));
    }

    private void working(Run run, Run.Stage stage, Machines machines) {
        JobId id = stage.job().orElseThrow();
        Job job = state.work().jobs().find(id).orElse(null);
        if (job == null || job.status() != Job.Status.OPEN) {
            propose(
                    new Command.FinishRunStage(run.id(), stage.name()),
                    "job " + id + (job == null ? " was forgotten" : " " + job.status()));
            return;
        }
        if (run.stopping().isPresent()) {
            wait(run, Wait.Reason.STAGE, stage.name() + " is being stopped: " + id);
            return;
        }
        Optional<String> no = machines.keep(run, job.spec(), stage.name() + " runs " + id);
        boolean works = state.work().tasksOf(id).values().stream()
                .anyMatch(task -> task.status().isActive());
        if (no.isPresent() && !works) propose(new Command.FailRun(run.id(), no.get()), "");
        else wait(run, Wait.Reason.STAGE, stage.name() + " runs " + id);
    }

    /// What an earlier run has made is taken before a machine is rented for it.
    private void start(Run run, RunSpec.Stage stage, Machines machines) {
        boolean kept = run.stage(stage.name()).orElseThrow().saved().stream()
                .allMatch(file -> state.files().held(file.sha()));
        StageWork work = kept ? StageWork.of(run, stage) : StageWork.anew(run, stage);
        if (stage.reuse()) {
            reuse(run, stage, work);
            return;
        }
        Optional<String> lost = work.spec().inputs().stream()
                .filter(input -> !state.files().held(input.artifact()))
                .findFirst()
                .map(input -> stage.name() + ": no node holds " + input.path() + " any more ("
                        + input.artifact().brief() + ")");
        Optional<String> no = lost.or(() -> machines.keep(run, work.spec(), stage.name() + " is next"));
        if (no.isPresent()) propose(new Command.FailRun(run.id(), no.get()), "");
        else
            propose(
                    new Command.StartRunStage(run.id(), stage.name(), work.spec(), work.key()),
                    "stage " + (run.spec().stage(stage.name()) + 1) + " of "
                            + run.spec().stages().size()
                            + (kept ? "" : ", from its beginning: what it had saved is lost"));
    }

    private void reuse(Run run, RunSpec.Stage stage, StageWork work) {
        Optional<Map.Entry<RunId, Run.Stage>> made = state.runs().made(run, stage.name(), work.key());
        boolean there = made.isPresent()
                && made.get().getValue().outputs().stream()
                        .noneMatch(file -> Replicas.givers(state, file.sha()).isEmpty());
        if (there)
            propose(
                    new Command.ReuseRunStage(run.id(), stage.name(), made.get().getKey(), work.key()),
                    "made of the same: " + work.key().substring(0, 12));
        else
            propose(
                    new Command.FailRun(
                            run.id(),
                            made.isEmpty()
                                    ? noneMade(state, run, stage)
                                    : "no node in reach holds what "
                                            + made.get().getKey() + " has left of " + stage.name()),
                    "");
    }

    private void propose(Command command, String why) {
        actions.add(new Action.Propose(command, why));
    }

    private void wait(Run run, Wait.Reason reason, String message) {
        waits.add(new Wait(run.id().toString(), reason, message));
    }
}
