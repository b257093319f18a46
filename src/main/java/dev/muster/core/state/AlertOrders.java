package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Orders about alerts.
final class AlertOrders {
    private static final Duration SILENCE_MAX = Duration.ofDays(30);

    private AlertOrders() {}

    static Outcome handle(ClusterState state, Command.OfAlerts command, Actor by, Instant at, String why) {
        return switch (command) {
            case Command.SightAlerts order -> sight(state.alerts(), order);
            case Command.TellAlert order -> tell(state.alerts(), order, at);
            case Command.RecordDelivery order -> delivery(state.alerts(), order);
            case Command.SilenceAlerts order -> silence(state, order, by, at, why);
            case Command.EndSilence(String id) -> endSilence(state.alerts(), id);
            case Command.SetAlertPolicy(AlertPolicy policy) ->
                policy.equals(state.alerts().policy())
                        ? new Outcome.Accepted(List.of(), "")
                        : accepted(new Event.AlertPolicySet(policy));
        };
    }

    // ---- what is noticed

    private static Outcome sight(Alerts alerts, Command.SightAlerts order) {
        List<Event> events = new ArrayList<>();
        Set<String> fresh = new TreeSet<>();
        for (Command.SightAlerts.Sight sight : order.sights()) {
            Alert known = alerts.alerts().find(sight.alert()).orElse(null);
            Optional<Alert.Member> member = alerts.member(sight.alert(), sight.subject());
            boolean open = member.filter(one -> !one.over()).isPresent();
            if (sight.level().isEmpty()) {
                if (open) events.add(new Event.AlertCleared(sight.alert(), sight.subject()));
                continue;
            }
            if (open && member.get().level() == sight.level().get()) continue;
            if (known == null) fresh.add(sight.alert());
            if (alerts.alerts().size() + fresh.size() > Alerts.ALERTS_MAX)
                return refused(Code.FULL, "expected at most " + Alerts.ALERTS_MAX + " alerts at once");
            if (known != null && known.members().size() >= Alert.MEMBERS_MAX)
                return refused(Code.FULL, "expected at most " + Alert.MEMBERS_MAX + " subjects of " + sight.alert());
            events.add(new Event.AlertRaised(
                    sight.alert(), sight.subject(), sight.level().get(), sight.text()));
        }
        return new Outcome.Accepted(events, "");
    }

    // ---- what is told

    private static Outcome tell(Alerts alerts, Command.TellAlert order, Instant at) {
        Alert alert = alerts.alerts().find(order.alert()).orElse(null);
        if (alert == null) return refused(Code.STALE, "the alert " + order.alert() + " is over, and that was told");
        if (order.number() != alerts.next())
            return refused(
                    Code.STALE, "expected the notice " + alerts.next() + " to be next, but found " + order.number());
        Map<String, Alert.Member> news = new TreeMap<>();
        for (String subject : order.subjects())
            alert.members().find(subject).filter(Alert.Member::news).ifPresent(member -> news.put(subject, member));
        if (news.isEmpty()) return refused(Code.STALE, "there is nothing new of " + order.alert());
        return accepted(new Event.AlertTold(bulletin(alert, order, news, at)));
    }

    /// What goes on and was told before is told again, after what is new.
    private static Bulletin bulletin(Alert alert, Command.TellAlert order, Map<String, Alert.Member> news, Instant at) {
        Map<String, Alert.Member> shown = new TreeMap<>(news);
        for (Map.Entry<String, Alert.Member> member : alert.members())
            if (!member.getValue().over() && member.getValue().told().isPresent())
                shown.putIfAbsent(member.getKey(), member.getValue());
        List<Map.Entry<String, Alert.Member>> rows = new ArrayList<>(shown.entrySet());
        rows.sort(Comparator.<Map.Entry<String, Alert.Member>>comparingInt(
                        row -> row.getValue().over() ? 1 : 0)
                .thenComparingInt(row -> news.containsKey(row.getKey()) ? 0 : 1)
                .thenComparing(row -> row.getValue().level(), Comparator.reverseOrder())
                .thenComparing(Map.Entry::getKey));
        List<Bulletin.Line> lines = rows.stream()
                .limit(Bulletin.LINES_MAX)
                .map(row -> line(row.getKey(), row.getValue()))
                .toList();
        int open =
                (int) shown.values().stream().filter(member -> !member.over()).count();
        return new Bulletin(
                order.number(),
                alert.id(),
                kind(alert, news, open),
                level(alert, shown, open),
                List.copyOf(news.keySet()),
                lines,
                open,
                rows.size() - lines.size(),
                at,
                order.channels());
    }

    private static Bulletin.Line line(String subject, Alert.Member member) {
        return new Bulletin.Line(subject, member.level(), member.text(), member.since(), member.over());
    }

    private static AlertLevel level(Alert alert, Map<String, Alert.Member> shown, int open) {
        if (open == 0) return alert.worst().orElse(AlertLevel.UNKNOWN);
        AlertLevel worst = AlertLevel.UNKNOWN;
        for (Alert.Member member : shown.values()) if (!member.over()) worst = worst.worse(member.level());
        return worst;
    }

    private static Bulletin.Kind kind(Alert alert, Map<String, Alert.Member> news, int open) {
        if (open == 0) return Bulletin.Kind.RESOLVED;
        Optional<AlertLevel> told = alert.worst();
        if (told.isEmpty()) return Bulletin.Kind.FIRED;
        boolean worse = news.values().stream()
                .anyMatch(member -> !member.over() && member.level().compareTo(told.get()) > 0);
        return worse ? Bulletin.Kind.ESCALATED : Bulletin.Kind.CHANGED;
    }

    private static Outcome delivery(Alerts alerts, Command.RecordDelivery order) {
        Bulletin bulletin = alerts.outbox().find(order.number()).orElse(null);
        if (bulletin == null || !bulletin.channels().contains(order.channel()))
            return refused(Code.STALE, "the notice " + order.number() + " is not owed to " + order.channel());
        return accepted(
                order.given()
                        ? new Event.AlertDelivered(order.number(), bulletin.alert(), order.channel())
                        : new Event.AlertUndelivered(order.number(), bulletin.alert(), order.channel(), order.note()));
    }

    // ---- what people want

    private static Outcome silence(ClusterState state, Command.SilenceAlerts order, Actor by, Instant at, String why) {
        Alerts alerts = state.alerts();
        if (order.time().isNegative() || order.time().isZero() || order.time().compareTo(SILENCE_MAX) > 0)
            return refused(
                    Code.INVALID,
                    "expected a time of more than 0s, up to " + Durations.brief(SILENCE_MAX) + ", but found "
                            + Durations.brief(order.time()) + "; a rule that nobody wants is switched off by"
                            + " `muster alert policy`");
        long open = alerts.silences().values().stream()
                .filter(silence -> silence.holds(at))
                .count();
        if (open >= Alerts.SILENCES_MAX)
            return refused(Code.FULL, "expected at most " + Alerts.SILENCES_MAX + " silences at once");
        String id = "s" + (state.revision() + 1);
        Silence silence = new Silence(id, order.pattern(), at.plus(order.time()), by.toString(), why, at);
        return new Outcome.Accepted(List.of(new Event.AlertsSilenced(silence)), id);
    }

    private static Outcome endSilence(Alerts alerts, String id) {
        return alerts.silences()
                .find(id)
                .<Outcome>map(silence -> accepted(new Event.SilenceEnded(id, silence.pattern())))
                .orElseGet(() ->
                        refused(Code.NOT_FOUND, "no silence " + id + "; `muster alert list` shows those there are"));
    }
}
