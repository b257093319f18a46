package dev.muster.edge.http;

import dev.muster.edge.node.Member;
import dev.muster.edge.swarm.ArtifactPort;
import java.io.IOException;

/// This node's files for other nodes: `GET /artifacts/{sha}`, with ranges; see [dev.muster.edge.swarm.ArtifactPort].
public final class ArtifactServer implements AutoCloseable {
    private final ArtifactPort opened;

    private ArtifactServer(ArtifactPort opened) {
        this.opened = opened;
    }

    /// @param port 0 takes a free one; [ApiSettings#port] is the API's and not looked at
    /// @throws PortUnavailable when it cannot listen there
    public static ArtifactServer start(ApiSettings settings, int port, Member member) {
        try {
            return new ArtifactServer(ArtifactPort.start(settings.host(), port, member.serving()));
        } catch (IOException e) {
            throw new PortUnavailable("artifact server", settings.host(), port, e);
        }
    }

    /// The port it listens on.
    public int port() {
        return opened.port();
    }

    @Override
    public void close() {
        opened.close();
    }
}
