package dev.muster.edge.fleet;

import dev.muster.core.fleet.Step;
import dev.muster.core.fleet.UpPlan;
import dev.muster.edge.fleet.HostResult.Kind;
import dev.muster.edge.view.Doc;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What `muster up`, `restart` and `down` of many hosts print.
public final class FleetText {
    private FleetText() {}

    public static String head(String doing) {
        return "Results (" + doing + "):\n";
    }

    public static String line(HostResult result) {
        String mark = switch (result.kind()) {
            case FAILED, DOWN -> "✗";
            case LEFT -> "-";
            case STARTED, RUNNING, RESTARTED, STOPPED -> "✓";
        };
        return "  " + mark + " " + result.host() + ": " + told(result) + "\n";
    }

    private static String told(HostResult result) {
        return switch (result.kind()) {
            case STARTED -> "Started" + details(result);
            case RUNNING -> "Already running" + details(result);
            case RESTARTED -> "Restarted" + details(result);
            case STOPPED -> "Stopped; its jobs go on";
            case DOWN -> "Not running: " + result.why();
            case LEFT -> "Left alone: " + result.why();
            case FAILED -> result.why();
        };
    }

    private static String details(HostResult result) {
        List<String> details = new ArrayList<>();
        if (result.pid() > 0) details.add("PID " + result.pid());
        if (!result.advertise().isEmpty()) details.add("advertise=" + result.advertise());
        if (!result.release().isEmpty()) details.add(result.release());
        return details.isEmpty() ? "" : " (" + String.join(", ", details) + ")";
    }

    /// The runbook's line; those that run are those that did before and those that were started.
    public static String summary(Collection<HostResult> results) {
        long started = count(results, Kind.STARTED);
        long restarted = count(results, Kind.RESTARTED);
        long stopped = count(results, Kind.STOPPED);
        return "\nSummary: " + (count(results, Kind.RUNNING) + started + restarted) + " running, " + started
                + " newly started, " + restarted + " restarted, "
                + (stopped > 0 ? stopped + " stopped, " : "")
                + (count(results, Kind.DOWN) > 0 ? count(results, Kind.DOWN) + " not running, " : "")
                + count(results, Kind.FAILED) + " failed"
                + (count(results, Kind.LEFT) > 0 ? ", " + count(results, Kind.LEFT) + " left alone" : "") + "\n";
    }

    private static long count(Collection<HostResult> results, Kind kind) {
        return results.stream().filter(result -> result.kind() == kind).count();
    }

    public static Doc doc(Collection<HostResult> results) {
        Doc hosts = Doc.json("[]".getBytes(StandardCharsets.UTF_8));
        for (HostResult result : results) {
            hosts = hosts.plus(Doc.object()
                    .with("host", result.host())
                    .with("result", result.kind().name())
                    .with("pid", result.pid())
                    .with("advertise", result.advertise())
                    .with("release", result.release())
                    .with("why", result.why()));
        }
        Doc summary = Doc.object();
        for (Kind kind : Kind.values())
            summary = summary.with(kind.name().toLowerCase(Locale.ROOT), count(results, kind));
        return Doc.object().with("hosts", hosts).with("summary", summary);
    }

    /// What bringing up would do.
    ///
    /// @param bytes of the bundle; 0 when none is sent
    public static String plan(UpPlan plan, long bytes) {
        StringBuilder text = new StringBuilder();
        if (!plan.founded().isEmpty())
            text.append("Found a new cluster with the voters ")
                    .append(String.join(", ", plan.founded()))
                    .append(".\n");
        for (UpPlan.Entry entry : plan.hosts()) {
            if (entry.verdict() == UpPlan.Verdict.START)
                text.append("  ")
                        .append(entry.host())
                        .append(": ")
                        .append(steps(entry))
                        .append('\n');
            else if (entry.verdict() == UpPlan.Verdict.FAILED)
                text.append("  ")
                        .append(entry.host())
                        .append(": not possible: ")
                        .append(entry.why())
                        .append('\n');
        }
        if (bytes > 0) text.append("The bundle is ").append(bytes >> 20).append(" MiB for each host.\n");
        if (plan.count(UpPlan.Verdict.START) == 0) text.append("Nothing is to be started.\n");
        return text.toString().strip();
    }

    private static String steps(UpPlan.Entry entry) {
        List<String> steps = new ArrayList<>();
        for (Step step : entry.steps()) {
            steps.add(
                    switch (step) {
                        case Step.Install(String release) -> "install " + release;
                        case Step.Found found -> "found the cluster";
                        case Step.Enrol enrol -> "join by a one-time token";
                        case Step.Start start -> "start";
                        case Step.Restart restart -> "restart, so that it answers as this node of the cluster";
                    });
        }
        return String.join(", ", steps);
    }

    /// What a rolling restart would do.
    ///
    /// @param left hosts that it cannot restart, and why
    public static String rolling(Collection<String> nodes, int voters, String verb, Map<String, String> left) {
        StringBuilder others = new StringBuilder();
        left.forEach((host, why) ->
                others.append("\n  ").append(host).append(": not possible: ").append(why));
        return rolling(nodes, voters, verb) + others;
    }

    private static String rolling(Collection<String> nodes, int voters, String verb) {
        return verb + " " + nodes.size() + (nodes.size() == 1 ? " node: " : " nodes: ") + String.join(", ", nodes)
                + ".\nWorkers in batches"
                + (voters > 0 ? ", then " + voters + (voters == 1 ? " voter" : " voters, one at a time") : "")
                + "; jobs go on. It stops at the first that does not come back.";
    }
}
