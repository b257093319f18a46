package dev.muster.edge.fleet;

import dev.muster.core.fleet.Rolling;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.NotJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The cluster, asked by way of hosts whose agents run: that works wherever SSH does, and with the nodes' own token.
final class ClusterEye {
    /// A cold voter on a small machine needs some ten seconds to its first election.
    private static final Duration LEADER_MAX = Duration.ofSeconds(90);

    private static final Duration POLL = Duration.ofMillis(500);
    private static final int TOKEN_BYTES = 32;

    private final List<By> ways;

    /// A host by which the cluster is asked.
    record By(String name, Station station) {}

    ClusterEye(List<By> ways) {
        this.ways = ways;
    }

    List<String> names() {
        return ways.stream().map(By::name).toList();
    }

    /// @return why nobody leads; empty once somebody does
    Optional<String> awaitLeader() throws InterruptedException {
        if (ways.isEmpty()) return Optional.of("no agent answers by which the cluster could be asked");
        long end = System.nanoTime() + LEADER_MAX.toNanos();
        String last = "nobody leads";
        while (System.nanoTime() < end) {
            try {
                Doc status = get("/status");
                if (status.has("leader_id")) return Optional.empty();
                last = status.has("read_only") ? status.text("read_only") : "nobody leads";
            } catch (IOException e) {
                last = Fleet.reason(e);
            }
            Thread.sleep(POLL);
        }
        return Optional.of("there is no leader: " + last);
    }

    /// The nodes that the cluster has, where somebody leads it and tells.
    Optional<Set<String>> members() throws InterruptedException {
        if (ways.isEmpty()) return Optional.empty();
        try {
            Doc status = get("/status");
            if (!status.has("leader_id")) return Optional.empty();
            Set<String> members = new HashSet<>();
            for (Doc node : status.list("nodes")) members.add(node.text("node_id"));
            return Optional.of(members);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// A token by which one machine joins under this name, once.
    String oneTimeToken(String node) throws IOException, InterruptedException {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = HexFormat.of().formatHex(random);
        Doc order = Doc.object()
                .with("node", node)
                .with("token_sha256", sha(token))
                .with("ttl", "1h")
                .with("why", "muster up");
        ask("POST", "/v1/cluster/tokens", DocText.compact(order));
        return token;
    }

    private static String sha(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The cluster now.
    ///
    /// @param looked   nodes whose attempts are wanted
    /// @param known    attempts of before; which of them were replaced is wanted
    /// @param silences how long ago a node's agent was restarted: heard is who was heard since
    Rolling.Cluster cluster(Set<String> looked, Set<String> known, Map<String, Duration> silences)
            throws IOException, InterruptedException {
        Doc status = get("/status");
        TreeMap<String, Rolling.Member> members = new TreeMap<>();
        Set<String> present = new HashSet<>();
        for (Doc node : status.list("nodes")) {
            String name = node.text("node_id");
            Set<String> attempts = looked.contains(name) ? attempts(name) : Set.of();
            present.addAll(attempts);
            members.put(
                    name,
                    new Rolling.Member(
                            node.flag("voter"), heard(node, Optional.ofNullable(silences.get(name))), attempts));
        }
        Set<String> lost = new HashSet<>();
        for (String attempt : known) if (!present.contains(attempt) && replaced(attempt)) lost.add(attempt);
        return new Rolling.Cluster(status.text("leader_id"), members, lost);
    }

    /// The leader is not heard by itself, and is there.
    private static boolean heard(Doc node, Optional<Duration> since) {
        if (!node.flag("is_alive")) return false;
        if (since.isEmpty() || !node.has("seconds_since_heartbeat")) return true;
        return node.decimal("seconds_since_heartbeat").orElse(0) * 1_000
                < since.get().toMillis();
    }

    private Set<String> attempts(String node) throws IOException, InterruptedException {
        Set<String> attempts = new HashSet<>();
        for (Doc attempt : get("/v1/nodes/" + node).list("attempts")) attempts.add(attempt.text("id"));
        return attempts;
    }

    /// @param attempt as in `j7.0/1`
    private boolean replaced(String attempt) throws IOException, InterruptedException {
        Doc job = get("/v1/jobs/" + attempt.substring(0, attempt.indexOf('.')));
        List<Doc> attempts = new ArrayList<>(job.list("attempts"));
        for (Doc task : job.list("tasks")) attempts.addAll(task.list("attempts"));
        return attempts.stream()
                .anyMatch(one ->
                        one.text("id").equals(attempt) && one.text("status").equals("LOST"));
    }

    private Doc get(String path) throws IOException, InterruptedException {
        return ask("GET", path, "");
    }

    /// By the first way that works.
    private Doc ask(String method, String path, String body) throws IOException, InterruptedException {
        IOException last = new IOException("no agent answers by which the cluster could be asked");
        for (By way : ways) {
            try {
                return Doc.json(way.station().ask(method, path, body).getBytes(StandardCharsets.UTF_8));
            } catch (NotJson e) {
                last = new IOException(way.name() + " answered what is no JSON", e);
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }
}
