package dev.muster.edge.program;

import dev.muster.edge.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/// `<data>/api`: host and port at which this machine reaches the agent's API, whatever flags, environment, `node.yaml` or
/// chance chose them. `host.sh` asks there for `/health`.
final class Address {
    static final String FILE = "api";
    private static final Map<String, String> EVERYWHERE = Map.of("0.0.0.0", "127.0.0.1", "::", "::1");

    private Address() {}

    /// @param config with the ports that were really taken
    /// @throws IOException it cannot be written
    static void write(NodeConfig config) throws IOException {
        Path file = config.data().resolve(FILE);
        Path fresh = config.data().resolve(FILE + ".new");
        String text = EVERYWHERE.getOrDefault(config.listen(), config.listen()) + " "
                + config.ports().api() + "\n";
        if (Files.exists(file) && Files.readString(file).equals(text)) return;
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
