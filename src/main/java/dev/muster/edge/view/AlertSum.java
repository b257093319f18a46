package dev.muster.edge.view;

import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Alerts;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Alerts that are open, in brief: how many of each level, and the worst.
public record AlertSum(int critical, int warning, int unknown, List<Brief> worst) {
    private static final int WORST_MAX = 5;

    public record Brief(String id, String level, String title) {}

    public static AlertSum of(Alerts alerts) {
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

    public int open() {
        return critical + warning + unknown;
    }

    /// The worst level; empty where nothing is open.
    public Optional<String> level() {
        return worst.stream().map(Brief::level).findFirst();
    }

    /// `2 critical, 1 unknown`, the worst first; empty where nothing is open.
    public String counts() {
        return Stream.of(
                        count(critical, AlertLevel.CRITICAL),
                        count(unknown, AlertLevel.UNKNOWN),
                        count(warning, AlertLevel.WARNING))
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining(", "));
    }

    private static String count(int open, AlertLevel level) {
        return open == 0 ? "" : open + " " + AlertRow.word(level);
    }

    private static int count(Alerts alerts, AlertLevel level) {
        return (int) alerts.alerts().values().stream()
                .filter(alert -> alert.open() && alert.level() == level)
                .count();
    }
}
