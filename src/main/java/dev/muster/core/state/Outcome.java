package dev.muster.core.state;

import java.util.List;

/// The answer to an order: facts, or a refusal as a value.
public sealed interface Outcome {
    /// @param events  what is now true; empty when it was true already
    /// @param created the id of what the order made (`j17`), or empty
    record Accepted(List<Event> events, String created) implements Outcome {
        public Accepted {
            events = List.copyOf(events);
        }
    }

    /// @param message what was expected, what was found, and what to do
    record Refused(Code code, String message) implements Outcome {}

    enum Code {
        /// The named thing does not exist.
        NOT_FOUND,
        /// The order was overtaken: another attempt, token, generation or pointer is current.
        STALE,
        /// The thing is in a state that does not allow it.
        CONFLICT,
        /// The order contradicts itself or a rule.
        INVALID,
        /// A limit is reached; try again later.
        FULL,
        /// It would put the cluster or data at risk.
        UNSAFE,
        /// It does not fit into a cap; a person may raise it.
        OVER_BUDGET,
        /// Much of the fleet would go out of service at once; a person has to say how much.
        BRAKED
    }

    static Outcome accepted(Event... events) {
        return new Accepted(List.of(events), "");
    }

    static Outcome refused(Code code, String message) {
        return new Refused(code, message);
    }
}
