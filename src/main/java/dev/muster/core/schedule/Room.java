package dev.muster.core.schedule;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Fit;
import dev.muster.core.state.Held;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A node as this plan leaves it.
final class Room {
    /// Comes before the first placement's number, 0.
    static final int UNTOUCHED = -1;

    private final Node node;
    /// Why nothing new is placed here although the log would allow it, or empty.
    private final Optional<String> closed;
    private Held held;
    private int gpusFree;
    private int cpusFree;
    private long memoryFree;
    private int placedAt = UNTOUCHED;

    private Room(Node node, Optional<String> closed, Held held) {
        this.node = node;
        this.closed = closed;
        hold(held);
    }

    private void hold(Held now) {
        held = now;
        gpusFree = node.hardware().gpus() - held.resources().gpus();
        cpusFree = node.hardware().cpuMillis() - held.resources().cpuMillis();
        memoryFree =
                node.hardware().memory().count() - held.resources().memory().count();
    }

    /// In name order.
    static List<Room> all(ClusterState state, Soft soft, Policy policy, Instant now) {
        List<Room> rooms = new ArrayList<>();
        for (Node node : state.fleet().nodes().values()) {
            boolean inService = node.desired() == Desired.READY && !node.fenced() && !node.leaving();
            Optional<String> closed = inService ? closed(state, node, soft, policy, now) : Optional.empty();
            rooms.add(new Room(node, closed, state.work().heldOn(node.id())));
        }
        return rooms;
    }

    private static Optional<String> closed(ClusterState state, Node node, Soft soft, Policy policy, Instant now) {
        if (Health.suspect(state, node.id(), soft, policy, now)) {
            Duration silence = Health.silence(state, node.id(), soft, now);
            return Optional.of(node.id() + " is suspect, " + Health.silent(node.id(), silence, soft));
        }
        long diskFree = soft.heard()
                .find(node.id())
                .map(heard -> heard.telemetry().diskFreeBytes())
                .orElse(-1L);
        return diskFree >= 0 && diskFree < policy.diskFreeMin()
                ? Optional.of(node.id() + " has " + new Bytes(diskFree) + " of disk free, keeps "
                        + new Bytes(policy.diskFreeMin()))
                : Optional.empty();
    }

    Node node() {
        return node;
    }

    boolean takes(JobSpec spec) {
        return closed.isEmpty() && Fit.fits(spec, node, held);
    }

    /// Why not, or empty; what no state of the node could change comes first.
    Optional<String> obstacle(JobSpec spec) {
        return Fit.never(spec, node).or(() -> closed).or(() -> Fit.misfit(spec, node, held));
    }

    /// @param number of the placement within the plan
    void place(JobSpec spec, int number) {
        hold(held.plus(spec.resources()));
        placedAt = number;
    }

    /// Was something placed here by this placement or a later one?
    boolean changedSince(int number) {
        return placedAt >= number;
    }

    /// A task with GPUs goes where it leaves the fewest free, so that whole nodes stay free for tasks that need
    /// all of one; then where it leaves the least CPU, the most attempts and the least memory. A task without
    /// GPUs keeps off free GPUs, and then goes where the most CPU is free: equal nodes share such tasks evenly,
    /// and each runs faster. The name decides last.
    boolean isBetterThan(Room other, JobSpec spec) {
        int gpus = Integer.compare(gpusFree, other.gpusFree);
        if (gpus != 0) return gpus < 0;
        int fuller = fuller(other);
        if (fuller == 0) return node.id().compareTo(other.node.id()) < 0;
        return spec.resources().gpus() > 0 == fuller > 0;
    }

    private int fuller(Room other) {
        int cpus = Integer.compare(other.cpusFree, cpusFree);
        if (cpus != 0) return cpus;
        int attempts = Integer.compare(held.attempts(), other.held.attempts());
        return attempts != 0 ? attempts : Long.compare(other.memoryFree, memoryFree);
    }

    /// `best fit, leaves 4 gpus` or `most room, leaves 7 cpus`.
    String praise(JobSpec spec) {
        return spec.resources().gpus() > 0
                ? "best fit, leaves " + (gpusFree - spec.resources().gpus()) + " gpus"
                : "most room, leaves " + Fit.cores(cpusFree - spec.resources().cpuMillis()) + " cpus";
    }
}
