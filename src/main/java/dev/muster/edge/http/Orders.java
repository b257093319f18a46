package dev.muster.edge.http;

import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Event;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Outcome;
import dev.muster.edge.node.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// A person's order on its way from HTTP to the cluster.
final class Orders {
    /// An election takes some seconds; a client that waits longer asks again with the same request id.
    static final Duration PATIENCE = Duration.ofSeconds(15);

    /// `ann`, or `ann@laptop`.
    private static final Pattern ACTOR = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@+-]{0,119}");

    private final Member member;

    Orders(Member member) {
        this.member = member;
    }

    /// @param created the id the order made, or empty
    record Done(long revision, String created) {}

    /// @throws Problem what the cluster refused, or that nobody could be asked
    Done give(Call call, JsonNode body, Command command) {
        return give(envelope(call, body, command));
    }

    /// @throws Problem as above
    Done give(Envelope order) {
        return switch (member.submit(order, PATIENCE)) {
            case Member.Answer.Done(long revision, String created) -> new Done(revision, created);
            case Member.Answer.Refused refusal -> throw Problem.refused(refusal);
            case Member.Answer.Unavailable none -> throw Problem.unavailable(none);
        };
    }

    /// Looks what this node's state would make of the order, and forgets it.
    ///
    /// @return what would happen; nothing when the order changes nothing
    /// @throws Problem what the cluster would refuse
    List<Event> tryOut(Call call, JsonNode body, Command command) {
        ClusterState state = member.state();
        Outcome outcome =
                Handler.step(state, state.at(), envelope(call, body, command)).outcome();
        return switch (outcome) {
            case Outcome.Accepted accepted -> accepted.events();
            case Outcome.Refused(Outcome.Code code, String message) ->
                throw Problem.refused(new Member.Answer.Refused(code.name(), message));
        };
    }

    private static Envelope envelope(Call call, JsonNode body, Command command) {
        return new Envelope(Optional.of(requestId(call)), Actor.person(actor(call)), why(call, body), command);
    }

    Done give(Call call, Command command) throws IOException {
        return give(call, call.object(Call.ORDER_MAX), command);
    }

    /// This order was applied before, as far as this node knows: giving it again changes nothing.
    boolean answered(Call call) {
        return member.state().journal().answers().has(requestId(call));
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

    /// What the caller says of itself: whoever has the token may claim any name. What has not the shape of one is not
    /// kept.
    static String actor(Call call) {
        return call.header("Muster-Actor")
                .map(String::strip)
                .filter(Orders::isActor)
                .orElse("unknown");
    }

    static boolean isActor(String name) {
        return ACTOR.matcher(name).matches();
    }

    private static String why(Call call, JsonNode body) {
        return call.query("why").orElseGet(() -> body.path("why").asString(""));
    }
}
