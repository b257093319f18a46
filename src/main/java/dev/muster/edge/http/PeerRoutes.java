package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.plan.RentReport;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.TaskId;
import dev.muster.edge.node.Member;
import dev.muster.edge.node.PeerService;
import dev.muster.edge.swarm.Underway;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What nodes ask each other; see [PeerService].
final class PeerRoutes {
    private PeerRoutes() {}

    /// @param lines one per node
    record Explained(List<String> lines) {}

    static List<Route> of(Api api) {
        PeerService peers = api.peers();
        return List.of(
                order(
                                "POST",
                                "/v1/peer/join",
                                "A node joins, or tells its present hardware and endpoints.",
                                PeerService.JoinAnswer.Joined.class,
                                call -> join(peers, call))
                        .asking(Map.of())
                        .taking(PeerService.JoinRequest.class),
                order(
                                "POST",
                                "/v1/peer/presence",
                                "Who this agent is, and whether another one with the asker's identity is alive.",
                                PeerService.PresenceAnswer.class,
                                call -> Reply.ok(
                                        peers.presence(call.read(PeerService.PresenceRequest.class, Call.ORDER_MAX))))
                        .asking(Map.of())
                        .taking(PeerService.PresenceRequest.class),
                order(
                                "POST",
                                "/v1/peer/orders",
                                "Orders for the log, passed on to the leader; the header Muster-Hops counts"
                                        + " how often.",
                                Member.Answer[].class,
                                call -> orders(peers, call))
                        .asking(Map.of())
                        .taking(Envelope[].class),
                order(
                                "POST",
                                "/v1/peer/heartbeat",
                                "A node's heartbeat; 409 with the same body where this node does not lead.",
                                PeerService.HeartbeatAnswer.class,
                                call -> heartbeat(peers, call))
                        .asking(Map.of())
                        .taking(PeerService.Heartbeat.class),
                get(
                                "/v1/peer/follow",
                                "Endless lines of JSON: the state or nothing, then steps and beats. Only voters.",
                                Void.class,
                                call -> follow(peers, call))
                        .asking(Map.of("from", "the follower's revision; 0 for none")),
                get(
                        "/v1/peer/leader",
                        "What only the leader knows.",
                        PeerService.LeaderView.class,
                        call -> Reply.ok(peers.leader())),
                get(
                                "/v1/peer/explain",
                                "One line per node for a task; 409 where this node does not lead.",
                                Explained.class,
                                call -> explain(peers, call))
                        .asking(Map.of("task", "as in j7.0")),
                get(
                        "/v1/peer/renting",
                        "What the leader knows of rented machines besides the log; 409 where this node does not lead.",
                        RentReport.class,
                        call -> peers.rentingHere().map(Reply::ok).orElseThrow(PeerRoutes::notLeading)),
                get(
                        "/v1/peer/swarm/{sha}",
                        "How far a file is on its way, as this node sees it, which has to lead.",
                        Underway.class,
                        call -> Reply.ok(peers.underwayHere(call.path("sha", Sha256::new)))),
                get(
                                "/v1/peer/logs",
                                "An attempt's output that lies on this very node, as /v1/attempts/{id}/logs.",
                                Void.class,
                                call -> logs(peers, call))
                        .asking(Map.of("attempt", "as in j7.0.1", "from", "absolute offset", "max", "bytes at most")));
    }

    private static Reply join(PeerService peers, Call call) throws IOException {
        return switch (peers.join(call.read(PeerService.JoinRequest.class, Call.ORDER_MAX))) {
            case PeerService.JoinAnswer.Joined joined -> Reply.ok(joined);
            case PeerService.JoinAnswer.Refused(String code, String message) ->
                throw Problem.refused(new Member.Answer.Refused(code, message));
            case PeerService.JoinAnswer.Unavailable(String message) ->
                throw Problem.unavailable(new Member.Answer.Unavailable(message, false));
        };
    }

    private static Reply orders(PeerService peers, Call call) throws IOException {
        int hops = hops(call);
        Envelope[] orders = call.read(Envelope[].class, Call.PEER_MAX);
        if (orders.length > PeerService.ORDERS_MAX) {
            throw Problem.invalid(
                    "expected at most " + PeerService.ORDERS_MAX + " orders, but found " + orders.length, "");
        }
        return switch (peers.orders(List.of(orders), hops)) {
            // An array, not a list: its element type carries the answers' type names.
            case PeerService.OrdersAnswer.Answered(List<Member.Answer> answers) ->
                Reply.ok(answers.toArray(Member.Answer[]::new));
            case PeerService.OrdersAnswer.NotLeading none ->
                throw Problem.notLeading(
                        none.message(), none.maybe(), none.leader().map(Object::toString), none.leaderApi());
        };
    }

    private static int hops(Call call) {
        String text = call.header("Muster-Hops").orElse("0");
        if (text.matches("[0-9]") && Integer.parseInt(text) <= PeerService.HOPS_MAX) return Integer.parseInt(text);
        throw Problem.invalid(
                "expected Muster-Hops of 0 to " + PeerService.HOPS_MAX + ", but found \"" + text + "\"", "");
    }

    private static Reply heartbeat(PeerService peers, Call call) throws IOException {
        PeerService.HeartbeatAnswer answer = peers.heartbeat(call.read(PeerService.Heartbeat.class, Call.PEER_MAX));
        return new Reply.Json(answer.leading() ? 200 : 409, answer);
    }

    private static Reply follow(PeerService peers, Call call) {
        long from = call.number("from", 0, 0, Long.MAX_VALUE - 1);
        if (!peers.servesFollowers()) {
            throw Problem.of(503, "UNAVAILABLE", "expected a voter, but this node does not vote", "follow a voter");
        }
        return new Reply.Stream("application/x-ndjson", out -> peers.follow(from, out));
    }

    private static Reply explain(PeerService peers, Call call) {
        TaskId task = required(call, "task", TaskId::parse);
        return peers.explainHere(task)
                .map(lines -> Reply.ok(new Explained(lines)))
                .orElseThrow(PeerRoutes::notLeading);
    }

    private static Problem notLeading() {
        return Problem.of(409, "CONFLICT", "this node does not lead", "ask the leader");
    }

    private static Reply logs(PeerService peers, Call call) throws IOException {
        AttemptId attempt = required(call, "attempt", AttemptId::parse);
        long from = call.number("from", 0, 0, Long.MAX_VALUE);
        int max = (int) call.number("max", JobRoutes.LOGS_MAX, 1, JobRoutes.LOGS_MAX);
        return JobRoutes.part(peers.logsHere(attempt, from, max));
    }

    private static <T> T required(Call call, String name, Function<String, T> parse) {
        return call.query(name, parse).orElseThrow(() -> Problem.invalid("expected ?" + name + "=", ""));
    }
}
