package dev.muster.edge.http;

import dev.muster.core.check.Check;
import dev.muster.core.check.Grade;
import dev.muster.core.check.Probe;
import dev.muster.core.check.Report;
import dev.muster.core.check.Rounds;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Event;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.TaskId;
import dev.muster.edge.gossip.GossipPort;
import dev.muster.edge.node.Member;
import dev.muster.edge.node.PeerService;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.node.Telling;
import dev.muster.edge.support.Redaction;
import dev.muster.edge.support.SupportArchive;
import dev.muster.edge.swarm.Counters;
import dev.muster.edge.swarm.Lead;
import dev.muster.edge.swarm.Serving;
import dev.muster.edge.swarm.Underway;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A whole cluster in one object: orders go straight to [Handler]. What a test wants to be different it sets.
public final class InMemoryMember implements Member, PeerService {
    public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final NodeId self;
    private final List<Consumer<Journal.Entry>> listeners = new CopyOnWriteArrayList<>();
    private volatile ClusterState state = ClusterState.EMPTY;
    public volatile Instant now = START;
    public volatile Optional<String> readOnly = Optional.empty();
    public volatile Optional<List<NodeId>> votersUp = Optional.empty();
    public volatile Optional<Soft> soft = Optional.empty();
    public volatile Map<NodeId, GossipPort.Seen> sightings = Map.of();
    public volatile Optional<List<Wait>> waits = Optional.of(List.of());
    public volatile List<Action> actions = List.of();
    public volatile Optional<List<String>> lines = Optional.empty();
    /// On this node.
    public volatile Set<String> secrets = Set.of();
    public volatile Optional<String> unready = Optional.empty();
    public volatile Rounds rounds = new Rounds(List.of(), List.of());
    public final List<CheckRequest> asked = new CopyOnWriteArrayList<>();
    public volatile Telling telling = Telling.NONE;
    public volatile boolean stuck;
    public volatile Table<Sha256, Underway> underway = Table.empty();
    public final Map<AttemptId, byte[]> output = new ConcurrentHashMap<>();
    public final Map<Sha256, byte[]> files = new ConcurrentHashMap<>();
    public final List<Envelope> given = new CopyOnWriteArrayList<>();

    public final InMemoryShelf shelf = new InMemoryShelf(this);

    public InMemoryMember(String self) {
        this.self = new NodeId(self);
    }

    /// Three nodes that vote, and one with a GPU that does not; all just heard.
    public static InMemoryMember ofFour() {
        InMemoryMember member = new InMemoryMember("n1");
        for (String name : List.of("n1", "n2", "n3")) member.join(name, Role.MIXED, Hardware.cpus(4, Bytes.gib(8)));
        member.join("gpu1", Role.TRAINING, new Hardware(16_000, Bytes.gib(64), 2, Bytes.gib(24), "RTX 4090"));
        member.votes("n1", "n2", "n3");
        member.order(new Command.AnnounceLeader(new NodeId("n1"), 3));
        member.soft = Optional.of(member.allHeard());
        return member;
    }

    /// The node is reached elsewhere from now on.
    public void endpoints(String name, String host, int apiPort) {
        Node node = state().fleet().nodes().require(new NodeId(name));
        order(new Command.JoinNode(
                node.id(),
                node.identity(),
                node.role(),
                node.hardware(),
                node.maxParallelJobs(),
                new Endpoints(host, apiPort, 1, 2)));
    }

    public void join(String name, Role role, Hardware hardware) {
        order(new Command.JoinNode(
                new NodeId(name), name + "-identity", role, hardware, 4, new Endpoints("127.0.0.1", 8770, 8767, 8771)));
    }

    public void votes(String... names) {
        List<NodeId> voters = Arrays.stream(names).map(NodeId::new).toList();
        state = Handler.votersChanged(state, voters, Actor.leader(self)).state();
    }

    public Soft allHeard() {
        Soft heard = Soft.leadingSince(START);
        for (NodeId node : state.fleet().nodes().keys()) {
            Soft.Telemetry load = new Soft.Telemetry(0.25, 0.5, 0.42, 100L << 30, Double.NaN, Double.NaN, 1);
            heard = heard.withHeard(node, new Soft.Heard(now, state.revision(), Set.of(), load));
        }
        return heard;
    }

    /// As the leader would; fails the test when it is refused.
    public String order(Command command) {
        Handler.Step step = step(Envelope.of(Actor.leader(self), "test", command));
        return switch (step.outcome()) {
            case Outcome.Accepted accepted -> accepted.created();
            case Outcome.Refused refusal -> throw new AssertionError(refusal.message());
        };
    }

    public AttemptId place(String job, int index, String node) {
        TaskId task = TaskId.parse(job + "." + index);
        AttemptId attempt =
                new AttemptId(task, state.work().tasks().require(task).attempts() + 1);
        order(new Command.PlaceTask(attempt, new NodeId(node)));
        return attempt;
    }

    public void start(AttemptId attempt) {
        order(new Command.ReportStarted(attempt, token(attempt), 4242));
    }

    public void finish(AttemptId attempt, Attempt.Ending ending) {
        order(new Command.FinishAttempt(attempt, token(attempt), ending));
    }

    private long token(AttemptId attempt) {
        return state.work().attempts().require(attempt).token();
    }

    private synchronized Handler.Step step(Envelope envelope) {
        long before = state.revision();
        Handler.Step step = Handler.step(state, now, envelope);
        state = step.state();
        List<Event> events = step.transition().map(moved -> moved.events()).orElse(List.of());
        for (int index = 0; index < events.size(); index++) {
            Journal.Entry entry =
                    new Journal.Entry(before + 1 + index, now, envelope.actor(), envelope.why(), events.get(index));
            for (Consumer<Journal.Entry> listener : listeners) listener.accept(entry);
        }
        return step;
    }

    @Override
    public Map<NodeId, GossipPort.Seen> sightings() {
        return sightings;
    }

    @Override
    public NodeId self() {
        return self;
    }

    @Override
    public ClusterState state() {
        return state;
    }

    @Override
    public Standing standing() {
        boolean leads = readOnly.isEmpty();
        return new Standing(
                true,
                leads ? Optional.of(self) : Optional.empty(),
                3,
                leads,
                readOnly,
                now,
                votersUp.orElse(leads ? state.fleet().voters() : List.of(self)),
                leads ? Map.of() : Map.of(self, now, new NodeId("n2"), now.minusSeconds(12)),
                START.minusSeconds(3600));
    }

    @Override
    public Answer submit(Envelope order, Duration timeout) {
        given.add(order);
        if (readOnly.isPresent()) return new Answer.Unavailable(readOnly.get(), true);
        Handler.Step step = step(order);
        return switch (step.outcome()) {
            case Outcome.Accepted accepted -> new Answer.Done(step.state().revision(), accepted.created());
            case Outcome.Refused refusal -> new Answer.Refused(refusal.code().name(), refusal.message());
        };
    }

    @Override
    public Optional<Soft> soft() {
        while (stuck) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                stuck = false;
            }
        }
        return soft;
    }

    @Override
    public CheckRounds checks(CheckRequest request) {
        asked.add(request);
        return new CheckRounds(self, readOnly.isEmpty(), rounds);
    }

    @Override
    public Report checkHere(boolean deep) {
        return new Report(
                List.of(new Check(Probe.DISK, Grade.OK, deep ? "deep" : "disk: 450GB free")),
                List.of(),
                List.of(),
                true,
                false,
                0);
    }

    @Override
    public Optional<CheckRounds> checksHere(CheckRequest request) {
        return readOnly.isEmpty() ? Optional.of(checks(request)) : Optional.empty();
    }

    @Override
    public boolean report(NodeReport report) {
        return readOnly.isEmpty();
    }

    @Override
    public Optional<List<Wait>> waits() {
        return waits;
    }

    @Override
    public Optional<RentReport> renting() {
        return rentingHere();
    }

    /// As the leader would tell it, with the actions that a test gives; the autoscaler's are its orders.
    @Override
    public Optional<RentReport> rentingHere() {
        if (readOnly.isPresent()) return Optional.empty();
        Plan enabled = new Plan(actions, waits.orElse(List.of()));
        boolean on = state.rentals().scaling().enabled();
        List<Action> runs = actions.stream()
                .filter(action -> on || action instanceof Action.Run)
                .toList();
        return soft.map(known -> RentReport.of(state, known.renting(), new Plan(runs, List.of()), enabled));
    }

    @Override
    public Telling telling() {
        return telling;
    }

    @Override
    public Optional<String> lackingHere(Set<String> names) {
        return names.stream()
                .filter(name -> !secrets.contains(name))
                .findFirst()
                .map(name -> "no secret " + name);
    }

    @Override
    public Underway underway(Sha256 sha) {
        return underway.getOrDefault(sha, Underway.NOBODY);
    }

    @Override
    public Underway underwayHere(Sha256 sha) {
        return underway(sha);
    }

    @Override
    public Optional<List<String>> explain(TaskId task) {
        return lines;
    }

    @Override
    public Optional<List<String>> explainHere(TaskId task) {
        return lines;
    }

    @Override
    public List<Journal.Entry> history(
            long after, Instant since, int limit, Set<String> words, Predicate<Journal.Entry> wanted) {
        return List.of();
    }

    @Override
    public synchronized AutoCloseable subscribe(long revision, Consumer<Journal.Entry> listener) {
        for (Journal.Entry entry : state.journal().recent().from(revision + 1).values()) listener.accept(entry);
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    public int subscribers() {
        return listeners.size();
    }

    /// An event to all subscribers that is in no log: for floods.
    public void shout(Journal.Entry entry) {
        for (Consumer<Journal.Entry> listener : listeners) listener.accept(entry);
    }

    @Override
    public LogPart logs(AttemptId attempt, long from, int max) throws IOException {
        byte[] all = output.get(attempt);
        if (all == null) throw new IOException("node of " + attempt + " cannot be reached");
        int begin = (int) Math.min(from, all.length);
        byte[] part = Arrays.copyOfRange(all, begin, Math.min(all.length, begin + max));
        boolean over = !state.work().attempts().require(attempt).status().isActive();
        return new LogPart(begin, part, over && begin + part.length == all.length);
    }

    @Override
    public LogPart logsHere(AttemptId attempt, long from, int max) throws IOException {
        return logs(attempt, from, max);
    }

    @Override
    public Shelf shelf() {
        return shelf;
    }

    @Override
    public JoinAnswer join(JoinRequest request) {
        if (readOnly.isPresent()) return new JoinAnswer.Unavailable(readOnly.get());
        Command order = new Command.JoinNode(
                request.node(),
                request.identity(),
                request.role(),
                request.hardware(),
                request.maxParallelJobs(),
                request.endpoints());
        return switch (submit(Envelope.of(Actor.node(request.node()), "joins", order), Duration.ZERO)) {
            case Answer.Done done -> new JoinAnswer.Joined("c1", Optional.of(self), List.of(), done.revision());
            case Answer.Refused refusal -> new JoinAnswer.Refused(refusal.code(), refusal.message());
            case Answer.Unavailable none -> new JoinAnswer.Unavailable(none.message());
        };
    }

    @Override
    public OrdersAnswer orders(List<Envelope> orders, int hops) {
        if (readOnly.isPresent()) {
            return new OrdersAnswer.NotLeading(
                    readOnly.get(), false, Optional.of(new NodeId("n2")), Optional.of("h:1"));
        }
        List<Answer> answers = new ArrayList<>();
        for (Envelope order : orders) answers.add(submit(order, Duration.ZERO));
        return new OrdersAnswer.Answered(answers);
    }

    @Override
    public HeartbeatAnswer heartbeat(Heartbeat heartbeat) {
        return new HeartbeatAnswer(
                3,
                readOnly.isEmpty(),
                Optional.of(self),
                Optional.empty(),
                state.revision(),
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public PresenceAnswer presence(PresenceRequest request) {
        return new PresenceAnswer(self, self + "-identity", Optional.empty(), false, Optional.empty());
    }

    @Override
    public boolean servesFollowers() {
        return readOnly.isEmpty();
    }

    @Override
    public void follow(long from, OutputStream sink) throws IOException {
        for (int beat = 0; beat < 2; beat++) {
            sink.write(("{\"kind\":\"beat\",\"from\":" + from + "}\n").getBytes(StandardCharsets.UTF_8));
            sink.flush();
        }
    }

    @Override
    public LeaderView leader() {
        return new LeaderView(readOnly.isEmpty(), Optional.of(self), soft, waits.orElse(List.of()));
    }

    @Override
    public Place place() {
        List<Voter> voters = state.fleet().voters().stream()
                .map(id -> state.fleet().nodes().require(id))
                .map(node -> new Voter(
                        node.id(),
                        node.endpoints().host(),
                        node.endpoints().apiPort(),
                        node.endpoints().raftPort()))
                .toList();
        return new Place("c1", voters);
    }

    @Override
    public Counters.Figures transfers() {
        return Counters.Figures.NONE;
    }

    @Override
    public Serving serving() {
        return Serving.of(new MemoryChunks(this), Lead.NEVER, Http.TOKEN, 4, 0, new Counters());
    }

    @Override
    public void support(OutputStream sink, String version, Map<String, String> more) throws IOException {
        try (SupportArchive archive = new SupportArchive(sink, Redaction.of(List.of()))) {
            archive.add("about.txt", "muster: " + version + "\n");
            archive.add("logs/agent.0.log", "node.started\n");
            for (Map.Entry<String, String> text : more.entrySet()) archive.add(text.getKey(), text.getValue());
        }
    }

    @Override
    public Optional<String> unready() {
        return unready;
    }
}
