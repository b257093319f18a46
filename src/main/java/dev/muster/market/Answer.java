package dev.muster.market;

import java.util.OptionalLong;

/// What the market says to an order.
public sealed interface Answer {
    /// Why not.
    enum Reason {
        NO_SUCH_ASK,
        /// it was there a moment ago
        ASK_GONE,
        INVALID_ARGS,
        INVALID_PRICE,
        INSUFFICIENT_CREDIT,
        NO_SUCH_INSTANCE,
        NO_SUCH_KEY,
        NO_SUCH_RISE,
        LABEL_TOO_LONG
    }

    /// It was done, or is under way.
    ///
    /// @param id of what was made: an instance, a key; 0 when nothing was
    record Done(long id) implements Answer {}

    /// Accepted, and waits until its GPUs are free.
    record Queued(long id) implements Answer {}

    /// Nothing was changed, except that `left` tells of an instance that was made all the same, stopped: a bid below
    /// the market.
    record Refused(Reason reason, String message, OptionalLong left) implements Answer {}

    static Answer done() {
        return new Done(0);
    }

    static Answer refused(Reason reason, String message) {
        return new Refused(reason, message, OptionalLong.empty());
    }
}
