package dev.muster.edge.metrics;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Instance;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Model;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Sighting;
import dev.muster.edge.view.Picture;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What is the cluster's, under the names of the runbooks' dashboard and rules.
final class RunbookMetrics {
    private static final String VAST = "vast";
    private static final List<String> AUTOSCALED =
            List.of("INSTANCE_ORDERED", "INSTANCE_ENDING", "INSTANCE_OUTBID", "INSTANCE_LOST", "INSTANCE_FAILED");

    private final Picture picture;
    private final ClusterState state;
    private final Elos elos;
    private final Exposition out;
    private final List<Instance> vast;

    RunbookMetrics(Picture picture, Elos elos, Exposition out) {
        this.picture = picture;
        this.elos = elos;
        this.state = picture.state();
        this.out = out;
        this.vast = state.rentals().open().stream()
                .filter(instance -> instance.rent().provider().equals(VAST))
                .toList();
    }

    void all() {
        nodes();
        machines();
        games();
        models();
    }

    private void nodes() {
        Set<NodeId> rented = vast.stream().flatMap(one -> one.node().stream()).collect(Collectors.toSet());
        int alive = 0;
        int aliveAtVast = 0;
        int retired = 0;
        for (Node node : state.fleet().nodes().values()) {
            if (node.desired() == Desired.RETIRED) retired++;
            if (node.id().equals(picture.self())) {
                if (rented.contains(node.id())) aliveAtVast++;
            } else if (picture.life(node) == Picture.Life.ALIVE) {
                alive++;
                if (rented.contains(node.id())) aliveAtVast++;
            } else {
                gone(node);
            }
        }
        out.add(Metric.PEERS, alive);
        out.add(Metric.VAST_PEERS, aliveAtVast);
        out.add(Metric.RETIRED_PEERS, retired);
    }

    /// It cannot tell of itself.
    private void gone(Node node) {
        if (node.desired() == Desired.RETIRED) return;
        String gpu = NodeMetrics.gpu(node);
        out.add(Metric.NODE_UP, 0, node.id().name(), gpu);
        state.rentals()
                .of(node.id())
                .ifPresent(instance -> out.add(
                        Metric.NODE_HOURLY,
                        NodeMetrics.cost(instance),
                        node.id().name(),
                        gpu));
    }

    private void machines() {
        double cost = 0;
        int running = 0;
        Map<String, Integer> cards = new TreeMap<>();
        for (Instance instance : vast) {
            cost += NodeMetrics.cost(instance);
            if (instance.seen()
                    .map(Sighting::observed)
                    .filter(Observed.RUNNING::equals)
                    .isEmpty()) continue;
            running++;
            cards.merge(instance.rent().gpu(), 1, Integer::sum);
        }
        out.add(Metric.VAST_RUNNING, running);
        out.add(Metric.VAST_COST, cost);
        out.add(Metric.VAST_DAILY, 24 * cost);
        cards.forEach((card, count) -> out.add(Metric.VAST_GPUS, count, card));
        for (Instance instance : state.rentals().open())
            if (instance.node().filter(state.fleet().nodes()::has).isEmpty())
                out.add(
                        Metric.NODE_HOURLY,
                        NodeMetrics.cost(instance),
                        instance.id().toString(),
                        instance.rent().gpu());
        for (String event : AUTOSCALED) out.add(Metric.AUTOSCALER, counted(event), event);
    }

    private long counted(String event) {
        return state.journal().counts().getOrDefault(event, 0L);
    }

    private void games() {
        out.add(Metric.SELFPLAY, state.work().activeOf(JobKind.SELFPLAY));
        long atVast = vast.stream()
                .flatMap(instance -> instance.node().stream())
                .flatMap(node -> state.work().activeOn(node).stream())
                .filter(attempt -> state.work().specOf(attempt).kind() == JobKind.SELFPLAY)
                .count();
        out.add(Metric.SELFPLAY_VAST, atVast);
        long games = state.loops().played().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        out.add(Metric.GAMES_GENERATED, games);
        out.add(Metric.GAMES_COMPLETED, games);
    }

    private void models() {
        long rolledBack = counted("PROMOTION_ROLLED_BACK");
        out.add(Metric.PROMOTIONS, counted("MODEL_PROMOTED"));
        out.add(Metric.ROLLBACKS, rolledBack);
        out.add(Metric.ROLLED_BACK, rolledBack);
        for (Model model : state.models().models().values()) rated(model);
    }

    private void rated(Model model) {
        ConfigKey config = model.config();
        String sha = model.current().sha().hex();
        Map<String, Double> ratings = elos.of(config);
        if (!ratings.containsKey(sha)) return;
        double current = ratings.get(sha);
        out.add(Metric.MODEL_ELO, current, board(config), config + "/" + sha.substring(0, 12));
        OptionalDouble best = model.history().stream()
                .map(version -> version.sha().hex())
                .filter(earlier -> !earlier.equals(sha) && ratings.containsKey(earlier))
                .mapToDouble(ratings::get)
                .max();
        out.add(Metric.ELO_DRIFT, current - best.orElse(current), board(config), config.name());
    }

    private static String board(ConfigKey config) {
        int end = config.name().indexOf('_');
        return end < 0 ? config.name() : config.name().substring(0, end);
    }
}
