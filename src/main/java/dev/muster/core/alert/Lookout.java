package dev.muster.core.alert;

import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Alerting.Turn;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Alerts;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Looks now and then whether what is wrong is what the state says, and remembers since when it is not.
public final class Lookout {
    /// What is worth telling people lasts longer.
    static final Duration EVERY = Duration.ofSeconds(2);

    private Lookout() {}

    /// Nothing changes before it is time to look again.
    public static Alerting look(ClusterState state, Soft soft, Policy policy, Instant now) {
        Alerting alerting = soft.alerting();
        if (now.isBefore(alerting.lookedAt().plus(EVERY))) return alerting;
        Map<String, Sign> signs = new TreeMap<>();
        for (Sign sign : Signs.of(state, soft, policy, now))
            signs.merge(Alerts.key(sign.alert(), sign.subject()), sign, Lookout::worse);
        Table<String, Turn> turns = Table.empty();
        for (Map.Entry<String, Sign> entry : signs.entrySet()) {
            Sign sign = entry.getValue();
            Optional<AlertLevel> known = open(state, sign.alert(), sign.subject());
            // What is known to be wrong, and cannot be seen for now, stays as it is.
            boolean unseen = sign.level() == AlertLevel.UNKNOWN && known.isPresent();
            if (unseen || known.equals(Optional.of(sign.level()))) continue;
            turns = turns.with(
                    entry.getKey(), turn(alerting, entry.getKey(), Optional.of(sign.level()), sign.text(), now));
        }
        for (Alert alert : state.alerts().alerts().values())
            for (Map.Entry<String, Alert.Member> member : alert.members()) {
                String key = Alerts.key(alert.id(), member.getKey());
                if (!member.getValue().over() && !signs.containsKey(key))
                    turns = turns.with(key, turn(alerting, key, Optional.empty(), "", now));
            }
        return alerting.looked(now, turns, state.alerts().outbox());
    }

    private static Sign worse(Sign one, Sign other) {
        return one.level().compareTo(other.level()) >= 0 ? one : other;
    }

    private static Optional<AlertLevel> open(ClusterState state, String alert, String subject) {
        return state.alerts()
                .member(alert, subject)
                .filter(member -> !member.over())
                .map(Alert.Member::level);
    }

    /// One that only gets worse has lasted since it began.
    private static Turn turn(Alerting alerting, String key, Optional<AlertLevel> level, String text, Instant now) {
        Optional<Turn> before =
                alerting.turns().find(key).filter(turn -> turn.level().isPresent() == level.isPresent());
        return new Turn(level, before.map(Turn::since).orElse(now), text);
    }
}
