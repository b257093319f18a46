package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.ResultsText;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run results`: what a run has left, here if it is asked for.
final class RunResults {
    private RunResults() {}

    static CommandSpec spec() {
        return Verb.of(
                        "results",
                        "Show what a run has left: files, numbers, verdicts; or fetch the files.",
                        RunResults::results)
                .word("RUN", "its id")
                .option("--out,-O", "DIR", "fetch its files into DIR/RUN/STAGE/, each verified by its SHA-256")
                .option("--stage", "STAGE", "only of this stage")
                .flag("--dry-run", "with --out: say what would be fetched, and do nothing")
                .build();
    }

    private static int results(Args args) throws Failure {
        Client client = Settings.client(args);
        String id = args.word();
        Doc answer = client.get(RunShow.path(id)).doc();
        Optional<String> stage = args.text("--stage");
        RunFiles files = new RunFiles(client);
        List<RunFiles.Left> left = files.of(answer, stage);
        List<Doc> rows = RunFiles.stages(answer, stage);
        if (left.isEmpty() && rows.stream().noneMatch(row -> row.has("results"))) throw nothing(answer);
        Doc results = doc(answer, rows, left);
        if (args.text("--out").isEmpty()) {
            if (args.dryRun()) throw Failure.usage("expected --out with --dry-run, but found none", "");
            args.shell().out().print(args.output().render(results, wide -> ResultsText.render(results, wide), shas()));
            return Exit.DONE;
        }
        return fetch(args, files, answer, results, RunFiles.plan(left, folder(args, id)));
    }

    private static Path folder(Args args, String id) throws Failure {
        return FileNames.path("--out", args.text("--out").orElse(".")).resolve(id);
    }

    private static int fetch(Args args, RunFiles files, Doc answer, Doc results, RunFiles.Plan plan) throws Failure {
        Doc told = results.with("folder", plan.folder().toString())
                .with("fetched", (long) plan.fetch().size())
                .with("there", (long) plan.here().size());
        if (args.dryRun()) {
            Doc dry = told.with("dry_run", true).with("plan", plan.words());
            args.shell().out().print(args.output().render(dry, wide -> "would " + plan.words() + "\n", shas()));
            return Exit.DONE;
        }
        RunFiles.write(plan.folder().resolve(RunFiles.SUMMARY), DocText.json(answer));
        RunFiles.results(results.list("stages"), plan.all(), plan.folder());
        files.fetch(plan);
        args.shell()
                .out()
                .print(args.output()
                        .render(
                                told,
                                wide -> "fetched " + plan.fetch().size() + " files into " + plan.folder()
                                        + (plan.here().isEmpty()
                                                ? ""
                                                : "; " + plan.here().size() + " were there already")
                                        + "; all verified\n",
                                doc -> List.of(plan.folder().toString())));
        return Exit.DONE;
    }

    private static Function<Doc, List<String>> shas() {
        return Show.names("files", "sha");
    }

    private static Failure nothing(Doc answer) {
        Doc run = answer.get("run");
        String id = run.text("id");
        boolean open = run.text("status").equals("OPEN");
        return new Failure(
                Exit.NOT_FINISHED,
                open ? "NOT_FINISHED" : "NOTHING",
                open
                        ? id + " has left nothing yet: it is in its stage " + run.text("stage")
                        : id + " has left nothing: " + run.text("status")
                                + (run.has("message") ? ", " + run.text("message") : ""),
                "`muster run show " + id + "` shows how far it came");
    }

    private static Doc doc(Doc answer, List<Doc> rows, List<RunFiles.Left> left) {
        Doc run = answer.get("run");
        List<Doc> stages = rows.stream()
                .map(row -> Doc.object()
                        .with("name", row.text("name"))
                        .with("phase", row.text("phase"))
                        .with("from", row.text("from"))
                        .with("results", row.get("results"))
                        .with("verdict", row.get("verdict"))
                        .with("tracked", row.get("tracked")))
                .toList();
        return Doc.object()
                .with("run", run.text("id"))
                .with("status", run.text("status"))
                .with("files", Doc.all(left.stream().map(RunFiles.Left::doc).toList()))
                .with("stages", Doc.all(stages));
    }
}
