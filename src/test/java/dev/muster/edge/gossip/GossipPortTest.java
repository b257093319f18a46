package dev.muster.edge.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.gossip.Letter;
import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.gossip.Rumor;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.config.Token;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class GossipPortTest {
    private static final Token TOKEN = new Token("cluster-token");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path dir;

    private final List<GossipPort> ports = new ArrayList<>();
    private final Map<NodeId, Profile> known = new ConcurrentSkipListMap<>();

    private GossipPort start(String name, Token token, boolean dialable) throws IOException {
        NodeId id = new NodeId(name);
        GossipPort port = GossipPort.open(
                new GossipPort.Settings(id, "test", token, "127.0.0.1", 0, dir.resolve(name + ".json")));
        ports.add(port);
        Profile profile = profile(name, port.port(), dialable);
        port.start(profile, new GossipPort.Surroundings(() -> Map.copyOf(known), () -> false));
        if (known.isEmpty()) known.put(id, profile);
        return port;
    }

    private static Profile profile(String name, int port, boolean dialable) {
        Endpoints at = new Endpoints("127.0.0.1", 1, 2, 3, OptionalInt.of(port));
        return new Profile(name + "-identity", "1", Role.MIXED, at, false, dialable, List.of());
    }

    @AfterEach
    void close() throws IOException {
        for (GossipPort port : ports) port.close();
    }

    private static Optional<Opinion> held(GossipPort port, String name) {
        return Optional.ofNullable(port.members().get(new NodeId(name))).map(GossipPort.Seen::opinion);
    }

    private static void await(String what, BooleanSupplier done) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(20);
        }
    }

    private boolean allAlive(int count) {
        return ports.stream()
                .allMatch(port -> port.members().values().stream()
                                .filter(seen -> seen.opinion() == Opinion.ALIVE)
                                .count()
                        == count);
    }

    @Test
    void whoKnowsOneLearnsOfAllAndWhoLeavesSaysSo() throws Exception {
        for (int i = 1; i <= 6; i++) start("n" + i, TOKEN, i % 3 != 0);
        await("all to know all", () -> allAlive(6));
        GossipPort leaver = ports.removeLast();
        leaver.close();
        await(
                "all to know who left",
                () -> ports.stream().allMatch(port -> held(port, "n6").equals(Optional.of(Opinion.LEFT))));
        assertThat(held(ports.get(1), "n5")).contains(Opinion.ALIVE);
    }

    @Test
    void aPeerWhoseLineBreaksAndWhoseHostRefusesIsSuspectAtOnceAndThenDead() throws Exception {
        GossipPort first = start("n1", TOKEN, true);
        start("n2", TOKEN, true);
        start("n3", TOKEN, true);
        await("all to know all", () -> allAlive(3));
        int closed;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = unused.getLocalPort();
        }
        try (Socket socket = new Socket("127.0.0.1", first.port())) {
            Profile ghost = profile("ghost", closed, true);
            NodeId name = new NodeId("ghost");
            DataOutputStream out = greet(socket, "ghost", TOKEN);
            byte[] news = LetterCodec.write(
                    new Letter.News(List.of(new Rumor(name, Opinion.ALIVE, 1, name, 0, Optional.of(ghost)))));
            out.writeInt(news.length);
            out.write(news);
            out.flush();
            await("the ghost to be known", () -> held(first, "ghost").isPresent());
        }
        long broke = System.nanoTime();
        await("the ghost to be doubted", () -> !held(first, "ghost").equals(Optional.of(Opinion.ALIVE)));
        await(
                "the ghost to be dead",
                () -> ports.stream().allMatch(port -> held(port, "ghost").equals(Optional.of(Opinion.DEAD))));
        assertThat(Duration.ofNanos(System.nanoTime() - broke)).isGreaterThan(Duration.ofSeconds(2));
    }

    private DataOutputStream greet(Socket socket, String name, Token token) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        Handshake.Name self = new Handshake.Name("test", new NodeId(name), name + "-identity");
        Handshake.dialled(new DataInputStream(socket.getInputStream()), out, self, token, new NodeId("n1"));
        return out;
    }

    @Test
    void whoHasAnotherTokenStaysOutside() throws Exception {
        GossipPort first = start("n1", TOKEN, true);
        start("n2", TOKEN, true);
        try (Socket socket = new Socket("127.0.0.1", first.port())) {
            socket.setSoTimeout(5_000);
            assertThatThrownBy(() -> greet(socket, "n9", new Token("another-token")))
                    .isInstanceOf(IOException.class);
        }
        start("n3", new Token("another-token"), true);
        await("n2 to be known", () -> held(first, "n2").equals(Optional.of(Opinion.ALIVE)));
        assertThat(first.members()).doesNotContainKeys(new NodeId("n3"), new NodeId("n9"));
        assertThat(ports.getLast().members().get(new NodeId("n2"))).isNull();
    }

    @Test
    void noiseAndSilenceOnThePortHarmNobody() throws Exception {
        GossipPort first = start("n1", TOKEN, true);
        try (Socket silent = new Socket("127.0.0.1", first.port());
                Socket noisy = new Socket("127.0.0.1", first.port())) {
            noisy.getOutputStream().write(new byte[] {(byte) 0xff, (byte) 0xff, 1, 2, 3});
            noisy.setSoTimeout(10_000);
            assertThat(noisy.getInputStream().read()).as("closed").isEqualTo(-1);
            start("n2", TOKEN, true);
            await("n2 to be known", () -> held(first, "n2").equals(Optional.of(Opinion.ALIVE)));
            assertThat(silent.isConnected()).isTrue();
        }
    }

    @Test
    void whoGreetsDropByDropIsCutOff() throws Exception {
        GossipPort first = start("n1", TOKEN, true);
        try (Socket slow = new Socket("127.0.0.1", first.port())) {
            slow.setSoTimeout(500);
            slow.getOutputStream().write(new byte[] {0, 100});
            await("to be cut off", () -> {
                try {
                    slow.getOutputStream().write(1);
                    return slow.getInputStream().read() < 0;
                } catch (SocketTimeoutException e) {
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
        }
    }

    @Test
    void aTakenPortIsNoReasonNotToStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                GossipPort port = GossipPort.open(new GossipPort.Settings(
                        new NodeId("n1"), "test", TOKEN, "127.0.0.1", taken.getLocalPort(), dir.resolve("m")))) {
            assertThat(port.port()).isNotEqualTo(taken.getLocalPort()).isPositive();
        }
    }

    @Test
    void membersAreFoundAgainWithoutTheClustersState() throws Exception {
        GossipPort first = start("n1", TOKEN, true);
        GossipPort second = start("n2", TOKEN, true);
        await("both to know both", () -> allAlive(2));
        new AddressBook(dir.resolve("n2.json")).write(second.members(), new NodeId("n2"));
        ports.remove(second);
        second.close();
        await("n2 to have left", () -> held(first, "n2").equals(Optional.of(Opinion.LEFT)));
        known.clear();
        start("n2", TOKEN, true);
        known.clear();
        await("both to know both again", () -> allAlive(2));
    }
}
