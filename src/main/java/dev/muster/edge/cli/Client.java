package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.NotJson;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The API of the first node that can be reached.
final class Client {
    /// A node that runs answers anything within it, save an order that waits for the other voters.
    private static final Duration FIRST_BYTE = Duration.ofSeconds(2);

    /// As the server takes it.
    private static final int REQUEST_MAX = 64;

    /// Those that kept silent go to the end for as long as the command runs.
    private final List<String> nodes;
    private final String token;
    private final Duration timeout;
    private final String actor;
    private final String requestId;

    /// @param nodes     URLs, tried in turn
    /// @param actor     who gives orders, for the audit; may be empty
    /// @param requestId of the order; a command gives one, or makes [#another]
    Client(List<String> nodes, String token, Duration timeout, String actor, String requestId) {
        this.nodes = new ArrayList<>(nodes);
        this.token = token;
        this.timeout = timeout;
        this.actor = actor;
        this.requestId = requestId;
    }

    List<String> nodes() {
        return List.copyOf(nodes);
    }

    /// An answer with status 200 to 299.
    ///
    /// @param node the URL that answered
    record Answer(String node, Doc doc, byte[] bytes, Map<String, String> headers) {
        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }

        String readOnly() {
            return header("Muster-Read-Only");
        }
    }

    Answer get(String path) throws Failure {
        return ask("GET", path, List.of(), new byte[0]);
    }

    /// Gives an order once, however many nodes it takes: each is told the same request id.
    ///
    /// @throws Failure whose hint names the request id when the order may have been applied all the same
    Answer order(String method, String path, Doc body) throws Failure {
        List<String> headers = new ArrayList<>(List.of("Muster-Request: " + requestId));
        if (!actor.isEmpty()) headers.add("Muster-Actor: " + actor);
        try {
            return ask(method, path, headers, bytes(body));
        } catch (Failure failure) {
            if (!failure.maybe()) throw failure;
            throw new Failure(
                    Exit.UNKNOWN,
                    failure.code(),
                    failure.getMessage(),
                    "it may have been applied all the same: give the same command with --request-id " + requestId
                            + " to find out; it is applied once",
                    true);
        }
    }

    /// Sends a file to the first node that takes the connection.
    ///
    /// @param patience for the answer, once all is sent
    Answer upload(String path, Path file, Duration patience) throws Failure {
        List<String> headers = new ArrayList<>(List.of("Muster-Request: " + requestId));
        if (!actor.isEmpty()) headers.add("Muster-Actor: " + actor);
        if (!token.isEmpty()) headers.add("Authorization: Bearer " + token);
        Map<String, String> tried = new LinkedHashMap<>();
        for (String node : nodes) {
            try {
                return answer(node, Http.upload(node, path, headers, file, patience));
            } catch (IOException e) {
                tried.put(node, reason(e));
            }
        }
        throw unreachable(tried, false);
    }

    /// Asks something that may take long, as reading files again.
    Answer order(String path, Duration patience) throws Failure {
        return new Client(nodes, token, timeout.compareTo(patience) > 0 ? timeout : patience, actor, requestId)
                .order("POST", path, Doc.object());
    }

    /// Asks about something that is written in the body; nothing is changed.
    Answer check(String path, Doc body) throws Failure {
        return ask("POST", path, List.of(), bytes(body));
    }

    /// The same, where a node that is well may take so long.
    Answer check(String path, Doc body, Duration patience) throws Failure {
        Client patient =
                new Client(nodes, token, timeout.compareTo(patience) > 0 ? timeout : patience, actor, requestId);
        return patient.ask("POST", path, List.of(), bytes(body), patience);
    }

    /// Has a node do something that changes nothing in the cluster, in somebody's name; a node that is silent for a while may still be
    /// at it.
    Answer act(String path, Doc body, Duration patience) throws Failure {
        Client patient =
                new Client(nodes, token, timeout.compareTo(patience) > 0 ? timeout : patience, actor, requestId);
        List<String> headers = actor.isEmpty() ? List.of() : List.of("Muster-Actor: " + actor);
        return patient.ask("POST", path, headers, bytes(body), patience);
    }

    /// For one of several orders of one command.
    Client another(int number) {
        String end = "-" + number;
        String start = requestId.substring(0, Math.min(requestId.length(), REQUEST_MAX - end.length()));
        return new Client(nodes, token, timeout, actor, start + end);
    }

    private static byte[] bytes(Doc body) {
        return body.isObject() ? DocText.compact(body).getBytes(StandardCharsets.UTF_8) : new byte[0];
    }

    /// Each node has [#FIRST_BYTE] to begin its answer; then the silent ones are asked once more with all the time that
    /// is left. An order goes to all of them under one request id, so that it is applied once however many took it.
    private Answer ask(String method, String path, List<String> headers, byte[] body) throws Failure {
        return ask(method, path, headers, body, FIRST_BYTE);
    }

    private Answer ask(String method, String path, List<String> headers, byte[] body, Duration first) throws Failure {
        long end = System.nanoTime() + timeout.toNanos();
        Map<String, String> tried = new LinkedHashMap<>();
        Failure last = null;
        boolean maybe = false;
        List<String> silent = new ArrayList<>();
        Deque<String> next = new ArrayDeque<>(nodes);
        boolean patient = nodes.size() == 1;
        while (!next.isEmpty() && end - System.nanoTime() > 0) {
            String node = next.removeFirst();
            Duration left = Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
            Duration share = left.dividedBy(next.size() + (patient ? 1 : 2));
            if (!patient) share = shorter(share, first);
            try {
                Http.Exchange exchange = exchange(node, method, path, headers, body, share);
                exchange.patience(Duration.ofNanos(end - System.nanoTime()));
                return answer(node, exchange);
            } catch (SocketTimeoutException e) {
                tried.put(node, reason(e));
                silent.add(node);
                maybe = true;
            } catch (IOException e) {
                tried.put(node, reason(e));
                maybe |= !(e instanceof Http.NotConnected);
            } catch (Failure failure) {
                // Another node may know the leader, and the request id makes a second try safe.
                if (!failure.code().equals("UNAVAILABLE")) throw failure;
                maybe |= failure.maybe();
                last = failure;
            } finally {
                if (silent.contains(node) && nodes.remove(node)) nodes.add(node);
            }
            if (next.isEmpty() && !patient) {
                next.addAll(silent);
                patient = true;
            }
        }
        if (last != null) throw last.maybe(maybe);
        throw unreachable(tried, maybe);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Failure unreachable(Map<String, String> tried, boolean maybe) {
        String all = tried.entrySet().stream()
                .map(node -> node.getKey() + " (" + node.getValue() + ")")
                .collect(Collectors.joining(", "));
        return new Failure(
                Exit.ERROR,
                "UNREACHABLE",
                "no node answers: " + all,
                "`muster up` starts an agent here; --node or MUSTER_NODE names one elsewhere",
                maybe);
    }

    /// Opens a stream that has no end; the caller closes it.
    ///
    /// @throws IOException when no node can be reached
    Http.Exchange stream(String path, List<String> headers) throws IOException, Failure {
        IOException last = new IOException("no node is named");
        for (String node : nodes) {
            try {
                Duration patience = nodes.size() == 1 ? timeout : shorter(timeout, FIRST_BYTE);
                Http.Exchange exchange = exchange(node, "GET", path, headers, new byte[0], patience);
                if (exchange.status() == 200) return exchange;
                answer(node, exchange);
            } catch (IOException e) {
                last = new IOException(node + ": " + reason(e), e);
            }
        }
        throw last;
    }

    private Http.Exchange exchange(
            String node, String method, String path, List<String> headers, byte[] body, Duration patience)
            throws IOException {
        List<String> all = new ArrayList<>(headers);
        if (!token.isEmpty()) all.add("Authorization: Bearer " + token);
        return Http.open(node, method, path, all, body, patience);
    }

    private static Answer answer(String node, Http.Exchange exchange) throws IOException, Failure {
        byte[] bytes;
        try (exchange) {
            bytes = exchange.body().readAllBytes();
        }
        boolean json = exchange.header("content-type").startsWith("application/json");
        Doc doc = json ? parse(node, bytes) : Doc.object();
        // 503 of /ready and 409 of peers are answers of their own kind, but no command asks for those.
        if (exchange.status() >= 200 && exchange.status() < 300)
            return new Answer(node, doc, bytes, exchange.headers());
        if (!doc.has("code")) {
            throw new Failure(
                    Exit.ERROR,
                    "PROTOCOL",
                    "expected a Muster node at " + node + ", but found something that answers with status "
                            + exchange.status(),
                    "--node names the node's API, port 8770");
        }
        throw new Failure(
                Exit.of(doc.text("code")), doc.text("code"), doc.text("message"), doc.text("hint"), doc.flag("maybe"));
    }

    private static Doc parse(String node, byte[] bytes) throws Failure {
        try {
            return Doc.json(bytes);
        } catch (NotJson e) {
            throw new Failure(Exit.ERROR, "PROTOCOL", "no JSON from " + node + ": " + e.getMessage(), "");
        }
    }

    /// Why a file cannot be read, in words that follow "but".
    static String why(Exception e) {
        if (e instanceof NoSuchFileException) return "there is no such file";
        if (e instanceof AccessDeniedException) return "it is not ours to read";
        String message = e.getMessage();
        return "found: " + (message == null ? "an error" : message);
    }

    static String reason(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
