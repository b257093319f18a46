package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.RunAnalysis;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run archive`: all that a run has left, with its analysis, somewhere that lasts.
final class RunArchive {
    static final String DEFAULT = "archive/runs";

    private RunArchive() {}

    static CommandSpec spec() {
        return Verb.of(
                        "archive",
                        "Put a run's files and its analysis where they last, and verify them there.",
                        RunArchive::archive)
                .word("RUN", "its id, of one that is over")
                .option(
                        "--to",
                        "PLACE",
                        "a folder, " + DEFAULT + " unless told, or REMOTE:PATH of rclone; the run's own lies below it")
                .flag("--dry-run", "say what would be put there, and do nothing")
                .build();
    }

    private static int archive(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc answer = client.get(RunShow.path(args.word())).doc();
        String to = args.text("--to").orElse(DEFAULT);
        if (args.dryRun()) return dry(args, wouldDo(args, client, answer, to));
        String place = put(args, client, answer, to);
        return done(args, answer, files(client, answer), place);
    }

    private static String wouldDo(Args args, Client client, Doc answer, String to) throws Failure {
        List<RunFiles.Left> left = files(client, answer);
        if (!Rclone.means(to)) return RunFiles.plan(left, folder(answer, to)).words();
        Rclone.found(args.shell());
        return "copy " + left.size() + " files and an analysis to " + remote(answer, to);
    }

    /// Puts all of a run there, and verifies it there.
    ///
    /// @return where it lies
    /// @throws Failure also when nobody holds a file of it any more; then nothing was archived
    static String put(Args args, Client client, Doc answer, String to) throws Failure {
        List<RunFiles.Left> left = files(client, answer);
        if (!Rclone.means(to)) {
            Path folder = folder(answer, to);
            fill(args, client, answer, left, RunFiles.plan(left, folder));
            return folder.toString();
        }
        Rclone rclone = Rclone.found(args.shell());
        String place = remote(answer, to);
        try (RunFiles.Temporary temporary = RunFiles.Temporary.make()) {
            fill(args, client, answer, left, RunFiles.plan(left, temporary.folder()));
            rclone.copy(temporary.folder(), place);
            rclone.check(temporary.folder(), place);
        }
        return place;
    }

    private static Path folder(Doc answer, String to) throws Failure {
        return FileNames.path("--to", to).resolve(answer.get("run").text("id"));
    }

    private static String remote(Doc answer, String to) {
        return (to.endsWith(":") || to.endsWith("/") ? to : to + "/")
                + answer.get("run").text("id");
    }

    private static List<RunFiles.Left> files(Client client, Doc answer) throws Failure {
        Doc run = answer.get("run");
        if (run.text("status").equals("OPEN"))
            throw new Failure(
                    Exit.REFUSED,
                    "CONFLICT",
                    "expected " + run.text("id") + " to be over, but it is in its stage " + run.text("stage"),
                    "`muster run results " + run.text("id") + " --out DIR` fetches what it has left so far");
        return new RunFiles(client).of(answer, Optional.empty());
    }

    private static int dry(Args args, String plan) throws Failure {
        Doc doc = Doc.object().with("dry_run", true).with("plan", plan);
        args.shell().out().print(args.output().render(doc, wide -> "would " + plan + "\n", none -> List.of()));
        return Exit.DONE;
    }

    /// Nothing is archived in part: files go to their places once all of them have come.
    private static void fill(Args args, Client client, Doc answer, List<RunFiles.Left> left, RunFiles.Plan plan)
            throws Failure {
        String id = answer.get("run").text("id");
        if (!plan.lost().isEmpty()) throw lost(id, List.of(plan.lostWords()));
        if (!plan.fetch().isEmpty()) {
            try (RunFiles.Temporary part = RunFiles.Temporary.beside(plan.folder())) {
                RunFiles.Plan beside = plan.into(part.folder());
                List<String> lacking = new RunFiles(client).bring(beside);
                if (!lacking.isEmpty()) throw lost(id, lacking);
                RunFiles.move(beside, plan.folder());
            }
        }
        RunAnalysis analysis = RunAnalyze.of(client, answer, left, List.of());
        Path folder = plan.folder();
        RunFiles.write(folder.resolve(RunFiles.SUMMARY), DocText.json(answer));
        RunFiles.results(answer.list("stages"), left, folder);
        RunFiles.write(folder.resolve(id + "_analysis.md"), analysis.paper().markdown());
        RunFiles.write(folder.resolve(id + "_analysis.html"), Papers.page(args, analysis.paper()));
        RunFiles.write(folder.resolve("SHA256SUMS"), sums(left));
        for (RunFiles.Left file : left)
            if (!RunFiles.holds(file.in(folder), file))
                throw new Failure(
                        Exit.ERROR,
                        "MISMATCH",
                        "expected " + file.sha() + " in " + file.in(folder) + ", but found something else",
                        "is the disk sound? Remove the file, and try again");
    }

    private static Failure lost(String id, List<String> lacking) {
        return RunFiles.lacks(
                lacking, "; nothing was archived", "`muster run results " + id + " --out DIR` fetches what there is");
    }

    /// As `sha256sum --check` reads it.
    private static String sums(List<RunFiles.Left> left) {
        StringBuilder text = new StringBuilder();
        for (RunFiles.Left file : left)
            text.append(file.sha())
                    .append("  ")
                    .append(file.stage())
                    .append('/')
                    .append(file.path())
                    .append('\n');
        return text.toString();
    }

    private static int done(Args args, Doc answer, List<RunFiles.Left> left, String place) throws Failure {
        String id = answer.get("run").text("id");
        Doc doc = Doc.object().with("run", id).with("place", place).with("files", (long) left.size());
        args.shell()
                .out()
                .print(args.output()
                        .render(
                                doc,
                                wide -> "archived " + id + " in " + place + ": " + left.size()
                                        + " files, its summary and its analysis, all verified there; the cluster may forget it\n",
                                one -> List.of(place)));
        return Exit.DONE;
    }
}
