package dev.muster.edge.vastsim;

import dev.muster.market.Answer;
import tools.jackson.databind.node.ObjectNode;

/// An error as the real service answers it: an object with `msg`.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    Refusal(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    static Refusal invalid(String message) {
        return new Refusal(400, "invalid_args", message);
    }

    /// Not known of the real service: the status of a bid that is too low, and of a lack of credit.
    static Refusal of(Answer.Refused refused) {
        return switch (refused.reason()) {
            case NO_SUCH_ASK -> new Refusal(404, "invalid_args", refused.message());
            case ASK_GONE -> new Refusal(410, "no_such_ask", refused.message());
            case INVALID_ARGS -> new Refusal(400, "invalid_args", refused.message());
            case INVALID_PRICE -> new Refusal(400, "invalid_price", refused.message());
            case INSUFFICIENT_CREDIT -> new Refusal(400, "insufficient_credit", refused.message());
            case NO_SUCH_INSTANCE -> new Refusal(404, "no_such_instance", refused.message());
            case NO_SUCH_KEY -> new Refusal(404, "no_such_key", refused.message());
            case NO_SUCH_RISE -> new Refusal(404, "no_pending_price_increase", refused.message());
            case LABEL_TOO_LONG -> new Refusal(400, "label_too_long", refused.message());
        };
    }

    int status() {
        return status;
    }

    ObjectNode body() {
        return Json.object().put("success", false).put("error", code).put("msg", getMessage());
    }
}
