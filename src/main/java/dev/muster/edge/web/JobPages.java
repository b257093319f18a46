package dev.muster.edge.web;

import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.TaskId;
import dev.muster.edge.view.ExplainView;
import dev.muster.edge.view.JobRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All jobs, and one of them with its output.
public final class JobPages {
    /// Tasks and attempts of one job; the command line has them all.
    private static final int TASKS_MAX = 60;
    /// Nodes of which it is said why they do not take a task.
    private static final int NODES_MAX = 20;

    private JobPages() {}

    /// @param waits what the leader's plan waits for
    public static Page list(Picture picture, List<Wait> waits, Query query) {
        ClusterState state = picture.state();
        Map<JobId, Integer> running = JobRow.running(state);
        List<Job> matching = new ArrayList<>();
        for (Job job : state.work().jobs().values())
            if (matches(job, running.getOrDefault(job.id(), 0), query)) matching.add(job);
        List<JobRow> rows = query.cut(matching.reversed()).stream()
                .map(job -> JobRow.of(state, job, running.getOrDefault(job.id(), 0)))
                .toList();
        Html list = new Html().put(table(picture, rows, waits)).put(query.pager("/jobs", matching.size()));
        return Page.of(Section.JOBS, "Jobs")
                .still(new Filters("/jobs", query)
                        .choice("status", "State", states())
                        .field("config", "Config", "hex8_2p")
                        .field("name", "Name contains", "selfplay")
                        .html())
                .live("list", "Jobs", list)
                .page();
    }

    private static List<String> states() {
        List<String> states = new ArrayList<>(
                Arrays.stream(Job.Status.values()).map(Tones::lower).toList());
        states.add(1, "waiting");
        return states;
    }

    private static boolean matches(Job job, int running, Query query) {
        String status = query.get("status");
        boolean such = status.equals("waiting")
                ? job.status() == Job.Status.OPEN && job.open() > running
                : status.isEmpty() || Tones.lower(job.status()).equals(status);
        String config = query.get("config");
        return such
                && (config.isEmpty()
                        || job.spec()
                                .config()
                                .filter(key -> key.name().equals(config))
                                .isPresent())
                && job.spec().name().contains(query.get("name"));
    }

    private static Html table(Picture picture, List<JobRow> jobs, List<Wait> waits) {
        Map<String, String> why = why(waits);
        Grid grid =
                new Grid("Jobs", "Job", "=Name", "State", "Kind", "Config", "Tasks", ">Failed", "Why it waits", ">Age");
        for (JobRow job : jobs)
            grid.row("j-" + job.id())
                    .link(Places.job(job.id()), job.id().toString())
                    .cell(job.name())
                    .cell(Tones.chip(job))
                    .cell(Tones.lower(job.kind()))
                    .cell(job.config().map(config -> config.name()).orElse(""))
                    .cell(Bar.progress(job.done(), job.tasks(), job.done() + " of " + job.tasks() + " done"))
                    .cell(job.failed() == 0 ? "" : Figures.whole(job.failed()))
                    .cell(
                            job.waiting() == 0
                                    ? ""
                                    : why.getOrDefault(job.id().toString(), job.waiting() + " wait to be placed"))
                    .cell(new Html().ago(job.submittedAt(), picture.now()));
        return grid.html("No job is like that. Choose other filters, or submit one with `muster job run -- COMMAND`.");
    }

    /// The first thing that a task of each job waits for.
    private static Map<String, String> why(List<Wait> waits) {
        Map<String, String> why = new HashMap<>();
        for (Wait wait : waits) {
            int dot = wait.subject().indexOf('.');
            if (dot > 0) why.putIfAbsent(wait.subject().substring(0, dot), wait.message());
        }
        return why;
    }

    /// @param lines   why each node does not take its first waiting task, from the leader
    /// @param attempt whose output is shown; the newest where it is none of this job's
    public static Page one(
            Picture picture, Job job, Optional<List<Wait>> waits, Optional<List<String>> lines, String attempt) {
        JobRow.Detail detail = JobRow.Detail.of(picture, job);
        Page.Maker page = Page.of(
                        Section.JOBS, "Job " + job.id() + ": " + job.spec().name())
                .live("state", "State", state(picture, detail))
                .live("waiting", "Why it waits", waiting(ExplainView.of(picture, job, waits, lines), detail.job()))
                .live("tasks", "Tasks", tasks(detail))
                .live("attempts", "Attempts", attemptsOf(picture, detail));
        if (detail.attempts().isEmpty()) return page.page();
        String shown = detail.attempts().stream()
                .map(one -> one.id().toString())
                .filter(attempt::equals)
                .findFirst()
                .orElseGet(() -> detail.attempts().getLast().id().toString());
        return page.still(output(job.id(), shown)).log(shown).page();
    }

    private static Html state(Picture picture, JobRow.Detail detail) {
        JobRow job = detail.job();
        Html html = new Html().tag("p", "actions").put(Tones.chip(job));
        boolean open = job.status() == Job.Status.OPEN && job.stopping().isEmpty();
        if (open) html.link(Places.job(job.id()) + "/stop", "Stop…");
        html.link(Places.events("job/" + job.id()), "Events").end();
        FactList facts = new FactList()
                .fact("Stopping", job.stopping().orElse(""))
                .fact("Kind", Tones.lower(job.kind()))
                .fact(
                        "Config",
                        job.config()
                                .map(config -> new Html().link(Places.model(config), config.name()))
                                .orElseGet(() -> new Html().text("–")))
                .fact("Tasks", Bar.progress(job.done(), job.tasks(), counts(job)))
                .fact(
                        "Command",
                        new Html().leaf("code", String.join(" ", detail.spec().command())))
                .fact("Needs", needs(detail))
                .fact(
                        "Submitted",
                        new Html().ago(job.submittedAt(), picture.now()).text(" ago by " + job.submitter()))
                .fact(
                        "Took",
                        job.endedAt()
                                .map(end -> Words.span(Duration.between(job.submittedAt(), end)))
                                .orElse(""));
        return html.put(facts.html());
    }

    private static String counts(JobRow job) {
        StringBuilder text = new StringBuilder(job.done() + " of " + job.tasks() + " done");
        if (job.running() > 0) text.append(", ").append(job.running()).append(" run");
        if (job.waiting() > 0) text.append(", ").append(job.waiting()).append(" wait");
        if (job.failed() > 0) text.append(", ").append(job.failed()).append(" failed");
        if (job.cancelled() > 0) text.append(", ").append(job.cancelled()).append(" cancelled");
        return text.toString();
    }

    private static String needs(JobRow.Detail detail) {
        var needs = detail.spec().resources();
        List<String> words = new ArrayList<>();
        words.add(needs.cpuMillis() == 1000 ? "1 CPU" : Figures.short1(needs.cpuMillis() / 1000.0) + " CPUs");
        if (needs.memory().count() > 0) words.add(Words.bytes(needs.memory().count()));
        if (needs.gpus() > 0) words.add(Words.count(needs.gpus(), "GPU"));
        return String.join(", ", words);
    }

    private static Html waiting(ExplainView why, JobRow job) {
        Html html = new Html();
        if (job.waiting() == 0 || job.status() != Job.Status.OPEN) return html;
        html.leaf("h2", "Why it waits");
        Grid grid = new Grid("Why tasks wait", ">Tasks", "Which", "Why");
        for (ExplainView.Group group : why.groups())
            grid.row()
                    .cell(group.tasks())
                    .cell(group.tasks() == 1 ? group.first().toString() : group.first() + " to " + group.last())
                    .cell(group.message());
        html.put(grid.html("Nothing is known yet."));
        if (why.nodes().isEmpty()) return html;
        html.tag("details").leaf("summary", "What each node says").tag("ul", "plain-list");
        for (String line :
                why.nodes().subList(0, Math.min(NODES_MAX, why.nodes().size()))) html.leaf("li", line);
        if (why.nodes().size() > NODES_MAX)
            html.leaf("li", (why.nodes().size() - NODES_MAX) + " more: muster job explain " + job.id());
        return html.end().end().leaf("p", "faint", "From " + why.asOf() + ".");
    }

    private static Html tasks(JobRow.Detail detail) {
        if (detail.tasks().size() == 1 && detail.tasks().getFirst().note().isEmpty()) return new Html();
        List<JobRow.TaskRow> shown =
                detail.tasks().subList(0, Math.min(TASKS_MAX, detail.tasks().size()));
        Grid grid = new Grid("Tasks", "Task", "State", ">Attempts", ">Failures", "Note");
        for (JobRow.TaskRow task : shown)
            grid.row("t-" + task.id())
                    .cell(task.id().toString())
                    .cell(Tones.chip(task.status()))
                    .cell(task.attempts())
                    .cell(task.failures())
                    .cell(task.note());
        Html html = new Html().leaf("h2", "Tasks").put(grid.html("It has no tasks."));
        return more(
                html,
                detail.tasks().size() - shown.size(),
                "tasks",
                detail.job().id());
    }

    private static Html more(Html html, int hidden, String what, JobId job) {
        return hidden <= 0
                ? html
                : html.leaf("p", "faint", hidden + " more " + what + ": muster job show " + job + " -o json");
    }

    private static Html attemptsOf(Picture picture, JobRow.Detail detail) {
        List<JobRow.AttemptRow> newest = detail.attempts().reversed();
        List<JobRow.AttemptRow> shown = newest.subList(0, Math.min(TASKS_MAX, newest.size()));
        Html html =
                new Html().leaf("h2", "Attempts").put(attempts(picture, shown, "None yet: no task of it was placed."));
        return more(html, newest.size() - shown.size(), "attempts", detail.job().id());
    }

    static Html attempts(Picture picture, List<JobRow.AttemptRow> attempts, String empty) {
        Grid grid =
                new Grid("Attempts", "Attempt", "Job", "Node", "State", ">Since", ">Took", ">Exit", "Saved", "Note");
        for (JobRow.AttemptRow one : attempts) {
            TaskId task = one.id().task();
            grid.row("a-" + one.id())
                    .cell(new Html()
                            .tag("a")
                            .with("href", Places.attempt(one.id()) + "#output")
                            .with("title", "Its output")
                            .text(one.id().toString())
                            .end())
                    .cell(name(picture, task.job()))
                    .cell(Places.link(one.node()))
                    .cell(Tones.chip(one.status()))
                    .cell(new Html().ago(one.placedAt(), picture.now()))
                    .cell(took(one))
                    .cell(
                            one.exitCode().isPresent()
                                    ? Integer.toString(one.exitCode().getAsInt())
                                    : "")
                    .cell(one.savedAt()
                            .map(at -> new Html().ago(at, picture.now()).text(" ago"))
                            .orElseGet(Html::new))
                    .cell(one.note());
        }
        return grid.html(empty);
    }

    private static String name(Picture picture, JobId id) {
        return picture.state()
                .work()
                .jobs()
                .find(id)
                .map(job -> job.spec().name())
                .orElse("");
    }

    private static String took(JobRow.AttemptRow one) {
        if (one.startedAt().isEmpty() || one.endedAt().isEmpty())
            return one.status() == Attempt.Status.RUNNING ? "runs" : "–";
        return Words.span(Duration.between(one.startedAt().get(), one.endedAt().get()));
    }

    /// It comes with the stream: whoever has it may be slow to answer.
    private static Html output(JobId job, String attempt) {
        Html html = new Html().tag("section").with("aria-labelledby", "output");
        html.tag("h2").with("id", "output").text("Output of " + attempt + " ");
        html.tag("a").with("href", Places.job(job) + "/output?attempt=" + Query.encoded(attempt));
        html.text("as plain text").end().end();
        html.tag("pre").with("id", "log").with("tabindex", "0").with("role", "region");
        return html.with("aria-label", "Output of " + attempt).end().end();
    }
}
