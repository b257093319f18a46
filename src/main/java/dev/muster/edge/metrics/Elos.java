package dev.muster.edge.metrics;

import dev.muster.core.state.ConfigKey;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.RatingRow;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Ratings by config and player, worked out once for all who tell them.
final class Elos {
    private final Map<ConfigKey, Map<String, Double>> byConfig = new HashMap<>();

    Elos(Picture picture) {
        for (RatingRow row : RatingRow.all(picture, Optional.empty()))
            row.elo()
                    .ifPresent(elo -> byConfig.computeIfAbsent(row.config(), any -> new HashMap<>())
                            .put(row.player(), elo));
    }

    /// @return by the model's hash, or the baseline's name
    Map<String, Double> of(ConfigKey config) {
        return byConfig.getOrDefault(config, Map.of());
    }
}
