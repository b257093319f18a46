package dev.muster.edge.node;

import dev.muster.core.state.Command;
import dev.muster.core.state.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// Orders a second through a whole node, three voters in this process: `java … NodeBench DIR SECONDS`. Prints one JSON
/// line for each number of submitters. The orders change nothing but the journal, so that the log is measured and not the
/// scheduler.
final class NodeBench {
    private NodeBench() {}

    public static void main(String[] args) throws Exception {
        Path dir = Files.createTempDirectory(Path.of(args[0]), "node-bench");
        int seconds = Integer.parseInt(args[1]);
        try (Cluster cluster = new Cluster(dir, 3)) {
            cluster.startAll("v1", "v2", "v3");
            NodeRuntime leader = cluster.leader();
            NodeRuntime other = cluster.running.values().stream()
                    .filter(node -> node != leader)
                    .findFirst()
                    .orElseThrow();
            measure("warm-up", leader, 16, seconds);
            idle(seconds);
            for (int submitters : args.length > 2 ? new int[] {Integer.parseInt(args[2])} : new int[] {1, 16, 128})
                measure("leader", leader, submitters, seconds);
            for (int submitters : new int[] {16, 128}) measure("follower", other, submitters, seconds);
        }
        AttemptJournal.delete(dir);
    }

    private static void idle(int seconds) throws InterruptedException {
        long cpu = cpuNanos();
        TimeUnit.SECONDS.sleep(seconds);
        System.out.printf(
                "{\"at\":\"idle\",\"cpu_percent_of_three_nodes\":%.1f}%n", (cpuNanos() - cpu) / 1e7 / seconds);
    }

    /// On a busy machine the processor time of an order says more than its share of the wall clock.
    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static void measure(String at, NodeRuntime node, int submitters, int seconds) throws Exception {
        LongAdder done = new LongAdder();
        LongAdder failed = new LongAdder();
        AtomicLong worstNanos = new AtomicLong();
        List<Long> latencies = java.util.Collections.synchronizedList(new ArrayList<>());
        long cpu = cpuNanos();
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        CountDownLatch latch = new CountDownLatch(submitters);
        for (int i = 0; i < submitters; i++) {
            int number = i;
            Thread.ofVirtual().start(() -> {
                boolean drain = false;
                while (System.nanoTime() < end) {
                    NodeId target = node.self();
                    Command order = (drain = !drain) ? new Command.DrainNode(target) : new Command.UndrainNode(target);
                    long before = System.nanoTime();
                    Member.Answer answer = node.submit(Cluster.order(order), Duration.ofSeconds(10));
                    long took = System.nanoTime() - before;
                    (answer instanceof Member.Answer.Done ? done : failed).increment();
                    worstNanos.accumulateAndGet(took, Math::max);
                    if (number == 0) latencies.add(took);
                }
                latch.countDown();
            });
        }
        latch.await();
        double took = (System.nanoTime() - start) / 1e9;
        List<Long> sorted = latencies.stream().sorted().toList();
        System.out.printf(
                "{\"at\":\"%s\",\"submitters\":%d,\"orders_per_s\":%.0f,\"cpu_us_per_order\":%.0f,\"failed\":%d,\"p50_ms\":%.1f,\"p99_ms\":%.1f,\"worst_ms\":%.1f}%n",
                at,
                submitters,
                done.sum() / took,
                (cpuNanos() - cpu) / 1e3 / done.sum(),
                failed.sum(),
                sorted.get(sorted.size() / 2) / 1e6,
                sorted.get((int) (sorted.size() * 0.99)) / 1e6,
                worstNanos.get() / 1e6);
    }
}
