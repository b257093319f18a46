package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.state.Command;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.view.NodeRow;
import dev.muster.edge.view.VoterView;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/// Nodes and voters.
final class NodeRoutes {
    private NodeRoutes() {}

    record Nodes(List<NodeRow> nodes) {}

    static List<Route> of(Api api) {
        return List.of(
                get("/v1/nodes", "All nodes.", Nodes.class, call -> Reply.ok(new Nodes(NodeRow.all(api.picture())))),
                get(
                        "/v1/nodes/{id}",
                        "One node and what it runs.",
                        NodeRow.Detail.class,
                        call -> Reply.ok(NodeRow.Detail.of(api.picture(), node(api, call)))),
                order(
                        "POST",
                        "/v1/nodes/{id}/drain",
                        "No new work there; what runs finishes.",
                        Ordered.class,
                        call -> give(api, call, Command.DrainNode::new)),
                order(
                        "POST",
                        "/v1/nodes/{id}/undrain",
                        "Back to work.",
                        Ordered.class,
                        call -> give(api, call, Command.UndrainNode::new)),
                order(
                        "POST",
                        "/v1/nodes/{id}/retire",
                        "Out of service until unretired.",
                        Ordered.class,
                        call -> give(api, call, Command.RetireNode::new)),
                order(
                        "POST",
                        "/v1/nodes/{id}/unretire",
                        "Back into service.",
                        Ordered.class,
                        call -> give(api, call, Command.UnretireNode::new)),
                order(
                        "DELETE",
                        "/v1/nodes/{id}",
                        "Forget the node; what it ran is replaced.",
                        Ordered.class,
                        call -> give(api, call, Command.RemoveNode::new)),
                get(
                        "/v1/voters",
                        "Who votes, and whether they are a majority.",
                        VoterView.class,
                        call -> Reply.ok(VoterView.of(api.picture()))),
                order(
                        "PUT",
                        "/v1/voters/{id}",
                        "Let the node vote.",
                        Ordered.class,
                        call -> give(api, call, Command.AddVoter::new)),
                order(
                        "DELETE",
                        "/v1/voters/{id}",
                        "Let the node vote no more.",
                        Ordered.class,
                        call -> give(api, call, Command.RemoveVoter::new)));
    }

    private static Node node(Api api, Call call) {
        NodeId id = call.path("id", NodeId::new);
        return api.picture()
                .state()
                .fleet()
                .nodes()
                .find(id)
                .orElseThrow(() -> Problem.notFound("no node " + id, "`muster node list` shows those there are"));
    }

    private static Reply give(Api api, Call call, Function<NodeId, Command> order) throws IOException {
        NodeId id = call.path("id", NodeId::new);
        return Reply.ok(new Ordered(api.orders().give(call, order.apply(id)).revision()));
    }
}
