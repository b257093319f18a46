package dev.muster.edge.cli;

import dev.muster.edge.training.MetricsFile;
import dev.muster.edge.view.CurveText;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Curves of what a run has measured, from the metrics file of its newest stage: as it was saved last, or as it was left.
final class RunCurves {
    private static final int WIDTH = 72;
    private static final int HEIGHT = 10;
    private static final int CURVES_MAX = 4;
    /// More is no answer to a look.
    private static final long BYTES_MAX = 64L << 20;

    private final Client client;
    /// What was read last, and what came of it: between two looks most files stay as they are.
    private String known = "";
    private String drawn = "";

    RunCurves(Client client) {
        this.client = client;
    }

    /// Nothing where there is no such file, or nobody gives it now: the rest of the answer stands without.
    String of(Doc answer) {
        for (Doc stage : answer.list("stages").reversed()) {
            List<Doc> files = new ArrayList<>(stage.list("outputs"));
            files.addAll(stage.list("saved"));
            for (Doc file : files) {
                boolean metrics = file.text("path").matches(".*\\.(jsonl|ndjson|csv|wandb)");
                if (!metrics || file.number("size") == 0 || file.number("size") > BYTES_MAX) continue;
                String text = curves(stage.text("name"), file);
                if (!text.isEmpty()) return text;
            }
        }
        return "";
    }

    private String curves(String stage, Doc file) {
        String sha = file.text("sha");
        if (sha.equals(known)) return drawn;
        try {
            String name = file.text("path");
            Path copy = Files.createTempFile("muster-", name.substring(name.lastIndexOf('.')));
            try {
                if (!ArtifactCommands.fetch(client, sha, copy).equals(sha)) return "";
                drawn = drawn(stage, name, copy);
                known = sha;
                return drawn;
            } finally {
                Files.delete(copy);
            }
        } catch (IOException | Failure e) {
            return "";
        }
    }

    private static String drawn(String stage, String name, Path file) throws IOException {
        MetricsFile metrics = new MetricsFile(file);
        List<MetricsFile.Row> rows = new ArrayList<>();
        MetricsFile.Look look;
        do {
            look = metrics.look();
            rows.addAll(look.rows());
        } while (look.more());
        StringBuilder text = new StringBuilder();
        for (String metric : shown(rows)) {
            CurveText.Series series = CurveText.of(metric, rows);
            text.append('\n').append(CurveText.render(series, WIDTH, HEIGHT));
        }
        return text.isEmpty() ? "" : "\n" + name + " of " + stage + ", " + rows.size() + " rows" + text;
    }

    /// Losses, then gradients.
    private static List<String> shown(List<MetricsFile.Row> rows) {
        Set<String> names = new TreeSet<>();
        for (MetricsFile.Row row : rows) names.addAll(row.metrics().keySet());
        List<String> shown = new ArrayList<>();
        for (String end : List.of("loss", "grad_norm"))
            for (String metric : names) if (metric.endsWith(end) && shown.size() < CURVES_MAX) shown.add(metric);
        return shown;
    }
}
