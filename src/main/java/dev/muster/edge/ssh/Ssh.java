package dev.muster.edge.ssh;

import dev.muster.edge.ssh.SshException.Kind;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// SSH to many machines, by the system's `ssh`: keys, agent, `~/.ssh/config` and known hosts are those of the user.
///
/// Each machine has one connection, made at its first script and reused by all others; so many machines at once, the rest wait.
/// Never asks for anything. A machine that was never met is believed (`accept-new`); one with another key than before is not.
/// Many threads may use it.
public final class Ssh implements AutoCloseable {
    private static final String FOLDER = "muster-ssh-";
    private static final String HOST_NAME = "hostname ";

    /// A socket's path has at most 104 bytes (macOS), of which `ssh` wants 17 for a while, and a slash and a name stand at its end.
    private static final int FOLDER_MAX = 104 - 17 - 8;

    /// For all connections together; then they are left to end by themselves.
    private static final Duration CLOSE_MAX = Duration.ofSeconds(3);

    private final Path program;
    private final SshSettings settings;
    private final Path folder;
    private final Semaphore turns;
    private final Map<SshTarget, Connection> connections = new HashMap<>();
    private final Map<String, String> addresses = new ConcurrentHashMap<>();
    private boolean closed;

    private Ssh(Path program, SshSettings settings, Path folder) {
        this.program = program;
        this.settings = settings;
        this.folder = folder;
        this.turns = new Semaphore(settings.parallel(), true);
    }

    /// Connects to nobody yet. Close it: that ends the connections.
    ///
    /// @throws SshException of kind NO_SSH when there is no such program
    public static Ssh open(SshSettings settings) throws IOException {
        Path program = find(settings.program());
        Path base = base();
        sweep(base);
        String name = FOLDER + ProcessHandle.current().pid() + "-";
        Path folder = Files.createTempDirectory(
                base, name, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new Ssh(program, settings, folder);
    }

    private static Path find(String program) throws SshException {
        if (program.indexOf('/') >= 0) return Path.of(program);
        for (String folder :
                Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin").split(":")) {
            Path file = Path.of(folder, program);
            if (Files.isExecutable(file) && !Files.isDirectory(file)) return file;
        }
        String message = "expected the program " + program + ", but it is nowhere on the PATH: install openssh-client";
        throw new SshException(Kind.NO_SSH, message);
    }

    private static Path base() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        int length = temporary.toString().length() + 1 + FOLDER.length() + 30;
        return length <= FOLDER_MAX ? temporary : Path.of("/tmp");
    }

    /// Folders of programs that were killed. Their connections, if any are left, end by themselves.
    private static void sweep(Path base) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(base, FOLDER + "*-*")) {
            for (Path folder : folders) {
                String pid = folder.getFileName()
                        .toString()
                        .substring(FOLDER.length())
                        .replaceAll("-.*", "");
                boolean gone = pid.matches("\\d{1,10}")
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
                if (gone && Files.isWritable(folder) && Files.isDirectory(folder)) delete(folder);
            }
        }
    }

    /// Scripts on that machine. Connects to it at the first.
    public HostShell shell(SshTarget target) {
        return new Shell(target);
    }

    /// What the configuration's `HostName` says for a machine's name, which others may not know; else the name itself.
    /// Connects to nobody.
    public String address(SshTarget target) {
        return addresses.computeIfAbsent(target.address(), this::configured);
    }

    private String configured(String name) {
        if (name.matches("[0-9.]+|.*:.*")) return name;
        List<String> command = new ArrayList<>(List.of(program.toString(), "-G"));
        settings.config().ifPresent(file -> command.addAll(List.of("-F", file.toString())));
        command.addAll(List.of("--", name));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return said.lines()
                    .filter(line -> line.startsWith(HOST_NAME))
                    .map(line -> line.substring(HOST_NAME.length()).strip())
                    .findFirst()
                    .orElse(name);
        } catch (IOException e) {
            return name; // logging in says what is wrong with it
        }
    }

    private synchronized Connection connection(SshTarget target) {
        if (closed) throw new IllegalStateException("expected open connections, but they were closed");
        SshTarget key = target.unnamed();
        Connection known = connections.get(key);
        if (known != null) return known;
        Optional<Connection> hop = target.hop().map(this::connection);
        Connection made = new Connection(program, settings, target, hop, folder, "c" + connections.size());
        connections.put(key, made);
        return made;
    }

    /// Ends all connections, and scripts that still run lose theirs.
    @Override
    public void close() throws IOException {
        List<Connection> all;
        synchronized (this) {
            if (closed) return;
            closed = true;
            all = new ArrayList<>(connections.values());
        }
        List<Thread> ends = all.stream()
                .map(connection -> Thread.ofVirtual().name("ssh-end").start(() -> end(connection)))
                .toList();
        join(ends);
        delete(folder);
    }

    private static void end(Connection connection) {
        try {
            connection.end();
        } catch (IOException e) {
            return; // it is gone, or goes when it is idle
        }
    }

    private static void join(List<Thread> threads) {
        long endNanos = System.nanoTime() + CLOSE_MAX.toNanos();
        try {
            for (Thread thread : threads) {
                thread.join(Duration.ofNanos(Math.max(1, endNanos - System.nanoTime())));
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) Files.deleteIfExists(file);
        }
        Files.deleteIfExists(folder);
    }

    static void expectReadable(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file))
            throw new IllegalArgumentException("expected a file that can be read, but found " + file);
    }

    private final class Shell implements HostShell {
        private final SshTarget target;

        Shell(SshTarget target) {
            this.target = target;
        }

        @Override
        public Result run(String script, List<String> args, Duration timeout)
                throws SshException, InterruptedException {
            return run(Payload.of(script, args, false, Optional.of(timeout)), Optional.empty(), timeout);
        }

        @Override
        public Result send(String script, List<String> args, Path file, Duration timeout)
                throws SshException, InterruptedException {
            expectReadable(file);
            return run(Payload.of(script, args, true, Optional.of(timeout)), Optional.of(file), timeout);
        }

        private Result run(Payload payload, Optional<Path> input, Duration timeout)
                throws SshException, InterruptedException {
            turns.acquire();
            try {
                return connection(target).run(payload, input, timeout, target);
            } finally {
                turns.release();
            }
        }

        @Override
        public String toString() {
            return target.shown();
        }
    }
}
