package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A fact. State is the fold of its facts; nothing else changes it. Names are the runbooks' where they have one
/// (`MODEL_PROMOTED`); [EventNames] gives the one spelling that people and machines see.
public sealed interface Event {
    // ---- nodes
    record NodeJoined(
            NodeId node, String identity, Role role, Hardware hardware, int maxParallelJobs, Endpoints endpoints)
            implements Event {}

    /// Somebody wrote down what is known and wanted of a machine that may join, or has joined.
    record NodeDeclared(Declared host) implements Event {}

    record NodeDraining(NodeId node) implements Event {}

    record NodeReady(NodeId node) implements Event {}

    record NodeRetired(NodeId node) implements Event {}

    record NodeRemoved(NodeId node) implements Event {}

    record NodeFenced(NodeId node) implements Event {}

    record NodeReadmitted(NodeId node) implements Event {}

    // ---- one-time tokens
    record TokenMinted(Enrolment enrolment) implements Event {}

    record TokenRevoked(NodeId node) implements Event {}

    /// The node's token was used; the machine has the cluster's token now.
    record NodeEnrolled(NodeId node) implements Event {}

    // ---- fixes
    /// Its token is the revision of this event.
    record FixOrdered(NodeId node, FixKind kind) implements Event {}

    record FixDone(NodeId node, long token, FixKind kind, String note) implements Event {}

    record FixFailed(NodeId node, long token, FixKind kind, String note) implements Event {}

    // ---- voters
    record VoterWanted(NodeId node) implements Event {}

    record VoterUnwanted(NodeId node) implements Event {}

    /// Raft's own configuration changed; it is the truth of who votes.
    record VotersChanged(List<NodeId> voters) implements Event {
        public VotersChanged {
            voters = List.copyOf(voters);
        }
    }

    record LeaderElected(NodeId node, long term) implements Event {}

    // ---- jobs
    record JobSubmitted(JobId job, JobSpec spec, String submitter) implements Event {}

    record JobStopping(JobId job, String reason) implements Event {}

    record JobSucceeded(JobId job) implements Event {}

    record JobFailed(JobId job, String reason) implements Event {}

    record JobCancelled(JobId job) implements Event {}

    /// An old ended job makes room; its history lives on in the events.
    record JobForgotten(JobId job) implements Event {}

    /// The attempt's fencing token is the revision of this event.
    record TaskPlaced(AttemptId attempt, NodeId node) implements Event {}

    /// One member of a task on each of these nodes, in the order of their ranks, all or none. The revision of this event is
    /// the fencing token of each.
    ///
    /// @param attempt of rank 0
    /// @param address at which the others reach the node of rank 0
    record GangPlaced(AttemptId attempt, List<NodeId> nodes, String address, int port) implements Event {
        public GangPlaced {
            nodes = List.copyOf(nodes);
        }
    }

    /// A member ended without success, or is to end: so are the others of its try, which ends as a whole in this way.
    record GangEnding(AttemptId attempt, Attempt.Ending ending) implements Event {}

    record TaskStarted(AttemptId attempt, long pid) implements Event {}

    /// Files of a running attempt are safe in the store of its node.
    record ProgressSaved(AttemptId attempt, NodeId node, long number, List<Attempt.Stored> files, List<String> gone)
            implements Event {
        public ProgressSaved {
            files = List.copyOf(files);
            gone = List.copyOf(gone);
        }
    }

    /// It is to save what it has, and to end, because its machine goes.
    record AttemptEvicting(AttemptId attempt, String reason) implements Event {}

    /// A rule says that it does not go well, for the first time or worse than before.
    record AttemptWarned(AttemptId attempt, String rule, Traces.Warning warning) implements Event {}

    /// An experiment tracker shows it.
    record AttemptLinked(AttemptId attempt, Traces.Tracked tracked) implements Event {}

    record AttemptEnded(AttemptId attempt, Attempt.Ending ending) implements Event {}

    record TaskRequeued(TaskId task, boolean failed, Optional<Instant> notBefore, String reason) implements Event {}

    record TaskSucceeded(TaskId task) implements Event {}

    record TaskFailed(TaskId task, String reason) implements Event {}

    record TaskCancelled(TaskId task) implements Event {}

    // ---- artifacts, models, ratings
    record ArtifactStored(
            Sha256 sha, long size, String name, Optional<ConfigKey> config, Optional<AttemptId> producer, NodeId node)
            implements Event {}

    record ArtifactPut(Sha256 sha, long size, String name, ArtifactKind kind, Optional<ConfigKey> config, NodeId node)
            implements Event {}

    record ArtifactPinned(Sha256 artifact, boolean pinned) implements Event {}

    /// @param transfer absent in what earlier builds wrote
    record ReplicaConfirmed(Sha256 artifact, NodeId node, Optional<Transfer> transfer) implements Event {
        public ReplicaConfirmed(Sha256 artifact, NodeId node) {
            this(artifact, node, Optional.empty());
        }
    }

    record ReplicaDropped(Sha256 artifact, NodeId node) implements Event {}

    record DeltaMade(DeltaOf of, MadeDelta delta) implements Event {}

    record ArtifactForgotten(Sha256 artifact) implements Event {}

    record ModelPromoted(
            ConfigKey config,
            Sha256 sha,
            long size,
            int generation,
            Optional<Sha256> previous,
            String by,
            String reason)
            implements Event {}

    record PromotionRolledBack(ConfigKey config, Sha256 from, Model.Version to, String by, String reason)
            implements Event {}

    record ModelDistributionStarted(ConfigKey config, Sha256 sha) implements Event {}

    /// @param moved absent in what earlier builds wrote, of what they began, and when it was complete before
    record ModelDistributionComplete(ConfigKey config, Sha256 sha, List<NodeId> nodes, Optional<Moved> moved)
            implements Event {
        public ModelDistributionComplete {
            nodes = List.copyOf(nodes);
        }
    }

    /// What a distribution took.
    ///
    /// @param fetched nodes that told how the file came to them meanwhile
    /// @param bytes   those took over the network together
    record Moved(long millis, int fetched, long bytes) {}

    /// No node has got the file for a while, and some lack it.
    ///
    /// @param missing so many nodes
    /// @param lacking the first of them
    record DistributionIncomplete(ConfigKey config, Sha256 sha, int missing, List<Lack> lacking) implements Event {
        public DistributionIncomplete {
            lacking = List.copyOf(lacking);
        }
    }

    /// Nobody who holds the file has been there for a while. It goes on when one of them comes back.
    record ModelDistributionFailed(ConfigKey config, Sha256 sha, int missing, List<Lack> lacking) implements Event {
        public ModelDistributionFailed {
            lacking = List.copyOf(lacking);
        }
    }

    /// Another file took its place before every node held it.
    ///
    /// @param number as in [Command.SupersedeDistribution]
    /// @param nodes  that held it
    record ModelDistributionSuperseded(ConfigKey config, Sha256 sha, long number, int nodes, Sha256 by)
            implements Event {}

    /// A node gave damaged chunks of a file, and gives it to nobody until it has read its copy again.
    ///
    /// @param times damaged chunks
    record SourceStruck(Sha256 artifact, NodeId node, int times) implements Event {}

    record MatchesRecorded(ConfigKey config, List<Match> matches) implements Event {
        public MatchesRecorded {
            matches = List.copyOf(matches);
        }
    }

    // ---- loops
    record LoopStarted(LoopSpec spec) implements Event {}

    record LoopStopped(ConfigKey config, String reason) implements Event {}

    record StageStarted(GenerationId generation, Loop.Stage stage, JobId job) implements Event {}

    record StageFailed(GenerationId generation, Loop.Stage stage, JobId job, Instant retryAt, String reason)
            implements Event {}

    record SelfplayComplete(GenerationId generation, List<Sha256> games) implements Event {
        public SelfplayComplete {
            games = List.copyOf(games);
        }
    }

    record TrainingCompleted(GenerationId generation, Attempt.Stored candidate) implements Event {}

    record EvaluationCompleted(GenerationId generation, List<Match> matches) implements Event {
        public EvaluationCompleted {
            matches = List.copyOf(matches);
        }
    }

    /// The candidate passed the gate.
    record PromotionCandidate(GenerationId generation, Sha256 sha) implements Event {}

    record PromotionRejected(GenerationId generation, String reason) implements Event {}

    /// The loop goes on with the next number.
    record GenerationEnded(GenerationId generation) implements Event {}

    // ---- rented machines

    /// What changes [Rentals].
    sealed interface OfRentals extends Event {}

    /// The order is in the log; only the leader of this term may pass it on, once.
    ///
    /// @param again absent in what earlier builds wrote
    record InstanceOrdered(InstanceId instance, String label, Rent rent, Optional<String> group, Optional<Again> again)
            implements OfRentals {
        public InstanceOrdered(InstanceId instance, String label, Rent rent, Optional<String> group) {
            this(instance, label, rent, group, Optional.empty());
        }
    }

    /// A machine that somebody else rented is ours to look after from now on.
    record InstanceAdopted(InstanceId instance, String label, Rent rent, Sighting seen, NodeId node)
            implements OfRentals {}

    record InstanceSeen(InstanceId instance, Sighting seen, NodeId node) implements OfRentals {}

    record InstanceStarting(InstanceId instance) implements OfRentals {}

    record InstanceStopping(InstanceId instance) implements OfRentals {}

    /// @param abandon it may go with whatever it holds
    record InstanceEnding(InstanceId instance, boolean abandon) implements OfRentals {}

    /// It failed before it had joined: it is to end, and another is to be rented in its place.
    record InstanceReplaced(InstanceId instance) implements OfRentals {}

    /// Nothing required is only there: it may be stopped or destroyed.
    record InstanceReleased(InstanceId instance) implements OfRentals {}

    record InstanceBidRaised(InstanceId instance, Rent rent) implements OfRentals {}

    /// It is not at its provider any more.
    record InstanceEnded(InstanceId instance, String note) implements OfRentals {}

    /// It never came to be.
    record InstanceAbandoned(InstanceId instance, String note) implements OfRentals {}

    /// @param total what the provider has charged for it since we have it
    record InstanceCharged(InstanceId instance, Money total, Instant upTo) implements OfRentals {}

    record MachineBlamed(String provider, String machine, Duration time, String reason) implements OfRentals {}

    record TroubleTold(Trouble kind, String subject, String note) implements OfRentals {}

    record TroubleEnded(Trouble kind, String subject, String note) implements OfRentals {}

    record GroupSet(Group group) implements OfRentals {}

    record GroupDeleted(String name) implements OfRentals {}

    /// @param scope empty: all machines; else a group's name
    record BudgetSet(String scope, Caps caps) implements OfRentals {}

    record ScalingSet(Scaling scaling) implements OfRentals {}

    // ---- training runs

    /// What changes [Runs].
    sealed interface OfRuns extends Event {}

    record RunLaunched(RunId run, RunSpec spec, String submitter) implements OfRuns {}

    record RunStageStarted(RunId run, String stage, JobId job, String key) implements OfRuns {}

    record RunStageReused(RunId run, String stage, RunId from, Optional<Gate.Verdict> verdict) implements OfRuns {}

    /// @param ran for how long its attempts have run
    /// @param gpu of the node it ran on last
    /// @param traces of its job; absent in what earlier builds wrote, and nothing then
    record RunStageDone(
            RunId run,
            String stage,
            List<Attempt.Stored> outputs,
            Table<String, Double> results,
            Optional<Gate.Verdict> verdict,
            Duration ran,
            String gpu,
            Traces traces)
            implements OfRuns {
        public RunStageDone {
            outputs = List.copyOf(outputs);
            traces = traces == null ? Traces.NOTHING : traces;
        }
    }

    /// @param saved   files that another try begins with
    /// @param failure what kind of failure it was
    /// @param traces  of its job; absent in what earlier builds wrote, and nothing then
    record RunStageFailed(
            RunId run,
            String stage,
            List<Attempt.Stored> saved,
            Duration ran,
            String failure,
            String reason,
            Traces traces)
            implements OfRuns {
        public RunStageFailed {
            saved = List.copyOf(saved);
            traces = traces == null ? Traces.NOTHING : traces;
        }
    }

    record RunStageSkipped(RunId run, String stage, String reason) implements OfRuns {}

    /// A rule says that it does not go well, for the first time or worse than before.
    record RunWarned(RunId run, String rule, Traces.Warning warning) implements OfRuns {}

    record RunStopping(RunId run, String reason) implements OfRuns {}

    /// @param champion it is the best of its series now
    record RunEnded(RunId run, Run.Status status, String reason, boolean champion) implements OfRuns {}

    /// @param from the number of the first stage that is done anew
    record RunResumed(RunId run, RunSpec spec, Optional<Integer> from) implements OfRuns {}

    record RunSettled(RunId run, Money cost) implements OfRuns {}

    record RunForgotten(RunId run) implements OfRuns {}

    // ---- alerts

    sealed interface OfAlerts extends Event {}

    /// Something is noticed, or is better or worse than it was.
    record AlertRaised(String alert, String subject, AlertLevel level, String text) implements OfAlerts {}

    record AlertCleared(String alert, String subject) implements OfAlerts {}

    /// People are told, by each of its channels.
    record AlertTold(Bulletin bulletin) implements OfAlerts {}

    record AlertDelivered(long number, String alert, String channel) implements OfAlerts {}

    /// A channel is no longer tried.
    record AlertUndelivered(long number, String alert, String channel, String why) implements OfAlerts {}

    record AlertsSilenced(Silence silence) implements OfAlerts {}

    record SilenceEnded(String id, String pattern) implements OfAlerts {}

    record AlertPolicySet(AlertPolicy policy) implements OfAlerts {}
}
