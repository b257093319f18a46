package dev.muster.edge.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.fleet.HostAnswer.Done;
import dev.muster.edge.fleet.HostAnswer.Refusal;
import dev.muster.edge.fleet.HostAnswer.Refused;
import dev.muster.edge.ssh.HostShell;
import java.io.RandomAccessFile;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A real bundle on a host of its own: a folder of this machine, where no Java is found but the bundle's.
@Tag("slow")
class HostScriptTest {
    private static final NodeId NODE = new NodeId("n1");
    private static final String TOKEN = "a-token-of-this-test";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Path HOST_SCRIPT =
            Path.of("src/main/resources/dev/muster/edge/fleet/host.sh").toAbsolutePath();

    /// Does what our calls need of `systemctl --user`: starts ExecStart, says whether it runs, ends its process alone.
    private static final String SYSTEMCTL = """
            #!/bin/sh
            shift
            printf '%s\\n' "$*" >>"$HOME/systemctl.calls"
            case $1 in
                start)
                    command=$(sed -n 's/^ExecStart=//p' "$HOME/.config/systemd/user/$3")
                    setsid $command </dev/null >"$HOME/journal" 2>&1 9>&- &
                    echo "$!" >"$HOME/main.pid"
                    ;;
                is-active) [ -f "$HOME/main.pid" ] && kill -0 "$(cat "$HOME/main.pid")" 2>/dev/null ;;
                disable) kill "$(cat "$HOME/main.pid")"; rm "$HOME/main.pid" ;;
            esac
            """;

    private static Bundle bundle;
    private static Path tools;

    @TempDir
    static Path shelf;

    @TempDir
    Path home;

    private Path root;
    private HostScript host;

    @BeforeAll
    static void makeTheBundle() throws Exception {
        tools = Files.createTempDirectory("tools");
        LocalShell.layTools(tools);
        String sources = Path.of("").toAbsolutePath().toString();
        bundle = Bundles.of(Map.of("MUSTER_HOME", sources), System.err::println).find(Bundles.ownArch());
    }

    /// By hand: JUnit would warn of each link.
    @AfterAll
    static void removeTheTools() throws Exception {
        try (Stream<Path> links = Files.list(tools)) {
            for (Path link : links.toList()) Files.delete(link);
        }
        Files.delete(tools);
    }

    @BeforeEach
    void makeAHost() throws Exception {
        home = home.toRealPath();
        root = home.resolve(".muster");
        host = by("sh");
    }

    @AfterEach
    void leaveNothingRunning() throws Exception {
        assertThat(host.uninstall(true)).isInstanceOf(Done.class);
    }

    private HostScript by(String shell) {
        return by(shell, root);
    }

    private HostScript by(String shell, Path where) {
        return new HostScript(
                new LocalShell(List.of(shell.split(" ")), home, tools),
                new HostScript.Place(where.toString(), "none", PATIENCE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "busybox sh", "bash"})
    void anEmptyHostBecomesANodeAndHealsAndIsCleared(String shell) throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin", shell.split(" ")[0])), shell + " is not installed");
        host = by(shell);
        HostProbe before = done(host.probe());
        assertThat(before.unfit()).isEmpty();
        assertThat(before.arch()).isEqualTo(Bundles.ownArch());
        assertThat(before.python3()).isFalse();
        assertThat(before.releases()).isEmpty();
        assertThat(before.clock())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
        assertThat(before.diskFree()).isPositive();
        assertThat(root).doesNotExist();

        assertThat(done(host.install(bundle)).already()).isFalse();
        assertThat(done(host.install(bundle)).already()).isTrue();
        assertThat(refusal(host.start())).isEqualTo(Refusal.NOTHING_THERE);
        assertThat(done(configure(NODE)).already()).isFalse();
        assertThat(done(configure(NODE)).already()).isTrue();
        assertThat(refusal(configure(new NodeId("n2")))).isEqualTo(Refusal.OTHER_NODE);

        HostScript.Started started = done(host.start());
        assertThat(started.node()).isEqualTo(NODE);
        assertThat("muster-" + started.version()).isEqualTo(bundle.release());
        HostScript.Started again = done(host.start());
        assertThat(again.already()).isTrue();
        assertThat(again.pid()).isEqualTo(started.pid());

        ProcessHandle.of(started.pid()).orElseThrow().destroyForcibly();
        HostStatus healed = await(status -> status.well() && !status.pid().equals(pid(started.pid())));
        assertThat(healed.supervised()).isTrue();

        assertThat(done(host.stop())).isTrue();
        assertThat(done(host.stop())).isFalse();
        HostStatus stopped = done(host.status());
        assertThat(stopped.agent()).isEqualTo(HostStatus.Agent.STOPPED);
        assertThat(stopped.supervised()).isFalse();

        assertThat(done(host.uninstall(false))).isTrue();
        try (Stream<Path> left = Files.list(root)) {
            assertThat(left).containsExactly(root.resolve("data"));
        }
    }

    @Test
    void aJobGoesOnThroughStopStartUpgradeAndRollback() throws Exception {
        Bundle second = second();
        started();
        ProcessHandle job = job();
        try {
            done(host.stop());
            assertThat(job.isAlive()).isTrue();
            done(host.start());
            assertThat(job.isAlive()).isTrue();

            done(host.install(second));
            assertThat(done(host.switchTo(second.release())).already()).isFalse();
            HostStatus upgraded = done(host.status());
            assertThat(upgraded.healthVersion().map("muster-"::concat)).contains(second.release());
            assertThat(upgraded.previous()).contains(bundle.release());
            assertThat(done(host.switchTo(second.release())).already()).isTrue();

            assertThat(done(host.rollback()).release()).isEqualTo(bundle.release());
            HostStatus back = done(host.status());
            assertThat(back.healthVersion().map("muster-"::concat)).contains(bundle.release());
            assertThat(back.previous()).contains(second.release());
            assertThat(job.isAlive()).isTrue();
        } finally {
            job.destroyForcibly();
        }
    }

    @Test
    void aReleaseThatDoesNotStartIsSwitchedBack() throws Exception {
        Bundle broken = small(
                "broken",
                "cp " + HOST_SCRIPT
                        + " . && printf '#!/bin/sh\\necho no such luck >&2\\nexit 1\\n' >muster && chmod +x muster");
        started();
        done(host.install(broken));
        Refused<HostScript.Switched> refused = refused(host.switchTo(broken.release()));
        assertThat(refused.why()).isEqualTo(Refusal.SWITCHED_BACK);
        assertThat(refused.words()).contains("no such luck", "switched back to " + bundle.release());
        HostStatus status = done(host.status());
        assertThat(status.well()).isTrue();
        assertThat(status.current()).contains(bundle.release());
        assertThat(status.previous()).isEmpty();
    }

    @Test
    void aBundleThatIsNotWholeLeavesNothing() throws Exception {
        Path part = shelf.resolve(bundle.file().getFileName());
        Files.copy(bundle.file(), part, StandardCopyOption.REPLACE_EXISTING);
        try (RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw")) {
            file.setLength(bundle.size() / 2);
        }
        Bundle truncated =
                new Bundle(part, bundle.release(), bundle.arch(), bundle.sha(), bundle.size(), bundle.unpacked());
        assertThat(refused(host.install(truncated)).words())
                .contains("send it again", bundle.sha().hex());
        Bundle other = new Bundle(
                bundle.file(),
                bundle.release(),
                bundle.arch(),
                new Sha256("0".repeat(64)),
                bundle.size(),
                bundle.unpacked());
        assertThat(refusal(host.install(other))).isEqualTo(Refusal.DAMAGED);
        Bundle misnamed = new Bundle(
                bundle.file(), "muster-9-abc", bundle.arch(), bundle.sha(), bundle.size(), bundle.unpacked());
        assertThat(refused(host.install(misnamed)).words()).contains("expected a bundle of muster-9-abc");
        assertThat(root.resolve("releases")).doesNotExist();
        assertThat(root.resolve("tmp")).isEmptyDirectory();
    }

    @Test
    void aBundleForAnotherMachineIsRefusedBeforeItIsSent() throws Exception {
        String other = Bundles.ownArch().equals("x86_64") ? "aarch64" : "x86_64";
        Bundle foreign = new Bundle(
                Path.of("/dev/null"), bundle.release(), other, bundle.sha(), bundle.size(), bundle.unpacked());
        Refused<HostScript.Installed> refused = refused(host.install(foreign));
        assertThat(refused.why()).isEqualTo(Refusal.OTHER_MACHINE);
        assertThat(refused.words()).contains("expected a bundle for " + Bundles.ownArch(), other);
        assertThat(root).doesNotExist();
    }

    @Test
    void aFullDiskIsToldBeforeAndDuringTheTransfer() throws Exception {
        Path disk = Files.createDirectory(home.resolve("disk"));
        assumeTrue(mount("mount", "-t", "tmpfs", "-o", "size=100m", "tmpfs", disk.toString()), "may not mount a tmpfs");
        HostScript full = by("sh", disk.resolve("muster"));
        try {
            assertThat(refusal(full.install(bundle))).isEqualTo(Refusal.NO_ROOM);
            // Whoever does not say how large it is finds out while unpacking.
            Bundle modest = new Bundle(bundle.file(), bundle.release(), bundle.arch(), bundle.sha(), 1, 1);
            Refused<HostScript.Installed> refused = refused(full.install(modest));
            assertThat(refused.why()).as(refused.words()).isEqualTo(Refusal.NO_ROOM);
            assertThat(disk.resolve("muster/releases")).doesNotExist();
            assertThat(disk.resolve("muster/tmp")).isEmptyDirectory();
        } finally {
            done(full.uninstall(true));
            mount("umount", disk.toString());
        }
    }

    @Test
    void aSecondCallAtTheSameTimeIsToldSo() throws Exception {
        done(host.install(bundle));
        done(configure(NODE));
        Process other = new ProcessBuilder("flock", root.resolve("lock").toString(), "cat").start();
        try {
            Instant until = Instant.now().plus(PATIENCE);
            while (lockIsFree() && Instant.now().isBefore(until)) Thread.onSpinWait();
            assertThat(refusal(host.start())).isEqualTo(Refusal.BUSY);
        } finally {
            other.getOutputStream().close();
            other.waitFor();
        }
    }

    @Test
    void whereSystemdIsItGetsAUnitThatStartsEachReleaseByItsLink() throws Exception {
        Bundle second = second();
        Path bin = Files.createDirectory(home.resolve("bin"));
        LocalShell.layTools(bin);
        Files.writeString(bin.resolve("systemctl"), SYSTEMCTL);
        assertThat(bin.resolve("systemctl").toFile().setExecutable(true)).isTrue();
        host = new HostScript(
                new LocalShell(List.of("sh"), home, bin), new HostScript.Place(root.toString(), "user", PATIENCE));
        try {
            HostScript.Started started = started();
            assertThat(started.init()).isEqualTo(HostStatus.Init.USER);
            Path unit = home.resolve(".config/systemd/user/muster.service");
            assertThat(unit).content().contains("ExecStart=/bin/sh " + root + "/current/host.sh");
            assertThat(done(host.start()).already()).isTrue();
            done(host.install(second));
            assertThat(done(host.switchTo(second.release())).already()).isFalse();
            assertThat(done(host.status()).supervised()).isTrue();
            assertThat(done(host.stop())).isTrue();
            assertThat(done(host.status()).agent()).isEqualTo(HostStatus.Agent.STOPPED);
            done(host.uninstall(true));
            assertThat(unit).doesNotExist();
            assertThat(home.resolve("systemctl.calls"))
                    .content()
                    .contains("daemon-reload\nenable --quiet muster.service\nstart --no-block muster.service\n")
                    .contains("disable --now --quiet muster.service\n");
        } finally {
            done(host.uninstall(true));
            try (Stream<Path> links = Files.list(bin)) {
                for (Path link : links.toList()) Files.delete(link);
            }
            host = by("sh");
        }
    }

    @Test
    void anAgentWithoutItsSupervisorIsTakenOver() throws Exception {
        HostScript.Started started = started();
        long supervisor =
                Long.parseLong(Files.readString(root.resolve("supervisor.pid")).strip());
        ProcessHandle.of(supervisor).orElseThrow().destroyForcibly();
        Instant killed = Instant.now();
        await(status -> !status.supervised());
        assertThat(Instant.now()).as("nothing of it holds its lock").isBefore(killed.plusSeconds(20));
        assertThat(done(host.start()).pid()).isEqualTo(started.pid());
        assertThat(done(host.status()).supervised()).isTrue();
        ProcessHandle.of(started.pid()).orElseThrow().destroyForcibly();
        await(status -> status.well() && !status.pid().equals(pid(started.pid())));
    }

    @Test
    void theNewestThreeReleasesStayWithTheCurrentAndTheOneBefore() throws Exception {
        done(host.install(bundle));
        List<Bundle> later = new ArrayList<>();
        for (String name : List.of("b", "c", "d", "e")) later.add(small(name));
        done(host.install(later.getFirst()));
        done(host.switchTo(later.getFirst().release()));
        for (Bundle next : later.subList(1, 4)) done(host.install(next));
        assertThat(done(host.probe()).releases())
                .containsExactlyInAnyOrder(bundle.release(), "muster-1-b", "muster-1-c", "muster-1-d", "muster-1-e");
        done(host.switchTo("muster-1-e"));
        done(host.install(small("f")));
        assertThat(done(host.probe()).releases())
                .containsExactlyInAnyOrder("muster-1-b", "muster-1-d", "muster-1-e", "muster-1-f");
    }

    private boolean lockIsFree() throws Exception {
        return new ProcessBuilder("flock", "-n", root.resolve("lock").toString(), "true")
                        .start()
                        .waitFor()
                == 0;
    }

    private HostScript.Started started() throws Exception {
        done(host.install(bundle));
        done(configure(NODE));
        return done(host.start());
    }

    private HostAnswer<HostScript.Configured> configure(NodeId node) throws Exception {
        int[] ports = new int[3];
        for (int i = 0; i < ports.length; i++) {
            try (ServerSocket socket = new ServerSocket(0)) {
                ports[i] = socket.getLocalPort();
            }
        }
        return host.configure(
                node,
                List.of(
                        "init",
                        "--api-port",
                        Integer.toString(ports[0]),
                        "--artifact-port",
                        Integer.toString(ports[1]),
                        "--raft-port",
                        Integer.toString(ports[2])),
                TOKEN);
    }

    /// A job of the node that only ends when it is ended.
    private ProcessHandle job() throws Exception {
        Path pid = home.resolve("job.pid");
        String[] api = Files.readString(root.resolve("data/api")).strip().split(" ");
        LocalShell shell = new LocalShell(List.of("sh"), home, tools);
        HostShell.Result result = shell.call(
                List.of(
                        root.resolve("current/muster").toString(),
                        "job",
                        "run",
                        "--api=http://" + api[0] + ":" + api[1],
                        "--token=" + TOKEN,
                        "--",
                        "sh",
                        "-c",
                        "echo $$ >" + pid + ".new; mv " + pid + ".new " + pid + "; exec sleep 600"),
                Path.of("/dev/null"),
                PATIENCE);
        assertThat(result.exit()).as(result.err()).isZero();
        Instant until = Instant.now().plus(PATIENCE);
        while (!Files.exists(pid)) {
            assertThat(Instant.now()).as("the job starts").isBefore(until);
            Thread.onSpinWait();
        }
        return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
    }

    /// The same bundle under another release's name; made once.
    private static Bundle second() throws Exception {
        String release = "muster-1-second";
        if (Files.exists(archive(release))) return Bundle.of(archive(release));
        return packed(
                release,
                "mkdir x && tar -xzf " + bundle.file() + " -C x && mv x/* " + release + " && cd " + release
                        + " && sed -i s/^release=.*/release=" + release + "/ bundle.properties && cd ..");
    }

    /// A release that can be installed, and nothing else.
    private static Bundle small(String name) throws Exception {
        return small(name, "true");
    }

    /// @param change made in its folder
    private static Bundle small(String name, String change) throws Exception {
        String release = "muster-1-" + name;
        return packed(
                release,
                "mkdir -p " + release + "/runtime/bin && cd " + release
                        + " && touch muster.jar && echo '#!/bin/sh' >runtime/bin/java && chmod +x runtime/bin/java"
                        + " && printf 'release=" + release + "\\narch=" + Bundles.ownArch()
                        + "\\n' >bundle.properties && " + change + " && cd ..");
    }

    private static Path archive(String release) {
        return shelf.resolve(release + "-" + Bundles.ownArch() + ".tgz");
    }

    private static Bundle packed(String release, String commands) throws Exception {
        Path work = Files.createTempDirectory(shelf, "work");
        Path file = archive(release);
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "set -e; cd " + work + "; " + commands + "; tar -cf - " + release + " | gzip -1 >" + file)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        return Bundle.of(file);
    }

    private static boolean mount(String... command) throws Exception {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private interface Wanted {
        boolean in(HostStatus status);
    }

    private HostStatus await(Wanted wanted) throws Exception {
        Instant until = Instant.now().plus(PATIENCE);
        while (true) {
            HostStatus status = done(host.status());
            if (wanted.in(status)) return status;
            assertThat(Instant.now()).as(status.toString()).isBefore(until);
        }
    }

    private static Optional<Long> pid(long pid) {
        return Optional.of(pid);
    }

    private static <T> T done(HostAnswer<T> answer) {
        return switch (answer) {
            case Done<T>(T value) -> value;
            case Refused<T>(Refusal why, String words) -> throw new AssertionError(why + ": " + words);
        };
    }

    private static <T> Refused<T> refused(HostAnswer<T> answer) {
        return switch (answer) {
            case Done<T>(T value) -> throw new AssertionError("expected a refusal, but it was done: " + value);
            case Refused<T> refused -> refused;
        };
    }

    private static Refusal refusal(HostAnswer<?> answer) {
        return refused(answer).why();
    }
}
