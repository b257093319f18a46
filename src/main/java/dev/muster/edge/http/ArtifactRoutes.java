package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Files and their copies.
final class ArtifactRoutes {
    private ArtifactRoutes() {}

    /// @param format   of a model; empty for other kinds
    /// @param metadata what the model says of its making
    record Stored(Sha256 sha, long size, String format, List<String> metadata, long revision) {}

    record Holder(NodeId node, Instant since, boolean inService) {}

    /// @param target   nodes that are to hold it
    /// @param fetchers who is to fetch it now
    record Locations(
            Sha256 sha, long size, ArtifactKind kind, int target, List<Holder> holders, List<NodeId> fetchers) {}

    record Copies(Sha256 sha, List<Shelf.Copy> copies) {}

    static List<Route> of(Api api) {
        return List.of(
                order(
                                "PUT",
                                "/v1/artifacts",
                                "Put a file, the body's bytes, into the cluster.",
                                Stored.class,
                                call -> put(api, call))
                        .asking(Map.of(
                                "name", "what people know it by",
                                "kind", "model, games, checkpoint or other, which it is unless told",
                                "config", "the config key it is for",
                                "sha", "its SHA-256; another file is refused at the end",
                                "why", "the reason, for the audit")),
                get(
                        "/v1/artifacts/{sha}/content",
                        "A file's bytes, from whichever node holds it.",
                        Void.class,
                        call -> content(api, call)),
                get(
                        "/v1/artifacts/{sha}/locations",
                        "Who holds a file, and who is to.",
                        Locations.class,
                        call -> Reply.ok(locations(api, find(api, call)))),
                order(
                                "POST",
                                "/v1/artifacts/{sha}/verify",
                                "Have nodes read their copies again; damaged ones are quarantined and fetched again.",
                                Copies.class,
                                call -> verify(api, call))
                        .asking(Map.of("node", "only there; all: every node in service; all holders unless told")),
                order(
                        "PUT",
                        "/v1/artifacts/{sha}/pin",
                        "No copy of the file makes room.",
                        Routes.Ordered.class,
                        call -> pin(api, call, true)),
                order(
                        "DELETE",
                        "/v1/artifacts/{sha}/pin",
                        "Copies that are not needed may make room again.",
                        Routes.Ordered.class,
                        call -> pin(api, call, false)),
                order(
                                "POST",
                                "/v1/peer/artifacts/{sha}/look",
                                "This node's own copy.",
                                Shelf.Copy.class,
                                call -> look(api, call))
                        .asking(Map.of("how", "STAT, CHECK or VERIFY")));
    }

    static Artifact find(Api api, Call call) {
        Sha256 sha = call.path("sha", text -> ModelRoutes.file(api, text));
        return api.member()
                .state()
                .files()
                .artifacts()
                .find(sha)
                .orElseThrow(
                        () -> Problem.notFound("no artifact " + sha, "`muster artifact list` shows those there are"));
    }

    private static Reply put(Api api, Call call) throws IOException {
        String name = call.query("name")
                .filter(text -> text.length() <= 255)
                .orElseThrow(() -> Problem.invalid("expected ?name= of 1 to 255 characters", ""));
        ArtifactKind kind = call.query("kind", ArtifactKind::parse).orElse(ArtifactKind.OTHER);
        Optional<ConfigKey> config = call.query("config", ConfigKey::new);
        Optional<Sha256> expected = call.query("sha", Sha256::new);
        if (api.member().standing().readOnly().isPresent()) {
            throw Problem.of(
                    503,
                    "UNAVAILABLE",
                    "the cluster is read-only: "
                            + api.member().standing().readOnly().get(),
                    "try again when it has a quorum");
        }
        Shelf.Wanted wanted = new Shelf.Wanted(name, kind, call.length().orElse(-1), expected);
        try (InputStream in = call.stream()) {
            return switch (api.member().shelf().put(in, wanted)) {
                case Shelf.Put.Refused(String code, String message) -> throw refused(code, message);
                case Shelf.Put.Stored(Sha256 sha, long size, String format, List<String> metadata) -> {
                    Command order = new Command.PutArtifact(
                            sha, size, name, kind, config, api.member().self());
                    long revision = api.orders()
                            .give(call, Wire.STRICT.createObjectNode(), order)
                            .revision();
                    yield Reply.ok(new Stored(sha, size, format, metadata, revision));
                }
            };
        }
    }

    private static Problem refused(String code, String message) {
        return switch (code) {
            case "NO_SPACE" -> Problem.of(507, code, message, "put it into another node: --node names one");
            case "BROKEN" -> Problem.of(409, "UNSAFE", message, "`muster model verify --file FILE` looks at it here");
            default -> Problem.of(400, "INVALID", message, "");
        };
    }

    private static Reply content(Api api, Call call) throws IOException {
        Artifact artifact = find(api, call);
        InputStream in = api.member().shelf().open(artifact.sha());
        if (artifact.size() == 0) { // a stream without a byte would end before its head
            in.close();
            return new Reply.Raw(200, "application/octet-stream", new byte[0], Map.of());
        }
        return new Reply.Content(artifact.size(), out -> {
            try (in) {
                long sent = in.transferTo(out);
                if (sent != artifact.size())
                    throw new IOException("expected " + artifact.size() + " bytes, but found " + sent);
                out.flush(); // a short answer would stay behind when the connection is closed
            }
        });
    }

    private static Locations locations(Api api, Artifact artifact) {
        ClusterState state = api.member().state();
        Replicas replicas = Replicas.of(state, artifact.sha());
        int target = Replicas.target(state, artifact);
        List<Holder> holders = new ArrayList<>();
        artifact.receipts()
                .forEach(receipt -> holders.add(new Holder(
                        receipt.getKey(), receipt.getValue(), replicas.holders().contains(receipt.getKey()))));
        return new Locations(
                artifact.sha(),
                artifact.size(),
                ArtifactKind.of(state, artifact),
                target,
                holders,
                replicas.fetchers(target));
    }

    private static Reply verify(Api api, Call call) {
        Artifact artifact = find(api, call);
        List<NodeId> nodes = nodes(api, call, Replicas.givers(api.member().state(), artifact.sha()));
        Shelf shelf = api.member().shelf();
        if (call.query("node", text -> text).isEmpty()) {
            // Those that lack it try again at once.
            Replicas replicas = Replicas.of(api.member().state(), artifact.sha());
            Ask.each(
                    replicas.fetchers(Replicas.target(api.member().state(), artifact)),
                    node -> shelf.look(node, artifact.sha(), Shelf.Look.VERIFY));
        }
        return Reply.ok(new Copies(
                artifact.sha(), Ask.each(nodes, node -> shelf.look(node, artifact.sha(), Shelf.Look.VERIFY))));
    }

    private static Reply pin(Api api, Call call, boolean pinned) throws IOException {
        Command order = new Command.PinArtifact(find(api, call).sha(), pinned);
        return Reply.ok(new Routes.Ordered(api.orders().give(call, order).revision()));
    }

    private static Reply look(Api api, Call call) {
        Sha256 sha = call.path("sha", Sha256::new);
        Shelf.Look how = call.query("how", Shelf.Look::valueOf).orElse(Shelf.Look.STAT);
        return Reply.ok(api.member().shelf().look(api.member().self(), sha, how));
    }

    static List<NodeId> nodes(Api api, Call call, List<NodeId> otherwise) {
        Optional<String> asked = call.query("node");
        if (asked.isEmpty()) return otherwise;
        var nodes = api.member().state().fleet().nodes();
        if (asked.get().equals("all"))
            return nodes.values().stream()
                    .filter(Replicas::serves)
                    .map(node -> node.id())
                    .toList();
        NodeId id = call.query("node", NodeId::new).orElseThrow();
        if (!nodes.has(id)) throw Problem.notFound("no node " + id, "`muster node list` shows those there are");
        return List.of(id);
    }
}
