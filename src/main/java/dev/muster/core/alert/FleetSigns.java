package dev.muster.core.alert;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Alerting;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Custody;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Fix;
import dev.muster.core.state.Instance;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Of nodes, voters, and what lies on them.
final class FleetSigns {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    /// A share of so few says little.
    private static final int FLEET_MIN = 5;
    /// Without a word of its checks from a node that is heard.
    private static final Duration CHECKS_MAX = Duration.ofMinutes(5);

    private FleetSigns() {}

    static void add(Scene scene) {
        List<Node> missed = new ArrayList<>();
        int serving = 0;
        Set<NodeId> rented = rented(scene);
        for (Node node : scene.state.fleet().nodes().values()) {
            if (node.desired() == Desired.RETIRED || node.leaving() || rented.contains(node.id())) continue;
            serving++;
            if (gone(scene, node)) missed.add(node);
        }
        quorum(scene);
        lost(scene, missed, serving);
        peers(scene);
        checks(scene);
        recoveries(scene);
        atRisk(scene, missed);
        if (scene.watches(AlertRule.SELFPLAY_JOBS)) {
            int active = scene.state.work().activeOf(JobKind.SELFPLAY);
            scene.figure(AlertRule.SELFPLAY_JOBS, "selfplay", active, active + " selfplay tasks run");
        }
    }

    /// When such a machine goes, another takes its place: that is the keeper's business, and told by what becomes of the machine.
    private static Set<NodeId> rented(Scene scene) {
        Set<NodeId> rented = new TreeSet<>();
        for (Instance instance : scene.state.rentals().open()) instance.node().ifPresent(rented::add);
        return rented;
    }

    private static boolean gone(Scene scene, Node node) {
        return node.fenced() || Health.suspect(scene.state, node.id(), scene.soft, scene.policy, scene.now);
    }

    private static String silent(Scene scene, NodeId node) {
        Instant heard = scene.now.minus(Health.silence(scene.state, node, scene.soft, scene.now));
        String since = " has not been heard since " + clock(heard);
        boolean fenced = scene.state.fleet().nodes().require(node).fenced();
        return node + since + (fenced ? ", and is fenced: its tasks run elsewhere" : "");
    }

    /// An alert's text stays as it was when it was raised, so it has the time, and not how long ago that was.
    static String clock(Instant at) {
        return at.atOffset(ZoneOffset.UTC).format(CLOCK) + " UTC";
    }

    static String brief(Duration time) {
        return Durations.brief(Duration.ofSeconds(Math.max(1, time.toSeconds())));
    }

    private static void quorum(Scene scene) {
        List<NodeId> voters = scene.state.fleet().voters();
        List<NodeId> missing = voters.stream()
                .filter(voter -> scene.state
                        .fleet()
                        .nodes()
                        .find(voter)
                        .filter(node -> gone(scene, node))
                        .isPresent())
                .toList();
        int quorum = scene.state.fleet().quorum();
        int heard = voters.size() - missing.size();
        if (!scene.watches(AlertRule.QUORUM) || missing.isEmpty() || heard > quorum) return;
        String text = heard + " of " + voters.size() + " voters are heard, " + quorum + " are needed: no sign of "
                + String.join(", ", missing.stream().map(NodeId::name).toList());
        scene.add(
                AlertRule.QUORUM,
                "voters",
                heard < quorum ? AlertLevel.CRITICAL : AlertLevel.WARNING,
                heard < quorum ? text : text + "; when one more goes, nothing can be decided");
    }

    /// One node is a nuisance, many are a disaster, and one alert either way.
    private static void lost(Scene scene, List<Node> missed, int serving) {
        if (!scene.watches(AlertRule.NODE_LOST) || missed.isEmpty()) return;
        boolean was = scene.state
                .alerts()
                .alerts()
                .find(AlertRule.NODE_LOST.word())
                .filter(alert -> alert.open() && alert.level() == AlertLevel.CRITICAL)
                .isPresent();
        double share = serving < FLEET_MIN ? 1 : (double) (serving - missed.size()) / serving;
        boolean many = scene.critical(AlertRule.HEALTHY_SHARE, share, was)
                || scene.critical(AlertRule.NODES_OFFLINE, missed.size(), was);
        for (Node node : missed)
            scene.add(
                    AlertRule.NODE_LOST,
                    node.id().name(),
                    many ? AlertLevel.CRITICAL : AlertLevel.WARNING,
                    silent(scene, node.id()));
    }

    private static void peers(Scene scene) {
        if (!scene.watches(AlertRule.PEERS)) return;
        int peers = Math.max(0, heardAtAll(scene) - 1);
        scene.figure(AlertRule.PEERS, "mesh", peers, peers + " nodes besides the leader are heard");
    }

    private static int heardAtAll(Scene scene) {
        int heard = 0;
        for (Node node : scene.state.fleet().nodes().values())
            if (node.desired() != Desired.RETIRED && !gone(scene, node)) heard++;
        return heard;
    }

    /// What is open of a node that tells nothing stays open: nobody knows.
    private static void checks(Scene scene) {
        if (!scene.watches(AlertRule.NODE_CHECK)) return;
        Map<String, Sign> signs = new TreeMap<>();
        for (Map.Entry<NodeId, Alerting.Checked> entry : scene.soft.alerting().checks()) {
            Alerting.Checked checked = entry.getValue();
            if (scene.state.fleet().nodes().find(entry.getKey()).isEmpty()) continue;
            if (Duration.between(checked.at(), scene.now).compareTo(CHECKS_MAX) > 0) continue;
            for (Map.Entry<String, Alerting.Found> found : checked.found()) {
                String subject = entry.getKey() + " " + found.getKey();
                signs.put(
                        subject,
                        new Sign(
                                AlertRule.NODE_CHECK,
                                subject,
                                found.getValue().level(),
                                entry.getKey() + ": " + found.getValue().text()));
            }
        }
        scene.state
                .alerts()
                .alerts()
                .find(AlertRule.NODE_CHECK.word())
                .ifPresent(alert -> unknown(scene, alert, signs));
        scene.signs.addAll(signs.values());
    }

    private static void unknown(Scene scene, Alert alert, Map<String, Sign> signs) {
        for (Map.Entry<String, Alert.Member> member : alert.members()) {
            String subject = member.getKey();
            if (member.getValue().over() || signs.containsKey(subject) || subject.indexOf(' ') < 0) continue;
            NodeId node = new NodeId(subject.substring(0, subject.indexOf(' ')));
            boolean known = scene.state
                    .fleet()
                    .nodes()
                    .find(node)
                    .filter(one -> one.desired() != Desired.RETIRED)
                    .isPresent();
            boolean told = scene.soft
                    .alerting()
                    .checks()
                    .find(node)
                    .filter(checked -> Duration.between(checked.at(), scene.now).compareTo(CHECKS_MAX) <= 0)
                    .isPresent();
            if (known && !told)
                signs.put(
                        subject,
                        new Sign(
                                AlertRule.NODE_CHECK,
                                subject,
                                AlertLevel.UNKNOWN,
                                node + " tells nothing of its checks"));
        }
    }

    private static void recoveries(Scene scene) {
        if (!scene.watches(AlertRule.RECOVERIES)) return;
        Map<NodeId, Integer> counts = new TreeMap<>();
        for (Fix fix : scene.state.fleet().fixes().values())
            if (Duration.between(fix.orderedAt(), scene.now).compareTo(Duration.ofHours(1)) < 0)
                counts.merge(fix.node(), 1, Integer::sum);
        counts.forEach((node, count) -> scene.figure(
                AlertRule.RECOVERIES, node.name(), count, node + " was put right " + count + " times within an hour"));
    }

    /// Of nodes that are not there: what only they hold cannot be fetched. A file that is being fetched from one that is there is no
    /// news.
    private static void atRisk(Scene scene, List<Node> missed) {
        if (!scene.watches(AlertRule.DATA_AT_RISK)) return;
        List<NodeId> away = new ArrayList<>(missed.stream().map(Node::id).toList());
        for (Instance instance : scene.state.rentals().open())
            instance.node()
                    .filter(node -> scene.state
                            .fleet()
                            .nodes()
                            .find(node)
                            .filter(one -> gone(scene, one))
                            .isPresent())
                    .ifPresent(away::add);
        if (away.isEmpty()) return;
        Custody.risks(scene.state, away).forEach((node, files) -> {
            if (files.files() > 0)
                scene.add(
                        AlertRule.DATA_AT_RISK,
                        node.name(),
                        AlertLevel.CRITICAL,
                        node + " is not heard, and only it holds " + files.files()
                                + (files.files() == 1 ? " file" : " files") + " (" + files.bytes() + ")");
        });
    }
}
