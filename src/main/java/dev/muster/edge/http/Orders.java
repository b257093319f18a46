package dev.muster.edge.http;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.edge.node.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// A person's order on its way from HTTP to the cluster.
final class Orders {
    /// An election takes some seconds; a client that waits longer asks again with the same request id.
    static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Member member;

    Orders(Member member) {
        this.member = member;
    }

    /// @param created the id the order made, or empty
    record Done(long revision, String created) {}

    /// @throws Problem what the cluster refused, or that nobody could be asked
    Done give(Call call, JsonNode body, Command command) {
        Envelope order =
                new Envelope(Optional.of(requestId(call)), Actor.person(actor(call)), why(call, body), command);
        return switch (member.submit(order, PATIENCE)) {
            case Member.Answer.Done(long revision, String created) -> new Done(revision, created);
            case Member.Answer.Refused refusal -> throw Problem.refused(refusal);
            case Member.Answer.Unavailable none -> throw Problem.unavailable(none);
        };
    }

    Done give(Call call, Command command) throws IOException {
        return give(call, call.object(Call.ORDER_MAX), command);
    }

    private static String requestId(Call call) {
        String id =
                call.header("Muster-Request").orElseGet(() -> UUID.randomUUID().toString());
        if (id.length() > Envelope.REQUEST_MAX) {
            throw Problem.invalid(
                    "expected a Muster-Request of at most " + Envelope.REQUEST_MAX + " characters, but found "
                            + id.length(),
                    "");
        }
        return id;
    }

    private static String actor(Call call) {
        String name = call.header("Muster-Actor").orElseGet(call::peer).strip();
        return name.substring(0, Math.min(name.length(), 120));
    }

    private static String why(Call call, JsonNode body) {
        return call.query("why").orElseGet(() -> body.path("why").asString(""));
    }
}
