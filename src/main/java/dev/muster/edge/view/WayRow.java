package dev.muster.edge.view;

import dev.muster.core.state.Distribution;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import dev.muster.core.state.Transfer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// How a promoted file came, or comes, to every node. What is absent nobody wrote down.
///
/// @param endedAt    when it was complete, or another file took its place
/// @param seconds    until then
/// @param nodes      that held it then
/// @param fetched    nodes whose receipts told how it came to them
/// @param bytes      those took over the network; 0 when every node held the file already
/// @param transports those nodes by the way the file took
/// @param arrivals   those nodes one by one, of the last distributions only
public record WayRow(
        State state,
        Instant startedAt,
        Optional<Instant> endedAt,
        Optional<Double> seconds,
        Optional<Integer> nodes,
        Optional<Integer> fetched,
        Optional<Long> bytes,
        Map<String, Integer> transports,
        Map<NodeId, Transfer> arrivals) {
    public enum State {
        UNDERWAY,
        COMPLETE,
        /// Another file was promoted before every node held this one.
        SUPERSEDED
    }

    /// @param current whether it is the config key's newest
    static WayRow of(Distribution way, boolean current) {
        State state = way.completedAt().isPresent() ? State.COMPLETE : current ? State.UNDERWAY : State.SUPERSEDED;
        Optional<Instant> ended = way.completedAt().or(way::supersededAt);
        Optional<Distribution.Way> told = way.way();
        return new WayRow(
                state,
                way.startedAt(),
                ended,
                ended.map(at -> Duration.between(way.startedAt(), at).toMillis() / 1000.0),
                told.map(Distribution.Way::nodes).filter(nodes -> nodes > 0),
                told.map(Distribution.Way::fetched),
                told.map(Distribution.Way::bytes),
                told.map(Distribution.Way::transports).orElse(Table.empty()).asMap(),
                told.map(Distribution.Way::arrivals).orElse(Table.empty()).asMap());
    }
}
