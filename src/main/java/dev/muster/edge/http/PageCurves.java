package dev.muster.edge.http;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Run;
import dev.muster.core.state.Sha256;
import dev.muster.edge.training.MetricsFile;
import dev.muster.edge.view.CurveText;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.RunRow;
import dev.muster.edge.view.Words;
import dev.muster.edge.web.RunPages;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The curves of a run, from the metrics file that its newest stage has left or saved. A file never changes, so it is read once.
final class PageCurves {
    /// Rows of it are ten times as large in memory, and an agent's heap is 64 MiB.
    private static final long BYTES_MAX = 1 << 20;
    private static final int CURVES_MAX = 4;
    /// Files whose curves are kept: some 100 KB each.
    private static final int KEPT_MAX = 8;
    /// What could not be read is tried again after that.
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final Api api;
    private final Map<Sha256, Read> kept = new LinkedHashMap<>();

    private record Read(RunPages.Curves curves, Instant until) {}

    PageCurves(Api api) {
        this.api = api;
    }

    RunPages.Curves of(Picture picture, Run run) {
        RunRow.Detail detail = RunRow.Detail.of(picture, run, List.of(), Optional.empty());
        for (RunRow.StageRow stage : detail.stages().reversed()) {
            List<Attempt.Stored> files = new ArrayList<>(stage.outputs());
            files.addAll(stage.saved());
            for (Attempt.Stored file : files) {
                if (!file.path().matches(".*\\.(jsonl|ndjson|csv|wandb)") || file.size() == 0) continue;
                if (file.size() > BYTES_MAX) return tooLarge(run, file);
                RunPages.Curves curves = read(file, picture.now());
                if (!curves.curves().isEmpty() || !curves.note().isEmpty()) return curves;
            }
        }
        return RunPages.Curves.NONE;
    }

    private static RunPages.Curves tooLarge(Run run, Attempt.Stored file) {
        String why = file.path() + " has " + Words.bytes(file.size())
                + ", more than an agent reads for a page; muster run show " + run.id() + " draws it.";
        return new RunPages.Curves(List.of(), why);
    }

    private synchronized RunPages.Curves read(Attempt.Stored file, Instant now) {
        Read known = kept.get(file.sha());
        if (known != null && now.isBefore(known.until())) return known.curves();
        Read fresh = fresh(file, now);
        if (kept.size() >= KEPT_MAX) kept.remove(kept.keySet().iterator().next());
        kept.put(file.sha(), fresh);
        return fresh.curves();
    }

    private Read fresh(Attempt.Stored file, Instant now) {
        try {
            return new Read(new RunPages.Curves(drawn(rows(file)), ""), Instant.MAX);
        } catch (IOException e) {
            String why = file.path() + " cannot be read now: " + e.getMessage();
            return new Read(new RunPages.Curves(List.of(), why), now.plus(AGAIN));
        }
    }

    private List<MetricsFile.Row> rows(Attempt.Stored file) throws IOException {
        String end = file.path().substring(file.path().lastIndexOf('.'));
        Path copy = Files.createTempFile("muster-", end);
        try {
            try (InputStream in = api.member().shelf().open(file.sha())) {
                Files.write(copy, in.readNBytes((int) BYTES_MAX));
            }
            MetricsFile metrics = new MetricsFile(copy);
            List<MetricsFile.Row> rows = new ArrayList<>();
            MetricsFile.Look look;
            do {
                look = metrics.look();
                rows.addAll(look.rows());
            } while (look.more());
            return rows;
        } finally {
            Files.delete(copy);
        }
    }

    /// Losses, then gradients, as on the command line.
    private static List<CurveText.Series> drawn(List<MetricsFile.Row> rows) {
        Set<String> names = new TreeSet<>();
        for (MetricsFile.Row row : rows) names.addAll(row.metrics().keySet());
        List<CurveText.Series> drawn = new ArrayList<>();
        for (String end : List.of("loss", "grad_norm"))
            for (String name : names)
                if (name.endsWith(end) && drawn.size() < CURVES_MAX) drawn.add(CurveText.of(name, rows));
        return drawn;
    }
}
