package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.check.Report;
import dev.muster.core.state.Command;
import dev.muster.core.state.Fix;
import dev.muster.core.state.FixKind;
import dev.muster.core.state.NodeId;
import dev.muster.edge.node.PeerService;
import dev.muster.edge.view.FixRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// How nodes are, and what may be put right.
final class CheckRoutes {
    private CheckRoutes() {}

    /// @param nodes absent: all in service
    /// @param depth `latest`, `fresh` (unless told) or `deep`
    record Asked(List<NodeId> nodes, String depth) {}

    /// @param token by which its end is found
    record OrderedFix(long revision, long token) {}

    record Fixes(List<FixRow> fixes) {}

    /// A node's report was taken.
    record Taken() {}

    static List<Route> of(Api api) {
        return List.of(
                order(
                                "POST",
                                "/v1/checks",
                                "How nodes are: as they told last (latest), measured now (fresh, in 2.5 s at most), or"
                                        + " with all that takes long (deep, in a minute).",
                                PeerService.CheckRounds.class,
                                call -> Reply.ok(api.member().checks(request(api, call.object(Call.ORDER_MAX)))))
                        .asking(Map.of())
                        .taking(Asked.class),
                order(
                        "POST",
                        "/v1/nodes/{id}/fixes/{kind}",
                        "Put something right on a node: relink, collect, sync-clock or install.",
                        OrderedFix.class,
                        call -> fix(api, call)),
                get("/v1/fixes", "Fixes that were ordered lately, newest first.", Fixes.class, call -> {
                    List<FixRow> rows = api.picture().state().fleet().fixes().values().stream()
                            .sorted(Comparator.comparing(Fix::token).reversed())
                            .map(FixRow::of)
                            .toList();
                    return Reply.ok(new Fixes(rows));
                }),
                order(
                                "POST",
                                "/v1/peer/check",
                                "This node looks at itself now.",
                                Report.class,
                                call -> Reply.ok(api.peers()
                                        .checkHere(call.query("deep")
                                                .filter("true"::equals)
                                                .isPresent())))
                        .asking(Map.of("deep", "true: everything, in a minute")),
                order(
                                "POST",
                                "/v1/peer/checks",
                                "As /v1/checks, of the leader; 409 where this node does not lead.",
                                PeerService.CheckRounds.class,
                                call -> Reply.ok(api.peers()
                                        .checksHere(call.read(PeerService.CheckRequest.class, Call.ORDER_MAX))
                                        .orElseThrow(CheckRoutes::notLeading)))
                        .asking(Map.of())
                        .taking(PeerService.CheckRequest.class),
                order("POST", "/v1/peer/report", "A node tells the leader how it is.", Taken.class, call -> {
                            if (!api.peers().report(call.read(PeerService.NodeReport.class, Call.ORDER_MAX)))
                                throw notLeading();
                            return Reply.ok(new Taken());
                        })
                        .asking(Map.of())
                        .taking(PeerService.NodeReport.class));
    }

    private static Problem notLeading() {
        return Problem.of(409, "CONFLICT", "this node does not lead, or does not know the node", "ask the leader");
    }

    private static PeerService.CheckRequest request(Api api, JsonNode body) {
        TreeSet<NodeId> nodes = new TreeSet<>();
        for (JsonNode name : body.path("nodes")) nodes.add(node(api, name.asString("")));
        String depth = body.path("depth").asString("fresh");
        try {
            return new PeerService.CheckRequest(
                    new ArrayList<>(nodes), PeerService.CheckDepth.valueOf(depth.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("expected a depth of latest, fresh or deep, but found \"" + depth + "\"", "");
        }
    }

    private static NodeId node(Api api, String name) {
        try {
            NodeId id = new NodeId(name);
            if (api.picture().state().fleet().nodes().has(id)) return id;
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "");
        }
        throw Problem.notFound("no node " + name, "`muster node list` shows those there are");
    }

    private static Reply fix(Api api, Call call) throws IOException {
        NodeId id = call.path("id", NodeId::new);
        FixKind kind = call.path("kind", CheckRoutes::kind);
        Orders.Done done = api.orders().give(call, new Command.OrderFix(id, kind));
        return Reply.ok(new OrderedFix(done.revision(), Long.parseLong(done.created())));
    }

    private static FixKind kind(String word) {
        return Arrays.stream(FixKind.values())
                .filter(kind -> FixRow.word(kind).equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected "
                        + Arrays.stream(FixKind.values()).map(FixRow::word).collect(Collectors.joining(", "))
                        + ", but found \"" + word + "\""));
    }
}
