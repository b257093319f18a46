package dev.muster.core;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Caps;
import dev.muster.core.state.ChangeLimit;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Custody;
import dev.muster.core.state.Declared;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Event;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.Gang;
import dev.muster.core.state.Held;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Model;
import dev.muster.core.state.Money;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Resources;
import dev.muster.core.state.ServiceBrake;
import dev.muster.core.state.Task;
import dev.muster.core.state.TaskId;
import dev.muster.core.state.Transition;
import dev.muster.core.state.Work;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.pcollections.PSortedSet;

/// What must be true of every state, and of every step from one to the next. The simulator and the tests ask after
/// each step; each line of an answer says what is broken, and an empty answer means that nothing is.
///
/// Takes time in proportion to the state: it walks all tasks and attempts.
public final class Invariants {
    private final List<String> broken = new ArrayList<>();

    private Invariants() {}

    /// Of a state by itself.
    public static List<String> check(ClusterState state) {
        Invariants found = new Invariants();
        found.counts(state.work());
        found.tokens(state.work());
        found.tasks(state.work());
        found.leases(state);
        found.voters(state.fleet());
        found.desires(state.fleet());
        found.models(state);
        found.answers(state.journal());
        found.rentals(state);
        found.broken.addAll(RunInvariants.check(state));
        found.broken.addAll(AlertInvariants.check(state));
        return List.copyOf(found.broken);
    }

    /// Of one step: `step` led from `before` to `after`.
    public static List<String> check(ClusterState before, Transition step, ClusterState after) {
        Invariants found = new Invariants();
        found.forward(before, step, after);
        found.endings(before.work(), after.work());
        found.placements(before, step, after);
        found.pointers(before, step, after);
        found.sweeps(before, step, after);
        found.rented(before, step, after);
        found.broken.addAll(RunInvariants.check(step, after));
        found.broken.addAll(AlertInvariants.check(before, step, after));
        return List.copyOf(found.broken);
    }

    // ---- a state

    private void counts(Work work) {
        Work recount = Work.of(work.nextJob(), work.jobs(), work.tasks(), work.attempts());
        expect(
                recount.derived().equals(work.derived()),
                () -> "expected the counts " + recount.derived() + ", but found " + work.derived());
        Map<JobId, Integer> open = new HashMap<>();
        for (Task task : work.tasks().values()) {
            if (!task.status().isOver()) open.merge(task.id().job(), 1, Integer::sum);
        }
        for (Job job : work.jobs().values()) {
            int count = open.getOrDefault(job.id(), 0);
            boolean right = job.open() == count && (job.status() == Job.Status.OPEN) == count > 0;
            expect(
                    right,
                    () -> job.id() + " is " + job.status() + " and counts " + job.open() + " open tasks of " + count);
        }
    }

    /// Fencing tokens grow from try to try, and the members of one have the same.
    private void tokens(Work work) {
        Attempt previous = null;
        for (Attempt attempt : work.attempts().values()) {
            if (previous != null && !previous.id().task().equals(attempt.id().task())) previous = null;
            long token = previous == null ? 0 : previous.token();
            boolean together =
                    previous != null && previous.id().number() == attempt.id().number();
            boolean right = together ? attempt.token() == token : attempt.token() > token;
            expect(right, () -> attempt.id() + " has token " + attempt.token() + " after " + token);
            previous = attempt;
        }
    }

    /// A task that is placed or runs has something of its newest try active, and nothing else is.
    private void tasks(Work work) {
        Map<TaskId, Integer> active = new HashMap<>();
        for (PSortedSet<AttemptId> there : work.derived().active().values())
            for (AttemptId id : there) active.merge(id.task(), 1, Integer::sum);
        for (Task task : work.tasks().values()) {
            int count = active.getOrDefault(task.id(), 0);
            long newest = work.newestOf(task).values().stream()
                    .filter(attempt -> attempt.status().isActive())
                    .count();
            boolean right = count == newest && task.status().isActive() == count > 0;
            expect(right, () -> task.id() + " is " + task.status() + " with " + count + " active attempts");
            if (task.attempts() > 0) gang(work, task);
        }
    }

    /// A task of several nodes has all of its members, each on a node of its own, and once one has not succeeded the others
    /// are to end.
    private void gang(Work work, Task task) {
        int nodes = work.jobs().require(task.id().job()).spec().nodes();
        Collection<Attempt> members = work.newestOf(task).values();
        long places = members.stream().map(Attempt::node).distinct().count();
        expect(
                members.size() == nodes && places == nodes && task.gang().isPresent() == nodes > 1,
                () -> task.id() + " runs on " + nodes + " nodes, and has " + members);
        if (nodes == 1) return;
        boolean ends = task.gang().flatMap(Gang::ends).isPresent();
        for (Attempt member : members) {
            boolean goes = member.status().isActive()
                    ? member.evicting().isPresent() == ends
                    : ends || member.status() == Attempt.Status.SUCCEEDED;
            expect(goes, () -> member.id() + " is " + member.status() + " while " + task.gang());
        }
    }

    private void leases(ClusterState state) {
        for (NodeId node : state.work().derived().active().keys()) {
            boolean gone = state.fleet().nodes().find(node).map(Node::fenced).orElse(true);
            expect(
                    !gone,
                    () -> node + " is fenced or unknown, and holds "
                            + state.work().activeOn(node));
        }
    }

    private void voters(Fleet fleet) {
        List<NodeId> sorted = fleet.voters().stream().sorted().distinct().toList();
        expect(sorted.equals(fleet.voters()), () -> "expected sorted voters, but found " + fleet.voters());
        expect(
                2 * fleet.quorum() > fleet.voters().size(),
                () -> "a quorum of " + fleet.quorum() + " is no majority of " + fleet.voters());
    }

    /// There is one answer to what a person wants of a node.
    private void desires(Fleet fleet) {
        for (Declared host : fleet.declared().values()) {
            Desired desired = fleet.nodes().find(host.node()).map(Node::desired).orElse(host.desired());
            expect(
                    desired == host.desired(),
                    () -> host.node() + " is declared " + host.desired() + ", and is " + desired);
        }
        for (NodeId node : fleet.leftAt().keys()) {
            boolean out =
                    fleet.desired(node).map(desired -> desired != Desired.READY).orElse(false);
            expect(out, () -> node + " went out of service, and is " + fleet.desired(node));
        }
    }

    /// What a model points at is never forgotten. That somebody holds it is checked when the pointer moves:
    /// afterwards a person may remove the last holder, and a disk may lose the file, and no rule of ours prevents
    /// either.
    private void models(ClusterState state) {
        for (Model model : state.models().models().values()) {
            expect(
                    state.files().artifacts().has(model.current().sha()),
                    () -> model.config() + " points at " + model.current().sha() + ", which is not known");
        }
    }

    /// Each rented machine has a label, an id and a node of its own, and a node is leaving exactly when its machine is.
    private void rentals(ClusterState state) {
        Rentals rentals = state.rentals();
        TreeSet<String> taken = new TreeSet<>();
        for (Instance instance : rentals.instances().values()) {
            expect(
                    instance.id().number() < rentals.next(),
                    () -> instance.id() + " has the number of a machine that is still to be rented");
            if (!instance.open()) continue;
            boolean alone = instance.label().isEmpty() || taken.add("label " + instance.label());
            expect(alone, () -> instance.id() + " has the label of another: " + instance.label());
            String place = instance.rent().provider() + " " + instance.rented().orElse(instance.label());
            expect(taken.add(place), () -> instance.id() + " is the machine of another: " + place);
            expect(
                    instance.released().isEmpty() || instance.will() != Instance.Will.RUN,
                    () -> instance.id() + " is let go, and is to run");
            Optional<Node> node = instance.node().flatMap(state.fleet().nodes()::find);
            expect(
                    node.isEmpty() || node.get().leaving() == instance.leaving(),
                    () -> instance.id() + " is to " + instance.will() + ", and its node is "
                            + (node.orElseThrow().leaving() ? "leaving" : "staying"));
        }
    }

    private void answers(Journal journal) {
        HashSet<String> requests = new HashSet<>(journal.order().values());
        boolean right = requests.size() == journal.order().size()
                && requests.equals(journal.answers().keys());
        expect(
                right,
                () -> "expected each of " + journal.answers().size() + " answers in order once, but found "
                        + journal.order().size());
    }

    // ---- a step

    private void forward(ClusterState before, Transition step, ClusterState after) {
        long revision = before.revision() + step.events().size();
        expect(
                after.revision() == revision,
                () -> "expected revision " + revision + " after " + step.order() + ", but found " + after.revision());
        expect(!after.at().isBefore(before.at()), () -> "time went back from " + before.at() + " to " + after.at());
        expect(
                after.fleet().term() >= before.fleet().term(),
                () -> "the term went back from " + before.fleet().term() + " to "
                        + after.fleet().term());
    }

    /// What has ended stays as it ended: above all, a lost attempt never succeeds.
    private void endings(Work before, Work after) {
        if (before.attempts() == after.attempts()) return;
        for (Attempt attempt : before.attempts().values()) {
            if (attempt.status().isActive()) continue;
            Attempt now = after.attempts().getOrDefault(attempt.id(), attempt);
            expect(
                    now == attempt,
                    () -> attempt.id() + " had ended as " + attempt.status() + ", and is " + now.status());
        }
    }

    /// A task is placed again only after its earlier attempt ended, and only where there is room.
    private void placements(ClusterState before, Transition step, ClusterState after) {
        for (Event event : step.events()) {
            if (event instanceof Event.TaskPlaced(AttemptId id, NodeId node)) {
                again(before, id);
                room(after, id, node);
            }
            if (event instanceof Event.GangPlaced gang) {
                again(before, gang.attempt());
                gang.nodes().forEach(node -> room(after, gang.attempt(), node));
                alone(after, gang);
            }
        }
    }

    private void again(ClusterState before, AttemptId id) {
        boolean first = id.number() == 1;
        Collection<Attempt> earlier = before.work()
                .tasks()
                .find(id.task())
                .map(task -> before.work().newestOf(task).values())
                .orElse(List.of());
        boolean ended = earlier.stream()
                .allMatch(attempt -> attempt.id().number() == id.number() - 1
                        && !attempt.status().isActive());
        expect(
                ended && earlier.isEmpty() == first,
                () -> id + " was placed before " + new AttemptId(id.task(), id.number() - 1) + " had ended");
    }

    private void room(ClusterState after, AttemptId attempt, NodeId id) {
        Held held = after.work().heldOn(id);
        Node node = after.fleet().nodes().require(id);
        Resources need = after.work().specOf(attempt).resources();
        expect(fits(need, held, node), () -> node + " was given more than it has: " + held);
    }

    /// No two gangs meet at the same port.
    private void alone(ClusterState after, Event.GangPlaced gang) {
        NodeId node = gang.nodes().getFirst();
        for (AttemptId other : after.work().activeOn(node)) {
            if (other.rank() > 0 || other.equals(gang.attempt())) continue;
            Optional<Gang> there = after.work().tasks().require(other.task()).gang();
            boolean free =
                    there.map(Gang::port).filter(port -> port == gang.port()).isEmpty();
            expect(free, () -> gang.attempt() + " has port " + gang.port() + " on " + node + ", as " + other + " has");
        }
    }

    /// A node that came back smaller than what it holds still takes what needs none of that.
    private static boolean fits(Resources need, Held held, Node node) {
        Resources taken = held.resources();
        return held.attempts() <= node.maxParallelJobs()
                && (need.gpus() == 0 || taken.gpus() <= node.hardware().gpus())
                && (need.cpuMillis() == 0
                        || taken.cpuMillis() <= node.hardware().cpuMillis())
                && (need.memory().count() == 0
                        || taken.memory().compareTo(node.hardware().memory()) <= 0);
    }

    /// A pointer moves by exactly one event of its config key, and only to a file that somebody verifiably holds.
    private void pointers(ClusterState before, Transition step, ClusterState after) {
        if (before.models().models() == after.models().models()) return;
        Map<ConfigKey, Integer> moves = new HashMap<>();
        for (Event event : step.events()) {
            if (event instanceof Event.ModelPromoted promoted) moves.merge(promoted.config(), 1, Integer::sum);
            if (event instanceof Event.PromotionRolledBack rolled) moves.merge(rolled.config(), 1, Integer::sum);
        }
        for (Model model : after.models().models().values()) {
            Model old = before.models().models().getOrDefault(model.config(), model);
            boolean first = !before.models().models().has(model.config());
            boolean moved = first || !old.current().sha().equals(model.current().sha());
            int count = moves.getOrDefault(model.config(), 0);
            expect(
                    count == (moved ? 1 : 0),
                    () -> model.config() + " moved by " + count + " events of " + step.order());
            boolean held = !moved || after.files().held(model.current().sha());
            expect(
                    held,
                    () -> model.config() + " was pointed at " + model.current().sha() + ", which nobody holds");
        }
    }

    /// Without a person, neither much of the fleet nor a second voter goes out of service.
    private void sweeps(ClusterState before, Transition step, ClusterState after) {
        if (step.actor().kind() == Actor.Kind.PERSON) return;
        if (before.fleet() == after.fleet()) return;
        Map<NodeId, Desired> out = new TreeMap<>();
        for (NodeId node : after.fleet().known()) {
            Desired desired = after.fleet().desired(node).orElseThrow();
            if (!before.fleet().desired(node).equals(Optional.of(desired))) out.put(node, desired);
        }
        ServiceBrake brake = ServiceBrake.of(before, out, ChangeLimit.DEFAULT, after.at());
        expect(!brake.stops(), () -> step.order() + " by " + step.actor() + " took out " + out + ": " + brake.why());
    }

    /// Money is committed by an order, and within the caps; nothing that only one machine holds goes with it, unless a
    /// person said so.
    private void rented(ClusterState before, Transition step, ClusterState after) {
        if (before.rentals() == after.rentals()) return;
        for (Event event : step.events()) {
            if (event instanceof Event.InstanceReleased(InstanceId id)) {
                Instance instance = after.rentals().instances().require(id);
                Optional<NodeId> node = instance.node().filter(before.fleet().nodes()::has);
                expect(
                        instance.abandon()
                                || node.isEmpty()
                                || Custody.holds(before, node.get(), 1).isEmpty(),
                        () -> id + " was let go, and "
                                + Custody.holds(before, node.orElseThrow(), 1).orElse(""));
            }
            if (event instanceof Event.InstanceEnding(InstanceId id, boolean abandon))
                expect(
                        !abandon || step.actor().kind() == Actor.Kind.PERSON,
                        () -> step.actor() + " abandons what " + id + " holds");
            boolean commits = event instanceof Event.InstanceOrdered
                    || event instanceof Event.InstanceStarting
                    || event instanceof Event.InstanceBidRaised;
            if (commits) {
                after.rentals().caps().find(Rentals.ALL).flatMap(Caps::hour).ifPresent(cap -> {
                    Money committed = after.rentals().committed(Optional.empty());
                    Money already = before.rentals().committed(Optional.empty());
                    expect(
                            committed.compareTo(cap.max(already)) <= 0,
                            () -> step.order() + " commits to " + committed + " per hour of " + cap);
                });
            }
        }
    }

    private void expect(boolean right, Supplier<String> otherwise) {
        if (!right) broken.add(otherwise.get());
    }
}
