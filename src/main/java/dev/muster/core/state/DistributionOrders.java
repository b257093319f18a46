package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Orders about files on their way to every node: facts that the leader noticed.
final class DistributionOrders {
    private DistributionOrders() {}

    static Outcome complete(ClusterState state, ConfigKey config, Sha256 sha, Instant now) {
        Distribution distribution = state.models().distributions().find(config).orElse(null);
        if (distribution == null || !distribution.sha().equals(sha)) return stale(config, sha);
        if (distribution.completedAt().isPresent() && !distribution.lacking()) return accepted();
        Artifact artifact = state.files().artifacts().require(sha);
        List<Event> events = new ArrayList<>();
        events.add(new Event.ModelDistributionComplete(
                config,
                sha,
                List.copyOf(artifact.receipts().keys()),
                distribution
                        .way()
                        .filter(way -> distribution.completedAt().isEmpty())
                        .map(way -> new Event.Moved(
                                now.toEpochMilli() - distribution.startedAt().toEpochMilli(),
                                way.fetched(),
                                way.bytes()))));
        state.loops()
                .loops()
                .find(config)
                .filter(loop -> loop.stage() == Loop.Stage.DISTRIBUTION)
                .ifPresent(loop -> events.add(new Event.GenerationEnded(loop.current())));
        return new Outcome.Accepted(events, "");
    }

    static Outcome standsStill(ClusterState state, Command.ReportStandstill order) {
        Distribution distribution =
                state.models().distributions().find(order.config()).orElse(null);
        if (distribution == null
                || !distribution.sha().equals(order.sha())
                || distribution.completedAt().isPresent() != (order.what() == Distribution.Standstill.LACKING))
            return stale(order.config(), order.sha());
        if (!distribution.told().map(Distribution.Told::at).equals(order.last())) return accepted();
        return accepted(
                switch (order.what()) {
                    case INCOMPLETE, LACKING ->
                        new Event.DistributionIncomplete(order.config(), order.sha(), order.missing(), order.lacking());
                    case FAILED ->
                        new Event.ModelDistributionFailed(
                                order.config(), order.sha(), order.missing(), order.lacking());
                });
    }

    static Outcome supersede(ClusterState state, ConfigKey config, long number) {
        Distribution old = state.models()
                .past()
                .find(config)
                .flatMap(all -> all.find(number))
                .orElse(null);
        Distribution current = state.models().distributions().find(config).orElse(null);
        if (old == null || current == null) return refused(Code.NOT_FOUND, config + " has no distribution " + number);
        if (!old.open()) return accepted();
        int nodes = state.files()
                .artifacts()
                .find(old.sha())
                .map(artifact -> artifact.receipts().size())
                .orElse(0);
        return accepted(new Event.ModelDistributionSuperseded(config, old.sha(), number, nodes, current.sha()));
    }

    static Outcome strike(ClusterState state, Command.StrikeSource order, Instant now) {
        if (!state.files().artifacts().has(order.artifact()))
            return refused(Code.NOT_FOUND, "no artifact " + order.artifact());
        if (!state.fleet().nodes().has(order.node())) return refused(Code.NOT_FOUND, "no node " + order.node());
        Optional<Strike> last = state.files().strike(order.artifact(), order.node());
        return last.filter(strike -> strike.fresh(now)).isPresent()
                ? accepted()
                : accepted(new Event.SourceStruck(order.artifact(), order.node(), order.times()));
    }

    private static Outcome stale(ConfigKey config, Sha256 sha) {
        return refused(Code.STALE, config + " no longer distributes " + sha.brief());
    }
}
