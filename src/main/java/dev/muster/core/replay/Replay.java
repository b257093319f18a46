package dev.muster.core.replay;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.scale.Autoscaler;
import dev.muster.core.scale.ScalePolicy;
import dev.muster.core.schedule.Scheduler;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Budgets;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Group;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/// One policy over one pair of traces, minute by minute: prices and tasks come, machines come up and are taken away, work
/// ends, the autoscaler decides, the scheduler places.
public final class Replay {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int SAMPLES = 240;
    /// Of the autoscaler within a minute; each orders one machine at most.
    private static final int DECISIONS_MAX = 200;
    private static final Actor BY = new Actor(Actor.Kind.LEADER, "replay");
    /// Of each machine of the trace, for each card; jobs of a trace ask for cards only.
    private static final int CPU_MILLIS = 8_000;

    private final Instant began;
    private final Scaling scaling;
    private final Landlord landlord;
    private final Traces<Demand.Row> demand;
    private final Books books;
    private final TreeMap<JobId, Duration> lengths = new TreeMap<>();
    private final PriorityQueue<Run> runs =
            new PriorityQueue<>(Comparator.comparing(Run::ends).thenComparing(Run::attempt));
    private ClusterState state = ClusterState.EMPTY;
    private Table<NodeId, Soft.Heard> heard = Table.empty();
    private Table<String, Renting.Found> found = Table.empty();
    private Instant now;
    /// Tasks that the queue had no room for.
    private int dropped;

    private record Run(Instant ends, AttemptId attempt, long token) {}

    private Replay(ScalePolicy policy, Prices prices, Demand demand, Instant from, Duration time) {
        this.began = from;
        this.now = from;
        this.scaling = policy.scaling().withEnabled(true);
        this.landlord = new Landlord(prices);
        this.demand = new Traces<>(demand.rows(), Demand.Row::after, demand.length());
        this.books = new Books(scaling, Duration.ofMinutes(Math.max(1, time.toMinutes() / SAMPLES)));
        // Whether it is switched on is no question of what it costs.
        policy.orders(state.rentals(), false).forEach(this::order);
        order(new Command.SetScaling(scaling));
    }

    /// Is told how much of the time has passed, once for each of its hours.
    public interface Watch {
        void passed(Duration time);
    }

    /// @param name for people
    /// @param from when the traces begin
    public static Replayed of(
            String name, ScalePolicy policy, Prices prices, Demand demand, Instant from, Duration time, Watch watch) {
        Replay replay = new Replay(policy, prices, demand, from, time);
        Instant end = from.plus(time);
        while (replay.now.isBefore(end)) {
            Duration passed = Duration.between(from, replay.now);
            if (passed.toMinutesPart() == 0) watch.passed(passed);
            replay.minute();
        }
        return replay.books.closed(name, from, end, replay.state.rentals(), replay.unfinished());
    }

    private void minute() {
        Duration passed = Duration.between(began, now);
        landlord.passes(passed);
        ends();
        for (Demand.Row row : demand.until(passed)) submit(row);
        for (Instance instance : state.rentals().open()) look(instance);
        for (Instance instance : state.rentals().open()) keep(instance);
        place();
        scale();
        count();
        now = now.plus(MINUTE);
    }

    private Outcome order(Command command) {
        return order(command, "replayed");
    }

    private Outcome order(Command command, String why) {
        Handler.Step step = Handler.step(state, now, new Envelope(Optional.empty(), BY, why, command));
        state = step.state();
        return step.outcome();
    }

    // ---- work

    private void submit(Demand.Row row) {
        JobSpec spec = new JobSpec(
                "replayed",
                row.kind(),
                Optional.empty(),
                row.tasks(),
                List.of("work"),
                Map.of(),
                new Resources(0, Bytes.ZERO, row.gpus(), Bytes.ZERO),
                List.of(),
                List.of(),
                Optional.empty(),
                JobSpec.PRIORITY_DEFAULT,
                1,
                JobSpec.GRACE_DEFAULT,
                Optional.empty(),
                Optional.empty());
        if (order(new Command.SubmitJob(spec)) instanceof Outcome.Accepted(var events, String created))
            lengths.put(JobId.parse(created), row.each());
        else dropped += row.tasks();
    }

    /// What was evicted meanwhile has another token, or none.
    private void ends() {
        while (!runs.isEmpty() && !runs.peek().ends().isAfter(now)) {
            Run run = runs.poll();
            boolean still = state.work()
                    .attempts()
                    .find(run.attempt())
                    .filter(one -> one.status().isActive() && one.token() == run.token())
                    .isPresent();
            if (!still) continue;
            books.done(state.work().specOf(run.attempt()).kind(), now);
            JobId job = run.attempt().task().job();
            order(new Command.FinishAttempt(
                    run.attempt(),
                    run.token(),
                    new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), List.of(), List.of(), "replayed")));
            boolean over = state.work()
                    .jobs()
                    .find(job)
                    .filter(one -> one.status() == Job.Status.OPEN)
                    .isEmpty();
            if (over) lengths.remove(job);
        }
    }

    private void place() {
        Plan plan = Scheduler.decide(state, soft(), Policy.DEFAULT, now);
        for (Action action : plan.actions()) {
            if (action instanceof Action.Propose(Command.PlaceTask task, String why)
                    && order(task) instanceof Outcome.Accepted) begin(task.attempt());
        }
    }

    private void begin(AttemptId id) {
        Attempt attempt = state.work().attempts().require(id);
        Job job = state.work().jobs().require(id.task().job());
        if (id.number() == 1) books.began(Duration.between(job.submittedAt(), now));
        Duration length = lengths.getOrDefault(job.id(), MINUTE);
        runs.add(new Run(now.plus(length), id, attempt.token()));
    }

    private int unfinished() {
        return dropped
                + state.work().jobs().values().stream().mapToInt(Job::open).sum();
    }

    // ---- machines

    private void look(Instance instance) {
        if (instance.leaving()) return;
        Sighting seen = landlord.look(instance, now).orElse(null);
        if (seen == null) return;
        order(new Command.SightInstance(instance.id(), seen));
        NodeId node = state.rentals().instances().require(instance.id()).node().orElseThrow();
        Optional<Node> known = state.fleet().nodes().find(node);
        if (seen.observed() == Observed.PREEMPTED) {
            books.outbid();
            if (known.isPresent()) order(new Command.FenceNode(node));
        }
        if (seen.observed() != Observed.RUNNING) return;
        if (known.isEmpty()) join(instance, node);
        else if (known.get().fenced()) order(new Command.ReadmitNode(node));
    }

    /// One slot for each card, or one.
    private void join(Instance instance, NodeId node) {
        int gpus = instance.rent().gpus();
        int slots = Math.max(1, gpus);
        Hardware hardware = new Hardware(
                slots * CPU_MILLIS,
                Bytes.gib(64),
                gpus,
                Bytes.gib(gpus > 0 ? 24 : 0),
                instance.rent().gpu());
        Endpoints endpoints = new Endpoints(node + ".example", 8770, 8767, 8771);
        order(new Command.JoinNode(node, node.toString(), instance.rent().role(), hardware, slots, endpoints));
        Soft.Telemetry quiet = new Soft.Telemetry(0, 0, 0, Long.MAX_VALUE, 0, 0, 0);
        heard = heard.with(node, new Soft.Heard(now, 1, Set.of(), quiet));
    }

    /// What the cluster does about machines that are to go, or do not come back, as far as a replay needs it.
    private void keep(Instance instance) {
        boolean gone = instance.observed().filter(Observed.PREEMPTED::equals).isPresent()
                && now.isAfter(instance.seenAt().plus(scaling.outbidMax()));
        if (!instance.leaving() && gone) order(new Command.EndInstance(instance.id(), false), "outbid for too long");
        else if (!instance.leaving()) return;
        NodeId node = instance.node().orElse(null);
        if (node != null && !now.isBefore(instance.willAt().plus(scaling.drainMax()))) {
            for (AttemptId attempt : state.work().activeOn(node))
                order(new Command.EvictAttempt(
                        attempt, state.work().attempts().require(attempt).token()));
        }
        if (order(new Command.ReleaseInstance(instance.id())) instanceof Outcome.Refused) return;
        order(new Command.FinishInstance(instance.id(), "ended"));
        if (node != null) heard = heard.without(node);
    }

    // ---- decisions

    private Soft soft() {
        Renting.Listing listing = new Renting.Listing(now, now, List.of());
        Table<String, Renting.Listings> listings = Table.empty();
        for (Group group : state.rentals().groups().values())
            listings = listings.with(group.provider(), new Renting.Listings(listing, Optional.empty()));
        Renting renting = new Renting(listings, found, Table.empty(), Table.empty(), Table.empty(), true);
        return new Soft(
                now, heard, Table.empty(), Table.empty(), Table.empty(), Table.empty(), renting, Alerting.NOTHING);
    }

    /// Until it has nothing more to do in this minute.
    private void scale() {
        // Who asked before asks again: the answer is there.
        for (Map.Entry<String, Renting.Found> last : found)
            found = found.with(
                    last.getKey(),
                    landlord.offers(
                            last.getKey(),
                            state.rentals().groups().require(last.getKey()).provider(),
                            last.getValue().query(),
                            now));
        for (int turn = 0; turn < DECISIONS_MAX; turn++) {
            Plan plan = Autoscaler.decide(state, soft(), Policy.DEFAULT, now);
            if (plan.actions().isEmpty()) {
                books.refused(refused(plan), now);
                pauses(plan);
                return;
            }
            for (Action action : plan.actions()) perform(action);
        }
    }

    private void perform(Action action) {
        switch (action) {
            case Action.Run(Errand.FindOffers(String group, String provider, var query), String why) ->
                found = found.with(group, landlord.offers(group, provider, query, now));
            case Action.Propose(Command command, String why) -> {
                if (order(command, why) instanceof Outcome.Accepted && command instanceof Command.RentInstance rent)
                    rent.group().ifPresent(books::rented);
            }
            case Action.Run other -> throw new IllegalStateException("expected no other errand, but found " + other);
            case Action.SetVoters other -> throw new IllegalStateException("expected no voters, but found " + other);
            case Action.Tell other -> throw new IllegalStateException("expected nobody to be told, but found " + other);
        }
    }

    private void pauses(Plan plan) {
        for (Wait wait : plan.waits())
            for (String group : state.rentals().groups().keys())
                if (wait.subject().equals("group " + group))
                    books.pauses(group, state.work().waitingCount(), wait.message());
    }

    private List<Budgets.Use> refused(Plan plan) {
        List<Budgets.Use> caps = new ArrayList<>();
        for (Wait wait : plan.waits()) {
            if (wait.reason() != Wait.Reason.BUDGET) continue;
            Optional<String> group = state.rentals().groups().keys().stream()
                    .filter(name -> wait.subject().equals("group " + name))
                    .findFirst();
            Budgets.tightest(state.rentals(), group, scaling.windowsAt(now), now)
                    .ifPresent(caps::add);
        }
        return caps;
    }

    private void count() {
        List<Instance> open = state.rentals().open();
        int running = 0;
        int busy = 0;
        for (Instance instance : open) {
            boolean runs = instance.observed().filter(Observed.RUNNING::equals).isPresent();
            if (!runs) continue;
            running++;
            if (state.work().heldOn(instance.node().orElseThrow()).attempts() > 0) busy++;
        }
        books.minute(
                now.plus(MINUTE),
                began,
                state.rentals(),
                open,
                running,
                busy,
                state.work().waitingCount());
    }
}
