package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.swarm.SshPlace;
import dev.muster.edge.swarm.Transport;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// By which way a file comes to a node, where a person says so, and where it lies for those who fetch it by SSH.
final class TransferRoutes {
    private static final String WAYS = "auto, swarm, http, aria2 or rsync; auto unless told";

    private TransferRoutes() {}

    static List<Route> of(Api api) {
        return List.of(
                order(
                                "POST",
                                "/v1/artifacts/{sha}/fetch",
                                "Have nodes that lack a file get it now, by one way; answers when it came or did not.",
                                ArtifactRoutes.Copies.class,
                                call -> fetch(api, call))
                        .asking(Map.of(
                                "node",
                                "only there; all: every node in service; this one unless told",
                                "transport",
                                WAYS)),
                get(
                                "/v1/artifacts/{sha}/place",
                                "Where a holder offers a file by SSH.",
                                SshPlace.class,
                                call -> place(api, call))
                        .asking(Map.of("node", "the holder; this node unless told", "asker", "who is to get it")),
                order(
                                "POST",
                                "/v1/peer/artifacts/{sha}/fetch",
                                "Get a file here, now, by one way.",
                                Shelf.Copy.class,
                                call -> here(api, call))
                        .asking(Map.of("transport", WAYS)));
    }

    private static Transport by(Call call) {
        return call.query("transport", Transport::parse).orElse(Transport.AUTO);
    }

    private static Reply fetch(Api api, Call call) {
        Artifact artifact = ArtifactRoutes.find(api, call);
        Transport by = by(call);
        List<NodeId> nodes =
                ArtifactRoutes.nodes(api, call, List.of(api.member().self()));
        Shelf shelf = api.member().shelf();
        return Reply.ok(new ArtifactRoutes.Copies(
                artifact.sha(), Ask.each(nodes, node -> shelf.fetch(node, artifact.sha(), by))));
    }

    private static Reply here(Api api, Call call) {
        Sha256 sha = call.path("sha", Sha256::new);
        return Reply.ok(api.member().shelf().fetch(api.member().self(), sha, by(call)));
    }

    private static Reply place(Api api, Call call) throws IOException {
        Sha256 sha = call.path("sha", Sha256::new);
        NodeId holder = call.query("node", NodeId::new).orElse(api.member().self());
        return Reply.ok(api.member()
                .shelf()
                .place(holder, sha, call.query("asker", NodeId::new))
                .orElseThrow(() -> Problem.notFound(
                        holder + " does not offer " + sha.brief() + " by ssh",
                        "`ssh.user` in its node.yaml offers what it holds")));
    }
}
