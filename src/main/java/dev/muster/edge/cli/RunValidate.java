package dev.muster.edge.cli;

import dev.muster.edge.training.CheckPack;
import dev.muster.edge.training.TrainingConfig;
import dev.muster.edge.training.Verdict;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.VerdictText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run validate`: is a training config fit to be run? Asks no node. Exit 1 when one is not.
final class RunValidate {
    /// More is no folder of configs, but somebody's whole disk.
    private static final int CONFIGS_MAX = 10_000;
    private static final int DEPTH_MAX = 16;

    private RunValidate() {}

    static CommandSpec spec() {
        return Verb.of(
                        "validate",
                        "Check training configs, with all that they include, before they cost anything. Exit 1 when one"
                                + " is not valid.",
                        RunValidate::run)
                .words("CONFIG", "1..*", "a YAML file, or a folder of them")
                .options(
                        "--checks",
                        "FILE",
                        "what to check instead of the program's own; docs/RUNS.md tells how to write it")
                .flag("--strict", "warnings, as of unknown keys, fail a config too")
                .build();
    }

    private static int run(Args args) throws Failure {
        Output output = args.output();
        List<CheckPack> packs = packs(args);
        boolean folder = false;
        Set<String> configs = new LinkedHashSet<>();
        for (String word : args.words()) {
            Path path = path(word);
            if (!Files.exists(path)) throw Failure.usage("expected a config, but there is no " + path, "");
            folder |= Files.isDirectory(path);
            configs.addAll(Files.isDirectory(path) ? within(path) : List.of(word));
        }
        boolean several = folder || configs.size() > 1;
        List<Verdict> verdicts = configs.stream()
                .map(config -> CheckPack.verdict(config, packs, Path.of("")))
                .toList();
        args.shell().out().print(text(args, output, verdicts, several));
        boolean fit = verdicts.stream().allMatch(verdict -> fits(args, verdict));
        if (!fit && args.flag("--strict") && verdicts.stream().allMatch(Verdict::valid)) {
            args.shell().out().flush();
            args.shell().err().println("muster: there are warnings, and --strict takes them for failures");
        }
        return fit ? Exit.DONE : Exit.ERROR;
    }

    private static boolean fits(Args args, Verdict verdict) {
        return verdict.valid() && !(args.flag("--strict") && !verdict.warnings().isEmpty());
    }

    private static String text(Args args, Output output, List<Verdict> verdicts, boolean several) {
        boolean symbols = args.shell().out().charset().newEncoder().canEncode("✅");
        Doc doc = several ? VerdictText.doc(verdicts) : VerdictText.doc(verdicts.getFirst());
        return output.render(
                doc,
                wide -> several ? VerdictText.table(verdicts, wide) : VerdictText.whole(verdicts.getFirst(), symbols),
                any -> verdicts.stream()
                        .filter(verdict -> fits(args, verdict))
                        .map(Verdict::config)
                        .toList());
    }

    private static List<CheckPack> packs(Args args) throws Failure {
        List<CheckPack> packs = new ArrayList<>();
        try {
            for (String written : args.all("--checks"))
                packs.add(Files.exists(path(written)) ? CheckPack.read(path(written)) : CheckPack.builtIn(written));
            return packs.isEmpty() ? List.of(CheckPack.builtIn(CheckPack.DEFAULT)) : packs;
        } catch (TrainingConfig.Unreadable e) {
            throw Failure.usage(e.getMessage(), "docs/RUNS.md tells how checks are written");
        }
    }

    private static Path path(String word) throws Failure {
        try {
            return Path.of(word);
        } catch (InvalidPathException e) {
            throw Failure.usage("expected a path, but found \"" + word + "\"", "");
        }
    }

    private static List<String> within(Path folder) throws Failure {
        try (Stream<Path> all = Files.walk(folder, DEPTH_MAX, FileVisitOption.FOLLOW_LINKS)) {
            List<String> configs = all.filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .filter(Files::isRegularFile)
                    .limit(CONFIGS_MAX + 1L)
                    .map(Path::toString)
                    .sorted()
                    .toList();
            if (configs.isEmpty()) throw Failure.usage("expected *.yaml below " + folder + ", but found none", "");
            if (configs.size() > CONFIGS_MAX)
                throw Failure.usage("expected at most " + CONFIGS_MAX + " configs below " + folder, "");
            return configs;
        } catch (IOException | UncheckedIOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot read " + folder + ": " + e.getMessage(), "");
        }
    }
}
