package dev.muster.edge.raft;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/// A voter in a process of its own, driven by lines on standard input; what happens goes to standard output, one line
/// each.
///
///     propose TEXT           -> fate TEXT Applied INDEX | fate TEXT NotLeader | ...
///     load SECONDS WINDOW    -> load APPLIED FAILED P50_MICROS
///     entries FILE           -> entries COUNT (and writes them to FILE)
///     memory                 -> memory RSS_KIB THREADS
///
/// and unasked `role TERM LEADER ready|-`.
public final class VoterProcess {
    private VoterProcess() {}

    /// Arguments: id, directory, electionMin/electionMax/stepDownWait in ms, `record` or `count`, and the founders as
    /// id@host:port.
    public static void main(String[] args) throws Exception {
        if (System.getenv("RAFT_VERBOSE") == null) RaftLogging.quiet();
        List<VoterAddress> founders =
                Arrays.stream(args).skip(4).map(VoterProcess::address).toList();
        VoterAddress self = founders.stream()
                .filter(a -> a.id().equals(args[0]))
                .findFirst()
                .orElseThrow();
        long[] ms = Arrays.stream(args[2].split("/")).mapToLong(Long::parseLong).toArray();
        RaftConfig.Timing timing = new RaftConfig.Timing(
                Duration.ofMillis(ms[0]),
                Duration.ofMillis(ms[1]),
                Duration.ofMillis(ms[2]),
                Duration.ofSeconds(4),
                Duration.ofMinutes(1));
        RecordingMachine recording = args[3].equals("record") ? new RecordingMachine(VoterProcess::say) : null;
        ReplicatedMachine machine = recording != null ? recording : new CountingMachine(VoterProcess::say);
        RaftVoter voter = RaftVoter.start(
                RaftConfig.founding(self, Path.of(args[1]), "processes", founders)
                        .withTiming(timing),
                machine);
        say("started");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "propose" ->
                    voter.propose(Voters.bytes(words[1]))
                            .thenAccept(fate -> say("fate " + words[1] + " " + brief(fate)));
                case "load" -> load(voter, Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                case "entries" -> {
                    List<String> entries = recording.entries();
                    Files.write(Path.of(words[1]), entries);
                    say("entries " + entries.size());
                }
                case "memory" -> say(memory());
                default -> say("what? " + line);
            }
        }
        voter.close();
    }

    static VoterAddress address(String text) {
        String[] parts = text.split("[@:]");
        return new VoterAddress(parts[0], parts[1], Integer.parseInt(parts[2]));
    }

    private static String brief(Fate fate) {
        return switch (fate) {
            case Fate.Applied applied -> "Applied " + applied.index();
            case Fate.NotLeader not -> "NotLeader " + not.leader().orElse("?");
            case Fate.Unavailable unavailable -> "Unavailable " + unavailable.why();
            case Fate.Unknown unknown -> "Unknown " + unknown.why();
        };
    }

    private static void load(RaftVoter voter, int seconds, int window) throws InterruptedException {
        Semaphore room = new Semaphore(window);
        AtomicLong applied = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        long[] micros = new long[1 << 17];
        byte[] entry = new byte[256];
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (long now; (now = System.nanoTime()) < end; ) {
            room.acquire();
            long sent = now;
            voter.propose(entry).thenAccept(fate -> {
                if (fate instanceof Fate.Applied)
                    micros[(int) (applied.getAndIncrement() % micros.length)] = (System.nanoTime() - sent) / 1000;
                else failed.incrementAndGet();
                room.release();
            });
        }
        room.acquire(window);
        long[] measured = Arrays.copyOf(micros, (int) Math.min(applied.get(), micros.length));
        Arrays.sort(measured);
        say("load " + applied + " " + failed + " " + (measured.length == 0 ? 0 : measured[measured.length / 2]));
    }

    private static String memory() throws IOException {
        String rss = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(l -> l.startsWith("VmRSS"))
                .findFirst()
                .orElse("VmRSS: 0 kB");
        return "memory " + rss.replaceAll("\\D", "") + " "
                + Thread.getAllStackTraces().size();
    }

    private static void say(Leadership now) {
        say("role " + now.term() + " " + now.leader().orElse("?") + " " + (now.ready() ? "ready" : "-"));
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
