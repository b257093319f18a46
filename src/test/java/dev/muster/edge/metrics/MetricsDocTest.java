package dev.muster.edge.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// docs/METRICS.md lists what there is, and nothing else.
class MetricsDocTest {
    @Test
    void theTableIsWhatIsServed() throws Exception {
        List<String> rows = Files.readAllLines(Path.of("docs/METRICS.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertThat(rows)
                .containsExactlyElementsOf(
                        Stream.of(Metric.values()).map(MetricsDocTest::row).toList());
    }

    private static String row(Metric metric) {
        String who = switch (metric.of()) {
            case NODE -> "each node";
            case CLUSTER -> "the leader";
            case BOTH -> "both";
        };
        String labels = metric.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
        return "| `" + metric.text() + "` | " + metric.type().name().toLowerCase(Locale.ROOT) + " | " + labels + " | "
                + who + " | " + metric.help() + " |";
    }

    /// Base units, and `_total` for what only grows; the runbooks' own names break that rule.
    @Test
    void namesFollowTheConventions() {
        for (Metric metric : Metric.values()) {
            if (!metric.text().startsWith("muster_")) continue;
            assertThat(metric.text().endsWith("_total"))
                    .as(metric.text())
                    .isEqualTo(metric.type() == Metric.Type.COUNTER);
            assertThat(metric.text()).matches("[a-z][a-z_]*").doesNotContain("percent", "_ms", "_mb", "_gb");
        }
    }
}
