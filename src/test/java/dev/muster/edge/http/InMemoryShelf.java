package dev.muster.edge.http;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.Model;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.swarm.SshPlace;
import dev.muster.edge.swarm.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The files of a whole cluster in one map; what a test wants to be different it sets by node.
public final class InMemoryShelf implements Shelf {
    private final InMemoryMember member;
    public final Map<NodeId, Copy> copies = new ConcurrentHashMap<>();
    public final Map<Sha256, Copy> checks = new ConcurrentHashMap<>();
    public final Map<NodeId, SshPlace> places = new ConcurrentHashMap<>();
    /// What a copy's node has in its place once it was told to read the copy again.
    public final Map<Sha256, byte[]> whole = new ConcurrentHashMap<>();
    public volatile Optional<Put.Refused> refusal = Optional.empty();

    InMemoryShelf(InMemoryMember member) {
        this.member = member;
    }

    @Override
    public Copy look(NodeId node, Sha256 sha, Look how) {
        byte[] good = how == Look.VERIFY ? whole.remove(sha) : null; // nodes are asked at once
        if (good != null) member.files.put(sha, good);
        if (copies.containsKey(node)) return copies.get(node);
        if (how == Look.CHECK && checks.containsKey(sha)) return checks.get(sha);
        Optional<Artifact> held = member.state()
                .files()
                .artifacts()
                .find(sha)
                .filter(file -> file.receipts().has(node));
        State state = switch (how) {
            case STAT -> State.HELD;
            case CHECK -> State.SOUND;
            case VERIFY -> State.VERIFIED;
        };
        return held.map(file -> Copy.of(node, sha, state, file.size(), ""))
                .orElseGet(() -> Copy.of(node, sha, State.MISSING, 0, ""));
    }

    @Override
    public Copy fetch(NodeId node, Sha256 sha, Transport by) {
        if (copies.containsKey(node)) return copies.get(node);
        long size = member.state().files().artifacts().require(sha).size();
        return new Copy(node, sha, State.HELD, size, "", "", List.of("transport=" + by.word()));
    }

    @Override
    public Optional<SshPlace> place(NodeId node, Sha256 sha, Optional<NodeId> asker) {
        return Optional.ofNullable(places.get(node));
    }

    @Override
    public Links link(NodeId node) {
        if (copies.containsKey(node))
            return new Links(node, List.of(), copies.get(node).why());
        return new Links(
                node,
                member.state().models().models().values().stream()
                        .map(InMemoryShelf::link)
                        .toList(),
                "");
    }

    private static Link link(Model model) {
        return new Link(
                model.config(), model.current().sha(), "REPAIRED", List.of("a link was missing and is made again"));
    }

    @Override
    public Put put(InputStream in, Wanted wanted) throws IOException {
        if (refusal.isPresent()) return refusal.get();
        byte[] bytes = in.readAllBytes();
        Sha256 sha = shaOf(bytes);
        if (wanted.sha().filter(asked -> !asked.equals(sha)).isPresent())
            return new Put.Refused("MISMATCH", "expected another file");
        member.files.put(sha, bytes);
        return new Put.Stored(sha, bytes.length, "bytes", List.of());
    }

    public static Sha256 shaOf(byte[] bytes) {
        try {
            return new Sha256(HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public InputStream open(Sha256 sha) throws IOException {
        byte[] bytes = member.files.get(sha);
        if (bytes == null) throw new IOException("nobody in service holds " + sha);
        return new ByteArrayInputStream(bytes);
    }
}
