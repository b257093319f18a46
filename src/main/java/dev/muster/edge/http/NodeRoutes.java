package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.state.Command;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.view.DeclaredRow;
import dev.muster.edge.view.NodeRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.VoterView;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// Nodes and voters.
final class NodeRoutes {
    private NodeRoutes() {}

    /// @param warning why it may never vote; the order stands all the same
    record AddedVoter(long revision, Optional<String> warning) {}

    /// @param declared what people have written down of machines, whether they have joined or not
    record Nodes(List<NodeRow> nodes, List<DeclaredRow> declared) {}

    static List<Route> of(Api api) {
        return List.of(
                get(
                        "/v1/nodes",
                        "All nodes, and the machines that are declared.",
                        Nodes.class,
                        call -> Reply.ok(new Nodes(NodeRow.all(api.picture()), DeclaredRow.all(api.picture())))),
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
                order("PUT", "/v1/voters/{id}", "Let the node vote.", AddedVoter.class, call -> addVoter(api, call)),
                order(
                        "DELETE",
                        "/v1/voters/{id}",
                        "Let the node vote no more.",
                        Ordered.class,
                        call -> give(api, call, Command.RemoveVoter::new)));
    }

    private static Node node(Api api, Call call) {
        NodeId id = call.path("id", NodeId::new);
        return api.picture().state().fleet().nodes().find(id).orElseThrow(() -> missing(api, id));
    }

    private static Problem missing(Api api, NodeId id) {
        return api.picture()
                .state()
                .fleet()
                .declared()
                .find(id)
                .map(host -> Problem.notFound(
                        "expected " + id + " to have joined, but it is only declared, "
                                + host.desired().name().toLowerCase(Locale.ROOT),
                        "`muster cluster join` on that machine"))
                .orElseGet(() -> Problem.notFound("no node " + id, "`muster node list` shows those there are"));
    }

    /// A voter that keeps silent counts for the majority all the same.
    private static Reply addVoter(Api api, Call call) throws IOException {
        NodeId id = call.path("id", NodeId::new);
        long revision = api.orders().give(call, new Command.AddVoter(id)).revision();
        NodeRow row = NodeRow.of(api.picture(), node(api, call));
        Optional<String> warning = row.life() == Picture.Life.ALIVE
                ? Optional.empty()
                : Optional.of(id + " is not heard, and counts for the majority as soon as it votes; start its agent, or"
                        + " take the order back with `muster voter remove " + id + "`");
        return Reply.ok(new AddedVoter(revision, warning));
    }

    private static Reply give(Api api, Call call, Function<NodeId, Command> order) throws IOException {
        NodeId id = call.path("id", NodeId::new);
        return Reply.ok(new Ordered(api.orders().give(call, order.apply(id)).revision()));
    }
}
