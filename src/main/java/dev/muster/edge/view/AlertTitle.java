package dev.muster.edge.view;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Bulletin;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What is said of an alert in one line.
public final class AlertTitle {
    private static final int NAMED_MAX = 3;

    private AlertTitle() {}

    private record Named(String subject, String text) {}

    /// `gpu-3 has been silent for 2m10s`, `3 nodes are not heard: a, b, c`, `over: 27 nodes are not heard: a, b, c and 24 more`.
    public static String of(Bulletin bulletin) {
        boolean over = bulletin.open() == 0;
        List<Named> named = bulletin.lines().stream()
                .filter(line -> line.over() == over)
                .map(line -> new Named(line.subject(), line.text()))
                .toList();
        // What has no line and is over comes last, so it is counted where all is over.
        int count = over ? named.size() + bulletin.more() : bulletin.open();
        return title(rule(bulletin.alert()), bulletin.level(), over, named, count);
    }

    /// The same of what goes on now; of what is over where nothing does.
    public static String of(Alert alert) {
        boolean over = !alert.open();
        List<Named> named = alert.members().asMap().entrySet().stream()
                .filter(member -> member.getValue().over() == over)
                .sorted(Comparator.<Map.Entry<String, Alert.Member>, AlertLevel>comparing(
                                member -> member.getValue().level())
                        .reversed()
                        .thenComparing(Map.Entry::getKey))
                .map(member -> new Named(member.getKey(), member.getValue().text()))
                .toList();
        return title(alert.rule(), alert.level(), over, named, named.size());
    }

    private static String rule(String alert) {
        int slash = alert.indexOf('/');
        return slash < 0 ? alert : alert.substring(0, slash);
    }

    private static String title(String rule, AlertLevel level, boolean over, List<Named> named, int count) {
        String what = what(rule, level, named, count);
        return over ? "over: " + what : what;
    }

    private static String what(String rule, AlertLevel level, List<Named> named, int count) {
        boolean unknown = level == AlertLevel.UNKNOWN;
        if (count == 1 && named.size() == 1)
            return unknown
                    ? "not known: " + named.getFirst().text()
                    : named.getFirst().text();
        String many = AlertRule.find(rule)
                .map(AlertRule::many)
                .filter(text -> !text.isEmpty())
                .orElse("of " + rule);
        String names = names(named, count);
        return unknown ? "not known whether " + many + ": " + names : count + " " + many + ": " + names;
    }

    private static String names(List<Named> named, int count) {
        List<String> shown = named.stream().limit(NAMED_MAX).map(Named::subject).toList();
        String names = String.join(", ", shown);
        return count > shown.size() ? names + " and " + (count - shown.size()) + " more" : names;
    }
}
