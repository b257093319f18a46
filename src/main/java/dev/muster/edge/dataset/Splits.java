package dev.muster.edge.dataset;

import dev.muster.edge.training.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The files of a task: `{task}_{split}.h5`, or numbered pieces `{task}_{split}_000.h5`, in one folder.
///
/// @param files  those to be looked at, with their task; each once, under whatever name
/// @param checks one for each split, and one for each task
public record Splits(Map<Path, String> files, List<Check> checks, List<String> notes) {
    public static final List<String> ALL = List.of("train", "valid", "test");

    /// Both are written, by different people.
    private static final Set<String> VALID = Set.of("val", "valid", "validation");

    private static final String CATEGORY = "Splits";

    public Splits {
        checks = List.copyOf(checks);
        notes = List.copyOf(notes);
    }

    /// @throws IllegalArgumentException where it cannot be part of a file's name
    public static void expectName(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"))
            throw new IllegalArgumentException(
                    "expected a name of letters, digits, _ and -, but found \"" + name + "\"");
    }

    /// @param sources from where files come, by their names
    public static Splits find(Path root, List<String> tasks, List<String> splits, Map<String, String> sources)
            throws IOException {
        List<Path> there = List.of();
        if (Files.isDirectory(root)) {
            try (Stream<Path> files = Files.list(root)) {
                there = files.sorted().toList();
            }
        }
        Finder finder = new Finder(root, there, sources);
        for (String task : tasks) finder.task(task, splits);
        return new Splits(finder.files, finder.checks, finder.notes);
    }

    /// @param number of a piece, or -1
    private record Part(Path file, String split, long number) {}

    private static final class Finder {
        private final Path root;
        private final List<Path> there;
        private final Map<String, String> sources;
        private final Map<Path, String> files = new LinkedHashMap<>();
        private final List<Check> checks = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();

        Finder(Path root, List<Path> there, Map<String, String> sources) {
            this.root = root;
            this.there = there;
            this.sources = sources;
        }

        void task(String task, List<String> splits) throws IOException {
            Map<Path, String> owner = new HashMap<>();
            List<String> shared = new ArrayList<>();
            for (String split : splits) {
                for (Path file : split(task, split)) {
                    String other = owner.putIfAbsent(real(file), split);
                    if (other == null) files.put(file, task);
                    else shared.add(file.getFileName() + " is that of " + other + " too");
                }
            }
            if (splits.size() < 2) return;
            String found = shared.isEmpty() ? "files of their own" : String.join("; ", shared);
            add(task + ": splits apart", shared.isEmpty(), "files of its own for each split", found);
        }

        private void add(String name, boolean passed, String expected, String found) {
            Check.State state = passed ? Check.State.PASSED : Check.State.FAILED;
            checks.add(new Check(CATEGORY, name, state, expected, found));
        }

        private List<Path> split(String task, String split) throws IOException {
            List<Part> parts = parts(task, split);
            Set<String> names = parts.stream().map(Part::split).collect(Collectors.toCollection(LinkedHashSet::new));
            if (names.size() > 1)
                notes.add(task + " " + split + ": there are files for " + String.join(" and for ", names));
            List<Path> files = new ArrayList<>();
            Set<Path> known = new LinkedHashSet<>();
            for (Part part : parts) if (known.add(real(part.file()))) files.add(part.file());
            String expected = task + "_" + split + ".h5 in " + root;
            add(task + " " + split, !files.isEmpty(), expected, files.isEmpty() ? missing(task, split) : found(files));
            pieces(task, split, parts);
            return files;
        }

        private String found(List<Path> files) {
            String first = files.getFirst().getFileName().toString();
            return files.size() == 1 ? first : first + " and " + (files.size() - 1) + " more";
        }

        private String missing(String task, String split) {
            if (!Files.isDirectory(root)) return "no folder " + root;
            String zarr = task + "_" + split + ".zarr";
            if (there.contains(root.resolve(zarr))) return zarr + ", which is not looked at";
            for (String ending : List.of(".h5", "_000.h5")) {
                String source = sources.get(task + "_" + split + ending);
                if (source != null) return "nothing; data.download has it from " + source;
            }
            return "nothing";
        }

        /// The whole file first: it is the name that training opens, and most often a link to the first piece.
        private List<Part> parts(String task, String split) {
            Set<String> names = VALID.contains(split) ? VALID : Set.of(split);
            Pattern pattern = Pattern.compile(Pattern.quote(task) + "_("
                    + names.stream().sorted().map(Pattern::quote).collect(Collectors.joining("|"))
                    + ")(?:_(\\d{1,9}))?\\.[A-Za-z0-9]+");
            List<Part> parts = new ArrayList<>();
            for (Path file : there) {
                Matcher name = pattern.matcher(file.getFileName().toString());
                if (!name.matches() || Format.named(file).isEmpty()) continue;
                parts.add(new Part(file, name.group(1), name.group(2) == null ? -1 : Long.parseLong(name.group(2))));
            }
            parts.sort(Comparator.comparingLong(Part::number).thenComparing(Part::file));
            return parts;
        }

        private void pieces(String task, String split, List<Part> parts) {
            List<Long> numbers = parts.stream()
                    .map(Part::number)
                    .filter(number -> number >= 0)
                    .distinct()
                    .toList();
            if (numbers.isEmpty()) return;
            long gap = -1;
            for (int at = 1; at < numbers.size() && gap < 0; at++)
                if (numbers.get(at) != numbers.get(at - 1) + 1) gap = numbers.get(at - 1) + 1;
            if (numbers.getFirst() > 1) gap = 0;
            String expected = "pieces without a gap";
            add(
                    task + " " + split + " pieces",
                    gap < 0,
                    expected,
                    gap < 0 ? numbers.size() + "" : "none of number " + gap);
        }

        private static Path real(Path file) throws IOException {
            return Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        }
    }
}
