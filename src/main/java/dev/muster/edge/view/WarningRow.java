package dev.muster.edge.view;

import dev.muster.core.run.Watch;
import dev.muster.core.state.Table;
import dev.muster.core.state.Traces;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a rule says that does not go well.
///
/// @param advice the runbook's; empty of a rule that only a newer build knows
public record WarningRow(String rule, boolean critical, String subject, String text, String advice) {
    static List<WarningRow> of(Table<String, Traces.Warning> warnings) {
        List<WarningRow> rows = new ArrayList<>();
        for (Map.Entry<String, Traces.Warning> one : warnings)
            rows.add(new WarningRow(
                    one.getKey(),
                    one.getValue().critical(),
                    one.getValue().subject(),
                    one.getValue().text(),
                    advice(one.getKey())));
        return List.copyOf(rows);
    }

    private static String advice(String name) {
        for (Watch.Rule rule : Watch.Rule.values()) if (rule.name().equals(name)) return rule.advice();
        return "";
    }

    /// `critical UTILIZATION: GPU in use: 12% in the last 10 min`.
    static String words(Doc warning) {
        return (warning.flag("critical") ? "critical " : "warning ")
                + warning.text("rule").toLowerCase(java.util.Locale.ROOT) + ": " + warning.text("text");
    }
}
