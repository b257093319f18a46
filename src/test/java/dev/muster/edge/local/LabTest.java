package dev.muster.edge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The lab itself, seen by plain sockets: what it says it does to a network, it does.
@Tag("slow")
@Tag("lab")
class LabTest {
    static final Path SCRIPT = Path.of("lab", "lab");
    private static final Duration HEALED_MAX = Duration.ofSeconds(10);
    private static final int CONNECT_MS = 1000;
    private static final int BYTES = 2_000_000;

    private Lab lab;

    @BeforeEach
    void up() throws Exception {
        assumeLab();
        lab = Lab.up(SCRIPT, 2, "50mbit");
    }

    @AfterEach
    void down() {
        if (lab != null) lab.close();
    }

    /// Skips with the reason where no lab can be made.
    static void assumeLab() throws IOException, InterruptedException {
        Optional<String> missing = Lab.missing(SCRIPT);
        assumeThat(missing).as("a lab can be made").isEmpty();
    }

    @Test
    void aHostGetsTheRateItWasGiven() throws Exception {
        double seconds = send("h0", "h1");
        double share = BYTES * 8 / seconds / 50e6;
        // The first 128 KiB pass at once, and a busy machine may be late; a rate not kept would be off by far.
        assertThat(share).isBetween(0.5, 1.15);
        lab.rate("h0", "10mbit", "10mbit");
        assertThat(send("h0", "h1")).isGreaterThan(3 * seconds);
    }

    @Test
    void aPartitionCutsOffOnlyThoseItNamesUntilItHeals() throws Exception {
        lab.partition(List.of("h1"), List.of("h0"));
        assertThatThrownBy(() -> send("h0", "h1")).isInstanceOf(IOException.class);
        assertThat(send("h0", "h2")).isPositive();
        lab.heal();
        assertThat(send("h0", "h1")).isPositive();
    }

    @Test
    void aPulledPlugCutsOffItsHostUntilItHeals() throws Exception {
        lab.linkDown("h2");
        assertThatThrownBy(() -> send("h0", "h2")).isInstanceOf(IOException.class);
        lab.heal();
        long end = System.nanoTime() + HEALED_MAX.toNanos();
        boolean reached = reaches("h0", "h2");
        while (!reached && System.nanoTime() < end) reached = reaches("h0", "h2");
        assertThat(reached).isTrue();
    }

    @Test
    void aHostBehindARouterReachesOthersButIsNotReached() throws Exception {
        lab.nat("h2");
        assertThat(send("h0", "h2")).isPositive();
        assertThatThrownBy(() -> send("h2", "h0")).isInstanceOf(IOException.class);
    }

    @Test
    void latencyDelaysEachWay() throws Exception {
        Optional<String> missing = lab.latencyMissing();
        assumeThat(missing).as("latency can be made").isEmpty();
        lab.latency(30);
        try (ServerSocket server = lab.on("h0", () -> new ServerSocket(0))) {
            long start = System.nanoTime();
            connect("h1", "h0", server.getLocalPort()).close();
            assertThat((System.nanoTime() - start) / 1e6).isGreaterThan(59);
        }
        lab.latency(0);
        assertThat(send("h0", "h1")).isPositive();
    }

    @Test
    void trafficIsCountedForEachHost() throws Exception {
        send("h0", "h1");
        assertThat(lab.traffic().get("h0").upBytes()).isBetween((long) BYTES, BYTES * 11L / 10);
        assertThat(lab.traffic().get("h1").downBytes()).isBetween((long) BYTES, BYTES * 11L / 10);
        assertThat(lab.traffic().get("h2").downBytes()).isLessThan(10_000);
    }

    @Test
    void twoLabsDoNotDisturbEachOther() throws Exception {
        try (Lab other = Lab.up(SCRIPT, 1, "50mbit")) {
            assertThat(other.name()).isNotEqualTo(lab.name());
            lab.partition(List.of("h0"), List.of("h1"));
            try (ServerSocket server = other.on("h0", () -> new ServerSocket(0));
                    Socket socket = other.on("h1", () -> connected("10.77.0.1", server.getLocalPort()))) {
                assertThat(socket.isConnected()).isTrue();
            }
        }
        lab.heal();
        assertThat(send("h0", "h1")).isPositive();
    }

    private boolean reaches(String from, String to) throws InterruptedException {
        try {
            return send(from, to) > 0;
        } catch (IOException e) {
            return false; // its kernel still remembers that nobody answered
        }
    }

    /// Seconds for some bytes between two hosts; the receiver dials.
    private double send(String from, String to) throws IOException, InterruptedException {
        try (ServerSocket server = lab.on(from, () -> new ServerSocket(0));
                Socket socket = connect(to, from, server.getLocalPort())) {
            Thread sender = Thread.ofVirtual().start(() -> serve(server));
            long start = System.nanoTime();
            long read = socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            double seconds = (System.nanoTime() - start) / 1e9;
            sender.join();
            assertThat(read).isEqualTo(BYTES);
            return seconds;
        }
    }

    private static void serve(ServerSocket server) {
        try (Socket peer = server.accept()) {
            peer.getOutputStream().write(new byte[BYTES]);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Socket connect(String host, String to, int port) throws IOException, InterruptedException {
        String address = lab.address(to);
        return lab.on(host, () -> connected(address, port));
    }

    private static Socket connected(String address, int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(address, port), CONNECT_MS);
        return socket;
    }
}
