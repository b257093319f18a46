package dev.muster.edge.view;

import dev.muster.core.state.Fix;
import dev.muster.core.state.FixKind;
import dev.muster.core.state.NodeId;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// A fix, as lists show it.
///
/// @param state `open`, `done` or `failed`
/// @param note  what was done, or why not; empty while it is open
public record FixRow(
        long token, NodeId node, String kind, String state, Instant orderedAt, Optional<Instant> endedAt, String note) {
    public static FixRow of(Fix fix) {
        String state = fix.ended().map(end -> end.done() ? "done" : "failed").orElse("open");
        return new FixRow(
                fix.token(),
                fix.node(),
                word(fix.kind()),
                state,
                fix.orderedAt(),
                fix.ended().map(Fix.Ended::at),
                fix.ended().map(Fix.Ended::note).orElse(""));
    }

    /// `sync-clock`.
    public static String word(FixKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
