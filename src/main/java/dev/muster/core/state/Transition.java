package dev.muster.core.state;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One accepted order and its facts: the unit in which state moves, and in which followers receive it.
///
/// @param at      the leader's time stamp, never before the one before
/// @param request the order's id, to recognise a retry
/// @param order   the order's name, for the audit
/// @param created the id of what it made, or empty
public record Transition(
        Instant at,
        Optional<String> request,
        Actor actor,
        String why,
        String order,
        String created,
        List<Event> events) {
    public Transition {
        events = List.copyOf(events);
    }
}
