package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Invariants;
import dev.muster.core.Orders;
import dev.muster.core.Spec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Thousands of orders, sensible and not, in an order nobody would think of: after each the invariants hold, and a
/// follower that is given the transitions ends up with the same state.
class RandomOrdersTest {
    private static final int SEEDS = 3;
    private static final int ORDERS = 2_000;

    @Test
    void whateverIsOrderedTheInvariantsHold() {
        Map<String, Integer> accepted = new TreeMap<>();
        for (int seed = 1; seed <= SEEDS; seed++) new Run(seed, accepted).run();
        assertThat(accepted.keySet())
                .as("kinds of orders that changed something")
                .containsAll(names());
    }

    /// Every kind of order but the tests' own pick of a leader has to have changed something at least once.
    private static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Class<?> family : List.of(Command.class, Command.OfRentals.class)) {
            for (Class<?> kind : family.getPermittedSubclasses()) {
                if (!kind.isSealed()) names.add(kind.getSimpleName());
            }
        }
        return names;
    }

    private static final class Run {
        private final Random random;
        private final Random others;
        private final Random strangers;
        private final Random mends;
        private final Random rents;
        private final Random saves;
        private final Random gangs;
        private final long seed;
        private final Map<String, Integer> accepted;
        private ClusterState state = ClusterState.EMPTY;
        private ClusterState follower = ClusterState.EMPTY;
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        Run(long seed, Map<String, Integer> accepted) {
            this.seed = seed;
            this.random = new Random(seed);
            this.others = new Random(-seed);
            this.strangers = new Random(~seed);
            this.mends = new Random(seed ^ 0x5EED);
            this.rents = new Random(seed ^ 0x4E47);
            this.saves = new Random(seed ^ 0x5A7E);
            this.gangs = new Random(seed ^ 0x6A46);
            this.accepted = accepted;
        }

        void run() {
            for (int i = 0; i < ORDERS; i++) {
                now = now.plusMillis(random.nextInt(3_000) - 200);
                if (random.nextInt(200) == 0) vote();
                else order(i);
            }
            assertThat(follower.work().derived()).isEqualTo(state.work().derived());
            assertThat(follower.work().attempts()).isEqualTo(state.work().attempts());
            assertThat(follower.loops()).isEqualTo(state.loops());
            assertThat(follower.models()).isEqualTo(state.models());
            assertThat(follower.files()).isEqualTo(state.files());
            assertThat(follower.fleet()).isEqualTo(state.fleet());
            assertThat(follower.ratings()).isEqualTo(state.ratings());
            assertThat(follower.rentals()).isEqualTo(state.rentals());
            assertThat(follower.journal()).isEqualTo(state.journal());
        }

        private void vote() {
            List<NodeId> voters = state.fleet().nodes().keys().stream()
                    .limit(1 + random.nextInt(3))
                    .toList();
            if (!voters.isEmpty()) check("voters", Handler.votersChanged(state, voters, Actor.node(node())));
        }

        private void order(int number) {
            Command command = command();
            Optional<String> request =
                    random.nextBoolean() ? Optional.of("r" + random.nextInt(ORDERS)) : Optional.empty();
            Actor actor = random.nextBoolean() ? Actor.person("ann") : Actor.leader(new NodeId("n1"));
            Handler.Step step = Handler.step(state, now, new Envelope(request, actor, "why " + number, command));
            List<Event> events = step.transition().map(Transition::events).orElse(List.of());
            if (!events.isEmpty()) accepted.merge(command.getClass().getSimpleName(), 1, Integer::sum);
            check(number + ": " + command, step);
            if (number % 4 == 0) besides(number, Actor.node(new NodeId("n1")), copies());
            if (number % 8 == 0) besides(number, Actor.node(new NodeId("n1")), tokens());
            if (number % 5 == 0) hosts(number);
            if (number % 2 == 0)
                besides(number, rents.nextBoolean() ? Actor.person("ann") : Actor.leader(new NodeId("n1")), rentals());
            if (number % 3 == 0) besides(number, Actor.node(new NodeId("n1")), save());
            if (number % 16 == 0) besides(number, Actor.leader(new NodeId("n1")), fixes());
        }

        private void check(String what, Handler.Step step) {
            ClusterState before = state;
            state = step.state();
            String where = "seed " + seed + ", " + what;
            assertThat(Invariants.check(state)).as(where).isEmpty();
            if (step.transition().isEmpty()) assertThat(state).as(where).isSameAs(before);
            if (step.transition().isEmpty()) return;
            List<String> broken = Invariants.check(before, step.transition().get(), state);
            assertThat(broken).as(where).isEmpty();
            follower = follower.advance(step.transition().get());
        }

        private Command command() {
            if (random.nextInt(3) == 0) return onward();
            return switch (random.nextInt(46)) {
                case 0, 1 -> join();
                case 2 -> new Command.DrainNode(node());
                case 3 -> new Command.UndrainNode(node());
                case 4 -> new Command.RetireNode(node());
                case 5 -> new Command.UnretireNode(node());
                case 6 -> random.nextInt(4) == 0 ? new Command.RemoveNode(node()) : join();
                case 7 -> new Command.FenceNode(node());
                case 8, 9 -> new Command.ReadmitNode(node());
                case 10 -> new Command.AddVoter(node());
                case 11 -> new Command.RemoveVoter(node());
                case 12 -> new Command.AnnounceLeader(node(), random.nextInt(50));
                case 13, 14, 15 -> new Command.SubmitJob(spec());
                case 16 ->
                    new Command.StopJob(
                            new JobId(1 + random.nextInt((int) state.work().nextJob())));
                case 17, 18, 19, 20, 21 -> place();
                case 22, 23 -> started();
                case 24, 25, 26, 27, 28 -> finish();
                case 29 ->
                    new Command.ConfirmReplica(
                            file(), node(), Optional.of(new Transfer(random.nextInt(99), 5, "http", 1)));
                case 30 -> new Command.DropReplica(file(), node());
                case 31 -> new Command.ForgetArtifact(file());
                case 32 -> promote();
                case 33 ->
                    new Command.RollbackModel(
                            config(),
                            random.nextBoolean() ? Optional.empty() : Optional.of(file()),
                            others.nextBoolean() ? Optional.empty() : current());
                case 34 -> distribution();
                case 35 -> matches();
                case 36 ->
                    random.nextInt(6) > 0
                            ? new Command.StartLoop(Orders.loop(config()))
                            : new Command.StopLoop(config());
                case 37, 38, 39, 40, 41, 42, 43 -> stage();
                default -> new Command.RejectCandidate(generation());
            };
        }

        /// What brings loops through their stages.
        private Command onward() {
            return switch (random.nextInt(4)) {
                case 0 -> place();
                case 1 -> started();
                case 2 -> finish();
                default -> stage();
            };
        }

        private Command distribution() {
            Sha256 sha = current().orElse(file());
            return switch (random.nextInt(4)) {
                case 0 ->
                    new Command.ReportStandstill(
                            config(),
                            sha,
                            Distribution.Standstill.values()[random.nextInt(3)],
                            1,
                            List.of(new Lack(node(), "disk full")),
                            Optional.empty());
                case 1 -> new Command.SupersedeDistribution(config(), 1 + random.nextInt(4));
                case 2 -> new Command.StrikeSource(sha, node(), 3);
                default -> new Command.CompleteDistribution(config(), sha);
            };
        }

        private Command join() {
            Command.JoinNode order = Orders.join(
                    node().name(),
                    Role.values()[random.nextInt(Role.values().length)],
                    new Hardware(1000 * random.nextInt(9), Bytes.gib(8), random.nextInt(3), Bytes.gib(24), ""),
                    random.nextInt(5));
            return random.nextInt(20) > 0
                    ? order
                    : new Command.JoinNode(
                            order.node(),
                            "other",
                            order.role(),
                            order.hardware(),
                            order.maxParallelJobs(),
                            order.endpoints());
        }

        private NodeId node() {
            return new NodeId("n" + (1 + random.nextInt(8)));
        }

        private ConfigKey config() {
            return random.nextBoolean() ? Orders.HEX : Orders.SQUARE;
        }

        /// Sweeps by people and by others, of machines that have joined and that have not.
        private void hosts(int number) {
            Command command = hosts();
            Actor actor = others.nextBoolean() ? Actor.person("ann") : Actor.leader(new NodeId("n1"));
            Handler.Step step = Handler.step(state, now, Envelope.of(actor, "", command));
            if (step.transition().isPresent()) accepted.merge(command.getClass().getSimpleName(), 1, Integer::sum);
            check(number + ", besides: " + command, step);
        }

        private Command hosts() {
            if (others.nextInt(4) == 0) return new Command.AddNode(declared(1 + others.nextInt(12)));
            List<Command.HostChange> changes = new ArrayList<>();
            for (int name = 1; name <= 12; name++) {
                if (others.nextInt(3) > 0) continue;
                Declared to = declared(name);
                Optional<Desired> from = others.nextInt(50) == 0
                        ? Optional.empty()
                        : state.fleet().desired(to.node());
                changes.add(new Command.HostChange(to, from));
            }
            OptionalInt overridden = others.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(others.nextInt(4));
            return new Command.ImportNodes(changes, ChangeLimit.DEFAULT, overridden);
        }

        private Declared declared(int name) {
            Desired desired = Desired.values()[others.nextInt(2) * others.nextInt(3)];
            return new Declared(new NodeId("n" + name), desired, Optional.empty(), "", others.nextBoolean());
        }

        private void besides(int number, Actor actor, Command command) {
            Handler.Step step = Handler.step(state, now, Envelope.of(actor, "", command));
            if (step.transition().isPresent()) accepted.merge(command.getClass().getSimpleName(), 1, Integer::sum);
            check(number + ", besides: " + command, step);
        }

        /// For names that nobody has.
        private Command tokens() {
            int which = strangers.nextInt(4);
            NodeId node = new NodeId("stranger" + which);
            Sha256 token = new Sha256(String.format("%064x", which * 10 + strangers.nextInt(2)));
            return switch (strangers.nextInt(5)) {
                case 0 -> new Command.RevokeToken(node);
                case 1, 2 -> new Command.EnrolNode(node, token);
                default -> new Command.MintToken(node, token, Optional.empty(), false, Enrolment.TTL_DEFAULT);
            };
        }

        /// Of files that nothing refers to, so that there are copies to spare.
        private Command copies() {
            Sha256 sha = new Sha256(String.format("%064x", 100 + others.nextInt(4)));
            NodeId node = new NodeId("n" + (1 + others.nextInt(8)));
            return switch (others.nextInt(8)) {
                case 0 -> new Command.ReleaseReplica(sha, node);
                case 1 -> new Command.PinArtifact(sha, others.nextInt(3) == 0);
                case 2 -> delta(sha, node);
                default -> new Command.PutArtifact(sha, 5, "put", ArtifactKind.GAMES, Optional.empty(), node);
            };
        }

        private Command fixes() {
            NodeId node = new NodeId("n" + (1 + mends.nextInt(8)));
            if (mends.nextBoolean())
                return new Command.OrderFix(node, FixKind.values()[mends.nextInt(FixKind.values().length)]);
            return state.fleet().fixes().values().stream()
                    .filter(Fix::open)
                    .findFirst()
                    .map(fix -> new Command.FinishFix(fix.node(), fix.token(), mends.nextBoolean(), "note"))
                    .orElseGet(() -> new Command.FinishFix(node, 1, true, "note"));
        }

        /// Machines whose nodes are among the others.
        private Command rentals() {
            InstanceId id = new InstanceId(Math.max(1, state.rentals().next() - 1 - rents.nextInt(6)));
            Windows windows = state.rentals().scaling().windowsAt(now);
            Optional<String> group = rents.nextInt(3) == 0 ? Optional.of("g" + rents.nextInt(2)) : Optional.empty();
            Optional<AttemptId> leaving = state.fleet().nodes().values().stream()
                    .filter(Node::leaving)
                    .flatMap(node -> state.work().activeOn(node.id()).stream())
                    .findFirst();
            if (leaving.isPresent() && rents.nextInt(2) == 0)
                return new Command.EvictAttempt(
                        leaving.get(),
                        state.work().attempts().require(leaving.get()).token());
            // Few machines that run something are ever told to go.
            Optional<Instance> working = state.rentals().open().stream()
                    .filter(one -> one.node()
                            .filter(node -> !state.work().activeOn(node).isEmpty())
                            .isPresent())
                    .findFirst();
            if (working.isPresent() && rents.nextInt(4) == 0)
                return new Command.StopInstance(working.get().id());
            return switch (rents.nextInt(30)) {
                case 0, 1 -> new Command.RentInstance(Optional.empty(), rent(), group, windows, again());
                case 2, 3, 25, 26 -> dev.muster.core.Rents.adopt(rent(), sighting(), busy());
                case 4, 5, 6, 7, 8 -> new Command.SightInstance(id, sighting());
                case 9 -> new Command.AbandonInstance(id, "note");
                case 10 -> new Command.FinishInstance(id, "note");
                case 11 -> new Command.StartInstance(id, windows);
                case 12, 27, 28 -> new Command.StopInstance(id);
                case 13 -> new Command.EndInstance(id, rents.nextInt(3) == 0);
                case 14, 15 -> new Command.ReleaseInstance(id);
                case 16 -> new Command.RaiseBid(id, new Money(100_000 + rents.nextInt(900_000)), windows);
                case 17 -> new Command.RecordCharge(id, new Money(rents.nextInt(1_000_000)), now);
                case 18 ->
                    new Command.BlameMachine(
                            "vast",
                            "m" + rents.nextInt(5),
                            Duration.ofMinutes(rents.nextInt(90)),
                            "why " + rents.nextInt(9));
                case 19 -> new Command.SetGroup(group("g" + rents.nextInt(2)));
                case 20 -> new Command.DeleteGroup("g" + rents.nextInt(2));
                case 21 ->
                    new Command.SetBudget(
                            rents.nextBoolean() ? Rentals.ALL : "g0",
                            new Caps(cap(5_000_000), cap(50_000_000), cap(900_000_000)));
                case 23 -> new Command.ReplaceInstance(id);
                case 24 -> dev.muster.core.Rents.trouble(rents.nextInt(3));
                case 22 ->
                    new Command.SetScaling(
                            rents.nextBoolean()
                                    ? Scaling.DEFAULT
                                    : dev.muster.core.Rents.inBerlin(rents.nextBoolean()));
                default -> new Command.EvictAttempt(AttemptId.parse("j1.0.1"), 1);
            };
        }

        private NodeId busy() {
            if (!rents.nextBoolean()) return node(); // few attempts live long enough to be evicted
            return state.fleet().nodes().keys().stream()
                    .filter(node -> !state.work().activeOn(node).isEmpty())
                    .findFirst()
                    .orElseGet(this::node);
        }

        private Optional<Again> again() {
            return rents.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(new Again(
                            "", new Money(500_000), Bytes.ZERO, Bytes.ZERO, rents.nextInt(3), Optional.empty()));
        }

        private Rent rent() {
            Money price = new Money(50_000 + rents.nextInt(500_000));
            Optional<Money> bid = rents.nextInt(3) == 0 ? Optional.of(price) : Optional.empty();
            return new Rent("vast", "o1", "m1", "RTX 3070", 1, bid, price, new Money(1_000), 20, "", Role.MIXED);
        }

        private Sighting sighting() {
            Observed observed = Observed.values()[rents.nextInt(Observed.values().length)];
            Money running = new Money(50_000 + rents.nextInt(500_000));
            return new Sighting(
                    Integer.toString(rents.nextInt(40)),
                    observed,
                    observed.bills() ? running : new Money(1_000),
                    running,
                    Optional.empty(),
                    "");
        }

        private Optional<Money> cap(int most) {
            return rents.nextInt(3) == 0 ? Optional.empty() : Optional.of(new Money(rents.nextInt(most)));
        }

        private Group group(String name) {
            return new Group(
                    name,
                    "vast",
                    List.of("RTX 3070"),
                    1,
                    "",
                    0,
                    1,
                    2 + rents.nextInt(5),
                    Money.ofDollars(1),
                    Market.ON_DEMAND,
                    Role.SELFPLAY,
                    20,
                    "");
        }

        private Command delta(Sha256 sha, NodeId node) {
            Sha256 base = new Sha256(String.format("%064x", 100 + others.nextInt(4)));
            Sha256 made = new Sha256(String.format("%064x", 200 + others.nextInt(4)));
            return new Command.RecordDelta(
                    new DeltaOf(sha, base),
                    others.nextInt(3) == 0 ? MadeDelta.none(node) : new MadeDelta(Optional.of(made), 3, node));
        }

        private Sha256 file() {
            return new Sha256(String.format("%064x", random.nextInt(30)));
        }

        private JobSpec spec() {
            Spec spec = Spec.job()
                    .tasks(1 + random.nextInt(4))
                    .cpus(random.nextInt(3))
                    .maxAttempts(1 + random.nextInt(3));
            if (random.nextBoolean()) spec.config(config());
            if (random.nextInt(4) == 0) spec.gpus(1);
            if (random.nextInt(6) == 0) spec.input(file(), "in");
            JobSpec job = spec.build().on(gangs.nextInt(3) > 0 ? 1 : 2 + gangs.nextInt(2));
            return saves.nextBoolean() ? job : job.saving(new Sync(List.of("*.db"), Sync.EVERY_DEFAULT));
        }

        /// Of whatever runs, also by late orders and under a wrong token.
        private Command save() {
            List<AttemptId> active = new ArrayList<>();
            for (NodeId node : state.work().derived().active().keys())
                active.addAll(state.work().activeOn(node));
            if (active.isEmpty())
                return new Command.SaveProgress(AttemptId.parse("j1.0.1"), 1, 1, List.of(), List.of());
            AttemptId id = active.get(saves.nextInt(active.size()));
            Attempt attempt = state.work().attempts().require(id);
            long token = saves.nextInt(20) == 0 ? 1 : attempt.token();
            String rule = "R" + saves.nextInt(100);
            if (rule.startsWith("R1"))
                return new Command.WarnAttempt(id, token, rule, new Traces.Warning(false, "", ""));
            if (rule.startsWith("R2")) return new Command.LinkAttempt(id, token, new Traces.Tracked(rule, ""));
            Sha256 sha = new Sha256(String.format("%064x", 300 + saves.nextInt(40)));
            return new Command.SaveProgress(
                    id,
                    token,
                    attempt.saved().number() + 1 - saves.nextInt(3) / 2 * 2,
                    List.of(new Attempt.Stored(saves.nextInt(4) + ".db", sha, 7)),
                    saves.nextInt(3) == 0 ? List.of("0.db") : List.of());
        }

        private Command place() {
            List<TaskId> waiting = new ArrayList<>();
            for (TaskId task : state.work().waiting()) waiting.add(task);
            if (waiting.isEmpty() || random.nextInt(20) == 0) return new Command.PlaceTask(attempt(), node());
            // The newest often enough that loops get on, whose jobs come last.
            int place = random.nextBoolean() ? waiting.size() - 1 : random.nextInt(waiting.size());
            Task task = state.work().tasks().require(waiting.get(place));
            int number = task.attempts() + (random.nextInt(20) == 0 ? random.nextInt(3) : 1);
            JobSpec spec = state.work().jobs().require(task.id().job()).spec();
            AttemptId next = new AttemptId(task.id(), number);
            return spec.gang() || gangs.nextInt(50) == 0
                    ? new Command.PlaceGang(next, members(spec))
                    : new Command.PlaceTask(next, random.nextBoolean() ? fitting(task) : node());
        }

        /// Now and then too few, or the same one twice.
        private List<NodeId> members(JobSpec spec) {
            List<NodeId> members = new ArrayList<>();
            for (Node node : state.fleet().nodes().values())
                if (Fit.fits(spec, node, state.work().heldOn(node.id()))) members.add(node.id());
            while (members.size() < spec.nodes()) members.add(node());
            Collections.shuffle(members, gangs);
            return members.subList(0, spec.nodes() - (gangs.nextInt(20) == 0 ? 1 : 0));
        }

        private NodeId fitting(Task task) {
            JobSpec spec = state.work().jobs().require(task.id().job()).spec();
            return state.fleet().nodes().values().stream()
                    .filter(node -> Fit.fits(spec, node, state.work().heldOn(node.id())))
                    .map(Node::id)
                    .findFirst()
                    .orElseGet(this::node);
        }

        private AttemptId attempt() {
            if (random.nextInt(20) > 0) {
                List<AttemptId> active = new ArrayList<>();
                for (NodeId node : state.work().derived().active().keys())
                    active.addAll(state.work().activeOn(node));
                active.sort(null);
                if (!active.isEmpty())
                    return random.nextBoolean() ? active.getLast() : active.get(random.nextInt(active.size()));
            }
            JobId job = new JobId(1 + random.nextInt((int) state.work().nextJob()));
            return new AttemptId(new TaskId(job, random.nextInt(3)), 1 + random.nextInt(3), gangs.nextInt(2));
        }

        private long token(AttemptId attempt) {
            long known =
                    state.work().attempts().find(attempt).map(Attempt::token).orElse(1L);
            return random.nextInt(20) == 0 ? known + 1 : known;
        }

        private Command started() {
            AttemptId attempt = attempt();
            return new Command.ReportStarted(attempt, token(attempt), 7);
        }

        private Command finish() {
            AttemptId attempt = attempt();
            Attempt.Status how = random.nextInt(3) > 0
                    ? Attempt.Status.SUCCEEDED
                    : List.of(Attempt.Status.FAILED, Attempt.Status.STOPPED, Attempt.Status.LOST)
                            .get(random.nextInt(3));
            boolean succeeded = how == Attempt.Status.SUCCEEDED;
            List<Attempt.Stored> outputs = succeeded ? List.of(new Attempt.Stored("out", file(), 5)) : List.of();
            List<Match> matches = succeeded ? List.of(new Match("random", file().hex(), 3, 2, 1)) : List.of();
            return new Command.FinishAttempt(
                    attempt, token(attempt), new Attempt.Ending(how, OptionalInt.empty(), outputs, matches, "note"));
        }

        private Optional<Sha256> current() {
            return state.models()
                    .models()
                    .find(config())
                    .map(model -> model.current().sha());
        }

        private Command promote() {
            ConfigKey config = config();
            Optional<Sha256> now = state.models()
                    .models()
                    .find(config)
                    .map(model -> model.current().sha());
            Loop loop = state.loops().loops().getOrDefault(config, null);
            if (loop == null || random.nextBoolean()) return new Command.PromoteModel(config, file(), now, 0);
            Sha256 candidate = state.loops()
                    .generations()
                    .require(loop.current())
                    .candidate()
                    .map(Attempt.Stored::sha)
                    .orElse(file());
            return new Command.PromoteModel(config, candidate, now, loop.generation());
        }

        private Command matches() {
            return new Command.RecordMatches(
                    config(), random.nextInt(5) == 0 ? List.of() : List.of(new Match("random", "greedy", 1, 2, 3)));
        }

        private GenerationId generation() {
            Loop loop = state.loops().loops().getOrDefault(config(), null);
            return loop == null ? new GenerationId(config(), 1) : loop.current();
        }

        /// Any file that may become the loop's model.
        private Command promoted(Loop loop) {
            Optional<Sha256> now = state.models()
                    .models()
                    .find(loop.config())
                    .map(model -> model.current().sha());
            return state.files().artifacts().values().stream()
                    .filter(file -> !file.receipts().isEmpty() && !now.equals(Optional.of(file.sha())))
                    .filter(file -> file.config().orElse(loop.config()).equals(loop.config()))
                    .findFirst()
                    .<Command>map(file -> new Command.PromoteModel(loop.config(), file.sha(), now, loop.generation()))
                    .orElseGet(this::promote);
        }

        private Command distributing(Loop loop) {
            Distribution way = state.models().distributions().require(loop.config());
            return way.standsStill() || random.nextInt(4) == 0
                    ? new Command.LeaveDistribution(loop.current())
                    : new Command.ReportStandstill(
                            way.config(),
                            way.sha(),
                            Distribution.Standstill.INCOMPLETE,
                            1,
                            List.of(new Lack(node(), "disk full")),
                            Optional.empty());
        }

        private Command stage() {
            Loop loop = state.loops().loops().getOrDefault(config(), null);
            if (loop == null) return new Command.StartLoop(Orders.loop(config()));
            if (loop.stage() == Loop.Stage.VERDICT)
                return accepted.containsKey("RejectCandidate")
                        ? promoted(loop)
                        : new Command.RejectCandidate(loop.current());
            if (loop.stage() == Loop.Stage.DISTRIBUTION) return distributing(loop);
            Loop.Stage stage = random.nextInt(10) == 0
                    ? Loop.Stage.values()[random.nextInt(Loop.Stage.values().length)]
                    : loop.stage();
            return loop.job().isPresent() || random.nextInt(10) == 0
                    ? new Command.FinishStage(loop.current(), stage)
                    : new Command.StartStage(
                            loop.current(),
                            stage,
                            Spec.job().cpus(0).config(loop.config()).build());
        }
    }
}
