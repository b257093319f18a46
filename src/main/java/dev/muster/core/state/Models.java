package dev.muster.core.state;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The current model of each config key, and its way to the nodes.
public record Models(Table<ConfigKey, Model> models, Table<ConfigKey, Distribution> distributions) {
    static final Models EMPTY = new Models(Table.empty(), Table.empty());

    Models promoted(Event.ModelPromoted event, Instant at) {
        return moved(
                event.config(),
                new Model.Version(
                        event.sha(), event.size(), event.generation(), false, at, event.by(), event.reason()));
    }

    Models rolledBack(Event.PromotionRolledBack event, Instant at) {
        Model.Version to = event.to();
        return moved(
                event.config(),
                new Model.Version(to.sha(), to.size(), to.generation(), true, at, event.by(), event.reason()));
    }

    Models distributing(ConfigKey config, Sha256 sha, Instant at) {
        return new Models(models, distributions.with(config, new Distribution(config, sha, at, Optional.empty())));
    }

    Models distributed(ConfigKey config, Instant at) {
        return new Models(
                models, distributions.with(config, distributions.require(config).completed(at)));
    }

    private Models moved(ConfigKey config, Model.Version version) {
        Model model = models.find(config)
                .map(known -> known.with(version))
                .orElseGet(() -> new Model(config, List.of(version)));
        return new Models(models.with(config, model), distributions);
    }
}
