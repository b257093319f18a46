package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An aria2 that runs on this node is told to get the file from the holders' artifact ports, from several at once, into a
/// file beside the store. It is asked how far it is until it is done, and told to leave off when nobody wants it any more.
///
/// It gets the cluster's token as a header of this one download; neither that nor its own secret stands in arguments or
/// logs of this program.
final class Aria2 implements Ladder.Rung {
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 300;
    /// Answers that stay out before it counts as dead.
    private static final int DEAF_MAX = 3;
    /// Until it has let go of the file.
    private static final int LEAVE_LOOKS_MAX = 20;

    private static final int HOLDERS_MAX = 8;
    private static final String WRONG_CHECKSUM = "32";
    private static final Logger LOG = LoggerFactory.getLogger(Aria2.class);

    private final Directory directory;
    private final Store store;
    private final Optional<Ways.Aria2Rpc> configured;
    private final String token;
    private final long rate;
    private final PeerRates peers;

    /// @param rate bytes per second, 0 for no limit
    Aria2(
            Directory directory,
            Store store,
            Optional<Ways.Aria2Rpc> configured,
            String token,
            long rate,
            PeerRates peers) {
        this.directory = directory;
        this.store = store;
        this.configured = configured;
        this.token = token;
        this.rate = rate;
        this.peers = peers;
    }

    @Override
    public boolean tried(Ladder.Wish wish) {
        return configured.isPresent();
    }

    @Override
    public void bring(Ladder.Wish wish) throws IOException, InterruptedException {
        Ways.Aria2Rpc where = configured.orElseThrow(() -> new IOException(
                "expected an aria2 on this node, but none is configured; `aria2.rpc` in node.yaml says where it is"));
        List<NodeId> holders = wish.holders().stream()
                .filter(holder -> directory.artifacts(holder).isPresent())
                .limit(HOLDERS_MAX)
                .toList();
        if (holders.isEmpty()) throw new IOException("expected a node that holds " + wish.sha() + ", but nobody does");
        try (Aria2Client client = new Aria2Client(where)) {
            store.aside(wish.sha(), wish.size(), "aria2", file -> download(client, wish, holders, file));
        }
    }

    private void download(Aria2Client client, Ladder.Wish wish, List<NodeId> holders, Path file)
            throws IOException, InterruptedException {
        // Of an agent that was killed it may still be at it, under the same name.
        String gid = wish.sha().hex().substring(0, 16);
        leave(client, gid);
        try {
            client.call("addUri", uris(wish, holders), options(gid, wish, holders, file));
            await(client, gid, wish.size());
            List<NodeId> used = used(client, gid, holders);
            for (NodeId holder : used) wish.came(holder, wish.size() / used.size());
        } finally {
            boolean interrupted = Thread.interrupted();
            leave(client, gid);
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private JsonNode uris(Ladder.Wish wish, List<NodeId> holders) {
        var uris = JsonNodeFactory.instance.arrayNode();
        holders.forEach(holder -> uris.add(uri(holder, wish)));
        return uris;
    }

    private String uri(NodeId holder, Ladder.Wish wish) {
        return "http://" + directory.artifacts(holder).orElse("") + "/artifacts/" + wish.sha();
    }

    private ObjectNode options(String gid, Ladder.Wish wish, List<NodeId> holders, Path file) {
        ObjectNode options = JsonNodeFactory.instance
                .objectNode()
                .put("gid", gid)
                .put("dir", String.valueOf(file.getParent()))
                .put("out", String.valueOf(file.getFileName()))
                .put("checksum", "sha-256=" + wish.sha().hex())
                .put("max-download-limit", Long.toString(limit(holders)))
                .put("split", Integer.toString(holders.size()))
                .put("max-connection-per-server", Integer.toString(holders.size())) // it means a host, not a port
                .put("min-split-size", "1M")
                .put("file-allocation", "none")
                .put("continue", "true")
                .put("allow-overwrite", "true")
                .put("auto-file-renaming", "false")
                .put("remote-time", "false")
                .put("connect-timeout", "10")
                .put("timeout", "30")
                .put("max-tries", "3")
                .put("retry-wait", "1")
                .put("all-proxy", "");
        options.putArray("header").add("Authorization: Bearer " + token).add("Muster-Node: " + directory.self());
        return options;
    }

    /// One figure for all of them: the least.
    private long limit(List<NodeId> holders) {
        long least = rate;
        for (NodeId holder : holders) least = PeerRates.least(least, peers.rate(holder));
        return least;
    }

    private void await(Aria2Client client, String gid, long size) throws IOException, InterruptedException {
        long completed = -1;
        long offered = 0;
        int deaf = 0;
        long heardNanos = System.nanoTime();
        while (true) {
            try {
                JsonNode status = client.status(gid);
                deaf = 0;
                long now = number(status, "completedLength");
                if (now != completed) heardNanos = System.nanoTime();
                offered = Math.max(now, number(status, "totalLength"));
                completed = now;
                switch (status.path("status").asString("")) {
                    case "complete" -> {
                        return;
                    }
                    case "error" -> {
                        if (status.path("errorCode").asString("").equals(WRONG_CHECKSUM))
                            return; // our own hash says so
                        throw new Failed(failure(status));
                    }
                    case "removed" -> throw new Failed("somebody removed the download from aria2");
                    default -> {}
                }
            } catch (Failed e) {
                throw e;
            } catch (IOException e) {
                if (++deaf == DEAF_MAX) throw e;
            }
            if (offered > size) throw new IOException("expected " + size + " bytes, but a holder offers " + offered);
            if (System.nanoTime() - heardNanos > SILENCE_MAX.toNanos()) {
                throw new IOException(
                        "aria2 was told to leave off: nothing came for " + SILENCE_MAX.toSeconds() + " s");
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static String failure(JsonNode status) {
        return "aria2 ended with error " + status.path("errorCode").asString("") + ": "
                + status.path("errorMessage").asString("").strip();
    }

    private static long number(JsonNode status, String key) {
        String text = status.path(key).asString("0");
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }

    /// What it says is final.
    private static final class Failed extends IOException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    /// Whom it asked. How much each gave it does not tell.
    private List<NodeId> used(Aria2Client client, String gid, List<NodeId> holders) throws InterruptedException {
        List<NodeId> used = new ArrayList<>();
        try {
            for (JsonNode uri : client.call("getUris", JsonNodeFactory.instance.stringNode(gid))) {
                if (!uri.path("status").asString("").equals("used")) continue;
                for (NodeId holder : holders) {
                    boolean his = uri.path("uri")
                            .asString("")
                            .startsWith("http://" + directory.artifacts(holder).orElse("-") + "/");
                    if (his && !used.contains(holder)) used.add(holder);
                }
            }
        } catch (IOException e) {
            LOG.debug("aria2 does not say whom it asked", e);
        }
        return used.isEmpty() ? holders : used;
    }

    /// Has aria2 let go of the file and forget it. Does nothing where it knows of none, or is not there any more.
    private void leave(Aria2Client client, String gid) throws InterruptedException {
        JsonNode id = JsonNodeFactory.instance.stringNode(gid);
        try {
            client.status(gid);
        } catch (IOException e) {
            return;
        }
        try {
            client.call("forceRemove", id);
        } catch (IOException e) {
            LOG.debug("aria2 has ended it already", e);
        }
        for (int look = 0; look < LEAVE_LOOKS_MAX; look++) {
            try {
                client.call("removeDownloadResult", id);
                return;
            } catch (IOException e) {
                LOG.debug("aria2 has not let go of it yet", e);
            }
            Thread.sleep(LOOK_MILLIS / 3);
        }
    }
}
