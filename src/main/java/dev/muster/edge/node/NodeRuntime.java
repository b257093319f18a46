package dev.muster.edge.node;

import dev.muster.core.check.Report;
import dev.muster.core.health.Twin;
import dev.muster.core.plan.Presence;
import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Journal;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.TaskId;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.config.Release;
import dev.muster.edge.gossip.GossipPort;
import dev.muster.edge.process.DataDirLock;
import dev.muster.edge.raft.RaftLogging;
import dev.muster.edge.raft.VoterFailure;
import dev.muster.edge.support.NodeSupport;
import dev.muster.edge.support.Redaction;
import dev.muster.edge.swarm.Counters;
import dev.muster.edge.swarm.Serving;
import dev.muster.edge.swarm.Underway;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One running node: the [Mesh] it is part of, the [Agent] that works, the servers before both. Starts them in order and
/// ends them in the opposite one; jobs run on.
public final class NodeRuntime implements Member, PeerService, AutoCloseable {
    private static final Duration JOIN_MAX = Duration.ofSeconds(6);
    /// A step takes some milliseconds from the leader to a follower.
    private static final Duration OWN_ORDER_MAX = Duration.ofSeconds(1);

    private static final Duration JOINER_MAX = Duration.ofSeconds(2);
    private static final Duration EVENTS_WAIT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(NodeRuntime.class);

    private volatile NodeConfig config;
    private final String identity;
    private final Neighbours neighbours;
    private final Mesh mesh;
    private final Telling telling;
    private final Agent agent;
    private final EventHistory events;
    private final Heartbeats heartbeats;
    private final Whereabouts here;
    private final Presence presence;
    private final Entrance entrance;
    private final Checkup checkup;
    private final Joining joining;
    private volatile boolean entered;
    private final Deque<AutoCloseable> open;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /// Starts a node. Returns when it listens; it joins or founds its cluster in the background.
    ///
    /// @throws StartFailure with a message for a person; nothing is left open
    public static NodeRuntime start(NodeConfig config, Servers servers, Gauges gauges) throws StartFailure {
        return start(config, servers, gauges, Errands.NONE);
    }

    /// The same, where machines may be rented while this node leads.
    ///
    /// @throws StartFailure as above
    public static NodeRuntime start(NodeConfig config, Servers servers, Gauges gauges, Errands errands)
            throws StartFailure {
        return start(config, servers, gauges, errands, Telling.NONE);
    }

    /// The same, where machines may be rented, and people told, while this node leads.
    ///
    /// @throws StartFailure as above
    public static NodeRuntime start(NodeConfig config, Servers servers, Gauges gauges, Errands errands, Telling telling)
            throws StartFailure {
        RaftLogging.quiet();
        Deque<AutoCloseable> open = new ArrayDeque<>();
        boolean started = false;
        try {
            open.push(DataDirLock.acquire(config.data()));
            NodeRuntime node = new NodeRuntime(config, servers, gauges, errands, telling, open);
            node.begin();
            started = true;
            return node;
        } catch (IOException e) {
            throw new StartFailure(StartFailure.ERROR, message(config, e), e);
        } catch (VoterFailure e) {
            throw new StartFailure(StartFailure.ERROR, message(config, e), e);
        } finally {
            if (!started) closeAll(open);
        }
    }

    private static String message(NodeConfig config, Exception e) {
        return String.valueOf(e.getMessage()).contains("No space left")
                ? "expected room on the disk of " + config.data()
                        + ", but it is full; make some and start again: nothing was lost"
                : String.valueOf(e.getMessage());
    }

    private NodeRuntime(
            NodeConfig wanted,
            Servers servers,
            Gauges gauges,
            Errands errands,
            Telling telling,
            Deque<AutoCloseable> open)
            throws IOException {
        this.open = open;
        this.telling = telling;
        NodeConfig.Ports ports = wanted.ports();
        NodeConfig planned = wanted.withPorts(new NodeConfig.Ports(
                ports.api(), ports.artifacts(), ports.raft() == 0 ? freePort() : ports.raft(), ports.gossip()));
        this.config = planned; // until the servers have taken their ports
        DataDir dirs = new DataDir(planned.data());
        InstantSource clock = InstantSource.system();
        Room room = Room.open(planned.data(), planned.disk());
        this.identity = dirs.identity();
        Optional<Whereabouts> last = Whereabouts.read(dirs.place());
        this.neighbours = new Neighbours(planned, dirs);
        open.push(neighbours);
        this.mesh = new Mesh(planned, dirs, room, neighbours::gone, errands, telling, clock);
        open.push(mesh);
        this.events = new EventHistory(dirs.events(), mesh.replica(), room);
        open.push(events);
        this.agent = new Agent(planned, dirs, room, mesh, gauges, clock);
        open.push(agent);
        this.checkup = new Checkup(planned, dirs, mesh, agent, gauges, identity, clock);
        open.push(checkup);
        this.heartbeats = new Heartbeats(
                planned.policy().heartbeat(),
                () -> new Heartbeat(
                        planned.name(),
                        identity,
                        state().revision(),
                        agent.attempts(),
                        agent.telemetry(),
                        mesh.refilling(),
                        agent.awaited(),
                        Optional.of(presence())),
                mesh::heartbeat,
                () -> standing().leader(),
                mesh.contacts(),
                mesh.client(),
                this::answered,
                this::refused,
                clock);
        open.push(heartbeats);
        Servers.Listening listening = servers.open(planned, this, this, agent::telemetry);
        open.push(listening);
        this.config = planned.withPorts(new NodeConfig.Ports(
                listening.apiPort(), listening.artifactPort(), planned.ports().raft(), neighbours.port()));
        this.here = Whereabouts.of(config.data(), endpoints().api());
        this.presence = new Presence(UUID.randomUUID().toString(), here.place(), here.api(), Release.own());
        this.entrance = new Entrance(
                new PresenceRequest(config.name(), identity, presence, false),
                here.since(last),
                last.map(Whereabouts::api).filter(api -> !api.isEmpty()),
                mesh.contacts(),
                mesh.client(),
                mesh::willVote,
                config.policy());
        this.joining = new Joining(
                new JoinRequest(
                        config.name(),
                        identity,
                        config.role(),
                        gauges.hardware(),
                        config.maxParallelJobs(),
                        endpoints(),
                        Optional.of(presence)),
                config.clusterId(),
                mesh.contacts(),
                mesh.client(),
                order -> submit(order, JOIN_MAX),
                mesh::votes);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Endpoints endpoints() {
        return new Endpoints(
                config.advertise(),
                config.ports().api(),
                config.ports().artifacts(),
                config.ports().raft(),
                OptionalInt.of(config.ports().gossip()),
                !config.network().dialable());
    }

    private void answered(Heartbeats.Heard heard) {
        mesh.answered(heard.answer());
        checkup.answered(heard);
    }

    /// An agent that goes on where it was waits for nobody: its jobs run. One that comes from elsewhere has none here.
    private void begin() throws IOException, VoterFailure, StartFailure {
        if (entrance.open()) enter();
        Thread joiner = Thread.ofVirtual().name("join").start(this::join);
        open.push(() -> {
            joiner.interrupt();
            joiner.join(JOINER_MAX);
        });
        LOG.info(
                "node.started node={} cluster={} data={} endpoints={}",
                config.name(),
                config.clusterId(),
                config.data(),
                endpoints());
    }

    private void enter() throws IOException, VoterFailure, StartFailure {
        here.keep(new DataDir(config.data()).place());
        entered = true;
        events.start();
        agent.start();
        checkup.start();
        mesh.start(joining);
        neighbours.start(config, identity, endpoints(), this::state, mesh::votes);
        heartbeats.start();
    }

    private void join() {
        try {
            if (!entered) {
                entrance.await();
                enter();
            }
            joining.join();
            heartbeats.beat();
        } catch (StartFailure e) {
            refused(e);
        } catch (IOException | VoterFailure e) {
            refused(new StartFailure(StartFailure.ERROR, message(config, e), e));
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    private void refused(String why) {
        refused(new StartFailure(StartFailure.ERROR, why, null));
    }

    private void refused(StartFailure why) {
        if (end.completeExceptionally(why)) LOG.error("node.refused reason=\"{}\"", why.getMessage());
    }

    private Presence presence() {
        return presence;
    }

    /// The configuration with the ports that were really taken.
    public NodeConfig config() {
        return config;
    }

    /// Blocks until the node is closed.
    ///
    /// @throws StartFailure when the cluster will not have it
    public void awaitEnd() throws StartFailure, InterruptedException {
        try {
            end.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StartFailure why) throw why;
            throw new IllegalStateException(e);
        }
    }

    // ---- Member

    @Override
    public NodeId self() {
        return config.name();
    }

    @Override
    public ClusterState state() {
        return mesh.replica().state();
    }

    @Override
    public Standing standing() {
        return mesh.standing();
    }

    @Override
    public Answer submit(Envelope order, Duration timeout) {
        Answer answer = mesh.submission().submit(order, timeout);
        if (answer instanceof Answer.Done done) awaitOwn(done.revision());
        return answer;
    }

    /// Who asks this node next is to see what it ordered here.
    private void awaitOwn(long revision) {
        try {
            if (!mesh.replica().awaitRevision(revision, OWN_ORDER_MAX))
                LOG.debug("revision {} is not here yet", revision);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Optional<Soft> soft() {
        return mesh.soft();
    }

    @Override
    public Map<NodeId, GossipPort.Seen> sightings() {
        return neighbours.members();
    }

    @Override
    public Optional<List<Wait>> waits() {
        return mesh.waits();
    }

    @Override
    public Underway underway(Sha256 sha) {
        return mesh.underway(sha);
    }

    @Override
    public Optional<RentReport> renting() {
        return mesh.renting();
    }

    @Override
    public Telling telling() {
        return telling;
    }

    @Override
    public Optional<RentReport> rentingHere() {
        return mesh.rentingHere();
    }

    @Override
    public Optional<String> lackingHere(Set<String> secrets) {
        if (!mesh.leaderView().leading()) return Optional.empty();
        try {
            new SecretFiles(config.data().resolve(SecretFiles.FOLDER)).read(secrets);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public Optional<List<String>> explain(TaskId task) {
        return mesh.asLeader().isEmpty() ? Optional.empty() : mesh.explain(task);
    }

    @Override
    public List<Journal.Entry> history(
            long after, Instant since, int limit, Set<String> words, Predicate<Journal.Entry> wanted)
            throws IOException {
        return events.find(after, since, limit, words, wanted);
    }

    @Override
    public AutoCloseable subscribe(long revision, Consumer<Journal.Entry> listener) {
        Thread thread = Thread.ofVirtual().name("events").start(() -> events(revision, listener));
        return thread::interrupt;
    }

    private void events(long revision, Consumer<Journal.Entry> listener) {
        long last = revision;
        try {
            while (!closing.get() && !Thread.currentThread().isInterrupted()) {
                ClusterState seen = state();
                for (Journal.Entry entry : seen.journal().from(last + 1)) {
                    listener.accept(entry);
                    last = entry.revision();
                }
                mesh.replica().awaitChange(seen, EVENTS_WAIT);
            }
        } catch (InterruptedException e) {
            LOG.debug("unsubscribed", e);
        }
    }

    @Override
    public CheckRounds checks(CheckRequest request) {
        return checkup.checks(request);
    }

    @Override
    public LogPart logs(AttemptId attempt, long from, int max) throws IOException {
        return agent.outputs().anywhere(attempt, from, max);
    }

    @Override
    public Serving serving() {
        return agent.swarm().serving();
    }

    @Override
    public Shelf shelf() {
        return agent.shelf();
    }

    // ---- PeerService

    @Override
    public JoinAnswer join(JoinRequest request) {
        return mesh.join(request);
    }

    @Override
    public PresenceAnswer presence(PresenceRequest request) {
        return mesh.presence(request, identity, entered ? Optional.of(presence) : Optional.empty());
    }

    @Override
    public OrdersAnswer orders(List<Envelope> orders, int hops) {
        return mesh.submission().orders(orders, hops);
    }

    @Override
    public HeartbeatAnswer heartbeat(Heartbeat heartbeat) {
        HeartbeatAnswer answer = mesh.heartbeat(heartbeat);
        boolean copy = answer.leading()
                && heartbeat.node().equals(config.name())
                && heartbeat.identity().equals(identity)
                && heartbeat.presence().filter(other -> !other.equals(presence)).isPresent();
        if (copy) return answer.refusing(new Twin(presence, Duration.ZERO).message(config.name()));
        return answer.leading() ? answer.withWord(checkup.word(heartbeat.node())) : answer;
    }

    @Override
    public boolean servesFollowers() {
        return mesh.serves();
    }

    @Override
    public void follow(long from, OutputStream sink) throws IOException {
        mesh.feed().follow(from, sink);
    }

    @Override
    public LeaderView leader() {
        return mesh.leaderView();
    }

    @Override
    public Optional<List<String>> explainHere(TaskId task) {
        return mesh.explainHere(task);
    }

    @Override
    public LogPart logsHere(AttemptId attempt, long from, int max) throws IOException {
        return agent.outputs().here(attempt, from, max);
    }

    @Override
    public Underway underwayHere(Sha256 sha) {
        return mesh.swarmLead().underway(sha);
    }

    @Override
    public Place place() {
        return new Place(config.clusterId(), mesh.contacts().voters());
    }

    @Override
    public Report checkHere(boolean deep) {
        return checkup.here(deep);
    }

    @Override
    public Optional<CheckRounds> checksHere(CheckRequest request) {
        return checkup.led(request);
    }

    @Override
    public boolean report(NodeReport report) {
        return checkup.heard(report);
    }

    @Override
    public Counters.Figures transfers() {
        return agent.swarm().figures();
    }

    @Override
    public void support(OutputStream sink, String version, Map<String, String> more) throws IOException {
        Map<String, String> texts = new TreeMap<>(more);
        texts.put("standing.txt", standing() + "\n");
        new NodeSupport(config.data(), version)
                .write(sink, Redaction.of(List.of(config.token().secret())), texts);
    }

    @Override
    public Optional<String> unready() {
        return entrance.waits()
                .or(() -> mesh.voterFailure().map(why -> "it cannot vote: " + why.getMessage()))
                .or(agent::unready);
    }

    /// Ends the node within some seconds, ten more when it votes and its disk is slow. Jobs run on, and the next agent
    /// finds them again.
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) return;
        LOG.info("node.stopping node={} attempts={}", config.name(), agent.attempts());
        closeAll(open);
        LOG.info("node.stopped node={}", config.name());
        end.complete(null);
    }

    private static void closeAll(Deque<AutoCloseable> open) {
        while (!open.isEmpty()) {
            AutoCloseable part = open.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("close.failed part={} reason=\"{}\"", part.getClass().getSimpleName(), e.toString());
            }
        }
    }
}
