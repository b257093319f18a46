package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.JobText;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster job …`, but for `run` ([JobRun]) and `logs` ([JobLogs]).
final class JobCommands {
    private JobCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "job",
                "Commands that the cluster runs.",
                JobRun.spec(),
                Verb.of("list", "List jobs, the newest first.", JobCommands::list)
                        .option("--status", "STATUS", "open, succeeded, failed or cancelled")
                        .option("--config", "CONFIG", "only of this config key")
                        .option("--limit", "COUNT", "the newest so many, 100 unless told")
                        .watchable()
                        .build(),
                Verb.of(
                                "show",
                                "Show one job, its tasks and attempts.",
                                args -> Show.answer(
                                        args,
                                        path(args),
                                        (doc, wide, now) -> JobText.show(doc, now),
                                        doc -> List.of(doc.get("job").text("id"))))
                        .word("JOB", "as in j7")
                        .watchable()
                        .build(),
                JobLogs.spec(),
                Verb.of("stop", "Cancel a job's waiting tasks and stop its running ones.", JobCommands::stop)
                        .word("JOB", "as in j7")
                        .asking()
                        .order()
                        .build(),
                Verb.of(
                                "explain",
                                "Say why each waiting task waits.",
                                args -> Show.answer(
                                        args,
                                        path(args) + "/explain",
                                        (doc, wide, now) -> JobText.explain(doc),
                                        Show.names("waiting", "task")))
                        .word("JOB", "as in j7")
                        .watchable()
                        .build());
    }

    private static int list(Args args) throws Failure {
        String path = Words.query(
                "/v1/jobs",
                Words.parameter("status", args.text("--status").orElse("")),
                Words.parameter("config", args.text("--config").orElse("")),
                Words.parameter("limit", args.text("--limit").orElse("")));
        return Show.answer(args, path, JobText::list, Show.names("jobs", "id"));
    }

    private static int stop(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc job = client.get(path(args)).doc().get("job");
        String plan = "Stop " + job.text("id") + " (" + job.text("name") + "): " + job.text("waiting")
                + " waiting tasks are cancelled, " + job.text("running") + " running ones are told to stop.";
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        Client.Answer done = client.order("POST", path(args) + "/stop", Words.why(args));
        return Show.done(args, done, job.text("id") + " is being stopped");
    }

    private static String path(Args args) {
        return "/v1/jobs/" + Words.segment(args.word());
    }
}
