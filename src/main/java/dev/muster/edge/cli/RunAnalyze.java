package dev.muster.edge.cli;

import dev.muster.edge.training.MetricsFile;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.RunAnalysis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run analyze`: a report on one run, as Markdown or as a page.
final class RunAnalyze {
    /// A larger file is more than metrics; it would be fetched for nothing.
    private static final long METRICS_MAX = 256L << 20;
    /// Rows of one file that are kept: more are thinned by leaving out every second one.
    private static final int ROWS_MAX = 100_000;

    private RunAnalyze() {}

    static CommandSpec spec() {
        return Verb.of(
                        "analyze",
                        "Report on a run: how it learned, how it compares, what it cost, why it failed, what to do.",
                        RunAnalyze::analyze)
                .word("RUN", "its id")
                .option("--out,-O,--output", "FILE", "the report; into a folder, both forms; else printed")
                .option("--format", "FORMAT", "md or html; by the file's name unless told")
                .options("--metrics", "FILE", "metrics at hand, besides those that the run has left")
                .build();
    }

    private static int analyze(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc answer = client.get(RunShow.path(args.word())).doc();
        List<RunFiles.Left> left = new RunFiles(client).of(answer, Optional.empty());
        RunAnalysis analysis = of(client, answer, left, args.all("--metrics"));
        return Papers.deliver(args, analysis.paper(), answer.get("run").text("id") + "_analysis", analysis.doc());
    }

    /// @param atHand files of metrics that people named
    static RunAnalysis of(Client client, Doc answer, List<RunFiles.Left> left, List<String> atHand) throws Failure {
        List<RunAnalysis.Read> read = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (String file : atHand) {
            try {
                read.add(read("", file, FileNames.path("--metrics", file)));
            } catch (IOException e) {
                throw Failure.usage("expected to read " + file + ", but " + Client.why(e), "");
            }
        }
        fetched(client, left, read, notes);
        return new RunAnalysis(answer, read, others(client, answer, notes), notes);
    }

    private static void fetched(
            Client client, List<RunFiles.Left> left, List<RunAnalysis.Read> read, List<String> notes) throws Failure {
        Set<String> seen = new HashSet<>();
        RunFiles files = new RunFiles(client);
        try (RunFiles.Temporary temporary = RunFiles.Temporary.make()) {
            for (RunFiles.Left file : left) {
                if (!isMetrics(file.path()) || !seen.add(file.sha())) continue;
                String name = file.stage() + "/" + file.path();
                if (file.lost()) notes.add(name + ": nobody holds it any more");
                else if (file.size() > METRICS_MAX) notes.add(name + ": too large for metrics, not looked at");
                else if (came(files, file, temporary.folder(), notes)) {
                    RunAnalysis.Read one = read(file.stage(), file.path(), file.in(temporary.folder()));
                    if (one.skipped() > 0) notes.add(name + ": " + one.skipped() + " lines could not be read");
                    if (!one.rows().isEmpty()) read.add(one);
                }
            }
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot read metrics: " + ArtifactCommands.reason(e), "");
        }
    }

    /// Those that hold it may not answer; the rest of the report needs none of it.
    private static boolean came(RunFiles files, RunFiles.Left file, Path folder, List<String> notes) {
        try {
            files.lay(file, file.in(folder));
            return true;
        } catch (Failure failure) {
            notes.add(file.stage() + "/" + file.path() + ": not fetched, " + failure.getMessage());
            return false;
        }
    }

    static boolean isMetrics(String path) {
        String name = path.toLowerCase(Locale.ROOT);
        return name.endsWith(".jsonl") || name.endsWith(".csv") || name.endsWith(".wandb");
    }

    private static RunAnalysis.Read read(String stage, String path, Path file) throws IOException {
        MetricsFile metrics = new MetricsFile(file);
        List<MetricsFile.Row> rows = new ArrayList<>();
        MetricsFile.Look look;
        do {
            look = metrics.look();
            rows.addAll(look.rows());
            while (rows.size() > ROWS_MAX) rows = everySecond(rows);
        } while (look.more());
        return new RunAnalysis.Read(stage, path, rows, look.skipped());
    }

    private static List<MetricsFile.Row> everySecond(List<MetricsFile.Row> rows) {
        List<MetricsFile.Row> half = new ArrayList<>();
        for (int at = 0; at < rows.size(); at += 2) half.add(rows.get(at));
        return half;
    }

    private static Map<String, Doc> others(Client client, Doc answer, List<String> notes) throws Failure {
        Map<String, Doc> others = new LinkedHashMap<>();
        for (String id : RunAnalysis.compared(answer)) {
            try {
                others.put(id, client.get(RunShow.path(id)).doc());
            } catch (Failure failure) {
                if (failure.exit() != Exit.NOT_FOUND) throw failure;
                notes.add("the run " + id + ", with which it was compared, is forgotten");
            }
        }
        return others;
    }
}
