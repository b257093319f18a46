package dev.muster.core.state;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// All that the voters replicate: an immutable value, the fold of its transitions.
///
/// Its parts are by subject, each in a file of its own. A reader keeps a reference as long as it likes and sees one
/// consistent moment; a writer makes the next value, which shares nearly all of it.
///
/// @param format   of the handling rules; a change of behaviour in [Handler] or [#apply] is guarded by it
/// @param revision events applied so far; every read and every lease carries one
/// @param at       the last transition's time; never goes back
public record ClusterState(
        int format,
        long revision,
        Instant at,
        Fleet fleet,
        Work work,
        Files files,
        Models models,
        Ratings ratings,
        Loops loops,
        Rentals rentals,
        Runs runs,
        Alerts alerts,
        Journal journal) {
    public static final int FORMAT = 1;

    /// What an earlier build did not write is empty.
    public ClusterState {
        rentals = rentals == null ? Rentals.EMPTY : rentals;
        runs = runs == null ? Runs.EMPTY : runs;
        alerts = alerts == null ? Alerts.EMPTY : alerts;
    }

    public static final ClusterState EMPTY = new ClusterState(
            FORMAT,
            0,
            Instant.EPOCH,
            Fleet.EMPTY,
            Work.EMPTY,
            Files.EMPTY,
            Models.EMPTY,
            Ratings.EMPTY,
            Loops.EMPTY,
            Rentals.EMPTY,
            Runs.EMPTY,
            Alerts.EMPTY,
            Journal.EMPTY);

    /// The state after one more transition. Total: whatever [Handler] accepted can be applied.
    public ClusterState advance(Transition step) {
        Instant now = step.at().isBefore(at) ? at : step.at();
        ClusterState next = new ClusterState(
                format, revision, now, fleet, work, files, models, ratings, loops, rentals, runs, alerts, journal);
        for (Event event : step.events()) next = next.apply(event, step.why());
        return next.withJournal(journal.logged(step, revision + 1));
    }

    private ClusterState apply(Event event, String why) {
        long now = revision + 1;
        ClusterState next = applied(event, now, why);
        return new ClusterState(
                format,
                now,
                at,
                next.fleet,
                next.work,
                next.files,
                next.models,
                next.ratings,
                next.loops,
                next.rentals,
                next.runs,
                next.alerts,
                journal);
    }

    private ClusterState applied(Event event, long token, String why) {
        return switch (event) {
            case Event.NodeJoined joined ->
                with(fleet.joined(
                        joined,
                        rentals.of(joined.node()).filter(Instance::leaving).isPresent(),
                        rentals.of(joined.node()).flatMap(this::runOf),
                        at));
            case Event.NodeDeclared(Declared host) -> with(fleet.declared(host, at));
            case Event.NodeDraining(NodeId node) -> with(fleet.desired(node, Desired.DRAINING, at));
            case Event.NodeReady(NodeId node) -> with(fleet.desired(node, Desired.READY, at));
            case Event.NodeRetired(NodeId node) -> with(fleet.desired(node, Desired.RETIRED, at));
            case Event.NodeRemoved(NodeId node) -> with(fleet.removed(node)).with(files.nodeRemoved(node));
            case Event.NodeFenced(NodeId node) -> with(fleet.fenced(node, true));
            case Event.NodeReadmitted(NodeId node) -> with(fleet.fenced(node, false));
            case Event.TokenMinted(Enrolment enrolment) -> with(fleet.minted(enrolment, at));
            case Event.TokenRevoked(NodeId node) -> with(fleet.revoked(node));
            case Event.NodeEnrolled(NodeId node) -> with(fleet.enrolled(node, at));
            case Event.FixOrdered(NodeId node, FixKind kind) -> with(fleet.fixOrdered(token, node, kind, at));
            case Event.FixDone done -> with(fleet.fixEnded(done.token(), new Fix.Ended(at, true, done.note())));
            case Event.FixFailed failed ->
                with(fleet.fixEnded(failed.token(), new Fix.Ended(at, false, failed.note())));
            case Event.VoterWanted(NodeId node) -> with(fleet.wants(node, true));
            case Event.VoterUnwanted(NodeId node) -> with(fleet.wants(node, false));
            case Event.VotersChanged(List<NodeId> voters) -> with(fleet.votersChanged(voters));
            case Event.LeaderElected(NodeId node, long term) ->
                with(fleet.led(node, term)).with(rentals.led(term, at));

            case Event.JobSubmitted submitted -> with(work.submitted(submitted, at));
            case Event.JobStopping(JobId job, String reason) -> with(work.stopping(job, reason));
            case Event.JobSucceeded(JobId job) -> with(work.jobEnded(job, Job.Status.SUCCEEDED, at));
            case Event.JobFailed(JobId job, String reason) -> with(work.jobEnded(job, Job.Status.FAILED, at));
            case Event.JobCancelled(JobId job) -> with(work.jobEnded(job, Job.Status.CANCELLED, at));
            case Event.JobForgotten(JobId job) -> with(work.forgotten(job));
            case Event.TaskPlaced(AttemptId attempt, NodeId node) ->
                with(work.placed(attempt, node, token, this::given, at));
            case Event.GangPlaced placed -> with(work.placed(placed, token, this::given, at));
            case Event.GangEnding(AttemptId attempt, Attempt.Ending ending) ->
                with(work.gangEnding(attempt, ending, at));
            case Event.TaskStarted(AttemptId attempt, long pid) -> with(work.started(attempt, pid, at));
            case Event.ProgressSaved saved ->
                with(work.saved(saved, sha -> elsewhere(sha, saved.node()), at))
                        .with(files.saved(saved, work.specOf(saved.attempt()).config(), at));
            case Event.AttemptEvicting(AttemptId attempt, String reason) -> with(work.evicting(attempt, reason, at));
            case Event.AttemptWarned(AttemptId attempt, String rule, Traces.Warning warning) ->
                with(work.shown(attempt, traces -> traces.with(rule, warning)));
            case Event.AttemptLinked(AttemptId attempt, Traces.Tracked tracked) ->
                with(work.shown(attempt, traces -> traces.with(tracked)));
            case Event.AttemptEnded(AttemptId attempt, Attempt.Ending ending) ->
                with(files.kept(
                                work.attempts().require(attempt),
                                ending.traces().evidence(),
                                work.specOf(attempt).config(),
                                at))
                        .with(work.attemptEnded(attempt, ending, at))
                        .with(loops.attemptEnded(work.specOf(attempt), ending));
            case Event.TaskRequeued requeued -> with(work.requeued(requeued));
            case Event.TaskSucceeded(TaskId task) -> with(work.taskOver(task, Task.Status.SUCCEEDED, ""));
            case Event.TaskFailed(TaskId task, String reason) -> with(work.taskOver(task, Task.Status.FAILED, reason));
            case Event.TaskCancelled(TaskId task) -> with(work.taskOver(task, Task.Status.CANCELLED, "job stopped"));

            case Event.ArtifactStored stored -> with(files.stored(stored, at));
            case Event.ArtifactPut put -> with(files.put(put, at));
            case Event.ArtifactPinned(Sha256 sha, boolean pinned) -> with(files.pinned(sha, pinned));
            case Event.ReplicaConfirmed confirmed ->
                with(files.confirmed(confirmed.artifact(), confirmed.node(), at))
                        .with(models.arrived(confirmed));
            case Event.ReplicaDropped(Sha256 sha, NodeId node) -> with(files.dropped(sha, node));
            case Event.DeltaMade(DeltaOf of, MadeDelta delta) -> with(files.deltaMade(of, delta));
            case Event.ArtifactForgotten(Sha256 sha) -> with(files.forgotten(sha));

            case Event.ModelPromoted promoted -> promoted(promoted);
            case Event.PromotionRolledBack rolled -> with(models.rolledBack(rolled, at));
            case Event.ModelDistributionStarted(ConfigKey config, Sha256 sha) ->
                with(models.distributing(config, sha, at));
            case Event.ModelDistributionComplete done ->
                with(models.distributed(done.config(), at, done.nodes().size()));
            case Event.DistributionIncomplete still ->
                standsStill(still.config(), Distribution.Standstill.INCOMPLETE, still.missing(), still.lacking());
            case Event.ModelDistributionFailed still ->
                standsStill(still.config(), Distribution.Standstill.FAILED, still.missing(), still.lacking());
            case Event.ModelDistributionSuperseded superseded -> with(models.superseded(superseded, at));
            case Event.SourceStruck struck -> with(files.struck(struck, at));
            case Event.MatchesRecorded(ConfigKey config, List<Match> matches) ->
                with(ratings.recorded(config, matches));

            case Event.LoopStarted(LoopSpec spec) -> with(loops.started(spec, at));
            case Event.LoopStopped(ConfigKey config, String reason) -> with(loops.stopped(config));
            case Event.StageStarted started -> with(loops.stageStarted(started));
            case Event.StageFailed failed -> with(loops.stageFailed(failed));
            case Event.SelfplayComplete played -> with(loops.played(played, at));
            case Event.TrainingCompleted trained -> with(loops.trained(trained, at));
            case Event.EvaluationCompleted evaluated -> with(loops.evaluated(evaluated, at));
            case Event.PromotionCandidate candidate -> this;
            case Event.PromotionRejected(GenerationId generation, String reason) ->
                with(loops.rejected(generation, reason));
            case Event.GenerationEnded(GenerationId generation) -> with(loops.ended(generation, at));

            case Event.OfRentals rented -> rented(rented, why);
            case Event.OfRuns run -> with(runs.applied(run, at));
            case Event.OfAlerts alert -> with(alerts.applied(alert, at));
        };
    }

    /// The run for which a machine was rented.
    public Optional<RunId> runOf(Instance instance) {
        return instance.group()
                .filter(name -> !rentals.groups().has(name))
                .flatMap(runs::named)
                .map(Run::id);
    }

    /// On what terms a machine was rented: those of its group, or of the run it was rented for; empty when a person rented
    /// it.
    public Optional<Group> termsOf(Instance instance) {
        return instance.group()
                .flatMap(rentals.groups()::find)
                .or(() -> runOf(instance)
                        .flatMap(run -> runs.runs().require(run).spec().machines()));
    }

    private boolean given(Sha256 sha) {
        return !Replicas.givers(this, sha).isEmpty();
    }

    private boolean elsewhere(Sha256 sha, NodeId node) {
        return Replicas.givers(this, sha).stream().anyMatch(giver -> !giver.equals(node));
    }

    private ClusterState standsStill(ConfigKey config, Distribution.Standstill what, int missing, List<Lack> lacking) {
        List<NodeId> nodes = lacking.stream().map(Lack::node).toList();
        return with(models.toldOf(config, new Distribution.Told(what, at, nodes, missing)));
    }

    /// What is wanted of a machine decides whether its node takes work.
    private ClusterState rented(Event.OfRentals event, String why) {
        ClusterState next = with(rentals.applied(event, fleet.term(), at, why));
        Optional<InstanceId> id = switch (event) {
            case Event.InstanceStarting(InstanceId started) -> Optional.of(started);
            case Event.InstanceStopping(InstanceId stopped) -> Optional.of(stopped);
            case Event.InstanceEnding(InstanceId ending, boolean abandon) -> Optional.of(ending);
            case Event.InstanceReplaced(InstanceId replaced) -> Optional.of(replaced);
            case Event.InstanceSeen(InstanceId found, Sighting seen, NodeId node) -> Optional.of(found);
            case Event.InstanceAdopted adopted -> Optional.of(adopted.instance());
            case Event.InstanceEnded(InstanceId ended, String note) -> Optional.of(ended);
            default -> Optional.empty();
        };
        Optional<Instance> instance = id.flatMap(next.rentals.instances()::find);
        Optional<NodeId> node = instance.flatMap(Instance::node);
        return node.isEmpty()
                ? next
                : next.with(fleet.rented(node.get(), instance.get().leaving(), runOf(instance.get())));
    }

    private ClusterState promoted(Event.ModelPromoted event) {
        ClusterState next = with(models.promoted(event, at));
        GenerationId id = new GenerationId(event.config(), event.generation());
        boolean awaited = event.generation() > 0
                && loops.loops()
                        .find(event.config())
                        .map(loop -> loop.current().equals(id) && loop.stage() == Loop.Stage.VERDICT)
                        .orElse(false);
        return awaited ? next.with(loops.promoted(id, event.reason(), at)) : next;
    }

    private ClusterState with(Fleet changed) {
        return new ClusterState(
                format, revision, at, changed, work, files, models, ratings, loops, rentals, runs, alerts, journal);
    }

    /// The same but for its work; for who counts anew what follows from the rest, as a snapshot does.
    public ClusterState with(Work changed) {
        return new ClusterState(
                format, revision, at, fleet, changed, files, models, ratings, loops, rentals, runs, alerts, journal);
    }

    private ClusterState with(Files changed) {
        return new ClusterState(
                format, revision, at, fleet, work, changed, models, ratings, loops, rentals, runs, alerts, journal);
    }

    private ClusterState with(Models changed) {
        return new ClusterState(
                format, revision, at, fleet, work, files, changed, ratings, loops, rentals, runs, alerts, journal);
    }

    private ClusterState with(Ratings changed) {
        return new ClusterState(
                format, revision, at, fleet, work, files, models, changed, loops, rentals, runs, alerts, journal);
    }

    private ClusterState with(Loops changed) {
        return new ClusterState(
                format, revision, at, fleet, work, files, models, ratings, changed, rentals, runs, alerts, journal);
    }

    ClusterState with(Runs changed) {
        return new ClusterState(
                format, revision, at, fleet, work, files, models, ratings, loops, rentals, changed, alerts, journal);
    }

    private ClusterState with(Alerts changed) {
        return new ClusterState(
                format, revision, at, fleet, work, files, models, ratings, loops, rentals, runs, changed, journal);
    }

    private ClusterState with(Rentals changed) {
        return new ClusterState(
                format, revision, at, fleet, work, files, models, ratings, loops, changed, runs, alerts, journal);
    }

    private ClusterState withJournal(Journal changed) {
        return new ClusterState(
                format, revision, at, fleet, work, files, models, ratings, loops, rentals, runs, alerts, changed);
    }
}
