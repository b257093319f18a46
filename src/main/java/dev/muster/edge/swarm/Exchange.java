package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.SwarmPlanner;
import java.util.List;
import java.util.Optional;

/// What a node and the leader tell each other about a file on its way: `POST /artifacts/{sha}/exchange` on the leader's
/// artifact port, and `POST /artifacts/reach` for a node that may be unreachable. Read and written by [ExchangeCodec].
public final class Exchange {
    private Exchange() {}

    /// A chunk arrived and has its hash.
    public record Got(int chunk, NodeId source) {}

    /// It did not.
    public record Failed(int chunk, NodeId source, SwarmPlanner.Failure why) {}

    /// A receiver's word.
    ///
    /// @param have       all chunks it has, eight to a byte, when it is new here or was asked for it
    /// @param dialable   others can open connections to it, as far as it knows
    /// @param upRate     bytes per second, 0 for unknown
    /// @param downRate   bytes per second, 0 for unknown
    /// @param roundTripMillis to the leader and back, as lately measured; 0 for unknown
    /// @param waitMillis      how long the leader may hold the answer until there is something to do
    public record Ask(
            NodeId node,
            Sha256 sha,
            Optional<byte[]> have,
            List<Got> got,
            List<Failed> failed,
            boolean dialable,
            long upRate,
            long downRate,
            long roundTripMillis,
            long waitMillis) {
        public Ask {
            got = List.copyOf(got);
            failed = List.copyOf(failed);
        }
    }

    /// Fetch this chunk.
    ///
    /// @param reversed the source cannot be dialled: it opens the connection
    public record Assigned(int chunk, NodeId source, boolean reversed) {}

    /// The leader's word.
    ///
    /// @param leading     it leads; otherwise all else is empty
    /// @param known       it knows what the node has; otherwise the next word must say all of it
    /// @param peers       that have some of the file, or its manifest, beside its holders
    /// @param struck      sources that gave corrupt chunks too often
    /// @param dialable    the node can be dialled
    /// @param againMillis come again after that, or with news
    public record Answer(
            boolean leading,
            boolean known,
            List<Assigned> assigned,
            List<NodeId> peers,
            List<NodeId> struck,
            boolean dialable,
            long againMillis) {
        /// Ask somebody else.
        public static final Answer NOT_LEADING = new Answer(false, false, List.of(), List.of(), List.of(), true, 1000);

        public Answer {
            assigned = List.copyOf(assigned);
            peers = List.copyOf(peers);
            struck = List.copyOf(struck);
        }
    }

    /// Can you dial me, and if not: to whom shall I open connections?
    ///
    /// @param dialable   what the node is told by its configuration
    /// @param waitMillis how long the leader may hold the answer until somebody waits for a connection
    public record Reach(NodeId node, boolean dialable, long waitMillis) {}

    /// @param leading  as in [Answer]
    /// @param dialable the leader could dial the node; it need not ask again for a minute
    /// @param call     nodes that wait for a connection from this one
    public record Calls(boolean leading, boolean dialable, List<NodeId> call) {
        /// Ask somebody else.
        public static final Calls NOT_LEADING = new Calls(false, true, List.of());

        public Calls {
            call = List.copyOf(call);
        }
    }
}
