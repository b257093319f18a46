package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What people are to know, what they were told, and what they do not want to hear.
///
/// @param alerts   by id
/// @param outbox   by number: what some channel has not taken yet
/// @param next     number of the next notice
/// @param silences by id
/// @param lately   subjects of which it was told that they are over, by [#key], and when
/// @param sent     notices of the last hour that were not critical
public record Alerts(
        Table<String, Alert> alerts,
        Table<Long, Bulletin> outbox,
        long next,
        Table<String, Silence> silences,
        AlertPolicy policy,
        Table<String, Over> lately,
        Table<Long, Instant> sent) {
    static final int ALERTS_MAX = 1_000;
    /// What channels that are down for a long time still owe.
    public static final int OUTBOX_MAX = 200;
    static final int SILENCES_MAX = 200;
    private static final int LATELY_MAX = 2_000;
    private static final Duration HOUR = Duration.ofHours(1);

    static final Alerts EMPTY = new Alerts(
            Table.empty(), Table.empty(), 1, Table.empty(), AlertPolicy.DEFAULT, Table.empty(), Table.empty());

    /// @param level the worst it was told
    public record Over(Instant at, AlertLevel level) {}

    public static String key(String id, String subject) {
        return id + " " + subject;
    }

    public Optional<Alert.Member> member(String id, String subject) {
        return alerts.find(id).flatMap(alert -> alert.members().find(subject));
    }

    /// Does anybody not want to hear it now?
    public Optional<Silence> silenced(String rule, String subject, Instant now) {
        return silences.values().stream()
                .filter(silence -> silence.holds(now) && silence.covers(rule, subject))
                .findFirst();
    }

    /// Notices of the last hour that were not critical.
    public long sentWithin(Instant now) {
        return sent.values().stream().filter(at -> at.plus(HOUR).isAfter(now)).count();
    }

    Alerts applied(Event.OfAlerts event, Instant at) {
        return switch (event) {
            case Event.AlertRaised(String id, String subject, AlertLevel level, String text) ->
                with(alerts.find(id).orElse(Alert.begun(id, at)).seen(subject, level, text, at));
            case Event.AlertCleared(String id, String subject) ->
                with(alerts.require(id).cleared(subject, at));
            case Event.AlertTold(Bulletin bulletin) -> told(bulletin, at);
            case Event.AlertDelivered(long number, String alert, String channel) -> taken(number, channel);
            case Event.AlertUndelivered(long number, String alert, String channel, String why) ->
                taken(number, channel);
            case Event.AlertsSilenced(Silence silence) -> withSilences(fresh(at).with(silence.id(), silence));
            case Event.SilenceEnded(String id, String pattern) -> withSilences(silences.without(id));
            case Event.AlertPolicySet(AlertPolicy changed) ->
                new Alerts(alerts, outbox, next, silences, changed, lately, sent);
        };
    }

    private Table<String, Silence> fresh(Instant at) {
        Table<String, Silence> kept = silences;
        for (Silence silence : silences.values()) if (!silence.holds(at)) kept = kept.without(silence.id());
        return kept;
    }

    private Alerts with(Alert alert) {
        return new Alerts(
                alert.members().isEmpty() ? alerts.without(alert.id()) : alerts.with(alert.id(), alert),
                outbox,
                next,
                silences,
                policy,
                lately,
                sent);
    }

    private Alerts withSilences(Table<String, Silence> changed) {
        return new Alerts(alerts, outbox, next, changed, policy, lately, sent);
    }

    private Alerts told(Bulletin bulletin, Instant at) {
        Alert before = alerts.require(bulletin.alert());
        Table<String, Over> over = lately;
        for (String subject : bulletin.subjects()) {
            Optional<Alert.Member> member = before.members().find(subject);
            String key = key(before.id(), subject);
            if (member.isPresent())
                over = member.get().over()
                        ? over.with(
                                key,
                                new Over(
                                        at,
                                        member.get().told().orElse(member.get().level())))
                        : over.without(key);
        }
        boolean counts = bulletin.level() != AlertLevel.CRITICAL;
        Table<Long, Bulletin> open = bulletin.channels().isEmpty() ? outbox : outbox.with(bulletin.number(), bulletin);
        while (open.size() > OUTBOX_MAX) open = open.without(open.first().orElseThrow());
        Alerts next = new Alerts(
                alerts,
                open,
                bulletin.number() + 1,
                silences,
                policy,
                newest(over, at),
                counts ? within(at).with(bulletin.number(), at) : within(at));
        return next.with(before.told(bulletin, at));
    }

    private Table<Long, Instant> within(Instant now) {
        Table<Long, Instant> kept = sent;
        for (Map.Entry<Long, Instant> one : sent)
            if (!one.getValue().plus(HOUR).isAfter(now)) kept = kept.without(one.getKey());
        return kept;
    }

    /// Older than any cooldown is of no use.
    private Table<String, Over> newest(Table<String, Over> over, Instant now) {
        Table<String, Over> kept = over;
        for (Map.Entry<String, Over> one : over)
            if (!one.getValue().at().plus(policy.cooldown()).isAfter(now)) kept = kept.without(one.getKey());
        while (kept.size() > LATELY_MAX) kept = kept.without(kept.first().orElseThrow());
        return kept;
    }

    private Alerts taken(long number, String channel) {
        Optional<Bulletin> rest = outbox.find(number).flatMap(bulletin -> bulletin.taken(channel));
        return new Alerts(
                alerts,
                rest.map(bulletin -> outbox.with(number, bulletin)).orElse(outbox.without(number)),
                next,
                silences,
                policy,
                lately,
                sent);
    }
}
