package dev.muster.core.alert;

import static dev.muster.core.Orders.n;

import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Command;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// A leader that looks every second, and people who take what they are told.
final class Watchtower {
    static final Alerting.Way CHAT =
            new Alerting.Way("chat", "slack", Set.of(AlertLevel.values()), List.of(), List.of(), List.of());
    static final Alerting.Way PAGER =
            new Alerting.Way("pager", "pagerduty", Set.of(AlertLevel.CRITICAL), List.of(), List.of(), List.of());

    final Story story;
    final List<String> told = new ArrayList<>();
    final Set<String> down = new TreeSet<>();
    /// Alerts of which nobody takes anything.
    final Set<String> refused = new TreeSet<>();
    private final Set<NodeId> silent = new TreeSet<>();
    private Table<NodeId, Alerting.Checked> checks = Table.empty();
    private Instant now = Story.START;
    private Soft soft = Soft.leadingSince(Story.START).withAlerting(Alerting.NOTHING.with(List.of(CHAT, PAGER)));
    private List<Wait> waits = List.of();

    Watchtower(Story story) {
        this.story = story;
    }

    Watchtower silent(String... nodes) {
        for (String node : nodes) silent.add(n(node));
        return this;
    }

    Watchtower back(String... nodes) {
        for (String node : nodes) silent.remove(n(node));
        return this;
    }

    Watchtower ways(Alerting.Way... ways) {
        soft = soft.withAlerting(soft.alerting().with(List.of(ways)));
        return this;
    }

    Watchtower problem(String text) {
        soft = soft.withAlerting(soft.alerting().with(soft.alerting().ways(), List.of(text)));
        return this;
    }

    /// It tells that as long as it is heard.
    Watchtower check(String node, String check, AlertLevel level) {
        Table<String, Alerting.Found> found = Table.empty();
        checks = checks.with(
                n(node), new Alerting.Checked(now, found.with(check, new Alerting.Found(level, check + " is bad"))));
        return this;
    }

    Watchtower well(String node) {
        checks = checks.with(n(node), new Alerting.Checked(now, Table.empty()));
        return this;
    }

    /// What only a leader knows is gone.
    Watchtower anotherLeads() {
        soft = Soft.leadingSince(now)
                .withAlerting(Alerting.NOTHING.with(soft.alerting().ways()));
        return this;
    }

    Watchtower run(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            now = now.plusSeconds(1);
            story.after(Duration.ofSeconds(1));
            hear();
            look();
        }
        return this;
    }

    private void hear() {
        for (NodeId node : story.state().fleet().nodes().keys()) {
            if (silent.contains(node)) continue;
            soft = soft.withHeard(
                    node, new Soft.Heard(now, story.state().revision(), Set.of(), Soft.Telemetry.UNKNOWN));
            if (checks.has(node))
                checks = checks.with(
                        node, new Alerting.Checked(now, checks.require(node).found()));
        }
        soft = soft.withAlerting(soft.alerting().with(checks));
    }

    private void look() {
        soft = soft.withAlerting(Lookout.look(story.state(), soft, Policy.DEFAULT, now));
        Plan plan = AlertPlanner.decide(story.state(), soft, now);
        waits = plan.waits();
        for (Action action : plan.actions()) {
            switch (action) {
                case Action.Propose(Command command, String why) -> story.when(command);
                case Action.Tell(Bulletin bulletin, String way, String why) -> give(bulletin, way);
                default -> throw new AssertionError("expected nothing else, but found " + action);
            }
        }
    }

    private void give(Bulletin bulletin, String way) {
        soft = soft.withAlerting(soft.alerting().begun(bulletin.number(), way, now));
        if (down.contains(way) || refused.contains(bulletin.alert())) {
            soft = soft.withAlerting(
                    soft.alerting().failed(bulletin.number(), way, now, "down", false, java.util.Optional.empty()));
            return;
        }
        told.add(way + ": " + bulletin.alert() + " " + bulletin.kind() + " " + bulletin.level() + " "
                + bulletin.subjects());
        story.when(new Command.RecordDelivery(bulletin.number(), way, true, ""));
    }

    /// What was told since this was last asked.
    List<String> told() {
        List<String> since = List.copyOf(told);
        told.clear();
        return since;
    }

    List<String> waits() {
        return waits.stream().map(Wait::message).toList();
    }

    Instant now() {
        return now;
    }
}
