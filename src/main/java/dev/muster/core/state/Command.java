package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// An order. Orders are specific (`PlaceTask j7.0 on n3`): choices were made before, by a person or by a planner on the
/// leader, and [Handler] makes none. The comment of each says when it is refused.
public sealed interface Command {
    // ---- nodes

    /// A node joins, or tells its present hardware and endpoints. Refused when another identity has the name, and when the
    /// node was enrolled for another role.
    record JoinNode(
            NodeId node, String identity, Role role, Hardware hardware, int maxParallelJobs, Endpoints endpoints)
            implements Command {}

    /// Write down a machine before it joins. Refused when the name is known.
    record AddNode(Declared host) implements Command {}

    /// What a file says of machines, all in one order, so that it is braked by its sum: refused when [ServiceBrake] stops
    /// it, unless a person has said how many nodes go out of service. Refused as a whole, too, when a machine's desired
    /// state is no longer what the plan was made for, and where it would retire a voter or a node that runs attempts.
    ///
    /// @param limit      as it is configured where the plan was made
    /// @param overridden the number of nodes that go out of service, as a person typed it
    record ImportNodes(List<HostChange> changes, ChangeLimit limit, OptionalInt overridden) implements Command {
        public ImportNodes {
            changes = List.copyOf(changes);
        }

        /// By machine.
        Map<NodeId, Desired> wanted() {
            Map<NodeId, Desired> wanted = new TreeMap<>();
            for (HostChange change : changes)
                wanted.put(change.to().node(), change.to().desired());
            return wanted;
        }
    }

    /// What is to be declared of one machine.
    ///
    /// @param from what was desired of it when the change was planned; empty when nobody knew it
    record HostChange(Declared to, Optional<Desired> from) {}

    /// No new work there; what runs finishes. Refused when unknown or retired, and when [ServiceBrake] stops it and no
    /// person ordered it.
    record DrainNode(NodeId node) implements Command {}

    /// Back to work. Refused when unknown or retired.
    record UndrainNode(NodeId node) implements Command {}

    /// Out of service for good or until unretired. Refused for a voter, while attempts run there (drain first), and when
    /// [ServiceBrake] stops it and no person ordered it.
    record RetireNode(NodeId node) implements Command {}

    /// Refused when not retired.
    record UnretireNode(NodeId node) implements Command {}

    /// Forget the node; what it ran is replaced. Refused for a voter.
    record RemoveNode(NodeId node) implements Command {}

    /// Declare the node gone: its attempts are lost and replaced, its late results refused.
    record FenceNode(NodeId node) implements Command {}

    /// A fenced node was heard again and runs nothing of before. Refused when not fenced.
    record ReadmitNode(NodeId node) implements Command {}

    // ---- one-time tokens

    /// A person lets a machine enrol under this name, once. Refused when the name is taken, when it is to be good for too
    /// long or too short, and when too many tokens are unused. An older token for the name is replaced.
    ///
    /// @param token the SHA-256 of the token
    /// @param role  the only role it may join with; empty: any
    /// @param voter it is made a voter when it joins
    record MintToken(NodeId node, Sha256 token, Optional<Role> role, boolean voter, Duration ttl) implements Command {}

    /// The node's token is worth nothing any more. Refused when there is none.
    record RevokeToken(NodeId node) implements Command {}

    /// A machine shows its token. Refused when it was used, has expired, is for another name, or is unknown.
    ///
    /// @param token the SHA-256 of what it showed
    record EnrolNode(NodeId node, Sha256 token) implements Command {}

    // ---- fixes

    /// Put something right on a node. Refused when the node is unknown, fenced or retired, when a node orders it, and by
    /// the limits of [Fix].
    record OrderFix(NodeId node, FixKind kind) implements Command {}

    /// An agent tells how a fix ended, or the leader that nobody will. Refused when it has ended.
    ///
    /// @param done whether the check that asked for it passes now
    record FinishFix(NodeId node, long token, boolean done, String note) implements Command {
        public FinishFix {
            note = note.substring(0, Math.min(note.length(), Fix.NOTE_MAX));
        }
    }

    // ---- voters

    /// A person wants this node to vote. Refused when unknown, fenced or retired.
    record AddVoter(NodeId node) implements Command {}

    /// A person wants this node to vote no more. Refused for the last voter.
    record RemoveVoter(NodeId node) implements Command {}

    /// A voter won an election and has applied all earlier entries.
    record AnnounceLeader(NodeId node, long term) implements Command {}

    // ---- jobs

    /// Refused when the queue is full.
    record SubmitJob(JobSpec spec) implements Command {}

    /// Waiting tasks are cancelled, running ones are stopped by their agents. Refused when unknown.
    record StopJob(JobId job) implements Command {}

    /// Refused when the attempt is not the task's next, or the node no longer has room.
    record PlaceTask(AttemptId attempt, NodeId node) implements Command {}

    /// One member of a task on each of these nodes, all or none; the first has rank 0.
    record PlaceGang(AttemptId attempt, List<NodeId> nodes) implements Command {
        public PlaceGang {
            nodes = List.copyOf(nodes);
        }
    }

    /// An agent started the process. Refused when the token is not the attempt's.
    record ReportStarted(AttemptId attempt, long token, long pid) implements Command {}

    /// An agent tells how an attempt ended. Refused when the token is not the attempt's, or the node was fenced since.
    record FinishAttempt(AttemptId attempt, long token, Attempt.Ending ending) implements Command {}

    /// An agent has saved files of an attempt on its way. Refused when the token is not the attempt's, when the node was
    /// fenced since, and when the job declares nothing to be saved or there are too many files. A late one changes nothing.
    ///
    /// @param number of the save, as [Saved#number]
    /// @param files  new ones, and new versions of known ones
    /// @param gone   paths at which there is no file any more
    record SaveProgress(AttemptId attempt, long token, long number, List<Attempt.Stored> files, List<String> gone)
            implements Command {
        public SaveProgress {
            files = List.copyOf(files);
            gone = List.copyOf(gone);
        }
    }

    /// An agent tells what a rule says of an attempt that runs. Refused when the token is not the attempt's, when the node
    /// was fenced since, and when there are too many rules. What is no worse than was known changes nothing.
    record WarnAttempt(AttemptId attempt, long token, String rule, Traces.Warning warning) implements Command {
        /// @throws IllegalArgumentException when the rule's name is none
        public WarnAttempt {
            Ids.name("a rule's name", rule);
        }
    }

    /// An agent tells where an experiment tracker shows an attempt. Refused as [WarnAttempt].
    record LinkAttempt(AttemptId attempt, long token, Traces.Tracked tracked) implements Command {}

    // ---- artifacts and models

    /// A node read the whole file back and found this SHA-256. Refused when the artifact or node is unknown.
    ///
    /// @param transfer how it came; absent when it was made there, when the node was restarted since, and in what earlier
    ///                 builds wrote
    record ConfirmReplica(Sha256 artifact, NodeId node, Optional<Transfer> transfer) implements Command {
        public ConfirmReplica(Sha256 artifact, NodeId node) {
            this(artifact, node, Optional.empty());
        }
    }

    /// A node no longer holds the file, or found it damaged.
    record DropReplica(Sha256 artifact, NodeId node) implements Command {}

    /// A person put a file into a node's store, which read it back. Refused when the node is unknown, or when the file is
    /// known with another size or config key.
    record PutArtifact(
            Sha256 artifact, long size, String name, ArtifactKind kind, Optional<ConfigKey> config, NodeId node)
            implements Command {}

    /// A node wants the room of its copy; it deletes it once this is answered. Refused while something that is at work
    /// refers to the file, while it is pinned, and when fewer nodes in service would hold it than should.
    record ReleaseReplica(Sha256 artifact, NodeId node) implements Command {}

    /// No copy of it makes room, or it may again. Refused when unknown.
    record PinArtifact(Sha256 artifact, boolean pinned) implements Command {}

    /// A node has made the delta that leads from one file to another, or found that it is not worth its time. Refused when
    /// either file or the node is unknown, or the node does not hold both. Somebody else's delta stays while its maker is
    /// in service.
    record RecordDelta(DeltaOf of, MadeDelta delta) implements Command {}

    /// Nothing refers to the artifact any more; nodes may delete their copies. Refused while something refers to it,
    /// and while it is pinned.
    record ForgetArtifact(Sha256 artifact) implements Command {}

    /// Point a config key at a file. Refused when nobody verifiably holds it, or when the pointer is no longer at `expected`.
    ///
    /// @param generation the loop's generation that made it; 0 when a person promotes
    record PromoteModel(ConfigKey config, Sha256 sha, Optional<Sha256> expected, int generation) implements Command {}

    /// Point a config key back at an earlier file. Refused when it never pointed there, when nobody verifiably holds it, or
    /// when the pointer is no longer at `expected`.
    ///
    /// @param to       absent: the file before the current one, as [Model#before] says
    /// @param expected absent in what earlier builds wrote: nothing is expected, and without `to` it goes to
    ///                 [Model#previous], as it did then
    record RollbackModel(ConfigKey config, Optional<Sha256> to, Optional<Sha256> expected) implements Command {
        public RollbackModel(ConfigKey config, Optional<Sha256> to) {
            this(config, to, Optional.empty());
        }
    }

    /// Every node that counts holds the file, for the first time, or again after the journal has said that some lack it.
    /// Refused when the pointer has moved.
    record CompleteDistribution(ConfigKey config, Sha256 sha) implements Command {}

    /// A distribution stands still: no node has got the file for a while. Refused when it is complete, unless it is about
    /// nodes that lack the file since, and when the pointer has moved.
    ///
    /// @param missing so many nodes lack it
    /// @param lacking the first of them
    /// @param last    when the journal last said so, as the leader knew it; otherwise the order changes nothing
    record ReportStandstill(
            ConfigKey config,
            Sha256 sha,
            Distribution.Standstill what,
            int missing,
            List<Lack> lacking,
            Optional<Instant> last)
            implements Command {
        public ReportStandstill {
            lacking = List.copyOf(lacking);
        }
    }

    /// Another file took the place of one that was still on its way. Refused when there was no such distribution.
    ///
    /// @param number of the distribution among the config key's past ones
    record SupersedeDistribution(ConfigKey config, long number) implements Command {}

    /// A node gave damaged chunks of a file; it is to read its copy again. Refused when either is unknown.
    record StrikeSource(Sha256 artifact, NodeId node, int times) implements Command {}

    /// Games played outside the loop. Refused when empty.
    record RecordMatches(ConfigKey config, List<Match> matches) implements Command {
        public RecordMatches {
            matches = List.copyOf(matches);
        }
    }

    // ---- loops

    /// Start, restart or change a config key's loop.
    record StartLoop(LoopSpec spec) implements Command {}

    /// The loop submits nothing more; a running stage's job goes on. Refused when unknown.
    record StopLoop(ConfigKey config) implements Command {}

    /// Submit a stage's job. Refused when the loop is elsewhere or the stage has its job.
    record StartStage(GenerationId generation, Loop.Stage stage, JobSpec spec) implements Command {}

    /// A stage's job has ended. Refused when the loop is elsewhere or the job has not ended.
    record FinishStage(GenerationId generation, Loop.Stage stage) implements Command {}

    /// The gate said no, or the candidate was lost. Refused when the generation awaits no verdict, unless it is to be
    /// evaluated and nobody holds its candidate any more.
    record RejectCandidate(GenerationId generation) implements Command {}

    /// The generation's model is promoted, and does not get to some nodes: the loop goes on, and they go on trying. Refused
    /// unless the loop waits for that distribution, and the journal has said that it stands still.
    record LeaveDistribution(GenerationId generation) implements Command {}

    // ---- rented machines

    /// What [RentOrders] answers.
    sealed interface OfRentals extends Command {}

    /// Rent a machine. Refused when it does not fit into the caps, when the number is not the next one, when there are too
    /// many, and when its group is unknown or full.
    ///
    /// @param id      as the planner counts; empty when a person orders
    /// @param windows in which spending is counted
    /// @param again   what is rented in its place, should it fail before it has joined; a group sees to that itself
    record RentInstance(
            Optional<InstanceId> id, Rent rent, Optional<String> group, Windows windows, Optional<Again> again)
            implements OfRentals {
        public RentInstance(Optional<InstanceId> id, Rent rent, Optional<String> group, Windows windows) {
            this(id, rent, group, windows, Optional.empty());
        }
    }

    /// Look after a machine that is there already. Refused when we do, when there are too many, and when its name is a
    /// voter's, or another node's of which nobody said that it runs there.
    ///
    /// @param label as it is at the provider; may be empty
    /// @param node  its name in the cluster; empty: the usual one
    /// @param runs  a node in the cluster that runs on this very machine, as a person has confirmed
    record AdoptInstance(String label, Rent rent, Sighting seen, Optional<NodeId> node, Optional<NodeId> runs)
            implements OfRentals {
        public AdoptInstance(String label, Rent rent, Sighting seen, Optional<NodeId> node) {
            this(label, rent, seen, node, Optional.empty());
        }
    }

    /// The provider lists it so. Refused when it has ended, when it was found under another id, and when that id is
    /// another's.
    record SightInstance(InstanceId id, Sighting seen) implements OfRentals {}

    /// It is not at the provider, and will not be. Refused when it was found there.
    record AbandonInstance(InstanceId id, String note) implements OfRentals {}

    /// It is not at its provider any more. Refused when it was never found there. Its node is forgotten with it.
    record FinishInstance(InstanceId id, String note) implements OfRentals {}

    /// It is to run; one that is to be stopped or ended, and was not released yet, is kept. Refused when it has ended, when
    /// it is about to, and when what it costs more does not fit into the caps.
    record StartInstance(InstanceId id, Windows windows) implements OfRentals {}

    /// It is to be stopped, as soon as what it holds is safe elsewhere. Refused when it is to end, or has.
    record StopInstance(InstanceId id) implements OfRentals {}

    /// It is to be destroyed, as soon as what it holds is safe elsewhere. Refused when it has ended.
    ///
    /// @param abandon with whatever it holds; refused unless a person says so
    record EndInstance(InstanceId id, boolean abandon) implements OfRentals {}

    /// It has failed before it was of any use: it is ended, and what [Again] says is rented in its place. Refused when nothing
    /// is to be, when it has joined, and unless it is to run.
    record ReplaceInstance(InstanceId id) implements OfRentals {}

    /// Nothing required is only there, and nothing runs there. Refused otherwise, with what it still holds.
    record ReleaseInstance(InstanceId id) implements OfRentals {}

    /// Bid more for it. Refused when it is not rented at a bid, and when it does not fit into the caps.
    record RaiseBid(InstanceId id, Money bid, Windows windows) implements OfRentals {}

    /// What the provider has charged. Refused when the price has changed since.
    ///
    /// @param total since we have it
    record RecordCharge(InstanceId id, Money total, Instant upTo) implements OfRentals {}

    /// Rent nothing on this machine for a while.
    record BlameMachine(String provider, String machine, Duration time, String reason) implements OfRentals {}

    /// Something about providers is a person's business, and belongs into the events. Told again only after a day.
    ///
    /// @param subject as in `vast 123`, `vast`, or `i7`
    record TellTrouble(Trouble kind, String subject, String note) implements OfRentals {}

    /// What was told is over, and belongs into the events; the next time is told at once.
    record EndTrouble(Trouble kind, String subject, String note) implements OfRentals {}

    /// Refused when there are too many.
    record SetGroup(Group group) implements OfRentals {}

    /// Refused when it is unknown, and while it has machines that are not to end.
    record DeleteGroup(String name) implements OfRentals {}

    /// No caps at all take away those there were. Refused for an unknown group.
    ///
    /// @param scope empty: all machines; else a group's name
    record SetBudget(String scope, Caps caps) implements OfRentals {}

    record SetScaling(Scaling scaling) implements OfRentals {}

    /// Its machine is to go, and it has had its time: its agent is to save what it has, stop it and say so, and its task
    /// is placed elsewhere. The second order ends it without asking: refused until its grace period and
    /// [Attempt#EVICTION_MAX] are over. Refused unless the machine it runs on is to be stopped or ended.
    record EvictAttempt(AttemptId attempt, long token) implements OfRentals {}

    // ---- training runs

    /// What [RunOrders] answers.
    sealed interface OfRuns extends Command {}

    /// Begin a run. Refused when its id is known, when an input is held by nobody, when there are too many, and when the
    /// last of its series all failed alike.
    ///
    /// @param anyway launch it though they did
    record LaunchRun(RunId run, RunSpec spec, boolean anyway) implements OfRuns {}

    /// Submit a stage's job. Refused when it is not the run's next.
    ///
    /// @param key what is made of what, see [Run.Stage#key]
    record StartRunStage(RunId run, String stage, JobSpec spec, String key) implements OfRuns {}

    /// Take what an earlier run made. Refused when the stage is not the run's next, when it was made of something else, and
    /// when nobody holds it any more.
    record ReuseRunStage(RunId run, String stage, RunId from, String key) implements OfRuns {}

    /// A stage's job has ended. Refused when it has not.
    record FinishRunStage(RunId run, String stage) implements OfRuns {}

    /// Nothing is left to be done. Refused while something is.
    record EndRun(RunId run) implements OfRuns {}

    /// It cannot go on. Refused while its job runs.
    record FailRun(RunId run, String reason) implements OfRuns {}

    /// A rule says that a run does not go well. What is no worse than was known changes nothing, nor of one that is over.
    record WarnRun(RunId run, String rule, Traces.Warning warning) implements OfRuns {
        /// @throws IllegalArgumentException when the rule's name is none
        public WarnRun {
            Ids.name("a rule's name", rule);
        }
    }

    /// Its job is stopped, what it has saved is kept.
    record StopRun(RunId run, String reason) implements OfRuns {}

    /// A run that is over goes on. Refused when it is open, when nothing is left to be done, and when its stages are others.
    ///
    /// @param spec with other limits or machines, and the same stages
    /// @param from the first stage that is done anew, and all after it; empty: those that have not been done
    record ResumeRun(RunId run, RunSpec spec, Optional<String> from) implements OfRuns {}

    /// What its machines have cost in all. Refused while one of them is open.
    record SettleRun(RunId run, Money cost) implements OfRuns {}

    /// A run that is over, with the files that only it needs, because they are kept elsewhere. Refused while it is open, of the
    /// best of its series, and before its machines' bills are settled.
    record ForgetRun(RunId run) implements OfRuns {}

    // ---- alerts

    /// What [AlertOrders] answers.
    sealed interface OfAlerts extends Command {}

    /// What is noticed changes. What changes nothing is nothing.
    record SightAlerts(List<Sight> sights) implements OfAlerts {
        public SightAlerts {
            sights = List.copyOf(sights);
        }

        /// @param level empty: it is over
        public record Sight(String alert, String subject, Optional<AlertLevel> level, String text) {
            /// @throws IllegalArgumentException when a text is empty or too long
            public Sight {
                if (alert.isBlank() || subject.isBlank() || subject.length() > Alert.SUBJECT_MAX)
                    throw new IllegalArgumentException("expected an alert and a subject of 1 to " + Alert.SUBJECT_MAX
                            + " characters, but found \"" + alert + "\" and \"" + subject + "\"");
                if (text.length() > Alert.TEXT_MAX) text = text.substring(0, Alert.TEXT_MAX - 1) + "…";
            }
        }
    }

    /// People are to be told what is new of an alert. Refused when nothing is, and when the number is not the next one.
    ///
    /// @param subjects   whose news; others are silenced, or were told
    /// @param channels   by which; may be empty where there is none
    record TellAlert(String alert, long number, List<String> subjects, SortedSet<String> channels) implements OfAlerts {
        public TellAlert {
            subjects = List.copyOf(subjects);
            channels = Collections.unmodifiableSortedSet(new TreeSet<>(channels));
        }
    }

    /// A channel has taken a notice, or never will. Refused when it was not owed.
    ///
    /// @param given whether it has taken it
    /// @param note  why not
    record RecordDelivery(long number, String channel, boolean given, String note) implements OfAlerts {
        private static final int NOTE_MAX = 300;

        public RecordDelivery {
            if (note.length() > NOTE_MAX) note = note.substring(0, NOTE_MAX - 1) + "…";
        }
    }

    /// Refused when the time is too long, and when there are too many. Its id is what the answer tells.
    record SilenceAlerts(String pattern, Duration time) implements OfAlerts {
        /// @throws IllegalArgumentException when it is no pattern
        public SilenceAlerts {
            Silence.pattern(pattern);
        }
    }

    record EndSilence(String id) implements OfAlerts {}

    record SetAlertPolicy(AlertPolicy policy) implements OfAlerts {}
}
