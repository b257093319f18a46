import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// HashiCorp's serf through the same: as many agents on loopback with its own settings for a local network, one killed in
/// each round, until every other one's log says that it failed.
final class Serf {
    private static final int PORT = 27_000;
    private static final Duration ROUND_MAX = Duration.ofSeconds(90);

    private final int nodes;
    private final int rounds;
    private final List<Process> agents = new ArrayList<>();

    Serf(int nodes, int rounds) {
        this.nodes = nodes;
        this.rounds = rounds;
    }

    static boolean installed() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "serf")));
    }

    String run() throws IOException, InterruptedException {
        Path dir = Files.createTempDirectory("serf-fleet-");
        List<Double> known = new ArrayList<>();
        int missed = 0;
        try {
            for (int i = 0; i < nodes; i++) agents.add(start(dir, i));
            for (int i = 0; i < nodes; i++) {
                int one = i;
                Fleet.await("serf's s" + one + " to see all", ROUND_MAX, () -> joined(log(dir, one)) >= nodes);
            }
            for (int round = 1; round <= rounds; round++) {
                int victim = nodes - round;
                agents.get(victim).destroyForcibly().waitFor();
                long start = System.nanoTime();
                List<Integer> waiting = new ArrayList<>();
                for (int i = 0; i < nodes - round; i++) waiting.add(i);
                while (!waiting.isEmpty() && Fleet.seconds(start) < ROUND_MAX.toSeconds()) {
                    for (Integer one : List.copyOf(waiting)) {
                        if (Files.readString(log(dir, one)).contains("EventMemberFailed: s" + victim + " ")) {
                            known.add(Fleet.seconds(start));
                            waiting.remove(one);
                        }
                    }
                    TimeUnit.MILLISECONDS.sleep(100);
                }
                missed += waiting.size();
                Fleet.say("serf, round %d: all but %d knew within %.2f s", round, waiting.size(), Fleet.seconds(start));
            }
        } finally {
            agents.forEach(Process::destroyForcibly);
            try (Stream<Path> files = Files.walk(dir)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
            }
        }
        return "{\"median_s\":" + Detect.number(Detect.median(known)) + ",\"max_s\":" + Detect.number(Detect.max(known))
                + ",\"missed\":" + missed + "}";
    }

    private static Path log(Path dir, int number) {
        return dir.resolve("s" + number);
    }

    private static long joined(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("EventMemberJoin: ")).count();
        }
    }

    private static Process start(Path dir, int number) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "serf",
                "agent",
                "-node=s" + number,
                "-bind=127.0.0.1:" + (PORT + 2 * number),
                "-rpc-addr=127.0.0.1:" + (PORT + 2 * number + 1),
                "-log-level=info"));
        if (number > 0) command.add("-retry-join=127.0.0.1:" + PORT);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(dir, number).toFile())
                .start();
    }
}
