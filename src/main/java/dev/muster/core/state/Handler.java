package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// An order against the state gives facts or a refusal. Deterministic, and it makes no choices: it only checks again what
/// may have changed since somebody chose.
///
/// The orders of one subject stand together: [NodeOrders], [HostOrders], [EnrolmentOrders], [FixOrders], [JobOrders], [AlertOrders],
/// [ArtifactOrders], [ModelOrders], [DistributionOrders], [LoopOrders], [RentOrders],
/// [RunOrders].
public final class Handler {
    private Handler() {}

    /// What one order did.
    ///
    /// @param state      afterwards; the same as before when refused or already applied
    /// @param transition to be sent to followers; absent when the state did not move
    public record Step(ClusterState state, Outcome outcome, Optional<Transition> transition) {}

    /// Applies one order of the log.
    ///
    /// @param at the leader's time stamp; an earlier one than the state's is taken as the state's
    public static Step step(ClusterState state, Instant at, Envelope envelope) {
        Optional<Journal.Answer> answered =
                envelope.request().flatMap(request -> state.journal().answers().find(request));
        if (answered.isPresent()) {
            return new Step(
                    state, new Outcome.Accepted(List.of(), answered.get().created()), Optional.empty());
        }
        Instant now = at.isBefore(state.at()) ? state.at() : at;
        return switch (handle(state, now, envelope)) {
            case Outcome.Refused refusal -> new Step(state, refusal, Optional.empty());
            case Outcome.Accepted(List<Event> events, String created)
            when events.isEmpty() && envelope.request().isEmpty() ->
                new Step(state, new Outcome.Accepted(events, created), Optional.empty());
            case Outcome.Accepted accepted -> advanced(state, now, envelope, accepted);
        };
    }

    /// Raft's configuration changed: not an order, but a fact that every voter meets at the same place in the log.
    public static Step votersChanged(ClusterState state, List<NodeId> voters, Actor by) {
        List<NodeId> sorted = voters.stream().sorted().toList();
        if (sorted.equals(state.fleet().voters())) return new Step(state, accepted(), Optional.empty());
        Transition step = new Transition(
                state.at(),
                Optional.empty(),
                by,
                "Raft's configuration",
                "VOTERS_CHANGED",
                "",
                List.of(new Event.VotersChanged(sorted)));
        return new Step(state.advance(step), accepted(step.events().getFirst()), Optional.of(step));
    }

    private static Step advanced(ClusterState state, Instant now, Envelope envelope, Outcome.Accepted accepted) {
        Transition step = new Transition(
                now,
                envelope.request(),
                envelope.actor(),
                envelope.why(),
                EventNames.ofType(envelope.command().getClass()),
                accepted.created(),
                accepted.events());
        return new Step(state.advance(step), accepted, Optional.of(step));
    }

    /// The bare answer, for tests; [#step] adds retries and the fold.
    static Outcome handle(ClusterState state, Instant at, Envelope envelope) {
        return switch (envelope.command()) {
            case Command.JoinNode order -> NodeOrders.join(state, order);
            case Command.AddNode(Declared host) -> HostOrders.add(state, host);
            case Command.ImportNodes order -> HostOrders.importAll(state, order, envelope.actor(), at);
            case Command.DrainNode(NodeId node) ->
                HostOrders.braked(state, NodeOrders.drain(state, node), node, envelope.actor(), at);
            case Command.UndrainNode(NodeId node) -> NodeOrders.undrain(state, node);
            case Command.RetireNode(NodeId node) ->
                HostOrders.braked(state, NodeOrders.retire(state, node), node, envelope.actor(), at);
            case Command.UnretireNode(NodeId node) -> NodeOrders.unretire(state, node);
            case Command.RemoveNode(NodeId node) -> NodeOrders.remove(state, node, at);
            case Command.FenceNode(NodeId node) -> NodeOrders.fence(state, node, at, envelope.why());
            case Command.ReadmitNode(NodeId node) -> NodeOrders.readmit(state, node);
            case Command.MintToken order -> EnrolmentOrders.mint(state, order, envelope.actor(), at);
            case Command.RevokeToken(NodeId node) -> EnrolmentOrders.revoke(state, node);
            case Command.EnrolNode(NodeId node, Sha256 token) -> EnrolmentOrders.enrol(state, node, token, at);
            case Command.OrderFix order -> FixOrders.order(state, order, envelope.actor(), at);
            case Command.FinishFix order -> FixOrders.finish(state, order);
            case Command.AddVoter(NodeId node) -> NodeOrders.addVoter(state, node);
            case Command.RemoveVoter(NodeId node) -> NodeOrders.removeVoter(state, node);
            case Command.AnnounceLeader(NodeId node, long term) -> NodeOrders.announce(state, node, term);

            case Command.SubmitJob(JobSpec spec) -> JobOrders.submit(state, spec, envelope.actor());
            case Command.StopJob(JobId job) -> JobOrders.stop(state, job, envelope.why());
            case Command.PlaceTask(AttemptId attempt, NodeId node) -> JobOrders.place(state, attempt, node, at);
            case Command.PlaceGang(AttemptId attempt, var nodes) -> GangOrders.place(state, attempt, nodes, at);
            case Command.ReportStarted order -> JobOrders.started(state, order);
            case Command.SaveProgress order -> JobOrders.save(state, order);
            case Command.WarnAttempt order -> JobOrders.warn(state, order);
            case Command.LinkAttempt order -> JobOrders.link(state, order);
            case Command.FinishAttempt order -> JobOrders.finish(state, order, at);

            case Command.ConfirmReplica order -> ModelOrders.confirm(state, order);
            case Command.DropReplica(Sha256 sha, NodeId node) -> ModelOrders.drop(state, sha, node);
            case Command.PutArtifact order -> ArtifactOrders.put(state, order);
            case Command.ReleaseReplica(Sha256 sha, NodeId node) -> ArtifactOrders.release(state, sha, node);
            case Command.PinArtifact(Sha256 sha, boolean pinned) -> ArtifactOrders.pin(state, sha, pinned);
            case Command.RecordDelta(DeltaOf of, MadeDelta delta) -> ArtifactOrders.delta(state, of, delta);
            case Command.ForgetArtifact(Sha256 sha) -> ModelOrders.forget(state, sha);
            case Command.PromoteModel order -> ModelOrders.promote(state, order, envelope);
            case Command.RollbackModel order -> ModelOrders.rollback(state, order, envelope);
            case Command.CompleteDistribution(ConfigKey config, Sha256 sha) ->
                DistributionOrders.complete(state, config, sha, at);
            case Command.ReportStandstill order -> DistributionOrders.standsStill(state, order);
            case Command.SupersedeDistribution(ConfigKey config, long number) ->
                DistributionOrders.supersede(state, config, number);
            case Command.StrikeSource order -> DistributionOrders.strike(state, order, at);
            case Command.RecordMatches(ConfigKey config, List<Match> matches) ->
                matches.isEmpty()
                        ? refused(Code.INVALID, "expected at least one match, but found none")
                        : accepted(new Event.MatchesRecorded(config, matches));

            case Command.StartLoop(LoopSpec spec) -> LoopOrders.start(spec);
            case Command.StopLoop(ConfigKey config) -> LoopOrders.stop(state, config, envelope.why());
            case Command.StartStage order -> LoopOrders.startStage(state, order, envelope.actor());
            case Command.FinishStage order -> LoopOrders.finishStage(state, order, at);
            case Command.RejectCandidate(GenerationId id) -> LoopOrders.reject(state, id, envelope.why());
            case Command.LeaveDistribution(GenerationId id) -> LoopOrders.leaveDistribution(state, id);

            case Command.OfRentals order -> RentOrders.handle(state, order, envelope.actor(), at);
            case Command.OfRuns order -> RunOrders.handle(state, order, envelope.actor(), at);
            case Command.OfAlerts order -> AlertOrders.handle(state, order, envelope.actor(), at, envelope.why());
        };
    }
}
