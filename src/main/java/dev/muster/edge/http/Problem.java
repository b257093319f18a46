package dev.muster.edge.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.muster.edge.node.Member;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An answer that is no: thrown by handlers, written as `{"code","message","hint"}`.
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Body body;

    /// @param maybe     with UNAVAILABLE: the order may have been applied all the same
    /// @param leader    with UNAVAILABLE between nodes: whom this node takes for the leader
    /// @param leaderApi where that one is reached
    record Body(
            String code,
            String message,
            String hint,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("maybe") @Nullable
            Boolean maybe,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("leader") @Nullable
            String leader,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("leader_api") @Nullable
            String leaderApi) {}

    private Problem(int status, Body body) {
        super(body.message(), null, false, false);
        this.status = status;
        this.body = body;
    }

    static Problem of(int status, String code, String message, String hint) {
        return new Problem(status, new Body(code, message, hint, null, null, null));
    }

    static Problem invalid(String message, String hint) {
        return of(400, "INVALID", message, hint);
    }

    static Problem notFound(String message, String hint) {
        return of(404, "NOT_FOUND", message, hint);
    }

    /// The cluster's own refusal: messages already say what to do.
    static Problem refused(Member.Answer.Refused refusal) {
        return of(statusOf(refusal.code()), refusal.code(), refusal.message(), "");
    }

    static Problem unavailable(Member.Answer.Unavailable none) {
        String hint = none.maybe()
                ? "it may have been applied all the same: give the same order with the same Muster-Request to find out"
                : "`muster voter list` shows which voters are missing; reads still work";
        return new Problem(503, new Body("UNAVAILABLE", none.message(), hint, none.maybe(), null, null));
    }

    static Problem notLeading(String message, boolean maybe, Optional<String> leader, Optional<String> leaderApi) {
        return new Problem(
                503, new Body("UNAVAILABLE", message, "", maybe, leader.orElse(null), leaderApi.orElse(null)));
    }

    static int statusOf(String code) {
        return switch (code) {
            case "NOT_FOUND" -> 404;
            case "STALE", "CONFLICT", "UNSAFE", "BRAKED", "OVER_BUDGET" -> 409;
            case "FULL" -> 429;
            case "INVALID" -> 400;
            default -> 409;
        };
    }

    int status() {
        return status;
    }

    Body body() {
        return body;
    }
}
