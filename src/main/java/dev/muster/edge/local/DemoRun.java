package dev.muster.edge.local;

import dev.muster.core.state.LoopSpec;
import dev.muster.edge.process.Supervisor;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The demo from beginning to end: a real cluster on this machine, two loops, and at the end the checks that show whether
/// what was promised is so. It talks to the cluster over HTTP as anybody could, and prepares no result.
public final class DemoRun {
    private static final Duration START_MAX = Duration.ofSeconds(120);
    private static final Duration DISTRIBUTE_MAX = Duration.ofSeconds(60);
    private static final Duration DISMISS_MAX = Duration.ofMinutes(5);
    /// The cluster asks for charges once a minute.
    private static final Duration CHARGES_MAX = Duration.ofSeconds(150);
    private static final long POLL_MS = 250;

    private final DemoOptions options;
    private final PrintStream out;
    private final PrintStream progress;
    private final PrintStream err;
    private final RentalMarket.Opener opener;
    private volatile boolean kept;
    private volatile Optional<RentedMachines> rented = Optional.empty();
    private final long start = System.nanoTime();

    /// @param out      the report
    /// @param progress one line per change; the error stream with `--json`
    /// @param err      one line at the end when something is missing
    /// @param opener  of the market that workers are rented from, where they are
    public DemoRun(
            DemoOptions options, RentalMarket.Opener opener, PrintStream out, PrintStream progress, PrintStream err) {
        this.options = options;
        this.opener = opener;
        this.out = out;
        this.progress = progress;
        this.err = err;
    }

    /// @return the exit status: 0 as promised, 1 not so, 101 not finished within the timeout
    public int run() throws IOException, InterruptedException {
        Path dir = options.dir().isPresent()
                ? Files.createDirectories(options.dir().get().toAbsolutePath())
                : Files.createTempDirectory("muster-demo-");
        LocalCluster cluster = options.rented().isPresent()
                ? LocalCluster.coordinators(dir, DemoOptions.VOTERS)
                : LocalCluster.create(dir, DemoOptions.VOTERS, DemoOptions.WORKERS, DemoOptions.JOBS_PER_NODE);
        Context context = Context.of(cluster);
        Thread cleanUp = new Thread(() -> cleanUp(cluster, context), "demo-clean-up");
        Runtime.getRuntime().addShutdownHook(cleanUp);
        try (Api api =
                new Api(cluster.members().stream().map(LocalCluster.Member::api).toList(), cluster.token())) {
            return course(cluster, api, context);
        } finally {
            if (unhook(cleanUp)) cleanUp(cluster, context);
        }
    }

    /// False when the JVM is shutting down already and the hook does the work.
    private static boolean unhook(Thread cleanUp) {
        try {
            return Runtime.getRuntime().removeShutdownHook(cleanUp);
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private int course(LocalCluster cluster, Api api, Context context) throws IOException, InterruptedException {
        if (options.rented().isPresent())
            rented = Optional.of(
                    RentedMachines.open(cluster, opener, options.rented().getAsLong(), this::say));
        say("starting " + DemoOptions.VOTERS + " voters and "
                + (rented.isPresent() ? "no worker, they are to be rented," : DemoOptions.WORKERS + " workers") + " in "
                + cluster.dir());
        cluster.startAll();
        if (!until(START_MAX, () -> up(api, cluster.members().size()))) {
            complain(
                    cluster,
                    "expected " + cluster.members().size() + " nodes and a leader within " + START_MAX.toSeconds()
                            + " s");
            return 1;
        }
        Optional<Context.Owner> other = context.write();
        say("cluster is up, leader " + api.get("/status").path("leader_id").asString()
                + "; from another terminal: muster status, job list, events --follow");
        other.ifPresent(owner -> say("muster asks another demo (pid " + owner.pid() + ") unless it is told otherwise: "
                + "export MUSTER_CONTEXT=" + context.own()));
        if (rented.isPresent()) rented.get().order(api);
        for (LoopSpec spec : DemoLoops.specs()) api.put("/v1/loops/" + spec.config(), spec);
        Watch watch = new Watch(api, this::say);
        Optional<KillLeader> kill =
                options.killLeader() ? Optional.of(new KillLeader(cluster, api, this::say)) : Optional.empty();
        boolean reached = until(options.promotions().isPresent() ? options.timeout() : Duration.ofDays(3650), () -> {
            watch.look();
            if (kill.isPresent()) kill.get().look();
            if (rented.isPresent()) rented.get().look(api, watch);
            return options.promotions().isPresent()
                    && watch.promotions() >= options.promotions().getAsInt()
                    && kill.map(KillLeader::done).orElse(true)
                    && rented.map(RentedMachines::done).orElse(true);
        });
        for (LoopSpec spec : DemoLoops.specs())
            api.post("/v1/loops/" + spec.config() + "/stop", Map.of("why", "the demo ends"));
        Measure measure = new Measure(cluster.dir(), () -> stores(cluster, api), api, this::say);
        measure.stopJobs();
        until(DISTRIBUTE_MAX, measure::distributed);
        List<String> problems = new ArrayList<>();
        if (!reached)
            problems.add("expected " + options.promotions().getAsInt() + " promotions of each config key within "
                    + options.timeout().toSeconds() + " s, but the least has " + watch.promotions());
        List<DemoReport.ConfigReport> configs =
                measure.configs(options.promotions().orElse(1), problems);
        Optional<DemoReport.LeaderKill> killed = kill.isPresent() ? kill.get().report(problems) : Optional.empty();
        Optional<DemoReport.Rented> machines =
                rented.isPresent() ? Optional.of(dismiss(rented.get(), api, watch, problems)) : Optional.empty();
        DemoReport report = new DemoReport(
                problems.isEmpty(), (System.nanoTime() - start) / 1e9, configs, killed, machines, problems);
        if (options.json()) out.println(Wire.text(report));
        else report.lines().forEach(out::println);
        out.flush();
        if (!reached)
            complain(cluster, "not finished within " + options.timeout().toSeconds() + " s: " + missing(watch, kill));
        else if (!problems.isEmpty()) complain(cluster, String.join("; ", problems));
        return problems.isEmpty() ? 0 : reached ? 1 : 101;
    }

    /// Where the bytes of all nodes are read: those of machines that went since are no longer asked for.
    private Map<String, String> stores(LocalCluster cluster, Api api) throws IOException, InterruptedException {
        Map<String, String> stores = new TreeMap<>();
        for (LocalCluster.Member member : cluster.members()) stores.put(member.name(), member.artifacts());
        List<String> names = rented.isPresent() ? RentedMachines.nodes(api) : List.of();
        for (JsonNode node : api.get("/v1/nodes").path("nodes")) {
            if (names.contains(node.path("id").asString()))
                stores.put(
                        node.path("id").asString(),
                        node.path("host").asString() + ":"
                                + node.path("artifact_port").asInt());
        }
        return stores;
    }

    private DemoReport.Rented dismiss(RentedMachines machines, Api api, Watch watch, List<String> problems)
            throws IOException, InterruptedException {
        watch.machinesOnly();
        machines.dismiss(api);
        boolean gone = until(DISMISS_MAX, () -> {
            watch.look();
            return machines.gone(api);
        });
        if (gone) say("no machine is left; the market's last charges are taken over");
        if (!gone || !until(CHARGES_MAX, () -> machines.settled(api)))
            problems.add(
                    gone
                            ? "expected all charges in the ledger within " + CHARGES_MAX.toSeconds() + " s"
                            : "expected all machines to be ended within " + DISMISS_MAX.toSeconds() + " s");
        return machines.report(api, problems);
    }

    private String missing(Watch watch, Optional<KillLeader> kill) {
        String promoted = watch.promotionsByConfig().entrySet().stream()
                .map(config -> config.getKey() + " promoted " + config.getValue() + " of "
                        + options.promotions().orElse(0))
                .collect(Collectors.joining(", "));
        return promoted
                + (kill.map(KillLeader::done).orElse(true) ? "" : ", the leader was not killed and replaced yet")
                + rented.flatMap(RentedMachines::missing)
                        .map(what -> ", " + what)
                        .orElse("");
    }

    /// What went wrong can be looked at: the data directories stay.
    private void complain(LocalCluster cluster, String what) {
        kept = true;
        err.println("muster: " + what + "; the agents' logs are in " + cluster.dir() + "/n*/logs, kept");
        err.flush();
    }

    private static boolean up(Api api, int nodes) throws InterruptedException {
        try {
            JsonNode status = api.get("/status");
            return !status.path("leader_id").isNull()
                    && status.path("nodes").size() == nodes
                    && status.path("alive_peers").asInt() >= nodes - 1;
        } catch (IOException e) {
            return false;
        }
    }

    /// Polls, because levels are what counts; an answer that did not come is asked for again.
    private static boolean until(Duration max, Condition condition) throws InterruptedException {
        long end = System.nanoTime() + max.toNanos();
        while (System.nanoTime() < end) {
            try {
                if (condition.holds()) return true;
            } catch (IOException e) {
                // a node that was asked is down or has no leader; the next look asks again
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
        return false;
    }

    private interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    private void say(String line) {
        progress.printf("%5.0fs  %s%n", (System.nanoTime() - start) / 1e9, line);
    }

    private void cleanUp(LocalCluster cluster, Context context) {
        cluster.close();
        for (LocalCluster.Member member : cluster.members()) stopLeftOver(member);
        rented.ifPresent(RentedMachines::close);
        context.remove();
        if (options.dir().isEmpty() && !kept) delete(cluster.dir());
    }

    /// Agents leave their jobs running on purpose; a demo that ends takes them along.
    private static void stopLeftOver(LocalCluster.Member member) {
        Path data = member.data();
        if (!Files.isDirectory(data)) return;
        try (Supervisor supervisor = Supervisor.open(data)) {
            for (String key : supervisor.states().states().keySet()) supervisor.stop(key, Duration.ofSeconds(2));
        } catch (IOException e) {
            System.err.println("could not stop what still runs under " + data + ": " + e.getMessage());
        }
    }

    private static void delete(Path dir) {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException e) {
            System.err.println("could not delete " + dir + ": " + e.getMessage());
        }
    }
}
