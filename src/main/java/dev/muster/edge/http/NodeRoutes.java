package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.quorum.VoterChange;
import dev.muster.core.state.Command;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.node.Member;
import dev.muster.edge.view.DeclaredRow;
import dev.muster.edge.view.NodeRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.VoterView;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// Nodes and voters.
final class NodeRoutes {
    private NodeRoutes() {}

    private static final int DIAL_MS = 2_000;
    private static final Map<String, String> DRY_RUN = Map.of(
            "dry_run", "true: only say what would be", "why", "the reason, for the audit; may also stand in the body");

    /// @param voters   wanted now
    /// @param quorum   of these that have to be alive then
    /// @param alive    of these
    /// @param survives so many may be lost
    /// @param underWay earlier changes, which the leader makes first
    /// @param warnings why it is not a good idea; the order stands all the same
    record ChangedVoters(
            long revision,
            List<NodeId> voters,
            int quorum,
            int alive,
            int survives,
            List<NodeId> underWay,
            List<String> warnings) {}

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
                order("PUT", "/v1/voters/{id}", "Let the node vote.", ChangedVoters.class, call -> addVoter(api, call))
                        .asking(DRY_RUN),
                order(
                                "DELETE",
                                "/v1/voters/{id}",
                                "Let the node vote no more; refused when the others alive would be no majority.",
                                ChangedVoters.class,
                                call -> removeVoter(api, call))
                        .asking(DRY_RUN));
    }

    static Node node(Api api, Call call) {
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

    private static Reply addVoter(Api api, Call call) throws IOException {
        NodeId id = call.path("id", NodeId::new);
        Picture picture = api.picture();
        VoterChange change = VoterChange.adding(picture.state(), id, node -> !picture.silent(node));
        List<String> warnings = new ArrayList<>(change.warnings());
        picture.state()
                .fleet()
                .nodes()
                .find(id)
                .filter(node -> !id.equals(picture.self()) && !picture.silent(id))
                .flatMap(NodeRoutes::undialled)
                .ifPresent(warnings::add);
        return changed(api, call, new Command.AddVoter(id), change, warnings);
    }

    /// A voter that others cannot dial hears nobody that it does not dial itself.
    private static Optional<String> undialled(Node node) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            node.endpoints().host(), node.endpoints().apiPort()),
                    DIAL_MS);
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of(node.id() + " is heard, but cannot be dialled from here at "
                    + node.endpoints().api() + ": voters have to reach each other; open its ports ("
                    + node.endpoints().raftPort() + " for Raft), or correct `advertise` in its node.yaml");
        }
    }

    private static Reply removeVoter(Api api, Call call) throws IOException {
        NodeId id = call.path("id", NodeId::new);
        Picture picture = api.picture();
        VoterChange change = VoterChange.removing(picture.state(), id, picture::voterAlive);
        if (picture.state().fleet().wanted().contains(id) && change.refusal().isPresent()) {
            throw Problem.refused(new Member.Answer.Refused(
                    Outcome.Code.UNSAFE.name(), change.refusal().get()));
        }
        return changed(api, call, new Command.RemoveVoter(id), change, change.warnings());
    }

    private static Reply changed(Api api, Call call, Command order, VoterChange change, List<String> warnings)
            throws IOException {
        JsonNode body = call.object(Call.ORDER_MAX);
        boolean dry = call.query("dry_run", Boolean::parseBoolean).orElse(false);
        if (dry) api.orders().tryOut(call, body, order);
        long revision = dry
                ? api.picture().state().revision()
                : api.orders().give(call, body, order).revision();
        return Reply.ok(new ChangedVoters(
                revision,
                change.voters(),
                change.quorum(),
                change.alive(),
                change.survives(),
                change.underWay(),
                warnings));
    }

    private static Reply give(Api api, Call call, Function<NodeId, Command> order) throws IOException {
        NodeId id = call.path("id", NodeId::new);
        return Reply.ok(new Ordered(api.orders().give(call, order.apply(id)).revision()));
    }
}
