package dev.muster.edge.view;

import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Alerts;
import java.util.List;

/// Alerts that are open, in brief: how many of each level, and the worst.
public record AlertSum(int critical, int warning, int unknown, List<Brief> worst) {
    private static final int WORST_MAX = 5;

    public record Brief(String id, String level, String title) {}

    static AlertSum of(Alerts alerts) {
        return new AlertSum(
                count(alerts, AlertLevel.CRITICAL),
                count(alerts, AlertLevel.WARNING),
                count(alerts, AlertLevel.UNKNOWN),
                AlertsView.worstFirst(alerts)
                        .filter(Alert::open)
                        .limit(WORST_MAX)
                        .map(alert -> new Brief(alert.id(), AlertRow.word(alert.level()), AlertTitle.of(alert)))
                        .toList());
    }

    private static int count(Alerts alerts, AlertLevel level) {
        return (int) alerts.alerts().values().stream()
                .filter(alert -> alert.open() && alert.level() == level)
                .count();
    }
}
