package dev.muster.edge.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.fleet.Sight;
import dev.muster.core.fleet.UpPlan;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.edge.config.HostFileReader;
import dev.muster.edge.fleet.HostResult.Kind;
import dev.muster.edge.local.SshFleet;
import dev.muster.edge.local.SshHost.Trait;
import dev.muster.edge.ssh.Ssh;
import dev.muster.edge.ssh.SshSettings;
import dev.muster.edge.ssh.SshTarget;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Fifteen real hosts, from nothing to a cluster that is restarted and upgraded while it works.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class FleetUpTest {
    private static final List<String> VOTERS = List.of("v1", "v2", "v3", "v4", "v5");
    private static final List<String> WORKERS = List.of("w1", "slow", "noisy", "jump", "over");
    /// A cold agent on two busy cores, ten of them at once.
    private static final HostScript.Place PLACE = new HostScript.Place("", "none", Duration.ofMinutes(3));

    private static final Duration ELECTION_MAX = Duration.ofSeconds(20);

    private final Set<String> remarks = new TreeSet<>();
    private Path folder;
    private SshFleet hosts;
    private Ssh ssh;
    private HostFile file;

    @BeforeEach
    void start() throws Exception {
        SshFleet.missing().ifPresent(why -> assumeTrue(false, why));
        folder = Files.createTempDirectory("fleet-");
        hosts = SshFleet.start(folder);
        for (String voter : VOTERS) hosts.add(voter, Trait.PLAIN);
        hosts.add("w1", Trait.PLAIN);
        hosts.add("slow", Trait.SLOW);
        hosts.add("noisy", Trait.NOISY);
        hosts.add("jump", Trait.JUMP);
        hosts.add("over", Trait.PLAIN);
        hosts.add("refuses", Trait.REFUSES_KEY);
        SshTarget changed = hosts.add("changed", Trait.PLAIN).target();
        Files.writeString(
                hosts.known(),
                "[" + changed.address() + "]:" + changed.port() + " "
                        + Files.readString(folder.resolve("other_key.pub")));
        hosts.add("down", Trait.DOWN);
        hosts.add("silent", Trait.SILENT);
        String text = hosts.hostFile().replace("  over:\n", "  over:\n    ssh_proxy: jump\n")
                + "  old:\n    ssh_host: 127.0.0.1\n    status: retired\np2p_voters: " + VOTERS + "\n";
        file = HostFileReader.read("hosts.yaml", text.getBytes(StandardCharsets.UTF_8))
                .file();
        ssh = Ssh.open(SshSettings.defaults()
                .withConfig(Files.createFile(folder.resolve("ssh_config")))
                .withKnown(hosts.known())
                .withConnectMax(Duration.ofSeconds(5)));
    }

    @AfterEach
    void clear() throws Exception {
        if (file != null) {
            for (String name : Stream.concat(WORKERS.stream(), VOTERS.stream()).toList())
                script(name).uninstall(true);
        }
        if (ssh != null) ssh.close();
        if (hosts != null) hosts.close();
        if (folder == null) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
        }
    }

    private HostScript script(String name) {
        return new HostScript(ssh.shell(SshTarget.of(file, file.host(name).orElseThrow(), folder)), PLACE);
    }

    private Fleet fleet(String... only) {
        Function<Host, Station> stations = host -> new ScriptStation(script(host.name()));
        return new Fleet(file, Set.of(only), stations, host -> host.reach().address(), new Fleet.Told() {
            @Override
            public void result(HostResult result) {
                System.out.print(FleetText.line(result));
            }

            @Override
            public void remark(String line) {
                remarks.add(line);
            }
        });
    }

    private List<HostResult> up(Bundle bundle, String... only) throws Exception {
        Fleet fleet = fleet(only);
        Map<String, Sight> sights = fleet.look();
        UpPlan plan = UpPlan.of(file, Set.of(only), sights, Map.of(bundle.arch(), bundle.release()), false);
        assertThat(plan.refusal()).isEmpty();
        return fleet.up(plan, sights, Map.of(bundle.release(), bundle), "muster", "a-token-for-this-test");
    }

    private List<HostResult> restart(RollingRestart.Change change, String... only) throws Exception {
        Fleet fleet = fleet(only);
        RollingRestart rolling = new RollingRestart(fleet, fleet.look(), change);
        assertThat(rolling.outlook().refusal()).isEmpty();
        return rolling.run();
    }

    private static Map<String, Kind> kinds(List<HostResult> results) {
        return results.stream().collect(Collectors.toMap(HostResult::host, HostResult::kind, (one, other) -> other));
    }

    private static String why(List<HostResult> results, String host) {
        return results.stream()
                .filter(result -> result.host().equals(host))
                .map(HostResult::why)
                .findFirst()
                .orElseThrow();
    }

    private Doc ask(String host, String method, String path, String body) throws IOException, InterruptedException {
        String answer = new ScriptStation(script(host)).ask(method, path, body);
        return Doc.json(answer.getBytes(StandardCharsets.UTF_8));
    }

    /// The attempts of the job that run, with the pids of their processes.
    private Map<String, String> attempts(String job) throws IOException, InterruptedException {
        Map<String, String> pids = new TreeMap<>();
        for (Doc attempt : ask("v1", "GET", "/v1/jobs/" + job, "").list("attempts")) {
            if (attempt.text("status").equals("RUNNING")) pids.put(attempt.text("id"), attempt.text("pid"));
        }
        return pids;
    }

    private Map<String, String> running(String job, int count) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (true) {
            Map<String, String> running = attempts(job);
            if (running.size() == count) return running;
            assertThat(System.nanoTime()).as("attempts running: %s", running).isLessThan(end);
            Thread.sleep(500);
        }
    }

    @Test
    @Timeout(600)
    void fromNothingToAClusterThatIsRestartedAndUpgradedUnderItsJobs() throws Exception {
        Bundle bundle = Bundles.of(
                        Map.of("MUSTER_HOME", Path.of("").toAbsolutePath().toString()), System.out::println)
                .find(Bundles.ownArch());

        // From nothing.
        List<HostResult> first = up(bundle);
        Map<String, Kind> kinds = kinds(first);
        for (String name : VOTERS) assertThat(kinds).containsEntry(name, Kind.STARTED);
        for (String name : WORKERS) assertThat(kinds).containsEntry(name, Kind.STARTED);
        assertThat(kinds).containsEntry("old", Kind.LEFT);
        assertThat(why(first, "refuses")).contains("it takes none of our keys");
        assertThat(why(first, "changed")).contains("host key");
        assertThat(why(first, "down")).containsIgnoringCase("refused");
        assertThat(why(first, "silent")).containsIgnoringCase("answer");
        assertThat(FleetText.summary(first))
                .isEqualTo("\nSummary: 10 running, 10 newly started, 0 restarted, 4 failed, 1 left alone\n");

        assertThat(SshTarget.of(file, file.host("over").orElseThrow(), folder).jump())
                .isPresent();

        // Again: nothing happens.
        Map<String, Kind> again = kinds(up(bundle));
        for (String name : VOTERS) assertThat(again).containsEntry(name, Kind.RUNNING);
        for (String name : WORKERS) assertThat(again).containsEntry(name, Kind.RUNNING);
        Doc status = ask("w1", "GET", "/status", "");
        assertThat(status.number("voter_quorum_size")).isEqualTo(3);
        assertThat(status.number("total_nodes")).isEqualTo(10);

        // What a shell prints at its start is no answer of the cluster's, which is asked by way of this host alone.
        assertThat(kinds(restart(new RollingRestart.Change.Again(), "noisy"))).containsEntry("noisy", Kind.RESTARTED);

        // A node that was removed while its agent ran is no node of the cluster, whatever its /health says.
        ask("v1", "DELETE", "/v1/nodes/noisy", "{}");
        assertThat(kinds(up(bundle, "noisy", "v1")))
                .containsEntry("noisy", Kind.RESTARTED)
                .containsEntry("v1", Kind.RUNNING);
        assertThat(kinds(up(bundle, "noisy", "v1"))).containsEntry("noisy", Kind.RUNNING);

        // A job on all workers, and somebody who writes all the time.
        String job = ask(
                        "v1",
                        "POST",
                        "/v1/jobs",
                        "{\"name\":\"long\",\"tasks\":4,\"resources\":{\"cpus\":0.1,\"memory\":\"1MiB\"},\"command\":[\"sleep\",\"1000\"]}")
                .text("job");
        Map<String, String> before = running(job, 4);
        try (Writer writer = new Writer()) {
            Map<String, Kind> restarted = kinds(restart(new RollingRestart.Change.Again()));
            for (String name : VOTERS) assertThat(restarted).containsEntry(name, Kind.RESTARTED);
            for (String name : WORKERS) assertThat(restarted).containsEntry(name, Kind.RESTARTED);
            assertThat(writer.longest()).as("longest without a write").isLessThan(ELECTION_MAX);
        }
        assertThat(running(job, 4)).as("the same processes as before").isEqualTo(before);

        // One worker and one voter get another release, and the one before again: both kinds at once work together.
        Bundle second = repacked(bundle);
        Map<String, Kind> upgraded = kinds(restart(new RollingRestart.Change.Upgrade(second), "w1", "v2"));
        assertThat(upgraded).containsEntry("w1", Kind.RESTARTED).containsEntry("v2", Kind.RESTARTED);
        assertThat(version("w1")).isEqualTo(version("v2")).isNotEqualTo(version("v1"));
        assertThat(kinds(restart(new RollingRestart.Change.Back(), "w1", "v2")))
                .containsEntry("w1", Kind.RESTARTED)
                .containsEntry("v2", Kind.RESTARTED);
        assertThat(version("w1")).isEqualTo(version("v2")).isEqualTo(version("v1"));
        assertThat(running(job, 4)).as("the same processes as before").isEqualTo(before);

        // Two of five voters away: a restart of a third is refused, and the two come back by the same command.
        assertThat(kinds(fleetDown("v4", "v5")))
                .containsEntry("v4", Kind.STOPPED)
                .containsEntry("v5", Kind.STOPPED);
        Fleet fleet = fleet("v1", "v2");
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (new RollingRestart(fleet, fleet.look(), new RollingRestart.Change.Again())
                .outlook()
                .refusal()
                .isEmpty()) {
            assertThat(System.nanoTime()).as("the refusal").isLessThan(end);
            Thread.sleep(500);
        }
        assertThat(kinds(up(bundle, "v4", "v5", "v1")))
                .containsEntry("v4", Kind.STARTED)
                .containsEntry("v5", Kind.STARTED)
                .containsEntry("v1", Kind.RUNNING);
        ask("v4", "POST", "/v1/jobs/" + job + "/stop", "{}");
    }

    private List<HostResult> fleetDown(String... only) throws InterruptedException {
        Fleet fleet = fleet(only);
        return fleet.down(fleet.look());
    }

    private String version(String host) throws IOException, InterruptedException {
        return ask(host, "GET", "/health", "").text("version");
    }

    /// The same program under another release's name.
    private Bundle repacked(Bundle bundle) throws Exception {
        String release = bundle.release() + "-second";
        Path work = Files.createDirectories(folder.resolve("repack"));
        String script =
                "tar -xzf \"$1\" && mv \"$2\" \"$3\" && sed -i \"s/^release=.*/release=$3/\" \"$3/bundle.properties\""
                        + " && tar -cf - \"$3\" | gzip -1 >\"$4\" && rm -rf \"$3\"";
        Path file = work.resolve(release + "-" + bundle.arch() + ".tgz");
        int exit = new ProcessBuilder(
                        "sh", "-c", script, "sh", bundle.file().toString(), bundle.release(), release, file.toString())
                .directory(work.toFile())
                .inheritIO()
                .start()
                .waitFor();
        assertThat(exit).isZero();
        return Bundle.of(file);
    }

    /// Gives an order as soon as the last one was taken.
    private final class Writer implements AutoCloseable {
        private final AtomicBoolean closed = new AtomicBoolean();
        private final AtomicLong longestNanos = new AtomicLong();
        private volatile long lastNanos = System.nanoTime();
        private final Thread thread = Thread.ofVirtual().name("writer").start(this::write);

        private void write() {
            List<String> nodes = List.of("v3", "v1", "w1");
            for (int count = 0; !closed.get(); count++) {
                try {
                    ask(
                            nodes.get(count % nodes.size()),
                            "POST",
                            "/v1/jobs",
                            "{\"name\":\"none\",\"resources\":{\"gpus\":8},\"command\":[\"true\"]}");
                    long now = System.nanoTime();
                    longestNanos.accumulateAndGet(now - lastNanos, Math::max);
                    lastNanos = now;
                } catch (IOException e) {
                    // one that restarts, or an election: the next one is asked
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        Duration longest() {
            return Duration.ofNanos(Math.max(longestNanos.get(), System.nanoTime() - lastNanos));
        }

        @Override
        public void close() {
            closed.set(true);
            thread.interrupt();
        }
    }
}
