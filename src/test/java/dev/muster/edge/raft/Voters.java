package dev.muster.edge.raft;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// Real voters on loopback in this process, each with its own directory.
final class Voters implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path base;
    private final List<VoterAddress> founders;
    private final long snapshotEvery;
    final Map<String, RaftVoter> running = new HashMap<>();
    final Map<String, RecordingMachine> machines = new HashMap<>();

    private Voters(Path base, List<VoterAddress> founders, long snapshotEvery) {
        this.base = base;
        this.founders = founders;
        this.snapshotEvery = snapshotEvery;
    }

    static Voters of(Path base, int count, long snapshotEvery) throws Exception {
        RaftLogging.quiet();
        List<VoterAddress> founders = new ArrayList<>();
        for (int i = 0; i < count; i++) founders.add(address("n" + i));
        return new Voters(base, founders, snapshotEvery);
    }

    static Voters started(Path base, int count, long snapshotEvery) throws Exception {
        Voters voters = of(base, count, snapshotEvery);
        for (VoterAddress founder : voters.founders) voters.start(founder);
        voters.leader();
        return voters;
    }

    static VoterAddress address(String id) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new VoterAddress(id, "127.0.0.1", socket.getLocalPort());
        }
    }

    List<VoterAddress> founders() {
        return founders;
    }

    Path dir(String id) {
        return base.resolve(id);
    }

    RaftConfig config(VoterAddress self) {
        RaftConfig config = founders.contains(self)
                ? RaftConfig.founding(self, dir(self.id()), "test", founders)
                : RaftConfig.joining(self, dir(self.id()), "test");
        return config.withSnapshots(snapshotEvery, snapshotEvery / 10);
    }

    RaftVoter start(VoterAddress self) throws VoterFailure {
        return start(config(self));
    }

    RaftVoter start(RaftConfig config) throws VoterFailure {
        RecordingMachine machine = new RecordingMachine();
        RaftVoter voter = RaftVoter.start(config, machine);
        running.put(config.self().id(), voter);
        machines.put(config.self().id(), machine);
        return voter;
    }

    void stop(String id) {
        running.remove(id).close();
    }

    /// Stops a voter and empties its disk.
    void wipe(String id) throws IOException {
        stop(id);
        try (Stream<Path> files = Files.walk(dir(id))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }

    RecordingMachine machine(String id) {
        return machines.get(id);
    }

    /// The voter that may propose, as soon as there is one.
    RaftVoter leader() {
        await(
                "a ready leader",
                () -> running.values().stream()
                        .anyMatch(voter -> voter.leadership().ready()));
        return running.values().stream()
                .filter(voter -> voter.leadership().ready())
                .findFirst()
                .orElseGet(this::leader);
    }

    String leaderId() {
        RaftVoter leader = leader();
        return running.entrySet().stream()
                .filter(e -> e.getValue() == leader)
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    String follower() {
        String leader = leaderId();
        return running.keySet().stream()
                .filter(id -> !id.equals(leader))
                .sorted()
                .findFirst()
                .orElseThrow();
    }

    /// Proposes until it is applied; for tests in which the leader may change.
    void propose(String entry) {
        await("applied: " + entry, () -> fate(leader(), entry) instanceof Fate.Applied);
    }

    void proposeAll(String prefix, int count) {
        RaftVoter leader = leader();
        for (int done = 0; done < count; ) {
            List<java.util.concurrent.CompletableFuture<Fate>> batch = new ArrayList<>();
            for (int i = 0; i < 500 && done < count; i++, done++) batch.add(leader.propose(bytes(prefix + done)));
            batch.forEach(fate -> {
                if (!(fate.join() instanceof Fate.Applied))
                    throw new AssertionError("expected Applied, found " + fate.join());
            });
        }
    }

    static Fate fate(RaftVoter voter, String entry) {
        try {
            return voter.propose(bytes(entry)).get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("a fate must come in time, not " + e, e);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) throw new AssertionError("waited " + PATIENCE + " in vain for " + what);
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + what, e);
            }
        }
    }

    @Override
    public void close() {
        List.copyOf(running.values()).parallelStream().forEach(RaftVoter::close);
    }
}
