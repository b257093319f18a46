package dev.muster.edge.alert;

import dev.muster.core.state.AlertLevel;
import java.time.Instant;
import java.util.List;

/// What people are told at one moment of one alert.
///
/// @param cluster its name
/// @param alert   the same from the first notice to the last: `node-lost`, or `run-failed/r-7` where each subject is an alert of its own;
///                with the cluster it is what services tell duplicates by ([#key])
/// @param number  of the notice, growing in a cluster; 0 for a test
/// @param level   the worst of what is open; for what is over, the worst it was
/// @param title   one line: `3 nodes are not heard: gpu-1, gpu-2, gpu-3`
/// @param lines   by subject; what is new comes first. At most [#LINES_MAX]; the rest is counted
/// @param more    subjects that have no line
/// @param runbook where to read what to do: a page of the docs with its section
public record Notice(
        String cluster,
        String alert,
        long number,
        Kind kind,
        AlertLevel level,
        String title,
        List<Line> lines,
        int more,
        String runbook,
        Instant at) {
    public static final int LINES_MAX = 20;

    public Notice {
        lines = List.copyOf(lines);
    }

    public enum Kind {
        FIRED,
        /// Other subjects than before, still open.
        CHANGED,
        ESCALATED,
        RESOLVED,
        TEST
    }

    /// @param over it is, as far as this subject goes
    public record Line(String subject, AlertLevel level, String text, Instant since, boolean over) {}

    public String key() {
        return "muster/" + cluster + "/" + alert;
    }

    /// Of the rule alone.
    public String rule() {
        int slash = alert.indexOf('/');
        return slash < 0 ? alert : alert.substring(0, slash);
    }
}
