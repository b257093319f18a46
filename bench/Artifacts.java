import dev.muster.edge.local.Lab;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/// How long a file takes to every node over limited links, beside what it must take at least: R = T / bound. One JSON line
/// per case on standard output; progress on standard error. Needs root (see `lab/lab`); aria2 and curl take part
/// where they are installed.
///
/// T runs from the order to promote a file that one node holds until the last live node has it whole under its name; the
/// files are hashed again afterwards. The contenders take turns within each round, each with a fresh lab and a fresh
/// random file in memory. A run counts only on a quiet machine: the run itself below 70 % of the processors, everybody
/// else below 25 %, below 5 % stolen, and one TCP flow within 2 % of its rate; else it is repeated, and in the end marked
/// `"valid":false`.
///
/// The cases d1 to d5 distribute a second generation of a model of which all have the first. Their clock too starts with the
/// promotion, when the delta has been made and some receivers have their copy of the candidate; `ratio` counts
/// all that receivers got since the source had the file, per byte of it and receiver.
/// `n48` (48 agents) and `big` (2 GiB to eight agents with small heaps, on loopback and on the disk, see [Big]) are
/// not among `all`.
///
/// Arguments: `--case p1,p5` (p1; `all`), `--rounds N` (1), `--contenders muster,aria2,http` (all), `--tries N` of an
/// invalid run (3), `--mib N` for another size than the case's, `--mbit N` for another rate (where a machine's processors are
/// too slow for the case's own, no run of it counts), `--dir DIR` for the copies of `big` (the temporary directory).
public final class Artifacts {
    private static final Path LAB = Path.of(System.getenv("MUSTER_HOME"), "lab", "lab");
    private static final Path MEMORY = Path.of("/dev/shm");

    /// A way to distribute, and whether it can be had here.
    enum Kind {
        MUSTER,
        ARIA2,
        HTTP;

        boolean installed() {
            return switch (this) {
                case MUSTER -> true;
                case ARIA2 -> Aria2.installed();
                case HTTP -> OneSource.installed();
            };
        }

        Contender in(Lab lab, Path dir, Path file, ArtifactCase scenario) {
            return switch (this) {
                case MUSTER -> new Ours(lab, dir, file, scenario);
                case ARIA2 -> new Aria2(lab, dir, file);
                case HTTP -> new OneSource(lab, dir, file);
            };
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The case that is measured on loopback, without a lab.
    private static final String BIG = "big";
    private static final int BIG_MIB = 2048;

    private Set<ArtifactCase> cases = EnumSet.of(ArtifactCase.P1);
    private boolean big;
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));
    private Set<Kind> kinds = EnumSet.allOf(Kind.class);
    private int rounds = 1;
    private int tries = 3;
    private Optional<Integer> mebibytes = Optional.empty();
    private Optional<Integer> mbit = Optional.empty();

    public static void main(String[] args) throws Exception {
        Artifacts bench = new Artifacts();
        bench.read(args);
        if (bench.big) System.out.println(bench.big());
        Optional<String> missing = bench.cases.isEmpty() ? Optional.empty() : Lab.missing(LAB);
        if (missing.isPresent()) {
            say("%s", missing.get());
            System.exit(1);
        }
        for (ArtifactCase scenario : bench.cases) scenario.mbit = bench.mbit.orElse(scenario.mbit);
        for (ArtifactCase scenario : bench.cases) System.out.println(bench.run(scenario));
        System.exit(0);
    }

    private void read(String[] args) {
        for (int i = 0; i < args.length; i++) {
            String value = i + 1 < args.length ? args[i + 1] : "";
            switch (args[i]) {
                case "--case" -> choose(value);
                case "--contenders" -> kinds = chosen(Kind.class, value);
                case "--rounds" -> rounds = Integer.parseInt(value);
                case "--tries" -> tries = Integer.parseInt(value);
                case "--mbit" -> mbit = Optional.of(Integer.parseInt(value));
                case "--mib" -> mebibytes = Optional.of(Integer.parseInt(value));
                case "--dir" -> dir = Path.of(value);
                default -> throw new IllegalArgumentException(
                        "expected --case, --contenders, --rounds, --tries, --mib, --mbit or --dir, but found " + args[i]);
            }
            i++;
        }
    }

    private void choose(String words) {
        List<String> named = new ArrayList<>(List.of(words.split(",")));
        big = named.remove(BIG);
        cases = named.equals(List.of("all"))
                ? EnumSet.complementOf(EnumSet.of(ArtifactCase.N48))
                : named.isEmpty() ? EnumSet.noneOf(ArtifactCase.class) : chosen(ArtifactCase.class, String.join(",", named));
    }

    private String big() throws Exception {
        Path own = Files.createTempDirectory(dir, "muster-bench-");
        try {
            return Big.measure(own, (long) mebibytes.orElse(BIG_MIB) << 20);
        } finally {
            delete(own);
        }
    }

    private static <E extends Enum<E>> Set<E> chosen(Class<E> type, String words) {
        Set<E> chosen = EnumSet.noneOf(type);
        for (String word : words.split(",")) chosen.add(Enum.valueOf(type, word.toUpperCase(Locale.ROOT)));
        return chosen;
    }

    private String run(ArtifactCase scenario) throws Exception {
        Map<Kind, List<ArtifactRun.Result>> results = new LinkedHashMap<>();
        long bytes = (long) mebibytes.orElse(scenario.mebibytes) << 20;
        for (int round = 1; round <= rounds; round++) {
            for (Kind kind : kinds) {
                if (!kind.installed() || (kind != Kind.MUSTER && !scenario.forPeers())) continue;
                ArtifactRun.Result result = untilValid(scenario, kind, bytes);
                say("%s %s round %d: %s", scenario, kind.word(), round, result.json());
                results.computeIfAbsent(kind, same -> new ArrayList<>()).add(result);
            }
        }
        return line(scenario, bytes, results);
    }

    private ArtifactRun.Result untilValid(ArtifactCase scenario, Kind kind, long bytes) throws Exception {
        ArtifactRun.Result result = once(scenario, kind, bytes);
        for (int attempt = 1; attempt < tries && !result.valid(); attempt++) {
            say("%s %s again, because it does not count: %s", scenario, kind.word(), result.json());
            result = once(scenario, kind, bytes);
        }
        return result;
    }

    private static ArtifactRun.Result once(ArtifactCase scenario, Kind kind, long bytes) throws Exception {
        Path dir = Files.createTempDirectory(MEMORY, "muster-bench-");
        try (Lab lab = Lab.up(LAB, scenario.receivers, scenario.rate())) {
            ArtifactRun.lay(scenario, lab);
            Path file = scenario.trouble == ArtifactCase.Trouble.GENERATION
                    ? Generations.make(dir, bytes, scenario.change)
                    : random(dir.resolve("source"), bytes);
            try (Contender contender = kind.in(lab, dir, file, scenario)) {
                return new ArtifactRun(scenario, lab, contender, file).measure();
            }
        } finally {
            delete(dir);
        }
    }

    private static Path random(Path file, long bytes) throws IOException {
        Random random = new Random();
        byte[] buffer = new byte[1 << 20];
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (long written = 0; written < bytes; written += buffer.length) {
                random.nextBytes(buffer);
                out.write(buffer);
            }
        }
        return file;
    }

    private static String line(ArtifactCase scenario, long bytes, Map<Kind, List<ArtifactRun.Result>> results) {
        List<String> parts = new ArrayList<>();
        parts.add("\"case\":\"" + scenario.name().toLowerCase(Locale.ROOT) + "\"");
        parts.add("\"trouble\":\"" + scenario.trouble.name().toLowerCase(Locale.ROOT) + "\"");
        parts.add("\"n\":" + scenario.receivers);
        parts.add("\"mbit\":" + scenario.mbit);
        parts.add("\"bytes\":" + bytes);
        parts.add("\"bound_seconds\":"
                + ArtifactRun.number(scenario.boundSeconds(
                        bytes, results.values().iterator().next().getFirst().live())));
        if (!Double.isNaN(scenario.ratioMax)) {
            List<Double> ratios = results.get(Kind.MUSTER).stream()
                    .map(ArtifactRun.Result::totalCopies)
                    .toList();
            parts.add("\"ratio\":" + ArtifactRun.number(Load.median(ratios)));
            parts.add("\"ratio_max\":" + ArtifactRun.number(scenario.ratioMax));
        }
        results.forEach((kind, runs) -> parts.add("\"" + kind.word() + "\":" + runs(runs)));
        for (Kind peer : List.of(Kind.ARIA2, Kind.HTTP)) {
            if (results.containsKey(Kind.MUSTER) && results.containsKey(peer))
                parts.add("\"muster_to_" + peer.word() + "\":"
                        + ArtifactRun.number(ratio(results.get(Kind.MUSTER), results.get(peer))));
        }
        return "{" + String.join(",", parts) + "}";
    }

    private static String runs(List<ArtifactRun.Result> runs) {
        List<Double> ratios = runs.stream().map(ArtifactRun.Result::ratio).toList();
        String all = String.join(",", runs.stream().map(ArtifactRun.Result::json).toList());
        return "{\"R\":" + ArtifactRun.number(Load.median(ratios)) + ",\"valid\":"
                + runs.stream().allMatch(ArtifactRun.Result::valid) + ",\"rounds\":[" + all + "]}";
    }

    /// Compared within each round only: the machine is another one in the next.
    private static double ratio(List<ArtifactRun.Result> ours, List<ArtifactRun.Result> peers) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) ratios.add(ours.get(i).seconds() / peers.get(i).seconds());
        return Load.median(ratios);
    }

    private static void say(String format, Object... values) {
        System.err.println("artifacts: " + String.format(Locale.ROOT, format, values));
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }
}
