package dev.muster.edge.ssh;

import static dev.muster.edge.ssh.HostileText.HOSTILE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.local.SshHost;
import dev.muster.edge.local.SshHost.Trait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Scripts on hosts that can be reached.
class SshTest extends FleetTest {
    /// Each prints its arguments in brackets, then what it finds on standard input.
    private static final String ECHO = "for a in \"$@\"; do printf '[%s]' \"$a\"; done; printf '<'; cat; printf '>'";

    @ParameterizedTest
    @EnumSource(names = {"PLAIN", "NOISY", "FISH", "ZSH", "DASH", "BUSYBOX"})
    void whateverTheLoginShellIsAndSaysOutputIsTheScriptsOwn(Trait trait) throws Exception {
        SshTarget target = fleet.add("host", trait).target();
        Path file = Files.write(folder().resolve("sent"), HostileText.bytes(200_000));

        assertThat(run(target, ECHO, HOSTILE)).isEqualTo(new HostShell.Result(0, HostileText.bracketed() + "<>", ""));
        assertThat(run(target, "echo out; echo err >&2; exit 3")).isEqualTo(new HostShell.Result(3, "out\n", "err\n"));
        HostShell.Result sent = ssh.shell(target).send("wc -c; printf '%s' \"$1\"", List.of("it's"), file, ENOUGH);
        assertThat(sent.out().replace(" ", "")).isEqualTo("200000\nit's");
    }

    @Test
    void aFileThatIsSentArrivesAsItIs() throws Exception {
        SshTarget target = fleet.add("host", Trait.NOISY).target();
        byte[] bytes = HostileText.bytes(3_000_000);
        Path file = Files.write(folder().resolve("sent"), bytes);

        ssh.shell(target).send("cat > \"$1\"", List.of("came"), file, ENOUGH);

        assertThat(fleet.host("host").home().resolve("came")).hasBinaryContent(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 127, 254, 255})
    void aScriptsExitStatusIsItsOwnAlso255(int status) throws Exception {
        SshTarget target = fleet.add("host", Trait.PLAIN).target();
        assertThat(run(target, "exit " + status)).isEqualTo(new HostShell.Result(status, "", ""));
    }

    @Test
    void aScriptThatKillsItselfHasTheSignalsStatus() throws Exception {
        SshTarget target = fleet.add("host", Trait.PLAIN).target();
        assertThat(run(target, "sh -c 'kill -9 $$'").exit()).isEqualTo(137);
    }

    @Test
    void outputIsCutAndSaidSo() throws Exception {
        SshTarget target = fleet.add("host", Trait.PLAIN).target();
        String out = run(target, "dd if=/dev/zero bs=1000 count=3000 2>/dev/null | tr '\\0' x; exit 4")
                .out();
        assertThat(out).startsWith("xxxx").endsWith("[muster: cut after 1048576 bytes; 1951424 more were left out]\n");
    }

    @Test
    void oneConnectionServesAllScriptsOfAHost() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        all(20, i -> run(host.target(), "echo " + i).out());
        assertThat(host.logins()).isEqualTo(1);
    }

    @Test
    void aConnectionThatIsGoneIsMadeAnew() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        long pid = Long.parseLong(run(host.target(), "echo $PPID").out().strip());
        assertThat(pid).isPositive();
        for (long master : masters()) {
            ProcessHandle.of(master).ifPresent(ProcessHandle::destroyForcibly);
            gone(master);
        }

        assertThat(run(host.target(), "echo again").out()).isEqualTo("again\n");
        assertThat(run(host.target(), "echo and again").out()).isEqualTo("and again\n");
        assertThat(host.logins()).isEqualTo(2);
    }

    @Test
    void closingEndsTheConnectionsAndLeavesNoFile() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        run(host.target(), "true");
        List<Long> masters = masters();
        assertThat(masters).hasSize(1);

        ssh.close();

        masters.forEach(SshTest::gone);
        assertThat(folders()).isEmpty();
    }

    @Test
    void manyHostsAtOnce() throws Exception {
        fleet.addMany(32);
        List<String> names = all(
                32, i -> run(fleet.hosts().get(i).target(), "echo $1", "n" + i).out());
        assertThat(names).hasSize(32).allSatisfy(name -> assertThat(name).startsWith("n"));
        long logins = 0;
        for (int i = 0; i < 32; i += 16) logins += fleet.hosts().get(i).logins();
        assertThat(logins).isEqualTo(32);
    }

    @Test
    void aProgramThatGoesOnInTheBackgroundIsNotWaitedFor() throws Exception {
        SshTarget target = fleet.add("host", Trait.PLAIN).target();
        long begunNanos = System.nanoTime();
        HostShell.Result result = run(target, "sleep 20 & echo $!");
        assertThat(Duration.ofNanos(System.nanoTime() - begunNanos)).isLessThan(Duration.ofSeconds(10));
        ProcessHandle left =
                ProcessHandle.of(Long.parseLong(result.out().strip())).orElseThrow();
        assertThat(left.isAlive()).isTrue();
        left.destroy();
    }

    @Test
    void aSlowHostIsWaitedFor() throws Exception {
        SshTarget target = fleet.add("slow", Trait.SLOW).target();
        assertThat(run(target, "echo at last").out()).isEqualTo("at last\n");
    }

    @Test
    void aScriptThatTakesTooLongIsEndedHereAndThere() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        assertFails(
                        SshException.Kind.TIMEOUT,
                        () -> ssh.shell(host.target())
                                .run("echo $$ > pid; sleep 300 & wait", List.of(), Duration.ofMillis(1500)))
                .hasMessageContaining("host (")
                .hasMessageContaining("within 1.5s");
        long pid = Long.parseLong(Files.readString(host.home().resolve("pid")).strip());
        Polled.until(() -> ProcessHandle.of(pid).isEmpty());
        assertThat(run(host.target(), "echo on").out()).isEqualTo("on\n");
    }

    @Test
    void namesOfTheUsersConfigurationAreKnown() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        SshTarget real = host.target();
        configure(
                "Host nickname\n  HostName %s\n  Port %d\n  User %s\n  IdentityFile %s\n  RemoteCommand echo no\n  RequestTTY yes\n"
                        .formatted(real.address(), real.port(), real.user(), fleet.key()));
        assertThat(run(SshTargetTest.bare("nickname"), "echo in").out()).isEqualTo("in\n");
    }

    /// Other nodes do not read it, so they have to be told what stands behind a name.
    @Test
    void whatANameOfTheUsersConfigurationStandsFor() throws Exception {
        configure("Host alias\n  HostName 127.0.0.8\n");
        assertThat(ssh.address(named("alias"))).isEqualTo("127.0.0.8");
        assertThat(ssh.address(named("other.example"))).isEqualTo("other.example");
        assertThat(ssh.address(named("127.0.0.9"))).isEqualTo("127.0.0.9");
        assertThat(ssh.address(named("-G"))).isEqualTo("-G");
    }

    private static SshTarget named(String address) {
        return new SshTarget("n", address, 22, "", Optional.empty(), Optional.empty(), OptionalInt.empty());
    }

    private static void gone(long pid) {
        Polled.until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    private interface Numbered {
        String call(int number) throws Exception;
    }

    private static List<String> all(int count, Numbered work) throws Exception {
        List<Future<String>> futures = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                int number = i;
                futures.add(executor.submit(() -> work.call(number)));
            }
        }
        List<String> all = new ArrayList<>();
        for (Future<String> future : futures) all.add(future.get());
        return all;
    }

    /// The folders of this process's connections.
    private static List<Path> folders() throws IOException {
        List<Path> all = new ArrayList<>();
        String glob = "muster-ssh-" + ProcessHandle.current().pid() + "-*";
        try (var found = Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), glob)) {
            found.forEach(all::add);
        }
        return all;
    }

    /// The processes that hold them.
    private static List<Long> masters() throws IOException {
        List<Long> pids = new ArrayList<>();
        String folder = folders().getFirst().toString();
        ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(folder))
                .forEach(process -> pids.add(process.pid()));
        return pids;
    }
}
