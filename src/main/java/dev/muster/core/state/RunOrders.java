package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Orders about training runs.
final class RunOrders {
    /// Runs of a series that fail alike, one after the other, before a person has to say that another is wanted.
    static final int ALIKE_MAX = 3;

    private RunOrders() {}

    static Outcome handle(ClusterState state, Command.OfRuns command, Actor by, Instant at) {
        return switch (command) {
            case Command.LaunchRun order -> launch(state, order, by);
            case Command.StartRunStage order -> startStage(state, order, by);
            case Command.ReuseRunStage order -> reuseStage(state, order);
            case Command.FinishRunStage(RunId id, String stage) -> finishStage(state, id, stage);
            case Command.EndRun(RunId id) -> end(state, id);
            case Command.FailRun(RunId id, String reason) -> fail(state, id, reason);
            case Command.WarnRun order -> warn(state, order);
            case Command.StopRun(RunId id, String reason) -> stop(state, id, reason);
            case Command.ResumeRun order -> resume(state, order);
            case Command.SettleRun(RunId id, Money cost) -> settle(state, id, cost);
            case Command.ForgetRun(RunId id) -> forget(state, id, at);
        };
    }

    private static Outcome launch(ClusterState state, Command.LaunchRun order, Actor by) {
        RunId id = order.run();
        if (state.runs().runs().has(id))
            return refused(
                    Code.CONFLICT,
                    "expected a new run, but " + id + " is there already; `muster run show " + id
                            + "` shows it, and `muster run resume " + id + "` goes on with it");
        if (state.rentals().groups().has(id.name()))
            return refused(Code.CONFLICT, "expected an id that is no group's, but " + id + " is one");
        Optional<Outcome> no = others(id, order.spec())
                .or(() -> full(state))
                .or(() -> booked(state, id))
                .or(() -> lost(state, order.spec().stages()))
                .or(() -> order.anyway() ? Optional.empty() : alike(state, order.spec()));
        if (no.isPresent()) return no.get();
        List<Event> events = new ArrayList<>(room(state));
        events.add(new Event.RunLaunched(id, order.spec(), by.toString()));
        return new Outcome.Accepted(events, id.toString());
    }

    private static Optional<Outcome> full(ClusterState state) {
        int open = state.runs().open().size();
        return open < Runs.OPEN_MAX
                ? Optional.empty()
                : Optional.of(
                        refused(Code.FULL, "expected fewer than " + Runs.OPEN_MAX + " open runs, but found " + open));
    }

    private static Optional<Outcome> others(RunId id, RunSpec spec) {
        return spec.machines()
                .filter(terms -> !terms.name().equals(id.name()))
                .map(terms ->
                        refused(Code.INVALID, "expected machines for " + id + ", but found them for " + terms.name()));
    }

    /// What a forgotten run, or a group, of that name has cost would be this one's.
    private static Optional<Outcome> booked(ClusterState state, RunId id) {
        return rents(state, id) || state.rentals().ledger().has(id.name())
                ? Optional.of(refused(
                        Code.CONFLICT,
                        "expected a new id, but machines were rented under " + id + ", and what they cost is in the"
                                + " books; another name will do"))
                : Optional.empty();
    }

    private static boolean rents(ClusterState state, RunId id) {
        return state.rentals().instances().values().stream()
                .anyMatch(instance -> instance.group().equals(Optional.of(id.name())));
    }

    private static Optional<Outcome> lost(ClusterState state, List<RunSpec.Stage> stages) {
        return stages.stream()
                .flatMap(stage -> stage.job().inputs().stream())
                .filter(input -> !state.files().held(input.artifact()))
                .findFirst()
                .map(input -> refused(
                        Code.NOT_FOUND, "input " + input.path() + ": no node holds artifact " + input.artifact()));
    }

    /// A fourth would fail as the three before it, and cost as much. One with other code, data or words may well not.
    private static Optional<Outcome> alike(ClusterState state, RunSpec spec) {
        List<Run> last = state.runs().of(spec.series()).stream()
                .filter(run -> !run.open())
                .limit(ALIKE_MAX)
                .toList();
        Set<String> kinds = last.stream().map(RunOrders::failure).collect(Collectors.toCollection(TreeSet::new));
        boolean same = last.size() == ALIKE_MAX
                && kinds.size() == 1
                && !kinds.contains("")
                && last.getFirst().spec().stages().equals(spec.stages());
        if (!same) return Optional.empty();
        Run newest = last.getFirst();
        return Optional.of(refused(
                Code.UNSAFE,
                "the last " + ALIKE_MAX + " runs of " + spec.series() + " failed alike, the last one of them, "
                        + newest.id() + ": " + newest.note() + "; change what fails, `muster run show " + newest.id()
                        + "` shows it, and --anyway launches another"));
    }

    /// Of what kind its end was; empty of one that did not fail.
    private static String failure(Run run) {
        if (run.status() != Run.Status.FAILED) return "";
        return run.stages().stream()
                .filter(stage -> stage.phase() == Run.Phase.FAILED)
                .map(stage -> stage.name() + " " + stage.failure())
                .findFirst()
                .orElse("machines");
    }

    /// The oldest that have ended make room; the best of each series stay.
    private static List<Event> room(ClusterState state) {
        List<Run> over = state.runs().runs().values().stream()
                .filter(run -> !run.open())
                .filter(run -> !state.runs().champions().values().contains(run.id()))
                .filter(run -> run.cost().isPresent() || run.spec().machines().isEmpty() && !rents(state, run.id()))
                .sorted(java.util.Comparator.comparing(
                        (Run run) -> run.endedAt().orElse(Instant.EPOCH)))
                .toList();
        int excess = Math.min(over.size(), over.size() - Runs.ENDED_MAX + 1);
        List<Event> events = new ArrayList<>();
        for (int number = 0; number < excess; number++)
            events.add(new Event.RunForgotten(over.get(number).id()));
        return events;
    }

    private static Outcome startStage(ClusterState state, Command.StartRunStage order, Actor by) {
        Run run = state.runs().runs().find(order.run()).orElse(null);
        if (run == null) return unknown(order.run());
        Optional<Outcome> no = notNext(run, order.stage());
        if (no.isPresent()) return no.get();
        if (!order.spec().run().equals(run.spec().machines().map(terms -> run.id())))
            return refused(
                    Code.STALE,
                    "expected a job for "
                            + run.spec().machines().map(Group::name).orElse("any node")
                            + ", but found one for "
                            + order.spec().run().map(RunId::name).orElse("any node"));
        return switch (JobOrders.submitted(state, order.spec(), by)) {
            case Outcome.Refused refusal -> refusal;
            case Outcome.Accepted(List<Event> submitted, String job) -> {
                List<Event> events = new ArrayList<>(submitted);
                events.add(new Event.RunStageStarted(order.run(), order.stage(), JobId.parse(job), order.key()));
                yield new Outcome.Accepted(events, job);
            }
        };
    }

    /// Why that stage cannot begin now; empty when it can.
    private static Optional<Outcome> notNext(Run run, String stage) {
        RunId id = run.id();
        if (!run.open() || run.stopping().isPresent())
            return Optional.of(refused(Code.CONFLICT, "expected " + id + " to go on, but it is over or stops"));
        Optional<Run.Stage> current = run.current();
        Optional<Run.Stage> failed = run.stages().stream()
                .filter(one -> one.phase() == Run.Phase.FAILED)
                .findFirst();
        if (failed.isPresent())
            return Optional.of(refused(
                    Code.CONFLICT, "expected " + failed.get().name() + " of " + id + " to be made, but it has failed"));
        boolean next = current.filter(one -> one.name().equals(stage) && one.phase() == Run.Phase.WAITING)
                .isPresent();
        return next
                ? Optional.empty()
                : Optional.of(refused(
                        Code.STALE,
                        "expected " + stage + " to be the next stage of " + id + ", but it is "
                                + current.map(one -> one.name() + ", " + one.phase())
                                        .orElse("none")));
    }

    private static Outcome reuseStage(ClusterState state, Command.ReuseRunStage order) {
        Run run = state.runs().runs().find(order.run()).orElse(null);
        if (run == null) return unknown(order.run());
        Optional<Outcome> no = notNext(run, order.stage());
        if (no.isPresent()) return no.get();
        Optional<Run.Stage> made = state.runs()
                .runs()
                .find(order.from())
                .flatMap(other -> other.stage(order.stage()))
                .filter(stage -> stage.phase().made() && stage.key().equals(order.key()));
        if (made.isEmpty())
            return refused(
                    Code.STALE,
                    "expected " + order.from() + " to have made " + order.stage() + " of the same, but it has not");
        Optional<Attempt.Stored> gone = made.get().outputs().stream()
                .filter(file -> !state.files().held(file.sha()))
                .findFirst();
        if (gone.isPresent())
            return refused(Code.NOT_FOUND, gone.get().path() + " of " + order.from() + ": no node holds it any more");
        Optional<Gate.Verdict> verdict = verdict(
                state,
                run,
                order.stage(),
                made.get().maker(order.from()),
                made.get().results());
        List<Event> events = new ArrayList<>();
        events.add(new Event.RunStageReused(order.run(), order.stage(), order.from(), verdict));
        verdict.filter(judged -> !judged.passes()).ifPresent(judged -> skip(run, order.stage(), judged, events));
        return new Outcome.Accepted(events, "");
    }

    private static Outcome finishStage(ClusterState state, RunId id, String name) {
        Run run = state.runs().runs().find(id).orElse(null);
        if (run == null) return unknown(id);
        Run.Stage stage = run.stage(name).orElse(null);
        if (stage == null || stage.phase() != Run.Phase.RUNNING)
            return refused(Code.STALE, "expected stage " + name + " of " + id + " to run, but it does not");
        JobId job = stage.job().orElseThrow();
        if (JobOrders.isOpen(state, job)) return refused(Code.CONFLICT, "job " + job + " has not ended");
        Optional<Job.Status> status = state.work().jobs().find(job).map(Job::status);
        return status.filter(Job.Status.SUCCEEDED::equals).isPresent()
                ? done(state, run, stage, job)
                : failed(state, run, stage, job, status);
    }

    private static Outcome done(ClusterState state, Run run, Run.Stage stage, JobId job) {
        Attempt last = state.work().succeeded(job).getFirst();
        Optional<Gate.Verdict> verdict = verdict(state, run, stage.name(), run.id(), last.results());
        List<Event> events = new ArrayList<>();
        String gpu = state.fleet()
                .nodes()
                .find(last.node())
                .map(node -> node.hardware().gpuName())
                .orElse("");
        events.add(new Event.RunStageDone(
                run.id(),
                stage.name(),
                last.outputs(),
                last.results(),
                verdict,
                ran(state, job),
                gpu,
                traces(state, job)));
        verdict.filter(judged -> !judged.passes()).ifPresent(judged -> skip(run, stage.name(), judged, events));
        return new Outcome.Accepted(events, "");
    }

    private static Duration ran(ClusterState state, JobId job) {
        return Attempt.ran(state.work().attemptsOf(job).values(), Optional.empty());
    }

    private static Traces traces(ClusterState state, JobId job) {
        return Traces.of(state.work().attemptsOf(job).values());
    }

    private static Optional<Gate.Verdict> verdict(
            ClusterState state, Run run, String stage, RunId maker, Table<String, Double> results) {
        return run.spec()
                .stages()
                .get(run.spec().stage(stage))
                .gate()
                .map(gate -> gate.judge(
                        results, gate.metric().flatMap(metric -> state.runs().baseline(run, stage, maker, metric))));
    }

    /// What comes after a gate that said no is not run.
    private static void skip(Run run, String stage, Gate.Verdict verdict, List<Event> events) {
        int from = run.spec().stage(stage) + 1;
        for (RunSpec.Stage later :
                run.spec().stages().subList(from, run.spec().stages().size()))
            events.add(new Event.RunStageSkipped(
                    run.id(), later.name(), stage + " was not good enough: " + verdict.why()));
    }

    /// What its job has saved is kept for another try.
    private static Outcome failed(
            ClusterState state, Run run, Run.Stage stage, JobId job, Optional<Job.Status> status) {
        Task task = state.work().tasksOf(job).values().stream().findFirst().orElse(null);
        List<Attempt.Stored> saved = task == null
                ? List.of()
                : List.copyOf(state.work().savedOf(task).files().values());
        Optional<String> failure = task == null || task.attempts() == 0
                ? Optional.empty()
                : task.gang()
                        .map(gang -> gang.ends().map(Attempt.Ending::failure))
                        .orElseGet(() -> state.work()
                                .attempts()
                                .find(task.newestAttempt())
                                .map(Attempt::failure));
        String note = task == null ? "job " + job + " was forgotten" : task.note();
        String why =
                note.isEmpty() ? "job " + job + " " + status.map(Enum::toString).orElse("") : note;
        return accepted(new Event.RunStageFailed(
                run.id(),
                stage.name(),
                saved.isEmpty() ? stage.saved() : saved,
                ran(state, job),
                failure.orElse(""),
                why,
                traces(state, job)));
    }

    private static Outcome end(ClusterState state, RunId id) {
        Run run = state.runs().runs().find(id).orElse(null);
        if (run == null) return unknown(id);
        if (!run.open()) return accepted();
        if (run.stages().stream().anyMatch(stage -> stage.phase() == Run.Phase.RUNNING))
            return refused(Code.CONFLICT, "expected no stage of " + id + " to run, but one does");
        Optional<Run.Stage> failed = run.stages().stream()
                .filter(stage -> stage.phase() == Run.Phase.FAILED)
                .findFirst();
        boolean left = run.current().isPresent() || failed.isPresent();
        if (run.stopping().isPresent() && left)
            return accepted(
                    new Event.RunEnded(id, Run.Status.STOPPED, run.stopping().get(), false));
        if (failed.isPresent())
            return accepted(new Event.RunEnded(
                    id,
                    Run.Status.FAILED,
                    failed.get().name() + ": " + failed.get().note(),
                    false));
        if (run.current().isPresent())
            return refused(
                    Code.CONFLICT,
                    "expected all stages of " + id + " to be over, but "
                            + run.current().get().name() + " is not");
        Optional<Run.Stage> skipped = run.stages().stream()
                .filter(stage -> stage.phase() == Run.Phase.SKIPPED)
                .findFirst();
        boolean no =
                run.stages().stream().flatMap(stage -> stage.verdict().stream()).anyMatch(verdict -> !verdict.passes());
        if (no)
            return accepted(new Event.RunEnded(
                    id, Run.Status.REJECTED, skipped.map(Run.Stage::note).orElseGet(() -> rejection(run)), false));
        boolean best = best(state, run);
        return accepted(new Event.RunEnded(
                id, Run.Status.SUCCEEDED, best ? "the best of " + run.spec().series() : "", best));
    }

    private static String rejection(Run run) {
        return run.stages().stream()
                .flatMap(stage -> stage.verdict().stream()
                        .filter(verdict -> !verdict.passes())
                        .map(verdict -> stage.name() + " was not good enough: " + verdict.why()))
                .findFirst()
                .orElse("");
    }

    /// Only by comparison with another: its last gate finds it better than what is the best now, which may have ended since
    /// the gate was asked.
    private static boolean best(ClusterState state, Run run) {
        return run.stages().reversed().stream()
                .filter(stage -> stage.verdict().isPresent())
                .findFirst()
                .flatMap(stage -> verdict(state, run, stage.name(), stage.maker(run.id()), stage.results()))
                .filter(verdict -> verdict.answer() == Gate.Answer.BETTER)
                .isPresent();
    }

    private static Outcome fail(ClusterState state, RunId id, String reason) {
        Run run = state.runs().runs().find(id).orElse(null);
        if (run == null) return unknown(id);
        if (!run.open()) return accepted();
        List<Event> events = new ArrayList<>();
        Optional<Run.Stage> running = run.stages().stream()
                .filter(stage -> stage.phase() == Run.Phase.RUNNING)
                .findFirst();
        if (running.isPresent()) {
            JobId job = running.get().job().orElseThrow();
            if (!JobOrders.isOpen(state, job))
                return refused(Code.CONFLICT, "expected " + job + " to wait, but it has ended");
            boolean works = state.work().tasksOf(job).values().stream()
                    .anyMatch(task -> task.status().isActive());
            if (works) return refused(Code.CONFLICT, "expected " + job + " to wait, but it runs");
            if (JobOrders.stop(state, job, reason) instanceof Outcome.Accepted(List<Event> stops, String none))
                events.addAll(stops);
            if (failed(state, run, running.get(), job, Optional.empty())
                    instanceof Outcome.Accepted(List<Event> lost, String none))
                for (Event event : lost)
                    if (event instanceof Event.RunStageFailed over)
                        events.add(new Event.RunStageFailed(
                                id, over.stage(), over.saved(), over.ran(), "MACHINES", reason, over.traces()));
        }
        events.add(new Event.RunEnded(id, Run.Status.FAILED, reason, false));
        return new Outcome.Accepted(events, "");
    }

    private static Outcome warn(ClusterState state, Command.WarnRun order) {
        Run run = state.runs().runs().find(order.run()).orElse(null);
        if (run == null) return unknown(order.run());
        if (!run.open() || !order.warning().worseThan(run.warnings().find(order.rule()))) return accepted();
        if (!run.warnings().has(order.rule()) && run.warnings().size() >= Traces.RULES_MAX)
            return refused(
                    Code.FULL,
                    "expected warnings of at most " + Traces.RULES_MAX + " rules, but found another, " + order.rule());
        return accepted(new Event.RunWarned(order.run(), order.rule(), order.warning()));
    }

    private static Outcome stop(ClusterState state, RunId id, String reason) {
        Run run = state.runs().runs().find(id).orElse(null);
        if (run == null) return unknown(id);
        if (!run.open() || run.stopping().isPresent()) return accepted();
        List<Event> events = new ArrayList<>();
        events.add(new Event.RunStopping(id, reason));
        Optional<JobId> job = run.current()
                .filter(stage -> stage.phase() == Run.Phase.RUNNING)
                .flatMap(Run.Stage::job);
        if (job.filter(open -> JobOrders.isOpen(state, open)).isPresent()
                && JobOrders.stop(state, job.get(), reason) instanceof Outcome.Accepted(List<Event> stops, String none))
            events.addAll(stops);
        return new Outcome.Accepted(events, "");
    }

    private static Outcome resume(ClusterState state, Command.ResumeRun order) {
        Run run = state.runs().runs().find(order.run()).orElse(null);
        if (run == null) return unknown(order.run());
        if (run.open()) return refused(Code.CONFLICT, "expected " + run.id() + " to be over, but it is open");
        if (!run.spec().series().equals(order.spec().series()))
            return refused(
                    Code.INVALID,
                    "expected a run of " + run.spec().series() + ", but found one of "
                            + order.spec().series());
        if (!names(run.spec()).equals(names(order.spec())))
            return refused(
                    Code.INVALID,
                    "expected the stages of " + run.id() + ", " + names(run.spec()) + ", but found "
                            + names(order.spec()));
        Optional<Integer> from = order.from().map(run.spec()::stage);
        if (from.filter(number -> number < 0).isPresent())
            return refused(
                    Code.NOT_FOUND,
                    "no stage " + order.from().get() + " in " + run.id() + "; it has " + names(run.spec()));
        if (run.status() == Run.Status.SUCCEEDED && from.isEmpty())
            return refused(
                    Code.CONFLICT,
                    "all stages of " + run.id() + " are done; --from STAGE does one and those after it anew");
        int kept = from.orElse(run.stages().size());
        List<RunSpec.Stage> anew = order.spec().stages().stream()
                .filter(stage -> order.spec().stage(stage.name()) >= kept
                        || !run.stage(stage.name()).orElseThrow().phase().made())
                .toList();
        Optional<Outcome> no = full(state)
                .or(() -> others(run.id(), order.spec()))
                .or(() -> rejected(run, kept))
                .or(() -> lost(state, anew));
        return no.orElseGet(() -> accepted(new Event.RunResumed(run.id(), order.spec(), from)));
    }

    /// What a gate has stopped would be paid for, and rejected all the same.
    private static Optional<Outcome> rejected(Run run, int kept) {
        return run.stages().subList(0, kept).stream()
                .filter(stage ->
                        stage.verdict().filter(verdict -> !verdict.passes()).isPresent())
                .findFirst()
                .map(stage -> refused(
                        Code.CONFLICT,
                        stage.name() + " of " + run.id() + " was not good enough; --from " + stage.name()
                                + ", or a stage before it, does it anew"));
    }

    private static List<String> names(RunSpec spec) {
        return spec.stages().stream().map(RunSpec.Stage::name).toList();
    }

    private static Outcome settle(ClusterState state, RunId id, Money cost) {
        Run run = state.runs().runs().find(id).orElse(null);
        if (run == null) return unknown(id);
        if (run.open()) return refused(Code.CONFLICT, "expected " + id + " to be over, but it is open");
        boolean rented = state.rentals().open().stream()
                .anyMatch(instance -> instance.group().equals(Optional.of(id.name())));
        if (rented) return refused(Code.CONFLICT, "expected no machine of " + id + " to be open, but one is");
        return run.cost().equals(Optional.of(cost)) ? accepted() : accepted(new Event.RunSettled(id, cost));
    }

    private static Outcome forget(ClusterState state, RunId id, Instant at) {
        Run run = state.runs().runs().find(id).orElse(null);
        if (run == null) return unknown(id);
        if (run.open()) return refused(Code.CONFLICT, "expected " + id + " to be over, but it is open");
        if (state.runs().champions().values().contains(id))
            return refused(
                    Code.UNSAFE,
                    id + " is the best run of " + run.spec().series() + ", with which the next ones are compared");
        if (run.cost().isEmpty() && (run.spec().machines().isPresent() || rents(state, id)))
            return refused(
                    Code.CONFLICT, "expected the bills of " + id + "'s machines to be settled, but they are not");
        Event.RunForgotten gone = new Event.RunForgotten(id);
        References others = References.listed(state.with(state.runs().applied(gone, at)));
        List<Event> events = new ArrayList<>(List.of(gone));
        for (Sha256 sha : files(run)) {
            boolean kept = state.files()
                    .artifacts()
                    .find(sha)
                    .filter(file -> !file.pinned())
                    .isEmpty();
            if (!kept && others.find(sha).isEmpty()) events.add(new Event.ArtifactForgotten(sha));
        }
        return new Outcome.Accepted(events, "");
    }

    /// What it has left, and what it worked with.
    private static Set<Sha256> files(Run run) {
        Set<Sha256> files = new TreeSet<>();
        for (Run.Stage stage : run.stages()) {
            for (Attempt.Stored file : stage.outputs()) files.add(file.sha());
            for (Attempt.Stored file : stage.saved()) files.add(file.sha());
        }
        for (RunSpec.Stage stage : run.spec().stages())
            for (JobSpec.Input input : stage.job().inputs()) files.add(input.artifact());
        return files;
    }

    private static Outcome unknown(RunId id) {
        return refused(Code.NOT_FOUND, "no run " + id + "; `muster run list` shows those there are");
    }
}
