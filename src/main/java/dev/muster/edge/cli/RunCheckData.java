package dev.muster.edge.cli;

import dev.muster.edge.dataset.DataFile;
import dev.muster.edge.dataset.DataVerdict;
import dev.muster.edge.dataset.Inspection;
import dev.muster.edge.dataset.Quarantine;
import dev.muster.edge.dataset.Sample;
import dev.muster.edge.view.DataText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run check-data`: is what a run would read there, whole, and made of numbers? Asks no node. Exit 1 when it is not.
final class RunCheckData {
    private RunCheckData() {}

    static CommandSpec spec() {
        return Verb.of(
                        "check-data",
                        "Look at the data of training runs: HDF5, NumPy, SQLite and zip files. All rows are read. Exit 1"
                                + " when something is bad.",
                        RunCheckData::run)
                .words("PATH", "0..*", "a training config, a data file, or a folder of data files")
                .option("--data-root", "DIR", "where the data lie, instead of the config's data.root")
                .options("--task", "NAME", "its files are NAME_SPLIT.h5, instead of the config's data.task")
                .option("--split", "NAME", "train, valid or test; the config's, or else all, unless told")
                .flag("--all-splits", "train, valid and test, whatever the config says")
                .option("--manifest", "FILE", "sizes and hashes of files; alone: all that it lists are looked at")
                .option("--sample", "ROWS", "look at so many rows only, evenly spread")
                .option("--quarantine", "DIR", "move bad files there, each with a text that says why")
                .asking()
                .build();
    }

    private static int run(Args args) throws Failure {
        Output output = args.output();
        Sample sample = sample(args);
        Optional<Path> aside = args.text("--quarantine").isPresent()
                ? Optional.of(DataPaths.path(args.text("--quarantine").get()))
                : Optional.empty();
        boolean asks = aside.isPresent() && !args.dryRun() && !args.flag("--yes");
        if (asks && !args.shell().terminal().getAsBoolean())
            throw Failure.usage(
                    "expected --yes with --quarantine, because there is no terminal to ask at",
                    "--dry-run only says what would be moved");
        DataPaths paths = DataPaths.of(args);
        DataVerdict verdict = looked(args, paths, sample);
        List<Inspection> bad = aside.isEmpty() ? List.of() : paths.movable(verdict.files());
        if (aside.isPresent()) verdict = verdict.with(planned(new Quarantine(aside.get()), bad));
        boolean table = output == Output.TABLE || output == Output.WIDE;
        boolean moves = aside.isPresent() && !bad.isEmpty() && !args.dryRun();
        if (table || !moves) print(args, output, verdict);
        if (aside.isPresent() && !bad.isEmpty() && args.dryRun() && table)
            args.shell().out().println("would " + DataText.plan(verdict.moves()).replace("\n", "\nwould "));
        if (moves) {
            args.shell().out().flush();
            if (asks) Confirm.goesOn(args, DataText.plan(verdict.moves()));
            verdict = verdict.with(moved(args, new Quarantine(aside.get()), verdict.moves(), bad));
            if (table) next(args, verdict.moves(), paths);
            else print(args, output, verdict);
        }
        return verdict.good() ? Exit.DONE : Exit.ERROR;
    }

    private static Sample sample(Args args) throws Failure {
        if (args.text("--sample").isEmpty()) return Sample.ALL;
        long rows = args.number("--sample", 0);
        if (rows < 1 || rows > Sample.ROWS_MAX)
            throw Failure.usage("expected --sample to be 1 to " + Sample.ROWS_MAX + ", but found " + rows, "");
        return new Sample(rows);
    }

    private static DataVerdict looked(Args args, DataPaths paths, Sample sample) {
        List<Inspection> files = new ArrayList<>();
        boolean watched = args.shell().terminal().getAsBoolean();
        int number = 0;
        for (DataFile file : paths.files()) {
            try (Meter meter = new Meter(
                    args.shell(), watched, file.path(), ++number, paths.files().size())) {
                files.add(file.inspect(sample, meter));
            }
        }
        return new DataVerdict(paths.splits(), files, paths.warnings(), List.of());
    }

    private static void print(Args args, Output output, DataVerdict verdict) {
        boolean symbols = args.shell().out().charset().newEncoder().canEncode("✅");
        args.shell()
                .out()
                .print(output.render(
                        DataText.doc(verdict),
                        wide -> DataText.text(verdict, wide, symbols),
                        any -> verdict.files().stream()
                                .filter(Inspection::good)
                                .map(file -> file.file().toString())
                                .toList()));
    }

    private static List<Quarantine.Move> planned(Quarantine quarantine, List<Inspection> bad) throws Failure {
        List<Quarantine.Move> moves = new ArrayList<>();
        for (Inspection file : bad) {
            try {
                moves.add(quarantine.plan(file.file()));
            } catch (IOException e) {
                throw new Failure(Exit.ERROR, "IO", file.file() + " cannot be moved: " + e.getMessage(), "");
            }
        }
        return moves;
    }

    private static List<Quarantine.Move> moved(
            Args args, Quarantine quarantine, List<Quarantine.Move> moves, List<Inspection> bad) throws Failure {
        List<Quarantine.Move> done = new ArrayList<>();
        for (int at = 0; at < moves.size(); at++) {
            try {
                done.add(quarantine.move(
                        moves.get(at),
                        bad.get(at).failures(),
                        args.shell().clock().instant()));
            } catch (IOException e) {
                String before = done.isEmpty()
                        ? ""
                        : "; before it: " + DataText.plan(done).replace("\n", ", ");
                throw new Failure(Exit.ERROR, "IO", moves.get(at).from() + " was not moved: " + e + before, "");
            }
        }
        return done;
    }

    /// What a person does after it.
    private static void next(Args args, List<Quarantine.Move> moves, DataPaths paths) {
        StringBuilder text =
                new StringBuilder("\n").append(DataText.plan(moves)).append('\n');
        text.append("Next:\n");
        for (Quarantine.Move move : moves) {
            String source = paths.sources().get(move.from().getFileName().toString());
            text.append("  get ").append(move.from()).append(" again");
            if (source != null) text.append(" from ").append(source);
            text.append('\n');
        }
        Set<String> caches = new LinkedHashSet<>(paths.caches());
        if (caches.isEmpty()) text.append("  remove what was made of it, as latent caches\n");
        for (String cache : caches)
            text.append("  remove what was made of it: ").append(cache).append('\n');
        args.shell().out().print(text.append("  run this check again\n"));
    }
}
