package dev.muster.core.alert;

import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.AlertPolicy.Limits;
import dev.muster.core.state.ClusterState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is looked at, and what was seen in it so far.
final class Scene {
    /// Of a limit: so much better a figure has to be before it is well again, so that one at the border does not flap.
    private static final double RELEASE = 0.1;

    final ClusterState state;
    final Soft soft;
    final Policy policy;
    final Instant now;
    final List<Sign> signs = new ArrayList<>();

    Scene(ClusterState state, Soft soft, Policy policy, Instant now) {
        this.state = state;
        this.soft = soft;
        this.policy = policy;
        this.now = now;
    }

    boolean watches(AlertRule rule) {
        boolean limited = rule.side().isEmpty() || limits(rule).isPresent();
        return limited && !state.alerts().policy().off().contains(rule.word());
    }

    Optional<Limits> limits(AlertRule rule) {
        return state.alerts().policy().limits().find(rule.word()).or(rule::limits);
    }

    void add(AlertRule rule, String subject, AlertLevel level, String text) {
        signs.add(new Sign(rule, subject, level, text));
    }

    /// A figure, by the rule's limits.
    void figure(AlertRule rule, String subject, double value, String text) {
        Optional<Limits> limits = limits(rule);
        if (limits.isEmpty()) return;
        if (Double.isNaN(value)) {
            add(rule, subject, AlertLevel.UNKNOWN, text);
            return;
        }
        Optional<AlertLevel> before = before(rule, subject);
        boolean wasCritical =
                before.filter(level -> level == AlertLevel.CRITICAL).isPresent();
        boolean was = before.filter(level -> level != AlertLevel.UNKNOWN).isPresent();
        AlertRule.Side side = rule.side().orElseThrow();
        if (passes(side, value, limits.get().critical(), wasCritical)) add(rule, subject, AlertLevel.CRITICAL, text);
        else if (passes(side, value, limits.get().warning(), was)) add(rule, subject, AlertLevel.WARNING, text);
    }

    /// Is it at its critical limit, or past it?
    boolean critical(AlertRule rule, double value, boolean was) {
        return watches(rule)
                && limits(rule)
                        .filter(limits -> passes(rule.side().orElseThrow(), value, limits.critical(), was))
                        .isPresent();
    }

    /// The level that is known and not over.
    Optional<AlertLevel> before(AlertRule rule, String subject) {
        return state.alerts()
                .member(Alert.id(rule.word(), subject, rule.apart()), subject)
                .filter(member -> !member.over())
                .map(Alert.Member::level);
    }

    private static boolean passes(AlertRule.Side side, double value, Optional<Double> limit, boolean passed) {
        if (limit.isEmpty()) return false;
        double at = limit.get();
        double margin = passed ? Math.abs(at) * RELEASE : 0;
        return side == AlertRule.Side.LEAST ? value < at + margin : value >= at - margin;
    }
}
