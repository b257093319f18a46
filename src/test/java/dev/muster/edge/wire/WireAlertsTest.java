package dev.muster.edge.wire;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.AlertPolicy.Limits;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Command.SightAlerts.Sight;
import dev.muster.core.state.Event;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.QuietHours;
import dev.muster.core.state.Silence;
import dev.muster.core.state.Table;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class WireAlertsTest {
    private static final Instant AT = Instant.parse("2026-03-01T12:00:00Z");
    private static final AlertPolicy POLICY = new AlertPolicy(
            Duration.ofSeconds(20),
            Duration.ofMinutes(4),
            Duration.ofHours(1),
            Duration.ZERO,
            3,
            "Europe/Berlin",
            List.of(QuietHours.parse("mon-fri 22:00-07:00")),
            Table.<String, Limits>empty()
                    .with("hourly-cost", Limits.of(8, 12.5))
                    .with("peers", new Limits(Optional.empty(), Optional.of(3.0))),
            List.of("rollback"));
    private static final Silence SILENCE =
            new Silence("s7", "node-lost/gpu-*", AT.plusSeconds(60), "person:ann", "new switch", AT);
    private static final Bulletin BULLETIN = new Bulletin(
            12,
            "node-lost",
            Bulletin.Kind.ESCALATED,
            AlertLevel.CRITICAL,
            List.of("n3"),
            List.of(
                    new Bulletin.Line("n3", AlertLevel.CRITICAL, "n3 is silent", AT, false),
                    new Bulletin.Line("n2", AlertLevel.UNKNOWN, "", AT, true)),
            1,
            4,
            AT,
            new TreeSet<>(Set.of("slack", "pager")));

    private static ClusterState state() {
        return given(join("n1"), join("n2"))
                .and(
                        new Command.SetAlertPolicy(POLICY),
                        sight("node-lost", "n2", Optional.of(AlertLevel.WARNING)),
                        sight("run-failed/r1", "r1", Optional.of(AlertLevel.CRITICAL)),
                        new Command.TellAlert("node-lost", 1, List.of("n2"), new TreeSet<>(Set.of("slack", "pager"))),
                        new Command.RecordDelivery(1, "pager", true, ""),
                        new Command.TellAlert("run-failed/r1", 2, List.of("r1"), new TreeSet<>()),
                        sight("run-failed/r1", "r1", Optional.empty()),
                        new Command.TellAlert("run-failed/r1", 3, List.of("r1"), new TreeSet<>()),
                        new Command.SilenceAlerts("node-lost", Duration.ofHours(1)))
                .state();
    }

    private static Command sight(String alert, String subject, Optional<AlertLevel> level) {
        return new Command.SightAlerts(List.of(new Sight(alert, subject, level, level.isPresent() ? "it is so" : "")));
    }

    @Test
    void alertsComeBackAsTheyWere() {
        ClusterState state = state();
        assertThat(state.alerts().outbox().size()).isEqualTo(1);
        assertThat(state.alerts().lately().size()).isEqualTo(1);
        assertThat(state.alerts().sent().size()).isEqualTo(1);
        ClusterState back = Wire.readState(new ByteArrayInputStream(Wire.bytes(state)));
        assertThat(back.alerts()).isEqualTo(state.alerts());
        assertThat(Wire.text(back)).isEqualTo(Wire.text(state));
    }

    @Test
    void ordersComeBackAsTheyWere() {
        List<Command> orders = List.of(
                new Command.SightAlerts(List.of(
                        new Sight("node-lost", "n3", Optional.of(AlertLevel.UNKNOWN), "n3 is silent"),
                        new Sight("budget", "all per day", Optional.empty(), ""))),
                new Command.TellAlert("node-lost", 3, List.of("n3"), new TreeSet<>(Set.of("slack", "pager"))),
                new Command.RecordDelivery(3, "slack", false, "HTTP 404"),
                new Command.SilenceAlerts("node-lost/gpu-*", Duration.ofMinutes(90)),
                new Command.EndSilence("s7"),
                new Command.SetAlertPolicy(POLICY));
        assertThat(orders.stream().map(Object::getClass).toList())
                .containsExactlyInAnyOrder(Command.OfAlerts.class.getPermittedSubclasses());
        for (Command order : orders)
            assertThat(Wire.read(Wire.bytes(order), Command.class)).isEqualTo(order);
    }

    @Test
    void eventsComeBackAsTheyWere() {
        List<Event> events = List.of(
                new Event.AlertRaised("node-lost", "n3", AlertLevel.CRITICAL, "n3 is silent"),
                new Event.AlertCleared("node-lost", "n3"),
                new Event.AlertTold(BULLETIN),
                new Event.AlertDelivered(12, "node-lost", "slack"),
                new Event.AlertUndelivered(12, "node-lost", "pager", "nobody has taken it"),
                new Event.AlertsSilenced(SILENCE),
                new Event.SilenceEnded("s7", "node-lost/gpu-*"),
                new Event.AlertPolicySet(POLICY));
        assertThat(events.stream().map(Object::getClass).toList())
                .containsExactlyInAnyOrder(Event.OfAlerts.class.getPermittedSubclasses());
        for (Event event : events)
            assertThat(Wire.read(Wire.bytes(event), Event.class)).isEqualTo(event);
    }

    @Test
    void aStateOfABuildWithoutAlertsHasNone() {
        ObjectNode old = Wire.MAPPER.valueToTree(state());
        assertThat(old.remove("alerts")).isNotNull();
        ClusterState back = Wire.readState(new ByteArrayInputStream(Wire.bytes(old)));
        assertThat(back.alerts()).isEqualTo(ClusterState.EMPTY.alerts());
        assertThat(back.alerts().policy()).isEqualTo(AlertPolicy.DEFAULT);
        assertThat(back.fleet()).isEqualTo(state().fleet());
    }

    /// Other nodes ask the leader for it.
    @Test
    void whatTheLeaderKnowsOfChannelsComesBackAsItWas() {
        Alerting alerting = Alerting.NOTHING
                .looked(AT, Table.empty(), Table.empty())
                .with(List.of(
                        new Alerting.Way(
                                "pager", "pagerduty", EnumSet.of(AlertLevel.CRITICAL), List.of(), List.of("budget")),
                        new Alerting.Way("none", "webhook", Set.of(), List.of("quorum"), List.of())))
                .failed(12, "pager", AT, "HTTP 503", true, Optional.of(Duration.ofMinutes(9)));
        Soft soft = Soft.leadingSince(AT).withAlerting(alerting);
        assertThat(Wire.read(Wire.bytes(soft), Soft.class)).isEqualTo(soft);
        Alerting whole = alerting.with(Table.<NodeId, Alerting.Checked>empty()
                .with(new NodeId("n1"), new Alerting.Checked(AT, Table.empty())));
        assertThat(whole.told()).isEqualTo(alerting);
    }

    @Test
    void aLeaderOfABuildWithoutAlertsHasNoChannels() {
        ObjectNode old = Wire.MAPPER.valueToTree(Soft.leadingSince(AT));
        assertThat(old.remove("alerting")).isNotNull();
        assertThat(Wire.read(Wire.bytes(old), Soft.class).alerting()).isEqualTo(Alerting.NOTHING);
    }
}
