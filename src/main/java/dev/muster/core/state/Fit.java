package dev.muster.core.state;

import java.util.Optional;

/// Can this node take one more task of this kind? Asked by the scheduler when it chooses and by [Handler] when the choice
/// is applied, so that both mean the same.
public final class Fit {
    private Fit() {}

    /// Why not, or empty. What no state of the node could change comes first.
    public static Optional<String> misfit(JobSpec spec, Node node, Held held) {
        return never(spec, node).or(() -> notNow(spec, node, held));
    }

    /// Why the node could not take the task even if it were empty and in service, or empty.
    public static Optional<String> never(JobSpec spec, Node node) {
        Resources need = spec.resources();
        Hardware has = node.hardware();
        if (spec.node().isPresent() && !spec.node().get().equals(node.id())) return no(node, "is not " + spec.node().get());
        if (!node.role().accepts(spec.kind())) return no(node, "has role " + node.role() + ", which takes no " + spec.kind());
        if (need.gpus() > has.gpus()) return no(node, "has " + has.gpus() + " gpus, needs " + need.gpus());
        if (need.gpus() > 0 && need.gpuMemory().compareTo(has.gpuMemory()) > 0) {
            return no(node, "has " + has.gpuMemory() + " per gpu, needs " + need.gpuMemory());
        }
        if (need.cpuMillis() > has.cpuMillis()) {
            return no(node, "has " + cores(has.cpuMillis()) + " cpus, needs " + cores(need.cpuMillis()));
        }
        if (need.memory().compareTo(has.memory()) > 0) {
            return no(node, "has " + has.memory() + " memory, needs " + need.memory());
        }
        if (node.maxParallelJobs() == 0) return no(node, "has max_parallel_jobs 0");
        return Optional.empty();
    }

    private static Optional<String> notNow(JobSpec spec, Node node, Held held) {
        Resources need = spec.resources();
        Hardware has = node.hardware();
        if (node.fenced()) return no(node, "is fenced");
        if (node.desired() != Desired.READY) return no(node, "is " + node.desired());
        if (held.attempts() >= node.maxParallelJobs()) {
            return no(node, "runs " + held.attempts() + " of at most " + node.maxParallelJobs() + " jobs");
        }
        Resources free = free(has, held);
        if (need.gpus() > free.gpus()) return no(node, "has " + free.gpus() + " gpus free, needs " + need.gpus());
        if (need.cpuMillis() > free.cpuMillis()) {
            return no(node, "has " + cores(free.cpuMillis()) + " cpus free, needs " + cores(need.cpuMillis()));
        }
        if (need.memory().compareTo(free.memory()) > 0) {
            return no(node, "has " + free.memory() + " memory free, needs " + need.memory());
        }
        return Optional.empty();
    }

    /// What is left; nothing where a node came back smaller than what it holds.
    public static Resources free(Hardware has, Held held) {
        Resources taken = held.resources();
        return new Resources(
                Math.max(0, has.cpuMillis() - taken.cpuMillis()),
                new Bytes(Math.max(0, has.memory().count() - taken.memory().count())),
                Math.max(0, has.gpus() - taken.gpus()),
                has.gpuMemory());
    }

    private static Optional<String> no(Node node, String why) {
        return Optional.of(node.id() + " " + why);
    }

    private static String cores(int millis) {
        return millis % 1000 == 0 ? Integer.toString(millis / 1000) : Double.toString(millis / 1000.0);
    }
}
