package dev.muster.edge.node;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.swarm.Directory;
import dev.muster.edge.swarm.Exchange;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A cluster without anybody else.
record Alone(NodeId self) implements Directory {
    @Override
    public Optional<String> artifacts(NodeId node) {
        return Optional.empty();
    }

    @Override
    public OptionalLong size(Sha256 sha) {
        return OptionalLong.empty();
    }

    @Override
    public List<NodeId> holders(Sha256 sha) {
        return List.of();
    }

    @Override
    public boolean holdsItself(Sha256 sha) {
        return false;
    }

    @Override
    public List<NodeId> others() {
        return List.of();
    }

    @Override
    public boolean alive(NodeId node) {
        return false;
    }

    @Override
    public void doubt(NodeId source, Sha256 sha) {}

    @Override
    public Exchange.Answer ask(Exchange.Ask ask) throws IOException {
        throw new IOException("nobody leads");
    }

    @Override
    public Exchange.Calls reach(Exchange.Reach reach) throws IOException {
        throw new IOException("nobody leads");
    }
}
