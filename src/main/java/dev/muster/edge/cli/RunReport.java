package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.RunsReview;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run report`: what training runs cost, and what became of them.
final class RunReport {
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration MONTH = Duration.ofDays(30);

    private RunReport() {}

    static CommandSpec spec() {
        return Verb.of(
                        "report",
                        "Report on the runs of a week: cost, cost per success, waste; or of a month.",
                        RunReport::report)
                .option("--since", "TIME", "runs launched within it; 7d unless told")
                .flag("--month", "of the last 30 days, with kinds of failures and the configs that were used")
                .option("--out,-O,--output", "FILE", "the report; into a folder, both forms; else printed")
                .option("--format", "FORMAT", "md or html; by the file's name unless told")
                .build();
    }

    private static int report(Args args) throws Failure {
        boolean month = args.flag("--month");
        if (month && args.text("--since").isPresent())
            throw Failure.usage("expected --month or --since, but found both", "--since 30d is as long");
        Duration past = args.duration("--since", month ? MONTH : WEEK);
        Instant now = args.shell().clock().instant();
        Client client = Settings.client(args);
        List<Doc> runs = client.get("/v1/runs").doc().list("runs").stream()
                .filter(run -> run.time("launched_at")
                        .filter(at -> !at.isBefore(now.minus(past)))
                        .isPresent())
                .toList();
        RunsReview review = new RunsReview(runs, month ? details(client, runs) : List.of(), month, past, now);
        return Papers.deliver(args, review.paper(), month ? "runs_month" : "runs_week", review.doc());
    }

    /// Kinds of failures and configs stand in no list of runs.
    private static List<Doc> details(Client client, List<Doc> runs) throws Failure {
        List<Doc> details = new ArrayList<>();
        for (Doc run : runs) {
            try {
                details.add(client.get(RunShow.path(run.text("id"))).doc());
            } catch (Failure failure) {
                // Forgotten meanwhile.
                if (failure.exit() != Exit.NOT_FOUND) throw failure;
            }
        }
        return details;
    }
}
