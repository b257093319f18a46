package dev.muster.core;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Event;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/// What must be true of training runs, as [Invariants] says it of the rest.
final class RunInvariants {
    private final ClusterState state;
    private final List<String> broken = new ArrayList<>();

    private RunInvariants(ClusterState state) {
        this.state = state;
    }

    static List<String> check(ClusterState state) {
        RunInvariants found = new RunInvariants(state);
        for (Run run : state.runs().runs().values()) found.run(run);
        found.jobs();
        found.nodes();
        return found.broken;
    }

    static List<String> check(Transition step, ClusterState after) {
        RunInvariants found = new RunInvariants(after);
        for (Event event : step.events()) {
            if (event instanceof Event.TaskPlaced(AttemptId attempt, NodeId node)) found.placed(attempt, node);
            if (event instanceof Event.GangPlaced gang)
                for (NodeId node : gang.nodes()) found.placed(gang.attempt(), node);
            if (event instanceof Event.InstanceOrdered ordered) ordered.group().ifPresent(found::ordered);
        }
        return found.broken;
    }

    /// One stage runs at most, after all before it were made, and only while the run is open.
    private void run(Run run) {
        boolean made = true;
        int running = 0;
        for (Run.Stage stage : run.stages()) {
            boolean runs = stage.phase() == Run.Phase.RUNNING;
            if (runs) {
                running++;
                boolean after = made;
                expect(after, () -> stage.name() + " of " + run.id() + " runs before what it begins with is made");
                expect(run.open(), () -> run.id() + " is " + run.status() + ", and runs " + stage.name());
            }
            made &= stage.phase().made();
            Optional<Job> job = stage.job().flatMap(state.work().jobs()::find);
            boolean idle = job.filter(one -> one.status() == Job.Status.OPEN).isEmpty();
            expect(
                    runs || idle,
                    () -> stage.name() + " of " + run.id() + " is " + stage.phase() + ", and its job open");
        }
        int count = running;
        expect(count <= 1, () -> run.id() + " runs " + count + " stages at once");
    }

    /// The job of a run is one that the run knows.
    private void jobs() {
        Set<JobId> known = new TreeSet<>();
        for (Run run : state.runs().open())
            for (Run.Stage stage : run.stages()) stage.job().ifPresent(known::add);
        for (Job job : state.work().jobs().values()) {
            boolean strange =
                    job.status() == Job.Status.OPEN && job.spec().run().isPresent() && !known.contains(job.id());
            expect(!strange, () -> job.id() + " is of " + job.spec().run().orElseThrow() + ", which does not know it");
        }
    }

    /// A node is kept for a run exactly when its machine was rented for it.
    private void nodes() {
        for (Instance instance : state.rentals().instances().values()) {
            Optional<Node> node = instance.node()
                    .filter(id -> instance.open())
                    .flatMap(state.fleet().nodes()::find);
            Optional<RunId> run = state.runOf(instance);
            expect(
                    node.isEmpty() || node.get().run().equals(run),
                    () -> instance.id() + " was rented for " + run + ", and its node is kept for "
                            + node.orElseThrow().run());
        }
    }

    private void placed(AttemptId attempt, NodeId on) {
        Node node = state.fleet().nodes().require(on);
        Optional<RunId> run = state.work().specOf(attempt).run();
        expect(
                node.run().equals(run),
                () -> attempt + " of " + run + " was placed on " + node.id() + ", which is kept for " + node.run());
    }

    /// A run has no more machines than it needs.
    private void ordered(String group) {
        if (state.rentals().groups().has(group)) return;
        Run run = state.runs().runs().require(new RunId(group));
        long machines = state.rentals().open().stream()
                .filter(one -> one.group().equals(Optional.of(group)) && one.will() == Instance.Will.RUN)
                .count();
        int most = run.spec().machines().map(Group::target).orElse(0);
        expect(
                run.open() && machines <= most,
                () -> group + " is " + run.status() + ", and has " + machines + " machines of " + most);
    }

    private void expect(boolean right, Supplier<String> otherwise) {
        if (!right) broken.add(otherwise.get());
    }
}
