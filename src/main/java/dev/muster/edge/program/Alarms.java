package dev.muster.edge.program;

import dev.muster.core.alert.AlertRule;
import dev.muster.edge.alert.AlertDesk;
import dev.muster.edge.alert.Channels;
import dev.muster.edge.alert.Watchman;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.node.Member;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// How a node tells people: by the channels of a file in its data directory and of its environment.
final class Alarms implements AutoCloseable {
    /// Read again when it changes; it may come later.
    static final String FILE = "alerts.yaml";
    /// Another place for it.
    private static final String ELSEWHERE = "MUSTER_ALERTS";

    private final NodeConfig config;
    private final Channels channels;
    private final AlertDesk desk;

    Alarms(NodeConfig config, Map<String, String> env) {
        this.config = config;
        Path file = Optional.ofNullable(env.get(ELSEWHERE))
                .filter(text -> !text.isBlank())
                .map(Path::of)
                .orElse(config.data().resolve(FILE));
        this.channels = Channels.open(Optional.of(file), env, AlertRule.words(), InstantSource.system());
        this.desk = new AlertDesk(config.clusterId(), channels, InstantSource.system());
    }

    AlertDesk desk() {
        return desk;
    }

    /// What a voter tells by itself.
    Watchman watchman(Member member) {
        return new Watchman(
                        config.clusterId(),
                        channels,
                        member,
                        config.data().resolve("alerts").resolve("no-leader"),
                        InstantSource.system())
                .start();
    }

    @Override
    public void close() {
        desk.close();
    }
}
