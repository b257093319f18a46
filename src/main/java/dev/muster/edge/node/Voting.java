package dev.muster.edge.node;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.NodeId;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.raft.Fate;
import dev.muster.edge.raft.Leadership;
import dev.muster.edge.raft.RaftConfig;
import dev.muster.edge.raft.RaftVoter;
import dev.muster.edge.raft.VoterAddress;
import dev.muster.edge.raft.VoterFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's part in Raft: starts it when the cluster wants this node to vote, ends it when it no longer does, and says
/// why when it cannot.
///
/// One thread calls [#look]; the rest may be called by anyone.
final class Voting implements AutoCloseable {
    /// A voter that could not start tries again after this long.
    private static final Duration RETRY = Duration.ofSeconds(30);
    /// One that failed for want of disk, once there is room again.
    private static final Duration RETRY_DISK = Duration.ofSeconds(5);
    /// A voter that does not answer for this long where it is asked is asked at its other address, for as long.
    private static final Duration MOVED_AFTER = Duration.ofSeconds(6);
    /// A change of voters may need a whole snapshot first.
    private static final Duration CHANGE_MAX = Duration.ofSeconds(130);
    /// A leader that stops waits this long for the next one.
    private static final Duration HAND_OVER_MAX = Duration.ofSeconds(1);
    /// Silence of a majority after which orders are refused as read-only; several elections long.
    static final Duration READ_ONLY_AFTER = Duration.ofSeconds(3);
    /// A voter that hears no leader for this long asks others whether it still votes.
    static final Duration LEADERLESS_MAX = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(Voting.class);

    /// A running voter.
    private record Seat(RaftVoter voter, ClusterMachine machine, Proposer proposer) {}

    private final NodeConfig config;
    private final DataDir dirs;
    private final Room room;
    private final Replica replica;
    private final LeaderLoop leading;
    private final Supplier<Set<NodeId>> gone;
    private final InstantSource clock;
    private final Object roles = new Object();
    private volatile Seat seat;
    private volatile Optional<VoterFailure> failure = Optional.empty();
    private long retryAtNanos;
    private final Map<NodeId, Long> turnAtNanos = new HashMap<>();
    private final Set<NodeId> askedElsewhere = new HashSet<>();
    private Set<NodeId> goneBefore = Set.of();
    private boolean closed;

    /// @param gone whom gossip holds gone
    Voting(
            NodeConfig config,
            DataDir dirs,
            Room room,
            Replica replica,
            LeaderLoop leading,
            Supplier<Set<NodeId>> gone,
            InstantSource clock) {
        this.config = config;
        this.dirs = dirs;
        this.room = room;
        this.replica = replica;
        this.leading = leading;
        this.gone = gone;
        this.clock = clock;
    }

    /// Whether this node has voted before and was not told that it no longer does.
    boolean hasLog() {
        return Files.isDirectory(dirs.raft());
    }

    /// Founds a new cluster with the others of the configuration, or goes on where the directory ended.
    ///
    /// @param founders of a new cluster; empty to wait until the leader adds this node
    synchronized void start(List<NodeConfig.Founder> founders) throws VoterFailure {
        List<VoterAddress> first = founders.stream()
                .map(founder -> new VoterAddress(founder.id().name(), founder.host(), founder.raftPort()))
                .toList();
        VoterAddress self = first.stream()
                .filter(voter -> voter.id().equals(config.name().name()))
                .findFirst()
                .orElseGet(() -> new VoterAddress(
                        config.name().name(), config.advertise(), config.ports().raft()));
        RaftConfig raft = (first.isEmpty()
                        ? RaftConfig.joining(self, dirs.raft(), config.clusterId())
                        : RaftConfig.founding(self, dirs.raft(), config.clusterId(), first))
                .withBindHost(config.listen());
        ClusterMachine machine = new ClusterMachine(replica, now -> rolesChanged());
        RaftVoter voter = RaftVoter.start(raft, machine);
        seat = new Seat(voter, machine, new Proposer(config.name().name(), voter::propose, clock));
        failure = Optional.empty();
        LOG.info("voter.started node={} founders={}", config.name(), first);
        rolesChanged();
    }

    /// Asks what the roles are now, so that it does not matter in which order two callers come.
    private void rolesChanged() {
        synchronized (roles) {
            Seat mine = seat;
            if (mine == null) return;
            Leadership now = mine.voter().leadership();
            if (now.ready()) leading.lead(now.term(), mine.proposer(), membership(mine));
            else leading.resign();
        }
    }

    private LeaderLoop.Membership membership(Seat mine) {
        return new LeaderLoop.Membership() {
            @Override
            public void set(List<NodeId> voters) throws InterruptedException {
                setVoters(mine, voters);
            }

            @Override
            public void readmit(NodeId voter) throws InterruptedException {
                Voting.readmit(mine, voter);
            }
        };
    }

    Optional<Leadership> leadership() {
        Seat mine = seat;
        return mine == null ? Optional.empty() : Optional.of(mine.voter().leadership());
    }

    /// Present while this node leads and the log says so: what comes before that word is taken for an earlier leader's, and
    /// nobody passes an earlier leader's orders on to a provider.
    Optional<Proposer> proposer() {
        Seat mine = seat;
        if (mine == null) return Optional.empty();
        Leadership now = mine.voter().leadership();
        boolean announced = replica.state().fleet().term() == now.term();
        return now.ready() && announced ? Optional.of(mine.proposer()) : Optional.empty();
    }

    /// Why this node, which should vote, does not.
    Optional<VoterFailure> failure() {
        return failure;
    }

    /// Whether what is known here comes from the log alone: it votes, and has applied all that this node has ever shown.
    boolean caughtUp() {
        Seat mine = seat;
        return mine != null
                && !mine.voter().refilling()
                && mine.machine().state().revision() >= replica.state().revision();
    }

    /// It votes, but began without its log, and has not got it back yet.
    boolean refilling() {
        Seat mine = seat;
        return mine != null && mine.voter().refilling();
    }

    boolean leaderless() {
        return leadership()
                .map(now -> now.leader().isEmpty() && now.quorumSilence().compareTo(LEADERLESS_MAX) > 0)
                .orElse(false);
    }

    /// Compares what is with what should be. Blocks for some seconds when it stops a voter.
    ///
    /// @param current the state is known to be current: a voter was heard in the last seconds
    synchronized void look(boolean current) {
        if (closed) return;
        rolesChanged();
        Seat mine = seat;
        if (mine == null) {
            if ((current && wanted() || interrupted()) && System.nanoTime() - retryAtNanos >= 0) begin();
        } else if (mine.voter().stopped().isDone()) {
            ended(mine);
        } else if (current && removed(mine)) {
            LOG.info("voter.removed node={} known-by=\"another voter\"", config.name());
            leave(mine);
        } else {
            askThoseThatMoved(mine);
            renewLines(mine);
        }
    }

    /// To those that gossip hears again.
    private void renewLines(Seat mine) {
        Set<NodeId> now = gone.get();
        for (VoterAddress known : mine.voter().voters()) {
            NodeId id = new NodeId(known.id());
            if (!goneBefore.contains(id) || now.contains(id)) continue;
            LOG.info("voter.back node={} then=\"connected anew\"", id);
            mine.voter().reconnect(known.id());
        }
        goneBefore = now;
    }

    /// The log has the address at which a voter was added, the state the one that it last advertised. Which of them is
    /// right shows in who answers: a founder may be written with a name, and advertise an address for others.
    private void askThoseThatMoved(Seat mine) {
        for (VoterAddress known : mine.voter().voters()) {
            NodeId id = new NodeId(known.id());
            if (id.equals(config.name()) || !replica.state().fleet().nodes().has(id)) continue;
            VoterAddress advertised = joined(id);
            if (advertised.equals(known)) continue;
            boolean silent = mine.voter()
                    .silence(known.id())
                    .filter(since -> since.compareTo(MOVED_AFTER) > 0)
                    .isPresent();
            long now = System.nanoTime();
            if (!silent || now - turnAtNanos.getOrDefault(id, now) < 0) continue;
            turnAtNanos.put(id, now + MOVED_AFTER.toNanos());
            boolean elsewhere = !askedElsewhere.remove(id);
            if (elsewhere) askedElsewhere.add(id);
            mine.voter().ask(known, elsewhere ? advertised : known);
        }
    }

    private boolean wanted() {
        return replica.state().fleet().wanted().contains(config.name());
    }

    /// It voted, and was stopped by something that has passed: with nobody to say who leads, it goes on by itself, as it
    /// would after a restart of the agent.
    private boolean interrupted() {
        return failure.filter(Voting::mayPass).isPresent() && hasLog();
    }

    private static boolean mayPass(VoterFailure why) {
        return why.kind() == VoterFailure.Kind.DISK || why.kind() == VoterFailure.Kind.PORT;
    }

    private boolean waitsForRoom() {
        return failure.filter(why -> why.kind() == VoterFailure.Kind.DISK).isPresent() && room.isShort();
    }

    /// Others say that this node votes no more; it was away when that was decided.
    private boolean removed(Seat mine) {
        ClusterState state = replica.state();
        Fleet fleet = state.fleet();
        return state.revision() > mine.machine().state().revision()
                && !fleet.voters().isEmpty()
                && !fleet.voters().contains(config.name())
                && !fleet.wanted().contains(config.name());
    }

    private void begin() {
        if (waitsForRoom()) return;
        boolean isVoter = replica.state().fleet().voters().contains(config.name());
        try {
            if (!isVoter && failure.isEmpty()) moveAside();
            start(List.of());
        } catch (VoterFailure e) {
            failed(e);
        } catch (IOException e) {
            LOG.error("voter.not-started node={} reason=\"{}\"", config.name(), e.toString());
            retryAtNanos = System.nanoTime() + RETRY.toNanos();
        }
    }

    private void ended(Seat mine) {
        try {
            mine.voter().stopped().join();
            LOG.info("voter.removed node={} known-by=log", config.name());
            leave(mine);
        } catch (CompletionException e) {
            drop(mine);
            if (e.getCause() instanceof VoterFailure why) failed(why);
            else LOG.error("voter.broken node={}", config.name(), e);
        }
    }

    private void failed(VoterFailure why) {
        boolean again = failure.filter(last -> String.valueOf(last.getMessage()).equals(why.getMessage()))
                .isPresent();
        if (!again)
            LOG.error("voter.failed node={} kind={} reason=\"{}\"", config.name(), why.kind(), why.getMessage());
        failure = Optional.of(why);
        retryAtNanos = System.nanoTime() + retryAfter(why).toNanos();
    }

    private static Duration retryAfter(VoterFailure why) {
        if (why.kind() == VoterFailure.Kind.DISK) return RETRY_DISK;
        return mayPass(why) ? RETRY : Duration.ofDays(3_650);
    }

    private void leave(Seat mine) {
        drop(mine);
        try {
            moveAside();
        } catch (IOException e) {
            LOG.error("voter.not-moved dir={} reason=\"{}\"", dirs.raft(), e.toString());
        }
    }

    private void drop(Seat mine) {
        synchronized (roles) {
            seat = null;
            leading.resign();
        }
        mine.proposer().close();
        mine.voter().close();
    }

    /// Kept once, for a look: a later re-add starts clean.
    private void moveAside() throws IOException {
        if (!hasLog()) return;
        Path aside = dirs.raft().resolveSibling("raft.removed");
        AttemptJournal.delete(aside);
        Files.move(dirs.raft(), aside);
    }

    private void setVoters(Seat mine, List<NodeId> wanted) throws InterruptedException {
        try {
            if (!wanted.contains(config.name())) {
                handOver(mine, wanted);
                return;
            }
            Fate fate =
                    mine.voter().setVoters(addresses(mine, wanted)).get(CHANGE_MAX.toMillis(), TimeUnit.MILLISECONDS);
            if (fate instanceof Fate.Applied) LOG.info("voters.set to={}", wanted);
            else LOG.warn("voters.not-set to={} fate={}", wanted, fate);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("voters.not-set to={} reason=\"{}\"", wanted, e.toString());
        }
    }

    private static void readmit(Seat mine, NodeId voter) throws InterruptedException {
        if (mine.voter().voters().stream().noneMatch(known -> known.id().equals(voter.name()))) return;
        try {
            Fate fate = mine.voter().readmit(voter.name()).get(CHANGE_MAX.toMillis(), TimeUnit.MILLISECONDS);
            if (!(fate instanceof Fate.Applied)) LOG.warn("voter.not-readmitted node={} fate={}", voter, fate);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("voter.not-readmitted node={} reason=\"{}\"", voter, e.toString());
        }
    }

    /// A leader that is to go lets another one lead first; that one removes it.
    private void handOver(Seat mine, List<NodeId> wanted)
            throws InterruptedException, ExecutionException, TimeoutException {
        String heir = wanted.getFirst().name();
        Fate fate = mine.voter().transferLeadership(heir).get(CHANGE_MAX.toMillis(), TimeUnit.MILLISECONDS);
        LOG.info("lead.handed-over to={} done={}", heir, fate instanceof Fate.Applied);
    }

    /// A leader that stops in good order names the next one, so that nobody waits for an election.
    private void makeWay(Seat mine) {
        Optional<Soft> soft = leading.soft();
        Optional<NodeId> heir = replica.state().fleet().voters().stream()
                .filter(voter -> !voter.equals(config.name()))
                .filter(voter ->
                        soft.flatMap(known -> known.heard().find(voter)).isPresent())
                .max(Comparator.comparing(voter -> soft.orElseThrow().lastHeard(voter)));
        if (heir.isEmpty()) return;
        try {
            Fate fate = mine.voter()
                    .transferLeadership(heir.get().name())
                    .get(HAND_OVER_MAX.toMillis(), TimeUnit.MILLISECONDS);
            LOG.info("lead.handed-over to={} done={}", heir.get(), fate instanceof Fate.Applied);
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("lead.not-handed-over to={} reason=\"{}\"", heir.get(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<VoterAddress> addresses(Seat mine, List<NodeId> wanted) {
        List<VoterAddress> known = mine.voter().voters();
        List<VoterAddress> addresses = new ArrayList<>();
        for (NodeId id : wanted) {
            addresses.add(known.stream()
                    .filter(voter -> voter.id().equals(id.name()))
                    .findFirst()
                    .orElseGet(() -> joined(id)));
        }
        return addresses;
    }

    private VoterAddress joined(NodeId id) {
        var endpoints = replica.state().fleet().nodes().require(id).endpoints();
        return new VoterAddress(id.name(), endpoints.host(), endpoints.raftPort());
    }

    @Override
    public synchronized void close() {
        closed = true;
        Seat mine = seat;
        if (mine == null) return;
        if (mine.voter().leadership().ready()) makeWay(mine);
        drop(mine);
    }
}
