package dev.muster.edge.node;

import dev.muster.core.Leader;
import dev.muster.core.alert.Lookout;
import dev.muster.core.health.Admission;
import dev.muster.core.health.Twin;
import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Presence;
import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.schedule.Scheduler;
import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.TaskId;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.raft.Leadership;
import dev.muster.edge.raft.VoterFailure;
import dev.muster.edge.swarm.Underway;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's part in the cluster: where its state comes from, how orders reach the log, who leads and what the leader
/// knows.
final class Mesh implements AutoCloseable {
    private static final Duration TICK = Duration.ofSeconds(1);
    /// The highest revision seen is written down this often, besides whenever it is acted on.
    private static final int FLOOR_EVERY_TICKS = 10;
    private static final Duration SOFT_KEPT = Duration.ofSeconds(1);

    /// An empty state is not an empty cluster.
    private static final String IGNORANT =
            "this node has not learned the cluster's state yet; ask another node, or try again in some seconds";

    private static final Logger LOG = LoggerFactory.getLogger(Mesh.class);

    /// What the leader told, and when it was asked.
    private record Told(Optional<PeerService.LeaderView> view, long nanos) {}

    private final NodeConfig config;
    private final InstantSource clock;
    private final Replica replica = new Replica();
    private final RevisionFloor floor;
    private final PeerClient client;
    private final Contacts contacts;
    private final LeaderLoop leading;
    private final Voting voting;
    private final Standings standings;
    private final Submission submission;
    private final Feed feed;
    private final SwarmLead swarmLead;
    private final Thread ticker = Thread.ofVirtual().name("mesh").unstarted(this::run);
    private volatile Optional<Follower> follower = Optional.empty();
    private volatile boolean closed;
    /// The ticker's own: the disk's refusal is in the log.
    private boolean complained;
    private volatile Told told = new Told(Optional.empty(), 0);

    private final Supplier<Table<NodeId, Instant>> gone;

    /// @param gone whom gossip holds gone, and since when
    Mesh(
            NodeConfig config,
            DataDir dirs,
            Room room,
            Supplier<Table<NodeId, Instant>> gone,
            Errands errands,
            Telling telling,
            InstantSource clock)
            throws IOException {
        this.config = config;
        this.gone = gone;
        this.clock = clock;
        this.floor = RevisionFloor.open(dirs.revision());
        this.client = new PeerClient(config.token());
        this.contacts = new Contacts(dirs.voters(), config, replica);
        this.leading = new LeaderLoop(config.name(), replica, this::decide, this::look, errands, telling, clock);
        this.voting = new Voting(
                config,
                dirs,
                room,
                replica,
                leading,
                () -> Set.copyOf(gone.get().keys()),
                clock);
        this.standings = new Standings(config.name(), replica, contacts, client, clock);
        Outbox outbox = new Outbox(client, contacts, () -> standing().leader());
        this.submission = new Submission(voting::proposer, outbox, contacts, client, this::standing);
        this.feed = new Feed(replica, this::beat, this::serves);
        this.swarmLead = new SwarmLead(
                config, replica, leading, contacts, client, () -> standing().leader(), clock);
    }

    private Plan decide(ClusterState state, Soft soft, Instant now) {
        return Leader.decide(state, hinted(soft), config.policy(), now);
    }

    private Alerting look(ClusterState state, Soft soft, Instant now) {
        return Lookout.look(state, hinted(soft), config.policy(), now);
    }

    /// With what others than the nodes themselves tell the leader.
    private Soft hinted(Soft soft) {
        return soft.withStrikes(swarmLead.strikes()).withGone(gone.get());
    }

    Replica replica() {
        return replica;
    }

    RevisionFloor floor() {
        return floor;
    }

    PeerClient client() {
        return client;
    }

    Contacts contacts() {
        return contacts;
    }

    Submission submission() {
        return submission;
    }

    SwarmLead swarmLead() {
        return swarmLead;
    }

    Feed feed() {
        return feed;
    }

    LeaderLoop leading() {
        return leading;
    }

    /// Whether this node votes once it is let in.
    boolean willVote() {
        return voting.hasLog() || founder();
    }

    private boolean founder() {
        return config.voters().stream().anyMatch(voter -> voter.id().equals(config.name()));
    }

    boolean votes() {
        return voting.leadership().isPresent();
    }

    /// Why this node, which should vote, does not.
    Optional<VoterFailure> voterFailure() {
        return voting.failure();
    }

    /// Takes up voting where it was left, founds a new cluster, or follows.
    ///
    /// @param joining asks others first: a founder that comes late, or that has lost its directory, must not vote as if it
    ///                had promised nothing
    void start(Joining joining) throws VoterFailure, StartFailure {
        if (voting.hasLog()) voting.start(List.of());
        else if (founder()) voting.start(clusterExists() && joining.joinedBySomebody() ? List.of() : config.voters());
        tick(0);
        ticker.start();
    }

    private boolean clusterExists() {
        for (String api : contacts.others()) {
            try {
                if (client.leader(api).leader().isPresent()) return true;
            } catch (IOException e) {
                LOG.debug("{} knows no leader", api, e);
            }
        }
        return false;
    }

    private void run() {
        try {
            for (int count = 1; !closed; count++) {
                Thread.sleep(TICK);
                tick(count);
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    private void tick(int count) {
        try {
            boolean current = follower.flatMap(Follower::beat)
                    .filter(beat -> beat.readOnly().isEmpty()
                            && beat.revision() <= replica.state().revision())
                    .isPresent();
            voting.look(current);
            follow(!votes() || !voting.caughtUp() || voting.leaderless());
            boolean alone = voting.leadership()
                    .filter(now -> now.leader().isEmpty() || now.quorumSilence().compareTo(Duration.ofSeconds(2)) > 0)
                    .isPresent();
            boolean lost = voting.leadership().isEmpty() && !current;
            if (alone || lost) standings.probe();
            if (count % FLOOR_EVERY_TICKS == 0) {
                floor.raise(replica.state().revision());
                complained = false;
            }
        } catch (IOException e) {
            if (!complained)
                LOG.error(
                        "mesh.disk reason=\"{}; make room or correct the data directory's permissions\"",
                        e.getMessage());
            complained = true;
        } catch (RuntimeException e) {
            LOG.error("mesh.broken reason=\"{}\"", e.toString(), e);
        }
    }

    private void follow(boolean wanted) {
        if (wanted && follower.isEmpty() && !closed) {
            follower = Optional.of(Follower.start(replica, contacts, client, floor, config.clusterId(), clock));
        } else if (!wanted && follower.isPresent()) {
            follower.get().close();
            follower = Optional.empty();
        }
    }

    /// Whether this node is a voter that has not got its log back yet.
    boolean refilling() {
        return voting.refilling();
    }

    Member.Standing standing() {
        Optional<Leadership> vote = voting.leadership();
        Optional<Follower> followed = follower;
        boolean byFollowing = vote.isEmpty()
                || (vote.get().leader().isEmpty()
                        && followed.flatMap(Follower::beat).isPresent());
        Member.Standing known = byFollowing
                ? standings.follower(followed, vote.isPresent())
                : standings.voter(vote.get(), leading.soft());
        return replica.state().revision() > 0 || known.readOnly().isPresent() ? known : known.withReadOnly(IGNORANT);
    }

    /// Whether others may follow this node: it votes, and has caught up with what it has shown before.
    boolean serves() {
        return !closed && votes() && voting.caughtUp() && replica.state().revision() > 0;
    }

    private Frame.Beat beat() {
        Member.Standing now = standing();
        return new Frame.Beat(
                config.clusterId(),
                now.term(),
                now.leader(),
                now.readOnly(),
                now.votersHeard(),
                contacts.voters(),
                replica.state().revision(),
                now.asOf());
    }

    /// As [PeerService#join]. What a copy of another node's directory would change is not changed.
    PeerService.JoinAnswer join(PeerService.JoinRequest request) {
        Optional<Twin> twin = request.presence()
                .map(presence -> new PeerService.PresenceRequest(request.node(), request.identity(), presence, false))
                .flatMap(asked -> word(asked).twin());
        if (twin.isPresent())
            return new PeerService.JoinAnswer.Refused(
                    Outcome.Code.CONFLICT.name(), twin.get().message(request.node()));
        Envelope order = Envelope.of(Actor.node(request.node()), "joins", request.order());
        return switch (submission.submit(order, Submission.NO_LEADER_MAX)) {
            case Member.Answer.Done(long revision, String created) ->
                new PeerService.JoinAnswer.Joined(config.clusterId(), standing().leader(), contacts.voters(), revision);
            case Member.Answer.Refused(String code, String message) ->
                new PeerService.JoinAnswer.Refused(code, message);
            case Member.Answer.Unavailable(String message, boolean maybe) ->
                new PeerService.JoinAnswer.Unavailable(message);
        };
    }

    /// What the leader knows of other agents with the asker's identity: this node's own knowledge, or its word.
    private Admission.Word word(PeerService.PresenceRequest request) {
        Optional<Soft> soft = leading.soft();
        if (soft.isPresent()) {
            Optional<Twin> twin = twin(request.node(), request.identity(), request.presence());
            return new Admission.Word(true, Twin.informed(soft.get(), config.policy(), clock.instant()), twin);
        }
        Optional<String> leader = request.passedOn() ? Optional.empty() : leaderApi();
        if (leader.isEmpty()) return new Admission.Word(votes(), false, Optional.empty());
        try {
            PeerService.PresenceAnswer told = client.presence(leader.get(), request.onward());
            return new Admission.Word(votes(), told.informed(), told.twin());
        } catch (IOException e) {
            LOG.debug("the leader does not tell", e);
            return new Admission.Word(votes(), false, Optional.empty());
        }
    }

    private Optional<Twin> twin(NodeId node, String identity, Presence asking) {
        boolean same = replica.state()
                .fleet()
                .nodes()
                .find(node)
                .filter(known -> known.identity().equals(identity))
                .isPresent();
        if (!same) return Optional.empty();
        return leading.soft().flatMap(soft -> Twin.of(soft, node, asking, config.policy(), clock.instant()));
    }

    /// As [PeerService#presence].
    PeerService.PresenceAnswer presence(
            PeerService.PresenceRequest request, String identity, Optional<Presence> presence) {
        Admission.Word word = word(request);
        return new PeerService.PresenceAnswer(config.name(), identity, presence, word.informed(), word.twin());
    }

    /// As [PeerService#heartbeat].
    PeerService.HeartbeatAnswer heartbeat(PeerService.Heartbeat heartbeat) {
        Optional<Twin> twin =
                heartbeat.presence().flatMap(presence -> twin(heartbeat.node(), heartbeat.identity(), presence));
        boolean heard =
                twin.isEmpty() ? leading.heard(heartbeat) : leading.soft().isPresent();
        Member.Standing now = standing();
        Optional<NodeId> leader =
                heard ? Optional.of(config.name()) : now.leader().filter(other -> !other.equals(config.name()));
        return new PeerService.HeartbeatAnswer(
                now.term(),
                heard,
                leader,
                leader.flatMap(contacts::api),
                replica.state().revision(),
                now.votersHeard(),
                twin.map(other -> other.message(heartbeat.node())),
                Optional.empty());
    }

    /// A leader answered this node's heartbeat.
    void answered(PeerService.HeartbeatAnswer answer) {
        standings.leaderHears(answer.votersHeard());
        follower.ifPresent(mine -> mine.leaderHas(answer.revision()));
    }

    /// As [PeerService#leader].
    PeerService.LeaderView leaderView() {
        Optional<Soft> soft = leading.soft();
        return new PeerService.LeaderView(
                soft.isPresent(),
                standing().leader(),
                // What it knows of providers is large, and asked for by itself; how nodes are is not asked here.
                soft.map(known -> known.withoutMoving()
                        .withRenting(Renting.NOTHING)
                        .withAlerting(known.alerting().told())),
                leading.waits().orElse(List.of()));
    }

    /// What the leader knows: this node's own knowledge, or the leader's word of at most a second ago.
    Optional<PeerService.LeaderView> asLeader() {
        PeerService.LeaderView own = leaderView();
        if (own.leading()) return Optional.of(own);
        Told last = told;
        if (last.nanos() != 0 && System.nanoTime() - last.nanos() < SOFT_KEPT.toNanos()) return last.view();
        return ask();
    }

    private synchronized Optional<PeerService.LeaderView> ask() {
        Told last = told;
        if (last.nanos() != 0 && System.nanoTime() - last.nanos() < SOFT_KEPT.toNanos()) return last.view();
        Optional<PeerService.LeaderView> view = leaderApi().flatMap(this::viewOf);
        told = new Told(view, System.nanoTime());
        return view;
    }

    private Optional<PeerService.LeaderView> viewOf(String api) {
        try {
            return Optional.of(client.leader(api)).filter(PeerService.LeaderView::leading);
        } catch (IOException e) {
            LOG.debug("the leader does not tell", e);
            return Optional.empty();
        }
    }

    private Optional<String> leaderApi() {
        return standing().leader().filter(other -> !other.equals(config.name())).flatMap(contacts::api);
    }

    Optional<Soft> soft() {
        return asLeader().flatMap(PeerService.LeaderView::soft);
    }

    Optional<List<Wait>> waits() {
        return asLeader().map(PeerService.LeaderView::waits);
    }

    /// As [Member#underway].
    Underway underway(Sha256 sha) {
        if (leading.soft().isPresent()) return swarmLead.underway(sha);
        try {
            Optional<String> leader = leaderApi();
            return leader.isPresent() ? client.underway(leader.get(), sha) : Underway.NOBODY;
        } catch (IOException e) {
            LOG.debug("the leader does not tell", e);
            return Underway.NOBODY;
        }
    }

    /// As [PeerService#explain].
    Optional<List<String>> explainHere(TaskId task) {
        ClusterState state = replica.state();
        return leading.soft()
                .map(soft -> Scheduler.explain(state, hinted(soft), config.policy(), clock.instant(), task));
    }

    Optional<List<String>> explain(TaskId task) {
        Optional<List<String>> own = explainHere(task);
        return own.isPresent() ? own : leaderApi().flatMap(api -> explainedBy(api, task));
    }

    /// As [PeerService#rentingHere].
    Optional<RentReport> rentingHere() {
        ClusterState state = replica.state();
        return leading.soft().map(soft -> {
            ClusterState enabled = RentReport.asEnabled(state);
            Plan plan = decide(state, soft, clock.instant());
            return RentReport.of(
                    state, soft.renting(), plan, enabled == state ? plan : decide(enabled, soft, clock.instant()));
        });
    }

    Optional<RentReport> renting() {
        Optional<RentReport> own = rentingHere();
        return own.isPresent() ? own : leaderApi().flatMap(this::rentingOf);
    }

    private Optional<RentReport> rentingOf(String api) {
        try {
            return Optional.of(client.renting(api));
        } catch (IOException e) {
            LOG.debug("the leader does not tell", e);
            return Optional.empty();
        }
    }

    private Optional<List<String>> explainedBy(String api, TaskId task) {
        try {
            return Optional.of(client.explain(api, task));
        } catch (IOException e) {
            LOG.debug("the leader does not explain", e);
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        closed = true;
        ticker.interrupt();
        follow(false);
        voting.close();
        swarmLead.close();
        client.close();
    }
}
