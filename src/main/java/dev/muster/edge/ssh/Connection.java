package dev.muster.edge.ssh;

import dev.muster.edge.ssh.SshException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// One connection to one machine: an `ssh` in the background, made when it is needed and made anew when it is gone. It ends by
/// itself when nobody uses it, also when this program was killed.
final class Connection {
    /// sshd allows ten sessions in a connection (MaxSessions); a person may hold some.
    private static final int SESSIONS_MAX = 8;

    /// Servers turn away logins at random when many come at once, of ours or of others.
    private static final int TRIES_MAX = 3;

    /// Of what a failed login says.
    private static final int SAID_MAX = 16 << 10;

    private final Path program;
    private final SshSettings settings;
    private final SshTarget target;
    private final Optional<Connection> hop;
    private final Path socket;
    private final Path log;
    private final Path hopLog;
    private final ReentrantLock login = new ReentrantLock();
    private final Semaphore sessions = new Semaphore(SESSIONS_MAX);
    private Optional<SocksForward> forward = Optional.empty();
    private long failedNanos;
    private Optional<SshException> failed = Optional.empty();

    /// @param name of its files, in a folder that nobody else can read
    Connection(
            Path program, SshSettings settings, SshTarget target, Optional<Connection> hop, Path folder, String name) {
        this.program = program;
        this.settings = settings;
        this.target = target;
        this.hop = hop;
        this.socket = folder.resolve(name);
        this.log = folder.resolve(name + ".log");
        this.hopLog = folder.resolve(name + ".hop.log");
    }

    /// @param shown the machine, as this caller calls it
    HostShell.Result run(Payload payload, Optional<Path> input, Duration timeout, SshTarget shown)
            throws SshException, InterruptedException {
        long endNanos = System.nanoTime() + timeout.toNanos();
        if (!sessions.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) throw late(shown, timeout);
        try {
            SshCommand.Way way = connected(left(endNanos), shown);
            Duration left = left(endNanos);
            if (left.isZero()) throw late(shown, timeout);
            Process process = start(SshCommand.command(program, settings, target, way, payload.command()));
            ScriptRun.Outcome outcome = ScriptRun.of(process, payload, input, left);
            return result(outcome, shown, timeout);
        } finally {
            sessions.release();
        }
    }

    private static Duration left(long endNanos) {
        return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
    }

    private static HostShell.Result result(ScriptRun.Outcome outcome, SshTarget shown, Duration timeout)
            throws SshException {
        if (outcome.result().isPresent()) return outcome.result().get();
        if (!outcome.timely()) throw late(shown, timeout);
        String said = Diagnosis.quoted(outcome.said());
        if (outcome.begun()) {
            String message = shown.shown() + ": the connection or the shell there ended while the script ran" + said
                    + "; whether it ended as well is not known. Look before you run it again";
            throw new SshException(Kind.LOST, message);
        }
        if (outcome.exit() == 255) throw Diagnosis.login(shown, outcome.said());
        String message = shown.shown() + ": we were let in, but got no shell: its command ended with " + outcome.exit()
                + said + ". Does the account have a login shell, and no forced command for this key?";
        throw new SshException(Kind.REFUSED, message);
    }

    private static SshException late(SshTarget shown, Duration timeout) {
        String message = shown.shown() + ": expected the script to end within " + Diagnosis.shown(timeout)
                + ", but it did not; its processes there are ended within "
                + Payload.GRACE.toSeconds() + "s. Allow it more time, or look what it waits for";
        return new SshException(Kind.TIMEOUT, message);
    }

    /// The way over the connection, which is made when there is none. Who waited for a login that failed gets its failure.
    private SshCommand.Way connected(Duration max, SshTarget shown) throws SshException, InterruptedException {
        long cameNanos = System.nanoTime();
        if (!login.tryLock(Math.max(1, max.toMillis()), TimeUnit.MILLISECONDS)) {
            throw new SshException(Kind.TIMEOUT, shown.shown() + ": another login there did not end in time");
        }
        try {
            if (failed.isPresent() && failedNanos - cameNanos > 0) throw failed.get();
            if (!MuxSocket.held(socket)) logIn(max, shown);
            return way();
        } catch (SshException e) {
            failed = Optional.of(e);
            failedNanos = System.nanoTime();
            throw e;
        } finally {
            login.unlock();
        }
    }

    private SshCommand.Way way() {
        OptionalInt port = forward.isPresent() ? OptionalInt.of(forward.get().port()) : OptionalInt.empty();
        return new SshCommand.Way(socket, hop.map(connection -> connection.socket), hopLog, port);
    }

    private void logIn(Duration max, SshTarget shown) throws SshException, InterruptedException {
        long endNanos =
                System.nanoTime() + (max.compareTo(settings.loginMax()) < 0 ? max : settings.loginMax()).toNanos();
        expectAddress(shown);
        openForward();
        for (int tries = 1; ; tries++) {
            connectHop(left(endNanos), shown);
            Optional<SshException> failure = logInOnce(left(endNanos), shown);
            if (failure.isEmpty()) return;
            SshException found = failure.get();
            if (found.kind() == Kind.LOST && tries == 1) found = probed(found, left(endNanos), shown);
            if (found.kind() != Kind.LOST
                    || tries == TRIES_MAX
                    || left(endNanos).isZero()) throw found;
            TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(200, 800) * tries);
        }
    }

    /// Nothing that a shell on the way would understand, or `ssh` take for an option.
    private void expectAddress(SshTarget shown) throws SshException {
        if (target.address().isEmpty()) {
            String message = shown.shown() + ": expected an address, but the host file has none: write `ssh_host`";
            throw new SshException(Kind.NO_ADDRESS, message);
        }
        if (!target.address().matches("[A-Za-z0-9_:.][A-Za-z0-9_:.%-]*")
                || target.user().startsWith("-")) {
            String message =
                    shown.shown() + ": expected a host's name or address and a user's name, but found these: correct"
                            + " `ssh_host` and `ssh_user` in the host file";
            throw new SshException(Kind.NO_ADDRESS, message);
        }
        if (target.port() < 1 || target.port() > 65_535) {
            String message = shown.shown()
                    + ": expected a port of 1 to 65535, but the host file has another: correct `ssh_port`";
            throw new SshException(Kind.NO_ADDRESS, message);
        }
    }

    private void connectHop(Duration max, SshTarget shown) throws SshException, InterruptedException {
        if (hop.isEmpty()) return;
        try {
            hop.get().connected(max, hop.get().target);
        } catch (SshException e) {
            String message = shown.shown() + ": the jump host failed: " + e.getMessage();
            throw new SshException(Kind.JUMP_FAILED, message, e);
        }
    }

    private void openForward() throws SshException {
        if (forward.isPresent() || hop.isPresent() || target.socksPort().isEmpty()) return;
        int proxy = target.socksPort().getAsInt();
        try {
            forward = Optional.of(SocksForward.open(proxy, target.address(), target.port(), settings.connectMax()));
        } catch (IOException e) {
            throw new SshException(Kind.PROXY_FAILED, "expected a free port on loopback: " + e.getMessage(), e);
        }
    }

    private Optional<SshException> logInOnce(Duration max, SshTarget shown) throws SshException, InterruptedException {
        if (await(SshCommand.master(program, settings, target, way()), max, shown) == 0) return Optional.empty();
        Optional<String> socks = forward.flatMap(SocksForward::failure);
        if (socks.isPresent()) {
            String message = shown.shown() + ": " + socks.get() + ". Is tailscaled running here with"
                    + " --socks5-server=localhost:" + target.socksPort().getAsInt() + ", and `socks5_port` right?";
            return Optional.of(new SshException(Kind.PROXY_FAILED, message));
        }
        return Optional.of(Diagnosis.login(shown, said()));
    }

    /// Asks more closely, where the first answer was only that there was none: `~/.ssh/config` may name a way that failed.
    private SshException probed(SshException failure, Duration max, SshTarget shown)
            throws SshException, InterruptedException {
        if (hop.isPresent() || forward.isPresent()) return failure;
        int exit = await(SshCommand.probe(program, settings, target, way()), max, shown);
        return exit == 255 ? Diagnosis.login(shown, said()) : failure;
    }

    /// Its exit status. Its errors go into a file, which an `ssh` that stays in the background holds open as long as it lives.
    private int await(List<String> command, Duration max, SshTarget shown) throws SshException, InterruptedException {
        Process process = startLogged(command);
        try {
            if (process.waitFor(Math.max(1, max.toMillis()), TimeUnit.MILLISECONDS)) return process.exitValue();
            String message = shown.shown() + ": expected to be let in within " + Diagnosis.shown(max) + ", but was not"
                    + Diagnosis.quoted(said()) + ". Is the machine overloaded or starting?";
            throw new SshException(Kind.TIMEOUT, message);
        } finally {
            if (process.isAlive()) process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    private Process startLogged(List<String> command) throws SshException {
        try {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(hopLog);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(log.toFile());
            // Ours has to be understood; what people's own say is for their own shell.
            if (hop.isPresent()) builder.environment().put("SHELL", "/bin/sh");
            return builder.start();
        } catch (IOException e) {
            throw notStarted(e);
        }
    }

    private Process start(List<String> command) throws SshException {
        try {
            return new ProcessBuilder(command).start();
        } catch (IOException e) {
            throw notStarted(e);
        }
    }

    private static SshException notStarted(IOException e) {
        return new SshException(Kind.NO_SSH, "expected to start ssh: " + e.getMessage(), e);
    }

    /// What the jump host's `ssh` said, and then what the machine's did.
    private String said() throws SshException {
        return said(hopLog) + said(log);
    }

    private static String said(Path file) throws SshException {
        if (Files.notExists(file)) return "";
        try (InputStream stream = Files.newInputStream(file)) {
            return new String(stream.readNBytes(SAID_MAX), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw notStarted(e);
        }
    }

    /// Ends it, and what still runs over it loses its connection.
    void end() throws IOException {
        if (forward.isPresent()) forward.get().close();
        if (MuxSocket.held(socket)) MuxSocket.end(socket);
    }
}
