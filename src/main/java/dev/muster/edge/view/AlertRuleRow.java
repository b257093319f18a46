package dev.muster.edge.view;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.ClusterState;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One thing that is watched, or could be.
///
/// @param watched it is: not switched off, and with limits where it watches a figure
/// @param why     it is not watched
/// @param side    on which side of its limits a figure is worse: `least` or `most`; absent of what is no figure
/// @param limits  in force
/// @param own     the limits are the rule's own, not the policy's
/// @param hold    for so long it has to be so before anybody is told
/// @param open    subjects
public record AlertRuleRow(
        String rule,
        String watches,
        boolean watched,
        String why,
        Optional<String> side,
        Optional<AlertPolicyRow.Limits> limits,
        boolean own,
        Duration hold,
        int open,
        String runbook) {
    public static List<AlertRuleRow> all(ClusterState state) {
        return Arrays.stream(AlertRule.values()).map(rule -> of(rule, state)).toList();
    }

    private static AlertRuleRow of(AlertRule rule, ClusterState state) {
        AlertPolicy policy = state.alerts().policy();
        Optional<AlertPolicy.Limits> set = policy.limits().find(rule.word());
        Optional<AlertPolicy.Limits> limits = set.or(rule::limits);
        boolean off = policy.off().contains(rule.word());
        boolean unlimited = rule.side().isPresent() && limits.isEmpty();
        return new AlertRuleRow(
                rule.word(),
                watches(rule),
                !off && !unlimited,
                off ? "switched off" : unlimited ? "no limits are set" : "",
                rule.side().map(side -> side.name().toLowerCase(Locale.ROOT)),
                limits.map(AlertPolicyRow.Limits::of),
                set.isEmpty(),
                rule.hold(),
                open(rule, state),
                rule.runbook());
    }

    private static int open(AlertRule rule, ClusterState state) {
        int open = 0;
        for (Alert alert : state.alerts().alerts().values())
            if (alert.rule().equals(rule.word()))
                open += (int) alert.members().values().stream()
                        .filter(member -> !member.over())
                        .count();
        return open;
    }

    private static String watches(AlertRule rule) {
        return switch (rule) {
            case QUORUM -> "voters that are heard, against those that are needed";
            case NO_LEADER -> "a leader that can decide; told by a voter";
            case NODE_LOST -> "nodes in service that are silent or fenced";
            case HEALTHY_SHARE -> "share of the nodes in service that is heard; makes node-lost critical";
            case NODES_OFFLINE -> "nodes in service that are not heard; makes node-lost critical";
            case PEERS -> "nodes that are heard besides the leader";
            case NODE_CHECK -> "what nodes find wrong with themselves, as `muster node check` shows it";
            case RECOVERIES -> "times that one node was put right within an hour";
            case INSTANCES_FEW -> "rented machines that run: too few";
            case INSTANCES_MANY -> "rented machines that run: too many";
            case INSTANCES_IDLE -> "rented machines that run and have nothing to do";
            case INSTANCE_UNHEALTHY -> "rented machines that are to run and do not, or are not heard";
            case DESTROY_FAILED -> "rented machines that are to be ended, and are not";
            case INSTANCE_HELD -> "rented machines that are to be ended while only they hold something";
            case STRAY_FOUND -> "machines at providers that belong to no order of this cluster";
            case KEY_REFUSED -> "providers that do not take the key";
            case NO_CREDIT -> "accounts that cannot pay";
            case PROVIDER_SILENT -> "providers that do not say what runs and is billed there";
            case PRICE_RISE -> "rented machines that cost more than was agreed";
            case BUDGET -> "share of each cap that is used";
            case HOURLY_COST -> "dollars per hour of all rented machines";
            case DAILY_COST -> "dollars spent since midnight";
            case DATA_AT_RISK -> "nodes that are not heard and alone hold files";
            case DISTRIBUTION -> "models that have not reached every node";
            case SELFPLAY_JOBS -> "selfplay tasks that run";
            case LOOP_STALLED -> "loops that stay in one stage for hours";
            case LOOP_FAILING -> "stages of loops that fail again and again";
            case RATING_REGRESSION -> "models that lose against the ones before them";
            case ROLLBACK -> "models that were rolled back";
            case RUN_FAILED -> "training runs that failed, or were stopped by a limit";
            case RUN_WARNING -> "rules of training runs, as `muster run show` has them";
            case ALERT_DELIVERY -> "channels that do not take notices";
        };
    }
}
