package dev.muster.edge.check;

import dev.muster.core.check.Report.Unreached;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Tries to reach other nodes' API and artifact ports from here. All nodes' answers together show who cannot be dialled by
/// whom.
///
/// An API port counts as reached when the node answers `/health` under its own name: behind a wrong port or a reused
/// address somebody else may listen.
final class Dialler {
    /// In a larger cluster the voters are dialled, and some others by lot.
    private static final int ALL_MAX = 64;
    private static final int SAMPLE = 16;
    /// At once; a home router keeps some thousand connections, and forgets them slowly.
    private static final int AT_ONCE_MAX = 32;
    /// Three round trips around the world, and a SYN that was lost.
    private static final Duration PATIENT = Duration.ofSeconds(3);
    /// Somebody waits for the answer.
    private static final Duration BRIEF = Duration.ofSeconds(1);

    private static final int HEALTH_MAX = 4_096;

    private final NodeId self;
    private final RandomGenerator dice;
    private volatile Seen last = new Seen(Set.of(), List.of());

    /// @param dialled   whom this node tried to reach
    /// @param unreached of those
    record Seen(Set<NodeId> dialled, List<Unreached> unreached) {
        Seen {
            dialled = Collections.unmodifiableSortedSet(new TreeSet<>(dialled));
            unreached = List.copyOf(unreached);
        }
    }

    Dialler(NodeId self, RandomGenerator dice) {
        this.self = self;
        this.dice = dice;
    }

    Seen last() {
        return last;
    }

    /// Dials everybody, or a sample. What fails is tried once more: a lost packet is no gap.
    void round(ClusterState state) throws InterruptedException {
        List<Node> targets = targets(state);
        Seen first = dial(targets, PATIENT);
        List<Node> failed = targets.stream()
                .filter(node ->
                        first.unreached().stream().anyMatch(gap -> gap.node().equals(node.id())))
                .toList();
        last = failed.isEmpty()
                ? first
                : new Seen(first.dialled(), dial(failed, PATIENT).unreached());
    }

    /// Dials only those that could not be reached the last time, or were not tried yet.
    void again(ClusterState state) throws InterruptedException {
        Seen before = last;
        Set<NodeId> gaps = new TreeSet<>();
        for (Unreached gap : before.unreached()) gaps.add(gap.node());
        List<Node> all = others(state);
        List<Node> doubtful = all.size() > ALL_MAX
                ? all.stream().filter(node -> gaps.contains(node.id())).toList()
                : all.stream()
                        .filter(node ->
                                gaps.contains(node.id()) || !before.dialled().contains(node.id()))
                        .toList();
        Set<NodeId> dialled = new TreeSet<>(before.dialled());
        dialled.retainAll(all.stream().map(Node::id).toList());
        doubtful.forEach(node -> dialled.add(node.id()));
        last = new Seen(
                dialled, doubtful.isEmpty() ? List.of() : dial(doubtful, BRIEF).unreached());
    }

    private List<Node> others(ClusterState state) {
        return state.fleet().nodes().values().stream()
                .filter(node -> !node.id().equals(self) && !node.fenced() && node.desired() != Desired.RETIRED)
                .toList();
    }

    private List<Node> targets(ClusterState state) {
        List<Node> all = others(state);
        if (all.size() <= ALL_MAX) return all;
        List<Node> chosen = new ArrayList<>();
        List<Node> rest = new ArrayList<>();
        for (Node node : all) (state.fleet().votes(node.id()) ? chosen : rest).add(node);
        for (int count = 0; count < SAMPLE && !rest.isEmpty(); count++)
            chosen.add(rest.remove(dice.nextInt(rest.size())));
        return chosen;
    }

    private Seen dial(List<Node> targets, Duration patience) throws InterruptedException {
        var gaps = new ConcurrentSkipListMap<String, Unreached>();
        ExecutorService threads = Executors.newFixedThreadPool(
                AT_ONCE_MAX, Thread.ofVirtual().name("dial-", 0).factory());
        try {
            for (Node node : targets) {
                threads.execute(() -> api(node, patience).ifPresent(gap -> gaps.put(node.id() + " 1", gap)));
                threads.execute(() -> artifacts(node, patience).ifPresent(gap -> gaps.put(node.id() + " 2", gap)));
            }
            threads.shutdown();
            // Each wait is bounded: connect, then the answer.
            long most = 2 * patience.toMillis() * (2L * targets.size() / AT_ONCE_MAX + 1) + 1_000;
            if (!threads.awaitTermination(most, TimeUnit.MILLISECONDS)) threads.shutdownNow();
        } finally {
            threads.shutdownNow();
        }
        Set<NodeId> dialled = new TreeSet<>(targets.stream().map(Node::id).toList());
        return new Seen(dialled, List.copyOf(new TreeMap<>(gaps).values()));
    }

    private static Optional<Unreached> api(Node node, Duration patience) {
        int port = node.endpoints().apiPort();
        try (Socket socket = connect(node, port, patience)) {
            socket.getOutputStream()
                    .write("GET /health HTTP/1.1\r\nHost: muster\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            return answers(socket.getInputStream(), node.id())
                    ? Optional.empty()
                    : Optional.of(new Unreached(node.id(), "api", port, "somebody else answers"));
        } catch (IOException e) {
            return Optional.of(new Unreached(node.id(), "api", port, why(e)));
        }
    }

    private static boolean answers(InputStream in, NodeId node) throws IOException {
        String wanted = "\"node_id\":\"" + node + "\"";
        StringBuilder text = new StringBuilder();
        byte[] part = new byte[1024];
        for (int read = in.read(part); read >= 0 && text.length() < HEALTH_MAX; read = in.read(part)) {
            text.append(new String(part, 0, read, StandardCharsets.ISO_8859_1));
            if (text.indexOf(wanted) >= 0) return true;
        }
        return false;
    }

    private static Optional<Unreached> artifacts(Node node, Duration patience) {
        int port = node.endpoints().artifactPort();
        try (Socket socket = connect(node, port, patience)) {
            return socket.isConnected()
                    ? Optional.empty()
                    : Optional.of(new Unreached(node.id(), "artifacts", port, "not connected"));
        } catch (IOException e) {
            return Optional.of(new Unreached(node.id(), "artifacts", port, why(e)));
        }
    }

    private static Socket connect(Node node, int port, Duration patience) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setSoTimeout((int) patience.toMillis());
            socket.connect(new InetSocketAddress(node.endpoints().host(), port), (int) patience.toMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static String why(IOException e) {
        if (e instanceof SocketTimeoutException) return "timed out";
        if (e instanceof UnknownHostException) return "its name is not known here";
        String text = String.valueOf(e.getMessage()).toLowerCase(java.util.Locale.ROOT);
        if (text.contains("refused")) return "refused";
        if (text.contains("no route")) return "no route";
        return text.isBlank() ? "failed" : text;
    }
}
