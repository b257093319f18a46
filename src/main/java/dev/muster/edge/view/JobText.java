package dev.muster.edge.view;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// Jobs for a terminal.
public final class JobText {
    /// Tasks of `job show`; `-o json` has them all.
    private static final int TASKS_MAX = 40;

    private JobText() {}

    public static String list(Doc answer, boolean wide, Instant now) {
        TextTable table = wide
                ? new TextTable(
                        "JOB",
                        "NAME",
                        "KIND",
                        "CONFIG",
                        "STATUS",
                        ">TASKS",
                        ">WAIT",
                        ">RUN",
                        ">DONE",
                        ">FAIL",
                        ">CANCEL",
                        ">PRIORITY",
                        "BY",
                        ">AGE",
                        ">TOOK")
                : new TextTable(
                        "JOB", "NAME", "KIND", "CONFIG", "STATUS", ">TASKS", ">WAIT", ">RUN", ">DONE", ">FAIL",
                        ">CANCEL", ">AGE");
        for (Doc job : answer.list("jobs")) {
            String age = Words.age(job.time("submitted_at"), now);
            if (wide) {
                table.row(
                        job.text("id"),
                        job.text("name"),
                        NodeText.lower(job.text("kind")),
                        job.text("config"),
                        status(job),
                        job.text("tasks"),
                        job.text("waiting"),
                        job.text("running"),
                        job.text("done"),
                        job.text("failed"),
                        job.text("cancelled"),
                        job.text("priority"),
                        job.text("submitter"),
                        age,
                        took(job, now));
            } else {
                table.row(
                        job.text("id"),
                        job.text("name"),
                        NodeText.lower(job.text("kind")),
                        job.text("config"),
                        status(job),
                        job.text("tasks"),
                        job.text("waiting"),
                        job.text("running"),
                        job.text("done"),
                        job.text("failed"),
                        job.text("cancelled"),
                        age);
            }
        }
        long hidden = answer.number("total") - answer.list("jobs").size();
        return table.render() + (hidden > 0 ? hidden + " older jobs are not shown; --limit shows more\n" : "");
    }

    public static String show(Doc answer, Instant now) {
        Doc job = answer.get("job");
        Doc spec = answer.get("spec");
        Doc needs = spec.get("resources");
        StringBuilder text = new StringBuilder(new Facts()
                .fact("Job", job.text("id") + "  " + job.text("name"))
                .fact("Status", status(job) + (job.has("stopping") ? ": " + job.text("stopping") : ""))
                .fact(
                        "Kind",
                        NodeText.lower(job.text("kind")) + (job.has("config") ? " for " + job.text("config") : ""))
                .fact("Tasks", job.text("tasks") + ": " + counts(job))
                .fact(
                        "Command",
                        spec.list("command").stream()
                                .map(Doc::text)
                                .map(JobText::shellWord)
                                .collect(Collectors.joining(" ")))
                .fact(
                        "Needs",
                        needs(needs) + (nodes(answer) > 1 ? " on each of " + nodes(answer) + " nodes at once" : ""))
                .fact("Only on", spec.text("node"))
                .fact(
                        "Outputs",
                        spec.list("outputs").stream()
                                .map(output -> output.text("path"))
                                .collect(Collectors.joining(", ")))
                .fact("Priority", job.text("priority"))
                .fact("Asked", Words.age(job.time("submitted_at"), now) + " ago by " + job.text("submitter"))
                .fact("Took", job.has("ended_at") ? took(job, now) : "")
                .render());
        text.append('\n').append(tasks(answer));
        if (!answer.list("attempts").isEmpty()) text.append('\n').append(attempts(answer, now));
        return text.toString();
    }

    private static String tasks(Doc answer) {
        TextTable table = new TextTable("TASK", "STATUS", ">ATTEMPTS", ">FAILURES", "NOTE");
        List<Doc> tasks = answer.list("tasks");
        for (Doc task : tasks.subList(0, Math.min(TASKS_MAX, tasks.size()))) {
            table.row(
                    task.text("id"),
                    NodeText.lower(task.text("status")),
                    task.text("attempts"),
                    task.text("failures"),
                    task.text("note"));
        }
        int hidden = tasks.size() - TASKS_MAX;
        return table.render() + (hidden > 0 ? hidden + " more tasks; -o json shows all\n" : "");
    }

    /// The newest attempts, newest last.
    static String attempts(Doc answer, Instant now) {
        boolean several = nodes(answer) > 1;
        String node = several ? "RANK AND NODE" : "NODE";
        TextTable table = new TextTable("ATTEMPT", node, "STATUS", ">EXIT", ">STARTED", ">RAN", "NOTE");
        List<Doc> attempts = answer.list("attempts");
        int most = Math.max(TASKS_MAX, (int) nodes(answer));
        for (Doc attempt : attempts.subList(Math.max(0, attempts.size() - most), attempts.size())) {
            Optional<Instant> started = attempt.time("started_at");
            Instant end = attempt.time("ended_at").orElse(now);
            table.row(
                    attempt.text("id"),
                    (several ? rank(attempt.text("id")) + " " : "") + attempt.text("node"),
                    NodeText.lower(attempt.text("status")),
                    attempt.text("exit_code"),
                    Words.age(started, now),
                    started.map(at -> Words.span(Duration.between(at, end))).orElse("-"),
                    attempt.has("waits") ? attempt.text("waits") : attempt.text("note"));
        }
        StringBuilder text = new StringBuilder(table.render());
        for (Doc attempt : attempts.subList(Math.max(0, attempts.size() - TASKS_MAX), attempts.size()))
            for (Doc warning : attempt.list("warnings"))
                text.append(attempt.text("id"))
                        .append(": ")
                        .append(TextTable.oneLine(WarningRow.words(warning)))
                        .append('\n');
        return text.toString();
    }

    private static long nodes(Doc answer) {
        return answer.get("spec").number("nodes");
    }

    /// Of `j7.0.1.2` 2, of `j7.0.1` 0.
    private static String rank(String attempt) {
        String[] parts = attempt.split("\\.");
        return parts.length > 3 ? parts[3] : "0";
    }

    public static String explain(Doc answer) {
        StringBuilder text = new StringBuilder(answer.text("summary")).append('\n');
        List<Doc> groups = answer.list("groups");
        if (groups.isEmpty()) return text.toString();
        text.append('\n');
        for (Doc group : groups) text.append(group(group)).append('\n');
        text.append("\nNodes, one by one:\n");
        for (Doc line : answer.list("nodes"))
            text.append("  ").append(TextTable.oneLine(line.text())).append('\n');
        return text.append("\nFrom ").append(answer.text("as_of")).append(".\n").toString();
    }

    /// `12 tasks (j7.0 to j7.11): all 5 nodes that could run it are busy: …`
    private static String group(Doc group) {
        long count = group.number("tasks");
        String tasks = count == 1
                ? group.text("first")
                : count + " tasks (" + group.text("first") + " to " + group.text("last") + ")";
        String until = group.has("not_before") ? " (not before " + group.text("not_before") + ")" : "";
        return tasks + ": " + TextTable.oneLine(group.text("message")) + until;
    }

    /// One line that tells where a job is; two equal lines mean that nothing changed.
    public static String progress(Doc job) {
        return job.text("id") + " " + status(job) + ": " + counts(job);
    }

    private static String counts(Doc job) {
        return job.text("waiting") + " waiting, " + job.text("running") + " running, " + job.text("done") + " done, "
                + job.text("failed") + " failed"
                + (job.number("cancelled") > 0 ? ", " + job.text("cancelled") + " cancelled" : "");
    }

    private static String status(Doc job) {
        if (!job.text("status").equals("OPEN")) return NodeText.lower(job.text("status"));
        if (job.has("stopping")) return "stopping";
        return job.number("running") > 0 ? "running" : "waiting";
    }

    private static String took(Doc job, Instant now) {
        Instant end = job.time("ended_at").orElse(now);
        return job.time("submitted_at")
                .map(from -> Words.span(Duration.between(from, end)))
                .orElse("-");
    }

    private static String needs(Doc needs) {
        String text = Words.decimal(OptionalDouble.of(needs.number("cpu_millis") / 1000.0)) + " cpus";
        if (needs.number("memory") > 0) text += ", " + Words.bytes(needs.number("memory")) + " memory";
        if (needs.number("gpus") > 0) text += ", " + needs.number("gpus") + " gpus";
        if (needs.number("gpu_memory") > 0) text += " of " + Words.bytes(needs.number("gpu_memory"));
        return text;
    }

    private static String shellWord(String word) {
        return word.matches("[A-Za-z0-9_./:=,@%+{}-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
