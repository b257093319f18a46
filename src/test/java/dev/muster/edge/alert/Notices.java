package dev.muster.edge.alert;

import dev.muster.core.state.AlertLevel;
import dev.muster.edge.alert.Notice.Kind;
import dev.muster.edge.alert.Notice.Line;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Notices of all kinds, with what may stand in them.
final class Notices {
    static final Instant AT = Instant.parse("2026-03-01T12:00:00.250Z");
    private static final Instant SINCE = Instant.parse("2026-03-01T11:55:00Z");
    private static final String RUNBOOK = "docs/RUNBOOK.md#node-lost";

    private Notices() {}

    static Map<String, Notice> all() {
        Map<String, Notice> all = new LinkedHashMap<>();
        all.put("fired", fired());
        all.put("grouped", grouped());
        all.put("changed", changed());
        all.put("escalated", escalated());
        all.put("resolved", resolved());
        all.put("unknown", unknown());
        all.put("test", test());
        return all;
    }

    static Notice fired() {
        return notice(
                "run-failed/r-7",
                17,
                Kind.FIRED,
                AlertLevel.WARNING,
                "run r-7 failed: a < b & *c*",
                line("r-7", AlertLevel.WARNING, "stage train: exit 1, see _out_ & <@U123> @everyone", false));
    }

    static Notice grouped() {
        List<Line> lines = new ArrayList<>();
        for (int node = 1; node <= Notice.LINES_MAX; node++)
            lines.add(line("gpu-" + node, AlertLevel.CRITICAL, "not heard for 5m", false));
        String title = "27 nodes are not heard: gpu-1, gpu-2, gpu-3 and 24 more";
        return new Notice("prod", "node-lost", 18, Kind.FIRED, AlertLevel.CRITICAL, title, lines, 7, RUNBOOK, AT);
    }

    static Notice changed() {
        return notice(
                "node-lost",
                19,
                Kind.CHANGED,
                AlertLevel.CRITICAL,
                "2 nodes are not heard: gpu-3, gpu-1",
                line("gpu-3", AlertLevel.CRITICAL, "not heard for 1m", false),
                line("gpu-1", AlertLevel.CRITICAL, "not heard for 9m", false),
                line("gpu-2", AlertLevel.CRITICAL, "heard again", true));
    }

    static Notice escalated() {
        return notice(
                "disk",
                20,
                Kind.ESCALATED,
                AlertLevel.CRITICAL,
                "the disk of gpu-1 is full to 96%",
                line("gpu-1", AlertLevel.CRITICAL, "full to 96%, expected less than 90%", false));
    }

    static Notice resolved() {
        return notice(
                "node-lost",
                21,
                Kind.RESOLVED,
                AlertLevel.CRITICAL,
                "all nodes are heard",
                line("gpu-3", AlertLevel.CRITICAL, "heard again", true),
                line("gpu-1", AlertLevel.CRITICAL, "heard again", true));
    }

    static Notice unknown() {
        return notice(
                "backup",
                22,
                Kind.FIRED,
                AlertLevel.UNKNOWN,
                "nobody knows whether the last backup is whole",
                line("backup", AlertLevel.UNKNOWN, "the check did not answer", false));
    }

    static Notice test() {
        return new Notice(
                "prod",
                "test",
                0,
                Kind.TEST,
                AlertLevel.WARNING,
                "a test of the channel; nothing is wrong",
                List.of(),
                0,
                "",
                AT);
    }

    static Notice of(String cluster, String alert, String title, Line... lines) {
        return new Notice(cluster, alert, 23, Kind.FIRED, AlertLevel.CRITICAL, title, List.of(lines), 0, RUNBOOK, AT);
    }

    static Line line(String subject, AlertLevel level, String text, boolean over) {
        return new Line(subject, level, text, SINCE, over);
    }

    private static Notice notice(String alert, long number, Kind kind, AlertLevel level, String title, Line... lines) {
        return new Notice("prod", alert, number, kind, level, title, List.of(lines), 0, RUNBOOK, AT);
    }
}
