package dev.muster.edge.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Bulletin.Kind;
import dev.muster.core.state.Bulletin.Line;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AlertTitleTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static Line line(String subject, boolean over) {
        return new Line(subject, AlertLevel.WARNING, subject + " has been silent for 45s", NOW, over);
    }

    private static Bulletin bulletin(String alert, Kind kind, AlertLevel level, List<Line> lines, int open, int more) {
        List<String> subjects = lines.stream().map(Line::subject).toList();
        return new Bulletin(1, alert, kind, level, subjects, lines, open, more, NOW, new TreeSet<>(List.of("slack")));
    }

    private static String lost(Kind kind, int open, int over) {
        List<Line> lines = new ArrayList<>();
        for (int node = 1; node <= open; node++) lines.add(line("n" + node, false));
        for (int node = 1; node <= over; node++) lines.add(line("o" + node, true));
        int more = Math.max(0, lines.size() - Bulletin.LINES_MAX);
        List<Line> shown = lines.subList(0, Math.min(Bulletin.LINES_MAX, lines.size()));
        return AlertTitle.of(bulletin("node-lost", kind, AlertLevel.WARNING, shown, open, more));
    }

    @Test
    void oneSubjectSaysItself() {
        assertThat(lost(Kind.FIRED, 1, 0)).isEqualTo("n1 has been silent for 45s");
        assertThat(lost(Kind.RESOLVED, 0, 1)).isEqualTo("over: o1 has been silent for 45s");
    }

    @Test
    void severalAreCountedAndSomeNamed() {
        assertThat(lost(Kind.FIRED, 3, 0)).isEqualTo("3 nodes are not heard: n1, n2, n3");
        assertThat(lost(Kind.FIRED, 27, 0)).isEqualTo("27 nodes are not heard: n1, n2, n3 and 24 more");
        assertThat(lost(Kind.RESOLVED, 0, 27)).isEqualTo("over: 27 nodes are not heard: o1, o2, o3 and 24 more");
    }

    /// What is over beside what goes on is in the lines, not in the title.
    @Test
    void whatGoesOnCounts() {
        assertThat(lost(Kind.CHANGED, 1, 5)).isEqualTo("n1 has been silent for 45s");
        assertThat(lost(Kind.CHANGED, 2, 25)).isEqualTo("2 nodes are not heard: n1, n2");
    }

    @Test
    void whatNobodyKnowsSaysSo() {
        Line silent = new Line("vast", AlertLevel.UNKNOWN, "vast has not said for 7m what runs there", NOW, false);
        Line other = new Line("lambda", AlertLevel.UNKNOWN, "lambda has not said for 7m what runs there", NOW, false);
        assertThat(AlertTitle.of(bulletin("provider-silent", Kind.FIRED, AlertLevel.UNKNOWN, List.of(silent), 1, 0)))
                .isEqualTo("not known: vast has not said for 7m what runs there");
        assertThat(AlertTitle.of(
                        bulletin("provider-silent", Kind.FIRED, AlertLevel.UNKNOWN, List.of(silent, other), 2, 0)))
                .isEqualTo("not known whether providers do not answer: vast, lambda");
    }

    @Test
    void aRuleOfANewerBuildHasATitleToo() {
        Bulletin two = bulletin(
                "moon-full", Kind.FIRED, AlertLevel.WARNING, List.of(line("a", false), line("b", false)), 2, 0);
        assertThat(AlertTitle.of(two)).isEqualTo("2 of moon-full: a, b");
        assertThat(AlertRow.runbook("moon-full")).isEqualTo("docs/ALERTS.md");
    }

    @Test
    void everyRuleHasATitleForSeveral() {
        for (AlertRule rule : AlertRule.values()) {
            String title = AlertTitle.of(bulletin(
                    rule.word(), Kind.FIRED, AlertLevel.CRITICAL, List.of(line("a", false), line("b", false)), 2, 0));
            assertThat(title).startsWith("2 ").endsWith(": a, b").hasSizeLessThan(80);
        }
    }
}
