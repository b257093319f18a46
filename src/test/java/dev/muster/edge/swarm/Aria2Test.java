package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/// A real aria2 on loopback brings files from real artifact ports.
@Tag("slow")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class Aria2Test {
    private static final int MIB = 1 << 20;
    private static final String SECRET = "only-for-aria2";
    private static final Optional<Transport> ARIA2 = Optional.of(Transport.ARIA2);

    @TempDir
    Path base;

    private Lab lab;
    private int port;
    private Process aria2;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Sshd.find("aria2c").isPresent(), "aria2c is not installed: downloads by aria2 are not tested");
        lab = new Lab(base);
        port = Sshd.free();
        aria2 = aria2();
    }

    @AfterEach
    void stop() throws Exception {
        if (lab != null) lab.close();
        if (aria2 != null) aria2.destroyForcibly().waitFor();
    }

    private Process aria2() throws IOException, InterruptedException {
        Process started = new ProcessBuilder(
                        "aria2c",
                        "--no-conf",
                        "--enable-rpc",
                        "--rpc-listen-port=" + port,
                        "--rpc-secret=" + SECRET,
                        "--stop-with-process=" + ProcessHandle.current().pid(),
                        "--quiet")
                .directory(base.toFile())
                .redirectErrorStream(true)
                .redirectOutput(base.resolve("aria2.log").toFile())
                .start();
        await("aria2 listens", () -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
        return started;
    }

    private Swarm.Settings settings(String secret, Transport transport, long down) {
        Ways.Aria2Rpc rpc = new Ways.Aria2Rpc(URI.create("http://127.0.0.1:" + port + "/jsonrpc"), secret);
        return new Swarm.Settings(
                Lab.TOKEN, true, 0, down, 24, transport, new Ways(Ways.NONE.ssh(), Optional.of(rpc), Map.of()));
    }

    @Test
    void aFileComesFromTwoHoldersAtOnceAndAria2ForgetsIt() throws Exception {
        byte[] file = Lab.bytes(16 * MIB + 5, 1);
        Sha256 sha = Lab.sha(file);
        Lab.Node one = lab.source("one", file);
        Lab.Node other = lab.source("other", file);
        Lab.Node receiver = lab.start("r", settings(SECRET, Transport.AUTO, 0));

        Fetched how = receiver.fetch(sha, ARIA2).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
        assertThat(how.by()).isEqualTo(Transport.ARIA2);
        assertThat(how.from()).containsOnlyKeys(one.id, other.id);
        assertThat(one.swarm.figures().bytesOut()).isPositive();
        assertThat(other.swarm.figures().bytesOut()).isPositive();
        assertThat(receiver.store.partials()).isEmpty();
        try (Aria2Client client = client()) {
            assertThat(client.call("tellStopped", number(0), number(9))).isEmpty();
            assertThat(client.call("tellActive")).isEmpty();
        }
    }

    @Test
    void anotherSecretIsRefusedAndNoSecretIsTold() throws Exception {
        byte[] file = Lab.bytes(MIB, 2);
        lab.source("s", file);
        Lab.Node receiver = lab.start("r", settings("a-wrong-one", Transport.AUTO, 0));

        assertThat(receiver.fetch(Lab.sha(file), ARIA2))
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("expected aria2 at http://127.0.0.1:" + port + "/jsonrpc to do addUri")
                .withMessageContaining("Unauthorized; `aria2.secret_file` in node.yaml")
                .withMessageNotContaining("a-wrong-one")
                .withMessageNotContaining(Lab.TOKEN);
        assertThat(settings(SECRET, Transport.AUTO, 0).toString()).doesNotContain(SECRET);
    }

    @Test
    void whenAria2DiesOnTheWayItIsSaidAndTheNextOneGoesOn() throws Exception {
        byte[] file = Lab.bytes(12 * MIB, 3);
        Sha256 sha = Lab.sha(file);
        lab.source("s", file);
        Path dir = base.resolve("r");
        Path aside = dir.resolve("artifacts/parts/" + sha + ".aria2");
        Lab.Node slow = lab.start("r", settings(SECRET, Transport.ARIA2, 2 * MIB), dir, 0);
        CompletableFuture<Fetched> broken = slow.fetch(sha);
        await("a third is there", () -> aside.toFile().length() > 5 * MIB);
        aria2.destroy(); // it writes how far it was
        aria2.waitFor();

        assertThat(broken)
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("expected aria2 at http://127.0.0.1:" + port);
        aria2 = aria2();
        slow.close();
        Lab.Node again = lab.start("r", settings(SECRET, Transport.ARIA2, 2 * MIB), dir, 0);
        CompletableFuture<Fetched> next = again.fetch(sha);

        try (Aria2Client client = client()) {
            await("it is at it", () -> completed(client, sha) > 0);
            assertThat(completed(client, sha)).isGreaterThan(3 * MIB);
        }
        next.get(60, TimeUnit.SECONDS);
        assertThat(again.read(sha)).isEqualTo(file);
    }

    private static long completed(Aria2Client client, Sha256 sha) {
        try {
            return client.status(sha.hex().substring(0, 16))
                    .path("completedLength")
                    .asLong(0);
        } catch (IOException e) {
            return 0; // it was not told yet
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whenTheNodeEndsAria2LeavesOff() throws Exception {
        byte[] file = Lab.bytes(12 * MIB, 4);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        Lab.Node slow = lab.start("r", settings(SECRET, Transport.ARIA2, MIB));
        CompletableFuture<Fetched> broken = slow.fetch(sha);
        await("it is on its way", () -> source.swarm.figures().bytesOut() > MIB);

        slow.close();

        assertThat(broken).failsWithin(10, TimeUnit.SECONDS);
        try (Aria2Client client = client()) {
            assertThat(client.call("tellActive")).isEmpty();
            assertThat(client.call("tellStopped", number(0), number(9))).isEmpty();
        }
    }

    @Test
    void aDamagedCopyIsRefused() throws Exception {
        byte[] file = Lab.bytes(2 * MIB, 5);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        Path stored = source.store.path(Lab.name(sha)).orElseThrow();
        Files.setPosixFilePermissions(stored, PosixFilePermissions.fromString("rw-------"));
        byte[] damaged = file.clone();
        damaged[MIB] ^= 1;
        Files.write(stored, damaged);
        Lab.Node receiver = lab.start("r", settings(SECRET, Transport.AUTO, 0));

        assertThat(receiver.fetch(sha, ARIA2))
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("expected " + file.length + " bytes with SHA-256 " + sha);
        assertThat(receiver.store.has(Lab.name(sha))).isFalse();
        assertThat(receiver.store.partials()).isEmpty();
    }

    @Test
    void whereNoneIsConfiguredOrNoneRunsItSaysSo() throws Exception {
        byte[] file = Lab.bytes(MIB, 6);
        Sha256 sha = Lab.sha(file);
        lab.source("s", file);
        aria2.destroyForcibly().waitFor();

        assertThat(lab.start("without", Lab.settings()).fetch(sha, ARIA2))
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("expected an aria2 on this node, but none is configured");
        assertThat(lab.start("dead", settings(SECRET, Transport.AUTO, 0)).fetch(sha, ARIA2))
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("to answer, but found java.net.ConnectException");
    }

    private Aria2Client client() {
        return new Aria2Client(new Ways.Aria2Rpc(URI.create("http://127.0.0.1:" + port + "/jsonrpc"), SECRET));
    }

    private static tools.jackson.databind.JsonNode number(int number) {
        return JsonNodeFactory.instance.numberNode(number);
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(10);
        }
    }
}
