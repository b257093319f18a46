package dev.muster.core.state;

import java.util.Optional;

/// Can this node take one more task of this kind? Asked by the scheduler when it chooses and by [Handler] when the
/// choice is applied, so that both mean the same.
public final class Fit {
    private Fit() {}

    /// The first thing in the way, in the order in which it is looked for.
    private enum Limit {
        NONE,
        // what no state of the node could change
        PIN,
        RUN,
        KEPT,
        ROLE,
        CARD,
        GPUS,
        GPU_MEMORY,
        CPUS,
        MEMORY,
        JOBS,
        HIDDEN,
        // what may pass
        FENCED,
        DESIRED,
        LEAVING,
        JOBS_FREE,
        GPUS_FREE,
        CPUS_FREE,
        MEMORY_FREE
    }

    /// The same as an empty [#misfit], without making a text: the scheduler asks this a million times.
    public static boolean fits(JobSpec spec, Node node, Held held) {
        return lasting(spec, node) == Limit.NONE && passing(spec, node, held) == Limit.NONE;
    }

    /// Why not, or empty. What no state of the node could change comes first.
    public static Optional<String> misfit(JobSpec spec, Node node, Held held) {
        return never(spec, node).or(() -> text(passing(spec, node, held), spec, node, held));
    }

    /// Why the node could not take the task even if it were empty and in service, or empty.
    public static Optional<String> never(JobSpec spec, Node node) {
        return text(lasting(spec, node), spec, node, Held.NOTHING);
    }

    private static Limit lasting(JobSpec spec, Node node) {
        Resources need = spec.resources();
        Hardware has = node.hardware();
        if (spec.node().isPresent() && !spec.node().get().equals(node.id())) return Limit.PIN;
        if (spec.run().isPresent() && !node.run().equals(spec.run())) return Limit.RUN;
        if (node.run().isPresent() && spec.run().isEmpty()) return Limit.KEPT;
        if (!node.role().accepts(spec.kind())) return Limit.ROLE;
        if (need.gpus() > has.gpus()) return Limit.GPUS;
        if (spec.gpu().isPresent() && !has.isCard(spec.gpu().get())) return Limit.CARD;
        if (need.gpus() > 0 && need.gpuMemory().compareTo(has.gpuMemory()) > 0) return Limit.GPU_MEMORY;
        if (need.cpuMillis() > has.cpuMillis()) return Limit.CPUS;
        if (need.memory().compareTo(has.memory()) > 0) return Limit.MEMORY;
        if (node.maxParallelJobs() == 0) return Limit.JOBS;
        if (spec.gang() && node.endpoints().hidden()) return Limit.HIDDEN;
        return Limit.NONE;
    }

    private static Limit passing(JobSpec spec, Node node, Held held) {
        Resources need = spec.resources();
        Resources taken = held.resources();
        Hardware has = node.hardware();
        if (node.fenced()) return Limit.FENCED;
        if (node.desired() != Desired.READY) return Limit.DESIRED;
        if (node.leaving()) return Limit.LEAVING;
        if (held.attempts() >= node.maxParallelJobs()) return Limit.JOBS_FREE;
        if (need.gpus() > Math.max(0, has.gpus() - taken.gpus())) return Limit.GPUS_FREE;
        if (need.cpuMillis() > Math.max(0, has.cpuMillis() - taken.cpuMillis())) return Limit.CPUS_FREE;
        if (need.memory().count()
                > Math.max(0, has.memory().count() - taken.memory().count())) return Limit.MEMORY_FREE;
        return Limit.NONE;
    }

    private static Optional<String> text(Limit limit, JobSpec spec, Node node, Held held) {
        if (limit == Limit.NONE) return Optional.empty();
        Resources need = spec.resources();
        Hardware has = node.hardware();
        Resources free = free(has, held);
        String why = switch (limit) {
            case NONE -> "";
            case PIN -> "is not " + spec.node().orElseThrow();
            case RUN -> "was not rented for " + spec.run().orElseThrow();
            case KEPT -> "was rented for " + node.run().orElseThrow();
            case CARD ->
                (has.gpuName().isEmpty() ? "has no GPU" : "has " + has.gpuName()) + ", needs "
                        + spec.gpu().orElseThrow();
            case ROLE -> "has role " + node.role() + ", which takes no " + spec.kind();
            case GPUS -> "has " + has.gpus() + " gpus, needs " + need.gpus();
            case GPU_MEMORY -> "has " + has.gpuMemory() + " per gpu, needs " + need.gpuMemory();
            case CPUS -> "has " + cores(has.cpuMillis()) + " cpus, needs " + cores(need.cpuMillis());
            case MEMORY -> "has " + has.memory() + " memory, needs " + need.memory();
            case JOBS -> "has max_parallel_jobs 0";
            case HIDDEN -> "cannot be dialled by others, as members of a task on several nodes have to be";
            case FENCED -> "is fenced";
            case DESIRED -> "is " + node.desired();
            case LEAVING -> "runs on a rented machine that is to be stopped or ended";
            case JOBS_FREE -> "runs " + held.attempts() + " of at most " + node.maxParallelJobs() + " jobs";
            case GPUS_FREE -> "has " + free.gpus() + " gpus free, needs " + need.gpus();
            case CPUS_FREE -> "has " + cores(free.cpuMillis()) + " cpus free, needs " + cores(need.cpuMillis());
            case MEMORY_FREE -> "has " + free.memory() + " memory free, needs " + need.memory();
        };
        return Optional.of(node.id() + " " + why);
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

    /// Thousandths of a core as cores: `4`, `0.5`.
    public static String cores(int millis) {
        return millis % 1000 == 0 ? Integer.toString(millis / 1000) : Double.toString(millis / 1000.0);
    }
}
