package dev.muster.edge.node;

import dev.muster.core.check.Measured;
import dev.muster.core.check.Readings;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Model;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Whether the current models' names on this node are as they should be. Only looks.
final class ModelLook {
    /// The agent puts a new model in place within a second or two; that it is not there yet is no fault.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Replica replica;
    private final LocalFiles files;
    private final ModelLinks links;
    private final Map<ConfigKey, Long> missedNanos = new HashMap<>();

    ModelLook(Replica replica, LocalFiles files, ModelLinks links) {
        this.replica = replica;
        this.files = files;
        this.links = links;
    }

    synchronized Measured<Readings.Models> look() {
        ClusterState state = replica.state();
        if (state.revision() == 0) return Measured.unknown("this node has not learned the cluster's state yet");
        Table<ConfigKey, Sha256> placed = links.all();
        Table<Sha256, String> troubles = links.troubles();
        List<String> broken = new ArrayList<>();
        int whole = 0;
        int waiting = 0;
        missedNanos.keySet().removeIf(config -> !state.models().models().has(config));
        for (Model model : state.models().models().values()) {
            ConfigKey config = model.config();
            Sha256 sha = model.current().sha();
            boolean there = placed.find(config).filter(sha::equals).isPresent();
            if (there) {
                whole++;
                missedNanos.remove(config);
            } else if (!files.has(sha)) {
                waiting++;
            } else if (troubles.has(sha)) {
                broken.add(config + " is not in place: " + troubles.require(sha));
            } else if (missedLong(config)) {
                broken.add(config + " is not in place");
            } else {
                waiting++;
            }
        }
        return Measured.of(new Readings.Models(whole, waiting, broken));
    }

    private boolean missedLong(ConfigKey config) {
        long now = System.nanoTime();
        return now - missedNanos.computeIfAbsent(config, first -> now) > PATIENCE.toNanos();
    }
}
