package dev.muster.edge.program;

import dev.muster.core.plan.Soft;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.config.Release;
import dev.muster.edge.http.ApiServer;
import dev.muster.edge.http.ApiSettings;
import dev.muster.edge.http.ArtifactServer;
import dev.muster.edge.http.PortUnavailable;
import dev.muster.edge.node.Member;
import dev.muster.edge.node.PeerService;
import dev.muster.edge.node.Servers;
import java.io.IOException;
import java.util.function.Supplier;

/// A node's two HTTP servers.
record HttpServers(ApiServer api, ArtifactServer artifacts) implements Servers.Listening {
    static Servers.Listening open(
            NodeConfig config, Member member, PeerService peers, Supplier<Soft.Telemetry> telemetry)
            throws IOException {
        ApiSettings settings = new ApiSettings(
                        config.listen(), config.ports().api(), config.token().secret(), Release.own(), telemetry)
                .withChanges(config.policy().changes());
        try {
            ApiServer api = ApiServer.start(settings, member, peers);
            try {
                return new HttpServers(
                        api, ArtifactServer.start(settings, config.ports().artifacts(), member));
            } catch (PortUnavailable e) {
                api.close();
                throw e;
            }
        } catch (PortUnavailable e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public int apiPort() {
        return api.port();
    }

    @Override
    public int artifactPort() {
        return artifacts.port();
    }

    @Override
    public void close() {
        api.close();
        artifacts.close();
    }
}
