package dev.muster.core.schedule;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Task;
import dev.muster.core.state.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/// Places waiting tasks on nodes.
///
/// [Queue] says whose turn it is, [Room] which node is best. A task that finds no room does not hold up the ones
/// behind it: small tasks pass a large one, and nothing is preempted.
public final class Scheduler {
    /// Tasks whose reason to wait is told one by one; the rest is counted. A page or a terminal shows no more.
    private static final int WAITS_MAX = 1_000;

    private final ClusterState state;
    private final Policy policy;
    private final Instant now;
    private final List<Room> rooms;
    private final Map<Shape.Needs, Shape> shapes = new HashMap<>();
    private final List<Action> actions = new ArrayList<>();
    private final List<Wait> waits = new ArrayList<>();
    private int untold;

    private Scheduler(ClusterState state, Soft soft, Policy policy, Instant now) {
        this.state = state;
        this.policy = policy;
        this.now = now;
        this.rooms = Room.all(state, soft, policy, now);
    }

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        if (state.work().waitingCount() == 0) return Plan.NOTHING;
        Scheduler scheduler = new Scheduler(state, soft, policy, now);
        for (List<Queue.Share> shares : Queue.of(state.work()).priorities()) scheduler.serve(shares);
        return scheduler.plan();
    }

    /// One line per node, for `job explain`: whether the task fits there now, and why not. Other waiting tasks are
    /// not looked at.
    public static List<String> explain(ClusterState state, Soft soft, Policy policy, Instant now, TaskId id) {
        Task task = state.work().tasks().find(id).orElse(null);
        if (task == null) return List.of("no task " + id + "; `muster job list` shows the jobs there are");
        if (task.status().isActive()) {
            return state.work().newestOf(task).values().stream()
                    .map(attempt -> id + " is " + task.status() + " on " + attempt.node() + " as " + attempt.id())
                    .toList();
        }
        if (task.status().isOver()) return List.of(id + " is " + task.status());
        JobSpec spec = state.work().jobs().require(id.job()).spec();
        List<String> lines = new ArrayList<>();
        backoff(task, now).ifPresent(wait -> lines.add(wait.message()));
        List<Room> rooms = Room.all(state, soft, policy, now);
        if (spec.gang()) new Shape(spec, rooms).shortage().ifPresent(lines::add);
        for (Room room : rooms) {
            lines.add(room.obstacle(spec).orElseGet(() -> room.node().id() + " fits: " + room.praise(spec)));
        }
        return lines;
    }

    private Plan plan() {
        if (untold > 0) waits.add(new Wait("tasks", Wait.Reason.NO_ROOM, "and " + untold + " more tasks wait"));
        return new Plan(actions, waits);
    }

    private void serve(List<Queue.Share> shares) {
        PriorityQueue<Queue.Share> turns = new PriorityQueue<>(shares);
        while (!turns.isEmpty()) {
            Queue.Share share = turns.poll();
            if (placeOne(share) && share.line().isPresent()) turns.add(share);
        }
    }

    /// Deals with the share's tasks until one is placed; false when none was.
    private boolean placeOne(Queue.Share share) {
        for (Optional<Queue.Line> line = share.line(); line.isPresent(); line = share.line()) {
            if (placeOne(line.get())) {
                share.placed(line.get().spec().nodes());
                return true;
            }
        }
        return false;
    }

    private boolean placeOne(Queue.Line line) {
        Shape shape = shapes.computeIfAbsent(Shape.Needs.of(line.spec()), needs -> new Shape(line.spec(), rooms));
        while (!line.isEmpty()) {
            List<Room> best = shape.best(actions.size());
            if (best.isEmpty()) return nothing(line, shape.reason(), shape.message());
            if (actions.size() >= policy.placementsMax()) return nothing(line, Wait.Reason.NO_ROOM, full());
            Task task = state.work().tasks().require(line.take());
            Optional<Wait> backoff = backoff(task, now);
            backoff.ifPresent(this::tell);
            if (backoff.isPresent()) continue;
            place(task, line.spec(), best);
            return true;
        }
        return false;
    }

    private void place(Task task, JobSpec spec, List<Room> best) {
        AttemptId attempt = new AttemptId(task.id(), task.attempts() + 1);
        String praise = best.getFirst().praise(spec);
        List<NodeId> nodes = best.stream().map(room -> room.node().id()).toList();
        for (Room room : best) room.place(spec, actions.size());
        actions.add(
                spec.gang()
                        ? new Action.Propose(new Command.PlaceGang(attempt, nodes), nodes.size() + " nodes: " + praise)
                        : new Action.Propose(new Command.PlaceTask(attempt, nodes.getFirst()), praise));
    }

    /// None of the line's tasks is placed, all for the same reason, but those that would have had to wait anyway.
    private boolean nothing(Queue.Line line, Wait.Reason reason, String message) {
        while (!line.isEmpty() && waits.size() < WAITS_MAX) {
            TaskId id = line.take();
            tell(backoff(state.work().tasks().require(id), now)
                    .orElseGet(() -> new Wait(id.toString(), reason, message)));
        }
        untold += line.size();
        line.drop();
        return false;
    }

    private void tell(Wait wait) {
        if (waits.size() < WAITS_MAX) waits.add(wait);
        else untold++;
    }

    private String full() {
        return "there is room, but one plan places at most " + policy.placementsMax() + " tasks; the next goes on";
    }

    private static Optional<Wait> backoff(Task task, Instant now) {
        return task.notBefore()
                .filter(now::isBefore)
                .map(at -> new Wait(
                        task.id().toString(),
                        Wait.Reason.BACKOFF,
                        "failed " + (task.failures() == 1 ? "once" : task.failures() + " times") + " (" + task.note()
                                + "); not before " + at));
    }
}
