package dev.muster.edge.metrics;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Alerts;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Caps;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Instance;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Model;
import dev.muster.core.state.Money;
import dev.muster.core.state.Node;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Run;
import dev.muster.core.state.Windows;
import dev.muster.edge.view.ModelRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.VoterView;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What is the cluster's.
final class ClusterMetrics {
    private final Picture picture;
    private final ClusterState state;
    private final Elos elos;
    private final Exposition out;

    ClusterMetrics(Picture picture, Elos elos, Exposition out) {
        this.picture = picture;
        this.elos = elos;
        this.state = picture.state();
        this.out = out;
    }

    void all() {
        nodes();
        work();
        models();
        loops();
        runs();
        money();
        alerts();
    }

    private void nodes() {
        VoterView voters = VoterView.of(picture);
        out.add(Metric.VOTERS, state.fleet().voters().size());
        out.add(Metric.VOTERS_ALIVE, voters.alive());
        out.add(Metric.QUORUM, voters.quorum());
        Map<String, Map<Desired, Integer>> counts = new TreeMap<>();
        for (Node node : state.fleet().nodes().values())
            counts.computeIfAbsent(lower(picture.life(node)), any -> new TreeMap<>())
                    .merge(node.desired(), 1, Integer::sum);
        counts.forEach((life, byDesired) ->
                byDesired.forEach((desired, count) -> out.add(Metric.NODES, count, life, lower(desired))));
    }

    private void work() {
        out.add(
                Metric.JOBS,
                state.work().jobs().size() - state.work().derived().ended().size());
        out.add(Metric.WAITING, state.work().waitingCount());
        for (JobKind kind : JobKind.values())
            out.add(Metric.ATTEMPTS, state.work().activeOf(kind), lower(kind));
        state.journal().counts().forEach(entry -> out.add(Metric.EVENTS, entry.getValue(), entry.getKey()));
        out.add(Metric.ARTIFACTS, state.files().artifacts().size());
        out.add(
                Metric.ARTIFACT_BYTES,
                state.files().artifacts().values().stream()
                        .mapToLong(Artifact::size)
                        .sum());
    }

    private void models() {
        for (Model model : state.models().models().values()) {
            String config = model.config().name();
            out.add(Metric.GENERATION, model.current().generation(), config);
            out.add(Metric.PROMOTED, model.current().at().getEpochSecond(), config);
            Double elo = elos.of(model.config()).get(model.current().sha().hex());
            if (elo != null) out.add(Metric.ELO, elo, config);
            out.add(Metric.HOLDERS, ModelRow.of(picture, model).holders(), config);
        }
    }

    private void loops() {
        for (Loop loop : state.loops().loops().values()) {
            String config = loop.config().name();
            out.add(Metric.LOOP, loop.running() ? 1 : 0, config);
            out.add(Metric.LOOP_GENERATION, loop.generation(), config);
            out.add(Metric.LOOP_STAGE, 1, config, lower(loop.stage()));
            out.add(Metric.LOOP_FAILURES, loop.failures(), config);
        }
        state.loops()
                .played()
                .forEach(entry ->
                        out.add(Metric.GAMES, entry.getValue(), entry.getKey().name()));
    }

    private void runs() {
        Map<Run.Status, Integer> counts = new TreeMap<>();
        for (Run.Status status : Run.Status.values()) counts.put(status, 0);
        for (Run run : state.runs().runs().values()) counts.merge(run.status(), 1, Integer::sum);
        counts.forEach((status, count) -> out.add(Metric.RUNS, count, lower(status)));
    }

    private void money() {
        Rentals rentals = state.rentals();
        Map<String, Map<Instance.Phase, Integer>> phases = new TreeMap<>();
        Map<String, Double> costs = new TreeMap<>();
        for (Instance instance : rentals.open()) {
            String provider = instance.rent().provider();
            boolean joined = instance.node().filter(state.fleet().nodes()::has).isPresent();
            phases.computeIfAbsent(provider, any -> new TreeMap<>()).merge(instance.phase(joined), 1, Integer::sum);
            costs.merge(provider, NodeMetrics.cost(instance), Double::sum);
        }
        phases.forEach((provider, byPhase) ->
                byPhase.forEach((phase, count) -> out.add(Metric.INSTANCES, count, provider, lower(phase))));
        costs.forEach((provider, cost) -> out.add(Metric.COST, cost, provider));
        Windows windows = rentals.scaling().windowsAt(picture.now());
        out.add(Metric.SPENT, rentals.spent(windows.day(), picture.now()).dollars(), "day");
        out.add(Metric.SPENT, rentals.spent(windows.month(), picture.now()).dollars(), "month");
        Caps caps = rentals.caps().getOrDefault(Rentals.ALL, Caps.NONE);
        cap("hour", caps.hour());
        cap("day", caps.day());
        cap("month", caps.month());
    }

    /// A rule that nobody breaks is 0: when an alert is over, its series says so.
    private void alerts() {
        Alerts alerts = state.alerts();
        Map<String, Map<AlertLevel, Integer>> open = new TreeMap<>();
        for (String rule : AlertRule.words()) open.put(rule, new TreeMap<>());
        for (Alert alert : alerts.alerts().values())
            for (Alert.Member member : alert.members().values())
                if (!member.over())
                    open.computeIfAbsent(alert.rule(), any -> new TreeMap<>()).merge(member.level(), 1, Integer::sum);
        open.forEach((rule, counts) -> {
            for (AlertLevel level : AlertLevel.values())
                out.add(Metric.ALERTS, counts.getOrDefault(level, 0), rule, lower(level));
        });
        Map<String, Integer> owed = new TreeMap<>();
        picture.soft().ifPresent(soft -> soft.alerting().ways().forEach(way -> owed.put(way.name(), 0)));
        for (Bulletin bulletin : alerts.outbox().values())
            for (String channel : bulletin.channels()) owed.merge(channel, 1, Integer::sum);
        owed.forEach((channel, count) -> out.add(Metric.NOTICES_OWED, count, channel));
    }

    private void cap(String span, Optional<Money> cap) {
        cap.ifPresent(amount -> out.add(Metric.CAP, amount.dollars(), span));
    }

    static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }
}
