package dev.muster.edge.raft;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Stream;

/// Measures three voters in processes of their own on this machine, and prints one line of JSON.
///
///     java -cp target/classes:target/test-classes:'target/lib/*' dev.muster.edge.raft.RaftBench ARGUMENTS
///
/// Arguments, all optional: jit, timing, failover trials, warm-up seconds, seconds of load, more JVM flags. `jit` is
/// `c1` or `tiered`; `timing` is electionMin/electionMax/stepDownWait in ms. A failover trial kills the leader with
/// SIGKILL and counts until the first proposal at a new leader is applied; the killed one is started again before the
/// next trial.
public final class RaftBench {
    private static final long SETTLE_MS = 4_000;

    private RaftBench() {}

    public static void main(String[] args) throws Exception {
        String jit = arg(args, 0, "c1");
        RaftConfig.Timing standard = RaftConfig.Timing.DEFAULT;
        String timing = arg(
                args,
                1,
                standard.electionMin().toMillis() + "/" + standard.electionMax().toMillis() + "/"
                        + standard.stepDownWait().toMillis());
        int trials = Integer.parseInt(arg(args, 2, "8"));
        int warmSeconds = Integer.parseInt(arg(args, 3, "0"));
        int loadSeconds = Integer.parseInt(arg(args, 4, "0"));
        Path base = Files.createTempDirectory("raft-bench");
        List<String> flags = new ArrayList<>(VoterProcesses.JVM_FLAGS);
        if (jit.equals("c1")) flags.add("-XX:TieredStopAtLevel=1");
        if (args.length > 5) flags.addAll(List.of(args[5].split(",")));
        try (VoterProcesses voters = new VoterProcesses(base, 3, flags, timing, "count")) {
            long begun = System.nanoTime();
            voters.startAll();
            VoterProcesses.Line ready = voters.awaitReady();
            StringJoiner json = new StringJoiner(",", "{", "}");
            json.add("\"bench\":\"raft\"").add("\"jit\":\"" + jit + "\"").add("\"timing\":\"" + timing + "\"");
            json.add("\"firstLeaderMs\":" + (ready.nanos() - begun) / 1_000_000);
            String leader = ready.voter();
            if (warmSeconds > 0) {
                leader = load(voters, leader, warmSeconds, 32).leader();
            }
            json.add("\"warmSeconds\":" + warmSeconds);
            if (loadSeconds > 0) {
                StringJoiner loads = new StringJoiner(",", "{", "}");
                for (int window : new int[] {1, 16, 128}) {
                    Load load = load(voters, leader, loadSeconds, window);
                    leader = load.leader();
                    loads.add("\"" + window + "\":{\"perSecond\":" + load.applied() / loadSeconds + ",\"p50Ms\":"
                            + load.p50Micros() / 1000.0 + ",\"failed\":" + load.failed() + "}");
                }
                json.add("\"load\":" + loads);
            }
            json.add("\"rssMiB\":" + memory(voters));
            List<Long> failovers = new ArrayList<>();
            for (int i = 0; i < trials; i++) leader = failover(voters, leader, failovers);
            if (trials > 0) {
                json.add("\"failoverMs\":" + failovers);
                json.add("\"medianMs\":" + failovers.stream().sorted().toList().get(trials / 2));
            }
            System.out.println(json);
        } finally {
            if (args.length <= 6) delete(base);
        }
    }

    private record Load(String leader, long applied, long failed, long p50Micros) {}

    private static Load load(VoterProcesses voters, String leader, int seconds, int window) throws Exception {
        voters.tell(leader, "load " + seconds + " " + window);
        VoterProcesses.Line done = voters.await("the load", line -> line.word(0).equals("load"));
        return new Load(
                settled(voters, leader),
                Long.parseLong(done.word(1)),
                Long.parseLong(done.word(2)),
                Long.parseLong(done.word(3)));
    }

    private static String memory(VoterProcesses voters) throws Exception {
        List<Long> mib = new ArrayList<>();
        for (String id : voters.ids()) {
            voters.tell(id, "memory");
            mib.add(Long.parseLong(voters.await("memory", line -> line.word(0).equals("memory"))
                            .word(1))
                    / 1024);
        }
        return mib.toString();
    }

    private static String failover(VoterProcesses voters, String leader, List<Long> failovers) throws Exception {
        long killed = voters.kill(leader);
        String next = null;
        while (true) {
            VoterProcesses.Line line = voters.await(
                    "a new leader",
                    l -> !l.voter().equals(leader) && (ready(l) || l.word(0).equals("fate")));
            if (line.word(0).equals("fate")) {
                if (line.word(2).equals("Applied")) {
                    failovers.add((line.nanos() - killed) / 1_000_000);
                    break;
                }
                if (next != null) voters.tell(next, "propose probe");
            } else {
                next = line.voter();
                voters.tell(next, "propose probe");
            }
        }
        voters.start(leader);
        voters.await(
                "the restart",
                line -> line.voter().equals(leader) && line.word(0).equals("started"));
        return settled(voters, next);
    }

    /// The leader once nothing has changed for a while.
    private static String settled(VoterProcesses voters, String leader) throws Exception {
        String now = leader;
        while (true) {
            var change = voters.poll(RaftBench::ready, SETTLE_MS);
            if (change.isEmpty()) return now;
            now = change.get().voter();
        }
    }

    private static boolean ready(VoterProcesses.Line line) {
        return line.word(0).equals("role") && line.word(3).equals("ready");
    }

    private static String arg(String[] args, int i, String otherwise) {
        return i < args.length ? args[i] : otherwise;
    }

    private static void delete(Path base) throws Exception {
        try (Stream<Path> files = Files.walk(base)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}
