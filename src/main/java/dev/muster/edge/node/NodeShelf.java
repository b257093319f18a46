package dev.muster.edge.node;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Model;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.artifact.VerifyResult;
import dev.muster.edge.model.ModelCheck;
import dev.muster.edge.model.ModelFile;
import dev.muster.edge.swarm.Fetched;
import dev.muster.edge.swarm.SshPlace;
import dev.muster.edge.swarm.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// [Shelf] of a real node.
final class NodeShelf implements Shelf {
    private final NodeId self;
    private final Replica replica;
    private final RevisionFloor floor;
    private final LocalFiles files;
    private final Fetcher fetcher;
    private final ModelLinks links;
    private final Caretaker caretaker;
    private final PeerClient client;

    NodeShelf(
            NodeId self,
            Replica replica,
            RevisionFloor floor,
            LocalFiles files,
            Fetcher fetcher,
            ModelLinks links,
            Caretaker caretaker,
            PeerClient client) {
        this.self = self;
        this.replica = replica;
        this.floor = floor;
        this.files = files;
        this.fetcher = fetcher;
        this.links = links;
        this.caretaker = caretaker;
        this.client = client;
    }

    @Override
    public Copy look(NodeId node, Sha256 sha, Look how) {
        try {
            return node.equals(self) ? here(sha, how) : client.look(address(node), sha, how);
        } catch (IOException e) {
            State state = node.equals(self) ? State.FAILING : State.UNREACHABLE;
            return Copy.of(node, sha, state, 0, String.valueOf(e.getMessage()));
        }
    }

    private String address(NodeId node) throws IOException {
        return replica.state()
                .fleet()
                .nodes()
                .find(node)
                .map(Node::endpoints)
                .orElseThrow(() -> new IOException("no node " + node))
                .api();
    }

    private Copy here(Sha256 sha, Look how) throws IOException {
        if (!files.has(sha)) {
            if (how == Look.VERIFY) fetcher.retry(sha); // somebody has looked after what kept it away
            return absent(sha);
        }
        return switch (how) {
            case STAT -> Copy.of(self, sha, State.HELD, Files.size(files.path(sha)), "");
            case CHECK -> checked(sha);
            case VERIFY ->
                switch (caretaker.verify(sha)) {
                    case VerifyResult.Verified(long size) -> inPlace(sha, size);
                    case VerifyResult.Corrupt corrupt ->
                        Copy.of(
                                self,
                                sha,
                                State.CORRUPT,
                                corrupt.size(),
                                "expected its own hash, but found "
                                        + corrupt.found().hex().substring(0, 12) + "; quarantined, and fetched again");
                    case VerifyResult.Missing missing -> absent(sha);
                };
        };
    }

    /// The store's copy is right; one that lies in the models' folder for itself may not be.
    private Copy inPlace(Sha256 sha, long size) throws IOException {
        List<String> damaged = links.reread(sha);
        return damaged.isEmpty()
                ? Copy.of(self, sha, State.VERIFIED, size, "")
                : Copy.of(self, sha, State.CORRUPT, size, String.join("; ", damaged));
    }

    @Override
    public Copy fetch(NodeId node, Sha256 sha, Transport by) {
        try {
            if (!node.equals(self)) return client.fetch(address(node), sha, by);
            if (files.has(sha)) return here(sha, Look.STAT);
            Fetched how = fetcher.force(sha, by);
            long size = Files.size(files.path(sha));
            return new Copy(self, sha, State.HELD, size, "", "", List.of(how.words()));
        } catch (IOException e) {
            State state = node.equals(self) ? State.FAILING : State.UNREACHABLE;
            return Copy.of(node, sha, state, 0, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Copy.of(node, sha, State.FAILING, 0, "interrupted");
        }
    }

    @Override
    public Optional<SshPlace> place(NodeId node, Sha256 sha, Optional<NodeId> asker) throws IOException {
        return node.equals(self)
                ? fetcher.place(sha, asker)
                : client.place(address(node), node, sha, asker.orElse(self));
    }

    private Copy absent(Sha256 sha) {
        if (fetcher.fetching().contains(sha)) return Copy.of(self, sha, State.FETCHING, 0, "");
        return files.trouble(sha)
                .map(why -> Copy.of(self, sha, State.FAILING, 0, why))
                .orElseGet(() -> Copy.of(self, sha, State.MISSING, 0, ""));
    }

    private Copy checked(Sha256 sha) throws IOException {
        long size = Files.size(files.path(sha));
        String name = replica.state()
                .files()
                .artifacts()
                .find(sha)
                .map(Artifact::name)
                .orElse("");
        return switch (ModelFile.check(files.path(sha), name)) {
            case ModelCheck.Sound(String format, List<String> metadata) ->
                new Copy(self, sha, State.SOUND, size, "", format, metadata);
            case ModelCheck.Broken(String reason) -> Copy.of(self, sha, State.BROKEN, size, reason);
        };
    }

    @Override
    public Links link(NodeId node) {
        try {
            return node.equals(self) ? linked() : client.link(address(node));
        } catch (IOException e) {
            return new Links(node, List.of(), String.valueOf(e.getMessage()));
        }
    }

    private Links linked() {
        ClusterState state = replica.state();
        if (!floor.admits(state))
            return new Links(
                    self,
                    List.of(),
                    "expected revision " + floor.value() + " or a newer one, but " + self + " knows " + state.revision()
                            + " so far; ask again when it has caught up");
        List<Link> rows = new ArrayList<>();
        for (Model model : state.models().models().values()) {
            Sha256 sha = model.current().sha();
            if (!files.has(sha)) {
                rows.add(new Link(model.config(), sha, "WAITING", List.of("the file is not here yet")));
                continue;
            }
            try {
                rows.add(linked(model.config(), sha));
            } catch (IOException e) {
                rows.add(new Link(model.config(), sha, "FAILED", List.of(e.toString())));
            }
        }
        return new Links(self, rows, "");
    }

    private Link linked(ConfigKey config, Sha256 sha) throws IOException {
        List<String> did = new ArrayList<>();
        if (links.written(config, sha)) {
            if (!(caretaker.verify(sha) instanceof VerifyResult.Verified)) {
                String what = "somebody wrote to the file in place; it went into quarantine, and is fetched again";
                return new Link(config, sha, "WAITING", List.of(what));
            }
            did.add("somebody wrote to the file in place or touched it; the store's copy was read again and is whole");
        }
        did.addAll(links.point(config, sha));
        return new Link(config, sha, did.isEmpty() ? "OK" : "REPAIRED", did);
    }

    @Override
    public Put put(InputStream in, Wanted wanted) throws IOException {
        return switch (files.put(in, wanted.size())) {
            case PutResult.NoSpace no -> new Put.Refused("NO_SPACE", no.message());
            case PutResult.Stored(var name, long size) -> stored(new Sha256(name.hex()), size, wanted);
        };
    }

    private Put stored(Sha256 sha, long size, Wanted wanted) throws IOException {
        if (wanted.size() >= 0 && wanted.size() != size
                || wanted.sha().filter(asked -> !asked.equals(sha)).isPresent()) {
            drop(sha);
            return new Put.Refused(
                    "MISMATCH",
                    "expected " + wanted.sha().map(Sha256::brief).orElse("any file") + " of " + wanted.size()
                            + " bytes, but found " + sha.brief() + " of " + size + "; send it again");
        }
        ModelCheck check = wanted.kind() == ArtifactKind.MODEL || ModelFile.isNamedLikeOne(wanted.name())
                ? ModelFile.check(files.stored(sha), wanted.name())
                : new ModelCheck.Sound("", List.of());
        return switch (check) {
            case ModelCheck.Broken(String reason) -> {
                drop(sha);
                yield new Put.Refused("BROKEN", wanted.name() + " is no whole model: " + reason);
            }
            case ModelCheck.Sound(String format, List<String> metadata) -> {
                files.hold(sha);
                yield new Put.Stored(sha, size, format, metadata);
            }
        };
    }

    /// Not what was held before under the same hash.
    private void drop(Sha256 sha) throws IOException {
        if (!files.has(sha)) files.delete(sha);
    }

    @Override
    public InputStream open(Sha256 sha) throws IOException {
        if (files.has(sha)) return files.open(sha);
        ClusterState state = replica.state();
        IOException last = new IOException("expected a node that holds " + sha + ", but nobody in service does");
        for (NodeId holder : Replicas.givers(state, sha)) {
            Optional<Node> node = state.fleet()
                    .nodes()
                    .find(holder)
                    .filter(known -> !known.id().equals(self));
            if (node.isEmpty()) continue;
            try {
                return client.artifact(node.get().endpoints().artifacts(), sha);
            } catch (IOException e) {
                last = new IOException(holder + ": " + e.getMessage(), e);
            }
        }
        throw last;
    }
}
