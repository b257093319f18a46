package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Transfer;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// How a file came.
///
/// @param bytes  that had to come; less than the file's where an earlier try was taken up
/// @param from   bytes by source; of several that aria2 asked, which does not tell them apart, equal parts
/// @param by     the way that brought it to an end
public record Fetched(long bytes, Map<NodeId, Long> from, Duration took, Transport by) {
    /// It was here already.
    public static final Fetched NOTHING = new Fetched(0, Map.of(), Duration.ZERO, Transport.AUTO);

    public Fetched {
        from = new TreeMap<>(from);
    }

    /// `key=value`s for the log.
    public String words() {
        String sources = from.entrySet().stream()
                .map(entry -> entry.getKey() + ":" + entry.getValue())
                .collect(Collectors.joining(","));
        return "bytes=" + bytes + " seconds=" + took.toMillis() / 1000.0 + " transport=" + by.word() + " from="
                + sources;
    }

    /// As the receipt tells it.
    public Transfer transfer() {
        return new Transfer(bytes, took.toMillis(), by.word(), from.size());
    }
}
