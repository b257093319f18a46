import dev.muster.edge.local.SshFleet;
import dev.muster.edge.local.SshHost;
import dev.muster.edge.ssh.Ssh;
import dev.muster.edge.ssh.SshSettings;
import dev.muster.edge.ssh.SshTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/// `echo` with an argument on each of many hosts: loopback addresses with real sshd's, sixteen addresses each. One JSON line on
/// standard output; progress on standard error.
///
/// `muster` is ours: `cold` connects to each host and runs the command, `warm` runs it over the connections that are there.
/// `plain` starts ssh for each command, without a connection that stays. Seconds of processor are the calling side's (this JVM and
/// all ssh) and the sshd's; memory is what the calling side has to itself (PSS) with all connections up.
///
/// Arguments: `--hosts N` (200), `--parallel A,B,…` (16,32,64), `--skip-plain`.
public final class SshHosts {
    private static final Duration ENOUGH = Duration.ofMinutes(2);
    private static final double TICKS_PER_SECOND = 100;

    private int count = 200;
    private List<Integer> parallel = List.of(16, 32, 64);
    private boolean plain = true;

    public static void main(String[] args) throws Exception {
        SshHosts bench = new SshHosts();
        bench.read(args);
        System.out.println(bench.run());
        System.exit(0);
    }

    private void read(String[] args) {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--hosts" -> count = Integer.parseInt(args[++i]);
                case "--parallel" -> parallel = Stream.of(args[++i].split(",")).map(Integer::valueOf).toList();
                case "--skip-plain" -> plain = false;
                default -> throw new IllegalArgumentException("expected --hosts, --parallel or --skip-plain, but found " + args[i]);
            }
        }
    }

    private String run() throws Exception {
        Optional<String> missing = SshFleet.missing();
        if (missing.isPresent()) throw new IOException(missing.get());
        Path folder = Files.createTempDirectory("muster-bench-");
        List<String> runs = new ArrayList<>();
        try (SshFleet fleet = SshFleet.start(folder)) {
            fleet.addMany(count);
            Path config = Files.createFile(folder.resolve("ssh_config"));
            SshSettings settings = SshSettings.defaults()
                    .withConfig(config)
                    .withKnown(fleet.known())
                    .withConnectMax(Duration.ofSeconds(30));
            // Host keys become known, and classes loaded, outside of what is measured.
            ours(fleet, settings.withParallel(16));
            for (int at : parallel) {
                runs.add(ours(fleet, settings.withParallel(at)));
                if (plain) runs.add(plain(fleet, config, at));
            }
        } finally {
            delete(folder);
        }
        return "{\"cores\":" + Runtime.getRuntime().availableProcessors() + ",\"hosts\":" + count + ",\"runs\":["
                + String.join(",", runs) + "]}";
    }

    private String ours(SshFleet fleet, SshSettings settings) throws Exception {
        try (Ssh ssh = Ssh.open(settings)) {
            Callable<Void> round = () -> all(fleet, settings.parallel(), target -> ssh.shell(target)
                    .run("echo \"$1\"", List.of(target.name()), ENOUGH)
                    .out());
            String cold = measured(round);
            String warm = measured(round);
            double mib = ourTree().stream().mapToDouble(SshHosts::pssMib).sum();
            String run = String.format(
                    Locale.ROOT,
                    "{\"way\":\"muster\",\"parallel\":%d,\"cold\":%s,\"warm\":%s,\"mib\":%.0f}",
                    settings.parallel(),
                    cold,
                    warm,
                    mib);
            System.err.println(run);
            return run;
        }
    }

    private String plain(SshFleet fleet, Path config, int at) throws Exception {
        String cold = measured(() -> all(fleet, at, target -> plainly(fleet, config, target)));
        String run = "{\"way\":\"plain\",\"parallel\":" + at + ",\"cold\":" + cold + "}";
        System.err.println(run);
        return run;
    }

    private static String plainly(SshFleet fleet, Path config, SshTarget target) throws Exception {
        Process process = new ProcessBuilder(
                        "ssh",
                        "-F" + config,
                        "-oBatchMode=yes",
                        "-oUserKnownHostsFile=" + fleet.known(),
                        "-i" + fleet.key(),
                        "-oIdentitiesOnly=yes",
                        "-p" + target.port(),
                        target.user() + "@" + target.address(),
                        "echo " + target.name())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }

    private interface OnHost {
        String call(SshTarget target) throws Exception;
    }

    private static Void all(SshFleet fleet, int parallel, OnHost work) throws Exception {
        List<Future<String>> futures = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(parallel)) {
            for (SshHost host : fleet.hosts()) futures.add(executor.submit(() -> work.call(host.target())));
        }
        for (int i = 0; i < futures.size(); i++) {
            String expected = fleet.hosts().get(i).name() + "\n";
            String found = result(futures.get(i));
            if (!found.equals(expected)) throw new IOException("expected " + expected + ", but found " + found);
        }
        return null;
    }

    private static String result(Future<String> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    private static String measured(Callable<Void> round) throws Exception {
        double client = clientSeconds();
        double server = serverSeconds();
        long start = System.nanoTime();
        round.call();
        double wall = (System.nanoTime() - start) / 1e9;
        return String.format(
                Locale.ROOT,
                "{\"wall_s\":%.2f,\"client_cpu_s\":%.2f,\"server_cpu_s\":%.2f}",
                wall,
                clientSeconds() - client,
                serverSeconds() - server);
    }

    /// This process, what it started and what has ended of that, and the ssh's in the background; not the sshd's.
    private static double clientSeconds() throws IOException {
        double seconds = 0;
        for (long pid : ourTree()) seconds += ticks(pid) / TICKS_PER_SECOND;
        return seconds;
    }

    private static double serverSeconds() throws IOException {
        double seconds = 0;
        for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
            if (sshd(process)) seconds += ticks(process.pid()) / TICKS_PER_SECOND;
        }
        return seconds;
    }

    private static List<Long> ourTree() {
        List<Long> pids = new ArrayList<>(List.of(ProcessHandle.current().pid()));
        String mine = "muster-ssh-" + ProcessHandle.current().pid() + "-";
        ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(mine))
                .forEach(process -> pids.add(process.pid()));
        return pids;
    }

    private static boolean sshd(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/comm")).startsWith("sshd");
        } catch (IOException e) {
            return false;
        }
    }

    /// Source: proc_pid_stat(5), fields 14 to 17.
    private static long ticks(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Stream.of(fields).skip(11).limit(4).mapToLong(Long::parseLong).sum();
        } catch (IOException e) {
            return 0; // it ended meanwhile
        }
    }

    private static double pssMib(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
                if (line.startsWith("Pss:")) return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
            }
        } catch (IOException e) {
            return 0; // it ended meanwhile
        }
        return 0;
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
