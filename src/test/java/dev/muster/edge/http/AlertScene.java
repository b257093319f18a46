package dev.muster.edge.http;

import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Alerting.Way;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.AlertPolicy.Limits;
import dev.muster.core.state.Alerts;
import dev.muster.core.state.Command;
import dev.muster.core.state.Command.SightAlerts.Sight;
import dev.muster.core.state.QuietHours;
import dev.muster.core.state.Table;
import dev.muster.edge.node.Telling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// A cluster in which much is wrong: nodes that are not heard, of which one channel was told and another was not; a cap that is nearly
/// used, in quiet hours; a provider that says nothing, which is silenced; a run that has just failed; and one thing that is over.
public final class AlertScene {
    private AlertScene() {}

    public static InMemoryMember make() {
        InMemoryMember member = InMemoryMember.ofFour();
        member.order(new Command.SetAlertPolicy(policy()));
        sight(member, "rollback", "hex8_2p", AlertLevel.WARNING, "hex8_2p was rolled back to generation 3 by ann");
        tell(member, "rollback", List.of("hex8_2p"));
        give(member, 1, "slack");
        sight(member, "node-lost", "n3", AlertLevel.WARNING, "n3 has been silent for 45s");
        sight(member, "node-lost", "gpu1", AlertLevel.WARNING, "gpu1 has been silent for 1m2s");
        tell(member, "node-lost", List.of("gpu1", "n3"));
        give(member, 2, "slack");
        over(member, "rollback", "hex8_2p");
        tell(member, "rollback", List.of("hex8_2p"));
        give(member, 3, "slack");
        member.now = member.now.plus(Duration.ofMinutes(12));
        for (String node : List.of("gpu1", "n2", "n3"))
            sight(member, "node-lost", node, AlertLevel.CRITICAL, node + " has been silent for 13m");
        tell(member, "node-lost", List.of("gpu1", "n2", "n3"), "pager", "slack", "gone");
        give(member, 4, "pager");
        sight(member, "budget", "all per day", AlertLevel.WARNING, "$17.20 of $20 per day is used");
        sight(member, "provider-silent", "vast", AlertLevel.UNKNOWN, "vast has not said for 7m what runs there");
        member.order(new Command.SilenceAlerts("provider-*/vast", Duration.ofHours(2)));
        member.now = member.now.plusSeconds(90);
        sight(member, "run-failed/r7", "r7", AlertLevel.CRITICAL, "r7 has failed: train: exit code 1");
        member.soft = Optional.of(member.allHeard().withAlerting(alerting(member)));
        member.waits = Optional.of(List.of(
                new Wait("budget", Wait.Reason.ALERT, "quiet hours: only what is critical is told"),
                new Wait("provider-silent", Wait.Reason.ALERT, "silenced by test (provider-*/vast)"),
                new Wait("j1.0", Wait.Reason.NO_ROOM, "no matter of alerts")));
        return member;
    }

    private static AlertPolicy policy() {
        AlertPolicy usual = AlertPolicy.DEFAULT;
        return new AlertPolicy(
                usual.gather(),
                usual.again(),
                usual.cooldown(),
                usual.clear(),
                usual.hourMax(),
                "Europe/Berlin",
                List.of(QuietHours.parse("22:00-07:00"), QuietHours.parse("sat-sun 09:00-12:00")),
                Table.<String, Limits>empty()
                        .with("hourly-cost", Limits.of(8, 12))
                        .with("peers", new Limits(Optional.empty(), Optional.of(2.5))),
                List.of("rollback"));
    }

    private static Alerting alerting(InMemoryMember member) {
        List<Way> ways = List.of(
                new Way("pager", "pagerduty", EnumSet.of(AlertLevel.CRITICAL), List.of(), List.of("hourly-cost")),
                new Way("slack", "slack", EnumSet.allOf(AlertLevel.class), List.of(), List.of()));
        return Alerting.NOTHING
                .looked(member.now, Table.empty(), member.state().alerts().outbox())
                .with(ways)
                .failed(4, "slack", member.now.minusSeconds(30), "HTTP 503: out of order", false, Optional.empty())
                .failed(4, "slack", member.now, "HTTP 503: out of order", false, Optional.empty());
    }

    static void sight(InMemoryMember member, String alert, String subject, AlertLevel level, String text) {
        member.order(new Command.SightAlerts(List.of(new Sight(alert, subject, Optional.of(level), text))));
    }

    static void over(InMemoryMember member, String alert, String subject) {
        member.order(new Command.SightAlerts(List.of(new Sight(alert, subject, Optional.empty(), ""))));
    }

    private static void tell(InMemoryMember member, String alert, List<String> subjects, String... channels) {
        TreeSet<String> ways = new TreeSet<>(List.of(channels.length == 0 ? new String[] {"slack"} : channels));
        member.order(new Command.TellAlert(alert, member.state().alerts().next(), subjects, ways));
    }

    private static void give(InMemoryMember member, long number, String channel) {
        member.order(new Command.RecordDelivery(number, channel, true, ""));
    }

    /// Channels of which each test comes out as its name says.
    public static final class Tried implements Telling {
        public final List<String> by = new ArrayList<>();
        private final List<String> names;

        public Tried(String... names) {
            this.names = List.of(names);
        }

        @Override
        public List<Way> ways() {
            return names.stream()
                    .map(name -> new Way(name, "webhook", EnumSet.allOf(AlertLevel.class), List.of(), List.of()))
                    .toList();
        }

        @Override
        public void give(dev.muster.core.state.Bulletin bulletin, String way, Lead lead) {}

        @Override
        public List<String> problems() {
            return List.of();
        }

        @Override
        public void calm(Alerts alerts) {}

        @Override
        public List<Tested> test(Optional<String> way, String who) {
            by.add(who);
            return names.stream()
                    .filter(name -> way.isEmpty() || way.get().equals(name))
                    .map(name -> new Tested(
                            name, "webhook", !name.startsWith("bad"), name.startsWith("bad") ? "HTTP 404" : "taken"))
                    .toList();
        }
    }
}
