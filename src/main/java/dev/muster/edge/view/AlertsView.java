package dev.muster.edge.view;

import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Alerts;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Silence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What is wrong, who is told of it, and who does not want to hear it.
///
/// @param led      somebody leads; else nobody looks, nobody is told, and what only a leader knows is missing
/// @param lookedAt when the leader last looked whether anything is wrong
/// @param alerts   the worst first
/// @param over     those that were told to be over, lately; only where all are asked for
/// @param owed     what channels have not taken yet, the oldest first
/// @param channels that the leader has
public record AlertsView(
        boolean led,
        Optional<Instant> lookedAt,
        List<AlertRow> alerts,
        List<Over> over,
        List<Owed> owed,
        List<Muted> silences,
        List<Channel> channels,
        Instant at) {
    private static final int OWED_MAX = 500;

    /// @param level the worst it was told
    public record Over(String id, String level, Instant at) {}

    /// One notice, for one channel.
    ///
    /// @param kind     `fired`, `changed`, `escalated` or `resolved`
    /// @param failures tries in a row; 0 also where the leader has not tried it
    /// @param note     what the last try said
    /// @param next     when it is tried again
    /// @param lasting  somebody has to change something first
    /// @param known    the leader has such a channel
    public record Owed(
            long number,
            String alert,
            String kind,
            String title,
            Instant at,
            String channel,
            int failures,
            String note,
            Optional<Instant> next,
            boolean lasting,
            boolean known) {}

    /// A silence.
    ///
    /// @param covers open subjects
    public record Muted(String id, String pattern, Instant until, String by, String why, Instant at, int covers) {}

    /// @param levels it is used for
    /// @param rules  that it is used for; none: all
    /// @param except that it is not used for
    /// @param owed   notices that it has not taken yet
    /// @param note   what the last try of these said, where it failed
    public record Channel(
            String name,
            String type,
            List<String> levels,
            List<String> rules,
            List<String> except,
            int owed,
            String note) {}

    /// @param all also what is over
    public static AlertsView of(Picture picture, List<Wait> waits, boolean all) {
        Alerts alerts = picture.state().alerts();
        Alerting alerting = picture.soft().map(Soft::alerting).orElse(Alerting.NOTHING);
        return new AlertsView(
                picture.soft().isPresent(),
                picture.soft().map(soft -> soft.alerting().lookedAt()).filter(at -> !at.equals(Instant.EPOCH)),
                worstFirst(alerts)
                        .filter(alert -> all || alert.open())
                        .map(alert -> AlertRow.of(picture, alert, waits, AlertRow.BRIEF_MAX))
                        .toList(),
                all ? over(alerts) : List.of(),
                owed(alerts, alerting),
                alerts.silences().values().stream()
                        .filter(silence -> silence.holds(picture.now()))
                        .map(silence -> muted(alerts, silence))
                        .toList(),
                alerting.ways().stream()
                        .map(way -> channel(way, alerts, alerting))
                        .toList(),
                picture.now());
    }

    /// Unknown is worse than a warning here: nobody can say how bad it is.
    private static final List<AlertLevel> WORST_FIRST =
            List.of(AlertLevel.CRITICAL, AlertLevel.UNKNOWN, AlertLevel.WARNING);

    static Stream<Alert> worstFirst(Alerts alerts) {
        return alerts.alerts().values().stream()
                .sorted(Comparator.comparing((Alert alert) -> !alert.open())
                        .thenComparing(alert -> WORST_FIRST.indexOf(alert.level()))
                        .thenComparing(Alert::since)
                        .thenComparing(Alert::id));
    }

    private static List<Over> over(Alerts alerts) {
        return alerts.lately().asMap().entrySet().stream()
                .map(one -> new Over(
                        one.getKey(),
                        AlertRow.word(one.getValue().level()),
                        one.getValue().at()))
                .sorted(Comparator.comparing(Over::at).reversed())
                .toList();
    }

    private static List<Owed> owed(Alerts alerts, Alerting alerting) {
        List<Owed> rows = new ArrayList<>();
        for (Bulletin bulletin : alerts.outbox().values())
            for (String channel : bulletin.channels())
                if (rows.size() < OWED_MAX) rows.add(owed(bulletin, channel, alerting));
        return List.copyOf(rows);
    }

    private static Owed owed(Bulletin bulletin, String channel, Alerting alerting) {
        Optional<Alerting.Tried> tried = alerting.tried().find(Alerting.key(bulletin.number(), channel));
        return new Owed(
                bulletin.number(),
                bulletin.alert(),
                bulletin.kind().name().toLowerCase(java.util.Locale.ROOT),
                AlertTitle.of(bulletin),
                bulletin.at(),
                channel,
                tried.map(Alerting.Tried::failures).orElse(0),
                tried.map(Alerting.Tried::note).orElse(""),
                tried.filter(one -> !one.running()).map(Alerting.Tried::next),
                tried.filter(Alerting.Tried::lasting).isPresent(),
                alerting.ways().stream().anyMatch(way -> way.name().equals(channel)));
    }

    private static Muted muted(Alerts alerts, Silence silence) {
        int covers = 0;
        for (Alert alert : alerts.alerts().values())
            for (Map.Entry<String, Alert.Member> member : alert.members())
                if (!member.getValue().over() && silence.covers(alert.rule(), member.getKey())) covers++;
        return new Muted(
                silence.id(), silence.pattern(), silence.until(), silence.by(), silence.why(), silence.at(), covers);
    }

    private static Channel channel(Alerting.Way way, Alerts alerts, Alerting alerting) {
        return new Channel(
                way.name(),
                way.type(),
                way.levels().stream().map(AlertRow::word).toList(),
                way.rules(),
                way.except(),
                (int) alerts.outbox().values().stream()
                        .filter(bulletin -> bulletin.channels().contains(way.name()))
                        .count(),
                alerting.trouble(way.name(), alerts.outbox())
                        .map(Alerting.Tried::note)
                        .orElse(""));
    }
}
