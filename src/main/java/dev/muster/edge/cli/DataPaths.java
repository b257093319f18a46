package dev.muster.edge.cli;

import dev.muster.edge.dataset.ConfigData;
import dev.muster.edge.dataset.DataFile;
import dev.muster.edge.dataset.Inspection;
import dev.muster.edge.dataset.Manifest;
import dev.muster.edge.dataset.Quarantine;
import dev.muster.edge.dataset.Splits;
import dev.muster.edge.training.Check;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Which files `run check-data` looks at: those of configs, of tasks, of a manifest, and those that were named.
final class DataPaths {
    /// More is no folder of data, but somebody's whole disk.
    private static final int FILES_MAX = 10_000;

    private static final int DEPTH_MAX = 16;

    private final Args args;
    /// With their task, or nothing.
    private final Map<Path, String> found = new LinkedHashMap<>();
    private final List<Check> splits = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Set<String> caches = new LinkedHashSet<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Optional<Manifest> manifest;
    /// What the manifest's paths count from.
    private final Path base;

    private DataPaths(Args args) throws Failure {
        this.args = args;
        Optional<Path> file = optional(args, "--manifest");
        this.manifest = file.isEmpty() ? Optional.empty() : Optional.of(manifest(file.get()));
        Optional<Path> root = optional(args, "--data-root");
        if (root.isPresent() && !Files.isDirectory(root.get()))
            throw Failure.usage("expected a folder as --data-root, but there is none at " + root.get(), "");
        this.base = root.or(() -> file.map(path -> path.toAbsolutePath().getParent()))
                .orElse(Path.of(""));
    }

    /// @throws Failure usage, when there is nothing to look at
    static DataPaths of(Args args) throws Failure {
        DataPaths paths = new DataPaths(args);
        for (String word : args.words()) paths.word(path(word));
        if (!args.all("--task").isEmpty() && args.words().stream().noneMatch(DataPaths::isConfig)) paths.tasks();
        else if (args.words().isEmpty() && paths.manifest.isPresent()) paths.listed();
        if (paths.found.isEmpty() && paths.splits.isEmpty())
            throw Failure.usage(
                    "expected a config, a data file, a folder, --task or --manifest, but found none",
                    "muster run check-data configs/train.yaml");
        if (paths.found.size() > FILES_MAX) throw Failure.usage("expected at most " + FILES_MAX + " files", "");
        return paths;
    }

    List<DataFile> files() {
        List<DataFile> files = new ArrayList<>();
        found.forEach((file, task) -> files.add(new DataFile(file, task, entry(file))));
        return files;
    }

    /// A link may be listed under either name.
    private Optional<Manifest.Entry> entry(Path file) {
        Optional<Manifest.Entry> entry = manifest.flatMap(list -> list.of(file, base));
        if (entry.isPresent() || manifest.isEmpty() || !Files.isSymbolicLink(file)) return entry;
        try {
            Path real = file.toRealPath();
            return manifest.flatMap(list -> list.of(real, base));
        } catch (IOException e) {
            return entry;
        }
    }

    List<Check> splits() {
        return splits;
    }

    List<String> warnings() {
        return warnings;
    }

    Set<String> caches() {
        return caches;
    }

    Map<String, String> sources() {
        return sources;
    }

    /// Those that are bad themselves, each once, however many names lead to it.
    List<Inspection> movable(List<Inspection> files) {
        Map<Path, Inspection> bad = new LinkedHashMap<>();
        for (Inspection file : files) {
            try {
                if (file.damaged()) bad.putIfAbsent(file.file().toRealPath(), file);
            } catch (IOException e) {
                warnings.add(file.file() + " cannot be moved: " + e.getMessage());
            }
        }
        return List.copyOf(bad.values());
    }

    private static boolean isConfig(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return lower.endsWith(".yaml") || lower.endsWith(".yml");
    }

    private void word(Path path) throws Failure {
        if (!Files.exists(path))
            throw Failure.usage("expected a config, a file or a folder, but there is no " + path, "");
        if (Files.isDirectory(path)) within(path);
        else if (isConfig(path.toString())) config(path);
        else
            found.putIfAbsent(
                    path, args.all("--task").size() == 1 ? args.all("--task").getFirst() : "");
    }

    private void config(Path path) throws Failure {
        try {
            ConfigData config = ConfigData.read(path);
            caches.addAll(config.caches());
            sources.putAll(config.sources());
            Path root = optional(args, "--data-root").orElse(config.root());
            List<String> tasks = args.all("--task").isEmpty() ? config.tasks() : names(args.all("--task"));
            splits(root, tasks, splitNames(config.split()));
        } catch (ConfigData.Unusable e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    private void tasks() throws Failure {
        Path root = optional(args, "--data-root")
                .orElseThrow(() -> Failure.usage("expected --data-root with --task, but found none", ""));
        splits(root, names(args.all("--task")), splitNames(Optional.empty()));
    }

    private List<String> splitNames(Optional<String> config) throws Failure {
        if (args.flag("--all-splits") && args.text("--split").isPresent())
            throw Failure.usage("expected --split or --all-splits, but found both", "");
        if (args.flag("--all-splits")) return Splits.ALL;
        return args.text("--split").or(() -> config).isEmpty()
                ? Splits.ALL
                : names(List.of(args.text("--split").or(() -> config).get()));
    }

    private static List<String> names(List<String> names) throws Failure {
        try {
            names.forEach(Splits::expectName);
            return names;
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    private void splits(Path root, List<String> tasks, List<String> names) throws Failure {
        try {
            Splits these = Splits.find(root, tasks, names, sources);
            these.checks().stream().filter(check -> !splits.contains(check)).forEach(splits::add);
            these.notes().stream().filter(note -> !warnings.contains(note)).forEach(warnings::add);
            these.files().forEach(found::putIfAbsent);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot read " + root + ": " + e.getMessage(), "");
        }
    }

    private void listed() {
        for (Manifest.Entry entry : manifest.orElseThrow().entries()) found.putIfAbsent(base.resolve(entry.path()), "");
    }

    private void within(Path folder) throws Failure {
        try (Stream<Path> all = Files.walk(folder, DEPTH_MAX, FileVisitOption.FOLLOW_LINKS)) {
            List<Path> files = all.filter(DataFile::isNamedLikeOne)
                    .filter(file -> !Files.isDirectory(file))
                    .limit(FILES_MAX + 1L)
                    .sorted()
                    .toList();
            List<Path> kept =
                    files.stream().filter(file -> !Quarantine.holds(file)).toList();
            if (kept.size() < files.size())
                warnings.add(folder + ": " + (files.size() - kept.size()) + " files in quarantine were not looked at");
            if (kept.isEmpty())
                throw Failure.usage("expected data files (*.h5, *.npy, …) below " + folder + ", but found none", "");
            kept.forEach(file -> found.putIfAbsent(file, ""));
        } catch (IOException | UncheckedIOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot read " + folder + ": " + e.getMessage(), "");
        }
    }

    private static Manifest manifest(Path file) throws Failure {
        if (!Files.exists(file)) throw Failure.usage("expected a manifest, but there is no " + file, "");
        try {
            return Manifest.read(file);
        } catch (Manifest.Unreadable e) {
            throw Failure.usage(e.getMessage(), "docs/RUNS.md tells how a manifest is written");
        }
    }

    private static Optional<Path> optional(Args args, String option) throws Failure {
        return args.text(option).isEmpty()
                ? Optional.empty()
                : Optional.of(path(args.text(option).get()));
    }

    static Path path(String word) throws Failure {
        try {
            return Path.of(word);
        } catch (InvalidPathException e) {
            throw Failure.usage("expected a path, but found \"" + word + "\"", "");
        }
    }
}
