package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Command;
import dev.muster.core.state.Enrolment;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.node.Member;
import dev.muster.edge.node.PeerService;
import dev.muster.edge.wire.Durations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// One-time tokens: given by people, shown once by machines that are to become nodes.
final class EnrolRoutes {
    /// A name, a token and a request id are some hundred bytes; whoever sends more is none of ours.
    private static final int ENROL_MAX = 4 << 10;

    private EnrolRoutes() {}

    /// What a person asks for. The token itself stays with whoever made it.
    ///
    /// @param tokenSha256 of the token's text
    /// @param role        mixed, selfplay, training or coordinator; absent: any
    /// @param ttl         as in 1h
    record MintForm(String node, String tokenSha256, String role, boolean voter, String ttl) {}

    /// @param status UNUSED, USED or EXPIRED
    record TokenRow(
            NodeId node,
            String status,
            Optional<Role> role,
            boolean voter,
            Instant expiresAt,
            Optional<Instant> usedAt,
            String by) {
        private static TokenRow of(Enrolment enrolment, Instant now) {
            String status = enrolment.usedAt().isPresent() ? "USED" : enrolment.pending(now) ? "UNUSED" : "EXPIRED";
            return new TokenRow(
                    enrolment.node(),
                    status,
                    enrolment.role(),
                    enrolment.voter(),
                    enrolment.expiresAt(),
                    enrolment.usedAt(),
                    enrolment.by());
        }
    }

    record Tokens(List<TokenRow> tokens) {}

    /// @param request made up by the machine, the same for every retry
    record EnrolForm(String name, String token, String request) {}

    /// @param token the cluster's
    /// @param role  the only one the node may join with
    record Enrolled(String clusterId, String token, Optional<Role> role, List<PeerService.Voter> voters) {}

    static List<Route> of(Api api) {
        Guesses guesses = new Guesses(System::nanoTime);
        return List.of(
                get(
                        "/v1/cluster/tokens",
                        "One-time tokens, without what opens them.",
                        Tokens.class,
                        call -> tokens(api)),
                order(
                                "POST",
                                "/v1/cluster/tokens",
                                "Let a machine enrol under a name, once; the answer's `created` is the token's SHA-256.",
                                Orders.Done.class,
                                call -> mint(api, call))
                        .taking(MintForm.class),
                order(
                        "DELETE",
                        "/v1/cluster/tokens/{id}",
                        "The node's one-time token is worth nothing any more.",
                        Ordered.class,
                        call -> Reply.ok(new Ordered(api.orders()
                                .give(call, new Command.RevokeToken(call.path("id", NodeId::new)))
                                .revision()))),
                Route.openOrder(
                                "/v1/enrol",
                                "A machine shows its one-time token and gets the cluster's.",
                                Enrolled.class,
                                call -> enrol(api, guesses, call))
                        .taking(EnrolForm.class));
    }

    private static Reply tokens(Api api) {
        Instant now = api.settings().clock().instant();
        return Reply.ok(new Tokens(api.picture().state().fleet().enrolments().values().stream()
                .map(enrolment -> TokenRow.of(enrolment, now))
                .toList()));
    }

    private static Reply mint(Api api, Call call) throws IOException {
        JsonNode body = call.object(Call.ORDER_MAX);
        Command.MintToken order;
        try {
            order = new Command.MintToken(
                    new NodeId(body.path("node").asString("")),
                    new Sha256(body.path("token_sha256").asString("")),
                    role(body.path("role").asString("")),
                    body.path("voter").asBoolean(false),
                    ttl(body.path("ttl").asString("")));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(String.valueOf(e.getMessage()), "");
        }
        return Reply.ok(api.orders().give(call, body, order));
    }

    private static Optional<Role> role(String word) {
        if (word.isEmpty()) return Optional.empty();
        return Optional.of(Arrays.stream(Role.values())
                .filter(role -> role.name().equals(word.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "role: expected mixed, selfplay, training or coordinator, but found \"" + word + "\"")));
    }

    private static Duration ttl(String text) {
        return text.isEmpty() ? Enrolment.TTL_DEFAULT : Durations.parse(text);
    }

    /// A token that is good here costs no guess, so that whoever guesses keeps nobody out.
    private static Reply enrol(Api api, Guesses guesses, Call call) throws IOException {
        JsonNode form = call.object(ENROL_MAX);
        NodeId node;
        try {
            node = new NodeId(form.path("name").asString(""));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(String.valueOf(e.getMessage()), "");
        }
        String secret = form.path("token").asString("");
        Sha256 token = sha(secret);
        Optional<Enrolment> known = api.member().state().fleet().enrolments().find(node);
        Instant now = api.settings().clock().instant();
        boolean good = known.filter(enrolment -> enrolment.opensWith(token) && enrolment.pending(now))
                .isPresent();
        if (!good) guesses.count(call.source());
        String request = form.path("request").asString("");
        Envelope order = new Envelope(
                Optional.of(requestId(node, secret, request)),
                Actor.node(node),
                "from " + call.source(),
                new Command.EnrolNode(node, token));
        return switch (api.member().submit(order, Orders.PATIENCE)) {
            case Member.Answer.Done(long revision, String created)
            when created.equals(node.name()) -> Reply.ok(enrolled(api, known.flatMap(Enrolment::role)));
            case Member.Answer.Done done ->
                throw Problem.of(409, "CONFLICT", "expected an enrolment, but found another order's answer", "");
            case Member.Answer.Refused(String code, String message) -> throw refused(code, message);
            case Member.Answer.Unavailable none -> throw Problem.unavailable(none);
        };
    }

    private static Enrolled enrolled(Api api, Optional<Role> role) {
        PeerService.Place place = api.peers().place();
        return new Enrolled(place.clusterId(), api.settings().token(), role, place.voters());
    }

    private static Problem refused(String code, String message) {
        return Problem.refused(new Member.Answer.Refused(code, message));
    }

    /// Only whoever has the token can ask for the answer again: an id that others may have seen must not do.
    private static String requestId(NodeId node, String secret, String request) {
        return "enrol-" + sha(node + "\n" + secret + "\n" + request).hex().substring(0, 48);
    }

    private static Sha256 sha(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return new Sha256(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
