package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A real sshd on loopback, with keys of its own, into which this test's user may log in.
public final class Sshd implements AutoCloseable {
    private static final String PATH = System.getenv("PATH") + ":/usr/sbin:/sbin";

    final Path dir;
    final int port;
    private final Process process;

    private Sshd(Path dir, int port, Process process) {
        this.dir = dir;
        this.port = port;
        this.process = process;
    }

    /// Skips the test where a program is missing.
    public static void needed() {
        for (String program : List.of("sshd", "ssh", "ssh-keygen", "rsync")) {
            assumeTrue(find(program).isPresent(), program + " is not installed: rsync over ssh is not tested");
        }
    }

    static Optional<Path> find(String program) {
        return new Rsync.Programs(PATH, Rsync.SILENCE_MAX).find(program);
    }

    /// @param lines more of its configuration
    public static Sshd start(Path dir, String... lines) throws IOException, InterruptedException {
        Files.createDirectories(dir);
        key(dir.resolve("host"));
        key(dir.resolve("user"));
        Files.copy(dir.resolve("user.pub"), dir.resolve("authorized"));
        // It insists on it, as root.
        if (System.getProperty("user.name").equals("root")) Files.createDirectories(Path.of("/run/sshd"));
        int port = free();
        Files.writeString(
                dir.resolve("config"),
                """
                Port %d
                ListenAddress 127.0.0.1
                HostKey "%s"
                PidFile none
                AuthorizedKeysFile "%s"
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin yes
                """.formatted(port, dir.resolve("host"), dir.resolve("authorized")) + String.join("\n", lines) + "\n");
        Process process = new ProcessBuilder(
                        find("sshd").orElseThrow().toString(),
                        "-D",
                        "-e",
                        "-f",
                        dir.resolve("config").toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile())
                .start();
        Sshd sshd = new Sshd(dir, port, process);
        sshd.await();
        return sshd;
    }

    private void await() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(socket.isConnected()).isTrue();
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end || !process.isAlive())
                    throw new IOException("sshd: " + Files.readString(dir.resolve("log")), e);
                Thread.sleep(20);
            }
        }
    }

    static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static void key(Path file) throws IOException, InterruptedException {
        Process made = new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString())
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
    }

    public Path identity() {
        return dir.resolve("user");
    }

    public Path known() {
        return dir.resolve("known hosts");
    }

    /// Of a node that is reached here.
    public Ways.Ssh offered() {
        return new Ways.Ssh(
                Optional.of(System.getProperty("user.name")), "127.0.0.1", port, Optional.empty(), Optional.empty());
    }

    /// Of a node that logs in here.
    public Ways.Ssh login() {
        return new Ways.Ssh(Optional.empty(), "127.0.0.1", port, Optional.of(identity()), Optional.of(known()));
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
