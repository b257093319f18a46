package dev.muster.core.alert;

import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.AlertPolicy.Limits;
import dev.muster.core.state.Command;
import dev.muster.core.state.Command.SightAlerts.Sight;
import dev.muster.core.state.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The runbook's table of metrics to watch, with its ranges closed.
class SceneTest {
    private static Story limits(AlertRule rule, double warning, double critical) {
        AlertPolicy usual = AlertPolicy.DEFAULT;
        Table<String, Limits> limits = Table.empty();
        return given(new Command.SetAlertPolicy(new AlertPolicy(
                usual.gather(),
                usual.again(),
                usual.cooldown(),
                usual.clear(),
                usual.hourMax(),
                "UTC",
                List.of(),
                limits.with(rule.word(), Limits.of(warning, critical)),
                List.of())));
    }

    /// What each figure of a way up and down is, one after the other, each noted at once.
    private static List<String> levels(Story story, AlertRule rule, double... values) {
        List<String> levels = new ArrayList<>();
        for (double value : values) {
            Scene scene = new Scene(story.state(), Soft.leadingSince(START), Policy.DEFAULT, START);
            scene.figure(rule, "all", value, "so much");
            Optional<AlertLevel> level = scene.signs.stream().map(Sign::level).findFirst();
            levels.add(level.map(Enum::name).orElse("ok"));
            story.and(new Command.SightAlerts(List.of(new Sight(rule.word(), "all", level, "so much"))));
        }
        return levels;
    }

    @Test
    void aFigureThatRisesSlowlyPassesEachLimitOnceAndFallsBackBelowItsRelease() {
        assertThat(levels(
                        limits(AlertRule.HOURLY_COST, 8, 12),
                        AlertRule.HOURLY_COST,
                        7.9,
                        8,
                        7.9,
                        8.1,
                        7.3,
                        11.9,
                        12,
                        11.9,
                        10.9,
                        10.7,
                        7.3,
                        7.1,
                        7.9,
                        13))
                .containsExactly(
                        "ok",
                        "WARNING",
                        "WARNING",
                        "WARNING",
                        "WARNING",
                        "WARNING",
                        "CRITICAL",
                        "CRITICAL",
                        "CRITICAL",
                        "WARNING",
                        "WARNING",
                        "ok",
                        "ok",
                        "CRITICAL");
    }

    @Test
    void aFigureThatIsToBeLargeIsWorseBelowItsLimit() {
        assertThat(levels(
                        limits(AlertRule.INSTANCES_FEW, 10, 5),
                        AlertRule.INSTANCES_FEW,
                        15,
                        10,
                        9,
                        10,
                        11,
                        5,
                        4,
                        5,
                        6,
                        11))
                .containsExactly(
                        "ok", "ok", "WARNING", "WARNING", "ok", "WARNING", "CRITICAL", "CRITICAL", "WARNING", "ok");
    }

    @Test
    void betweenTheRunbooksRangesThereIsNoGap() {
        for (double jobs = 0; jobs <= 600; jobs++) {
            List<String> level = levels(limits(AlertRule.SELFPLAY_JOBS, 500, 100), AlertRule.SELFPLAY_JOBS, jobs);
            assertThat(level).containsExactly(jobs < 100 ? "CRITICAL" : jobs < 500 ? "WARNING" : "ok");
        }
    }

    @Test
    void aFigureThatNobodyKnowsIsUnknown() {
        assertThat(levels(limits(AlertRule.HOURLY_COST, 8, 12), AlertRule.HOURLY_COST, Double.NaN))
                .containsExactly("UNKNOWN");
    }

    @Test
    void aFigureWithoutLimitsIsNotWatched() {
        Scene scene = new Scene(given().state(), Soft.leadingSince(START), Policy.DEFAULT, START);
        scene.figure(AlertRule.HOURLY_COST, "all", 1_000, "much");
        assertThat(scene.signs).isEmpty();
        assertThat(scene.watches(AlertRule.HOURLY_COST)).isFalse();
    }
}
