package dev.muster.edge.view;

import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Lack;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.node.Shelf;
import java.util.List;
import java.util.Optional;

/// How far a config key's current file has come.
///
/// @param size         of the file
/// @param line         how far it is, for people
/// @param complete     the cluster has seen all nodes that count hold the file
/// @param bytes        of the file on all nodes together, each checked
/// @param bytesTotal   of it that they are to have
/// @param rate         bytes per second on all nodes together, over the last seconds
/// @param secondsLeft  until the last node that receives has it, at these rates; absent when nobody can tell
/// @param distribution what is written down of it
/// @param nodes        all in service
public record ProgressRow(
        ConfigKey config,
        Sha256 sha,
        long size,
        String line,
        boolean complete,
        long bytes,
        long bytesTotal,
        long rate,
        Optional<Long> secondsLeft,
        Optional<WayRow> distribution,
        List<Receiver> nodes) {
    /// One node.
    ///
    /// @param why         it fails or is not there; else empty
    /// @param bytes       of the file that it has; 0 when nobody told
    /// @param rate        bytes per second, over the last seconds
    /// @param secondsLeft at this rate; absent when nobody can tell
    public record Receiver(
            NodeId node, Shelf.State state, String why, long bytes, long rate, Optional<Long> secondsLeft) {
        public static Receiver held(NodeId node, long size) {
            return new Receiver(node, Shelf.State.HELD, "", size, 0, Optional.empty());
        }

        public static Receiver lacking(NodeId node, Shelf.State state, String why) {
            return new Receiver(node, state, why, 0, 0, Optional.empty());
        }

        public static Receiver fetching(NodeId node, long size, long bytes, long rate) {
            Optional<Long> left = rate > 0 ? Optional.of(Math.ceilDiv(size - bytes, rate)) : Optional.empty();
            return new Receiver(node, Shelf.State.FETCHING, "", bytes, rate, left);
        }
    }

    public static ProgressRow of(
            ConfigKey config,
            Sha256 sha,
            long size,
            boolean complete,
            Optional<WayRow> distribution,
            List<Receiver> nodes) {
        List<Receiver> coming = nodes.stream()
                .filter(node -> node.state() == Shelf.State.FETCHING)
                .toList();
        boolean known = !coming.isEmpty()
                && coming.stream().allMatch(node -> node.secondsLeft().isPresent());
        return new ProgressRow(
                config,
                sha,
                size,
                line(sha, nodes),
                complete,
                nodes.stream().mapToLong(Receiver::bytes).sum(),
                size * nodes.size(),
                nodes.stream().mapToLong(Receiver::rate).sum(),
                known
                        ? coming.stream()
                                .map(node -> node.secondsLeft().orElse(0L))
                                .max(Long::compare)
                        : Optional.empty(),
                distribution,
                nodes);
    }

    /// `41/43 nodes have 9f12ab34cd56; 2 failing: disk full`.
    private static String line(Sha256 sha, List<Receiver> nodes) {
        long held =
                nodes.stream().filter(node -> node.state() == Shelf.State.HELD).count();
        StringBuilder line = new StringBuilder();
        line.append(held)
                .append('/')
                .append(nodes.size())
                .append(" nodes have ")
                .append(sha.brief());
        count(line, nodes, Shelf.State.FETCHING, "fetching");
        count(line, nodes, Shelf.State.FAILING, "failing");
        count(line, nodes, Shelf.State.UNREACHABLE, "unreachable");
        return line.toString();
    }

    private static void count(StringBuilder line, List<Receiver> nodes, Shelf.State state, String word) {
        List<Receiver> such =
                nodes.stream().filter(node -> node.state() == state).toList();
        if (such.isEmpty()) return;
        line.append("; ").append(such.size()).append(' ').append(word);
        if (state != Shelf.State.FAILING) return;
        List<String> reasons =
                such.stream().map(node -> Lack.brief(node.why())).distinct().toList();
        line.append(": ").append(String.join(", ", reasons));
    }
}
