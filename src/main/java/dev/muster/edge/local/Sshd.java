package dev.muster.edge.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// One real sshd, with a configuration, keys and files of its own: it has nothing to do with the machine's.
public final class Sshd implements AutoCloseable {
    private static final long START_SECONDS = 10;
    private static final long POLL_MILLIS = 10;

    private final List<String> command;
    private final Path folder;
    private final Callable<Boolean> answers;
    private Process process;

    /// @param command starts it in the foreground; as in [#program()]
    /// @param answers that somebody listens
    private Sshd(List<String> command, Path folder, Callable<Boolean> answers) {
        this.command = List.copyOf(command);
        this.folder = folder;
        this.answers = answers;
    }

    /// The program, wherever Linux keeps it; empty when it is not installed.
    public static Optional<Path> program() {
        return List.of("/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd").stream()
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// @param prefix  words before the program's, as to enter a namespace
    /// @param folder  holds `sshd_config`; the log is written there
    /// @param answers that somebody listens
    /// @throws IOException when it does not start, with what it said
    public static Sshd start(List<String> prefix, Path folder, Callable<Boolean> answers)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                program().orElseThrow().toString(),
                "-D",
                "-e",
                "-f",
                folder.resolve("sshd_config").toString()));
        Sshd sshd = new Sshd(command, folder, answers);
        sshd.start();
        return sshd;
    }

    private void start() throws IOException, InterruptedException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > endNanos)
                throw new IOException("expected sshd to start, but it said: " + Files.readString(log()));
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private boolean answers() throws InterruptedException {
        try {
            return answers.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return false; // nobody listens yet
        }
    }

    /// What it wrote since it was started first, errors and logins.
    public Path log() {
        return folder.resolve("log");
    }

    /// The next connection finds another host key, as when a machine was made anew under the old address.
    public void changeHostKey() throws IOException, InterruptedException {
        close();
        process.waitFor(START_SECONDS, TimeUnit.SECONDS);
        Files.delete(folder.resolve("host_key"));
        Files.delete(folder.resolve("host_key.pub"));
        SshFleet.key(folder.resolve("host_key"));
        start();
    }

    /// Ends it and the connections to it, as when the machine's plug is pulled: nothing is said to anybody.
    public void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
