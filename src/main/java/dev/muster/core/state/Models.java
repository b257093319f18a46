package dev.muster.core.state;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The current model of each config key, and its way to the nodes.
///
/// @param past distributions before the current one, by a number that grows; of what earlier builds wrote there are none
public record Models(
        Table<ConfigKey, Model> models,
        Table<ConfigKey, Distribution> distributions,
        Table<ConfigKey, Table<Long, Distribution>> past) {
    /// As many as moves of the pointer are remembered; 200 of 200 bytes are 40 KB.
    static final int PAST_MAX = Model.HISTORY_MAX;
    /// Of so many it is remembered node by node.
    static final int DETAILED_MAX = 3;

    static final Models EMPTY = new Models(Table.empty(), Table.empty(), Table.empty());

    /// Of a config key, the current one last.
    public List<Distribution> distributionsOf(ConfigKey config) {
        List<Distribution> all =
                new ArrayList<>(past.getOrDefault(config, Table.empty()).values());
        distributions.find(config).ifPresent(all::add);
        return all;
    }

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
        return new Models(
                models,
                distributions.with(config, Distribution.begun(config, sha, at)),
                distributions.find(config).map(this::with).orElse(past));
    }

    private Table<ConfigKey, Table<Long, Distribution>> with(Distribution last) {
        Table<Long, Distribution> all = past.getOrDefault(last.config(), Table.empty());
        long number = all.last().map(newest -> newest + 1).orElse(1L);
        all = all.with(number, last);
        Optional<Distribution> plain = all.find(number - DETAILED_MAX).map(Distribution::withoutArrivals);
        if (plain.isPresent()) all = all.with(number - DETAILED_MAX, plain.get());
        while (all.size() > PAST_MAX) all = all.without(all.first().orElseThrow());
        return past.with(last.config(), all);
    }

    Models distributed(ConfigKey config, Instant at, int nodes) {
        return with(config, way -> way.completed(at, nodes));
    }

    Models toldOf(ConfigKey config, Distribution.Told told) {
        return with(config, way -> way.told(told));
    }

    private Models with(ConfigKey config, UnaryOperator<Distribution> change) {
        return new Models(models, distributions.with(config, change.apply(distributions.require(config))), past);
    }

    Models superseded(Event.ModelDistributionSuperseded event, Instant at) {
        Table<Long, Distribution> all = past.require(event.config());
        all = all.with(event.number(), all.require(event.number()).superseded(at, event.nodes()));
        return new Models(models, distributions, past.with(event.config(), all));
    }

    /// A copy counts for each distribution of the file that is still on its way.
    Models arrived(Event.ReplicaConfirmed event) {
        if (event.transfer().isEmpty()) return this;
        Models next = this;
        for (Distribution way : distributions.values()) {
            if (!way.open() || !way.sha().equals(event.artifact())) continue;
            next = next.with(
                    way.config(),
                    known -> known.arrived(event.node(), event.transfer().get()));
        }
        return next;
    }

    private Models moved(ConfigKey config, Model.Version version) {
        Model model = models.find(config)
                .map(known -> known.with(version))
                .orElseGet(() -> new Model(config, List.of(version)));
        return new Models(models.with(config, model), distributions, past);
    }
}
