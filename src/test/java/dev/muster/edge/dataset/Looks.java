package dev.muster.edge.dataset;

import dev.muster.edge.training.Check;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Looks at files as `run check-data` does.
final class Looks {
    private Looks() {}

    static Inspection at(Path file) {
        return at(file, Sample.ALL);
    }

    static Inspection at(Path file, Sample sample) {
        return new DataFile(file, "", Optional.empty()).inspect(sample, Progress.SILENT);
    }

    static Inspection of(Path file, String task) {
        return new DataFile(file, task, Optional.empty()).inspect(Sample.ALL, Progress.SILENT);
    }

    static Inspection listed(Path file, Manifest.Entry entry) {
        return new DataFile(file, "", Optional.of(entry)).inspect(Sample.ALL, Progress.SILENT);
    }

    /// Names of what failed.
    static List<String> failed(Inspection file) {
        return file.checks().stream()
                .filter(check -> check.state() == Check.State.FAILED)
                .map(Check::name)
                .toList();
    }

    static Check check(Inspection file, String name) {
        return file.checks().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static Map<String, Summary> datasets(Inspection file) {
        return file.datasets().stream().collect(Collectors.toMap(Summary::name, Function.identity()));
    }

    static Summary.Numbers numbers(Inspection file, String dataset) {
        return datasets(file).get(dataset).numbers().orElseThrow();
    }

    /// A file of `fixtures.py`.
    static Path fixture(String name, Path folder) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = Looks.class.getResourceAsStream(name)) {
            Files.copy(in, file);
        }
        return file;
    }
}
