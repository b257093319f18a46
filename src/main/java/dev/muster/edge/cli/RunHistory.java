package dev.muster.edge.cli;

import dev.muster.core.run.Correction;
import dev.muster.core.run.Took;
import dev.muster.edge.view.Doc;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What earlier runs took, a JSON object in each line:
/// `{"series": "train_burgers", "gpu": "A100", "estimated_s": 4631, "actual_s": 870, "at": "2026-01-05T08:00:00Z"}`.
final class RunHistory {
    private static final String EXPECTED =
            "expected {\"series\": .., \"gpu\": .., \"estimated_s\": .., \"actual_s\": ..,"
                    + " \"at\": \"2026-01-05T08:00:00Z\"}";

    /// A year. One that is longer would be all that an estimate is made of.
    private static final long SECONDS_MAX = Duration.ofDays(365).toSeconds();

    private RunHistory() {}

    /// The last lines of it: more are not looked at.
    ///
    /// @throws Failure usage, with the line that is none
    static List<Took> read(Path file) throws Failure {
        Deque<Took> last = new ArrayDeque<>();
        int number = 0;
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.isBlank()) continue;
                last.addLast(took(file + ":" + number, line));
                if (last.size() > Correction.HISTORY_MAX) last.removeFirst();
            }
        } catch (IOException e) {
            throw Failure.usage("expected to read " + file + ", but " + Client.why(e), "");
        }
        return List.copyOf(last);
    }

    /// Empty when something is missing.
    ///
    /// @throws IllegalArgumentException when something is wrong
    static Optional<Took> took(Doc doc) {
        OptionalDouble estimated = doc.decimal("estimated_s");
        OptionalDouble actual = doc.decimal("actual_s");
        Optional<Instant> at = doc.time("at");
        boolean whole =
                doc.has("series") && doc.has("gpu") && estimated.isPresent() && actual.isPresent() && at.isPresent();
        return whole
                ? Optional.of(new Took(
                        doc.text("series"),
                        doc.text("gpu"),
                        seconds(estimated.getAsDouble()),
                        seconds(actual.getAsDouble()),
                        at.get()))
                : Optional.empty();
    }

    private static Took took(String place, String line) throws Failure {
        try {
            Optional<Took> took = took(Doc.json(line.getBytes(StandardCharsets.UTF_8)));
            if (took.isPresent()) return took.get();
        } catch (IllegalArgumentException e) {
            throw Failure.usage(place + ": " + EXPECTED + ", but " + e.getMessage(), "");
        }
        throw Failure.usage(place + ": " + EXPECTED + ", but found " + line, "");
    }

    private static Duration seconds(double seconds) {
        if (!(Math.abs(seconds) <= SECONDS_MAX))
            throw new IllegalArgumentException(
                    "found " + (Double.isFinite(seconds) ? seconds + " s" : "no finite number")
                            + " in place of at most " + SECONDS_MAX);
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
