package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The cluster as the swarm needs it: a view of the node's newest state, and the way to the leader.
public interface Directory {
    NodeId self();

    /// Where the node's artifact port is, `host:port`; empty when it was removed.
    Optional<String> artifacts(NodeId node);

    /// Of this file; empty when the cluster does not know it.
    OptionalLong size(Sha256 sha);

    /// Nodes that verifiably hold the file and were not fenced, without this one.
    List<NodeId> holders(Sha256 sha);

    /// Whether this node itself holds it.
    boolean holdsItself(Sha256 sha);

    /// All nodes that were not fenced, without this one.
    List<NodeId> others();

    /// Has this node been heard of lately? Asked by the leader only.
    boolean alive(NodeId node);

    /// Where the node offers the file by SSH, asked on another port than its artifact port, or of somebody who reaches it.
    default Optional<SshPlace> place(NodeId holder, Sha256 sha) throws IOException {
        return Optional.empty();
    }

    /// Asks the leader, which may be this node. Blocks up to `waitMillis` and some seconds.
    ///
    /// @throws IOException when there is none, or it does not answer
    Exchange.Answer ask(Exchange.Ask ask) throws IOException;

    /// As [#ask].
    Exchange.Calls reach(Exchange.Reach reach) throws IOException;
}
