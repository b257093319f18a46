package dev.muster.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.muster.core.run.Watch.Alert;
import dev.muster.core.run.Watch.Level;
import dev.muster.core.run.Watch.Reading;
import dev.muster.core.run.Watch.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WatchTest {
    private static final Instant BEGIN = Instant.parse("2026-01-05T08:00:00Z");

    private final Watch watch = new Watch(WatchRules.DEFAULT, BEGIN);

    private static Instant minutes(double count) {
        return BEGIN.plusMillis(Math.round(count * 60_000));
    }

    private static Reading gpu(Instant at, double utilization, double memory) {
        return new Reading(
                at, OptionalDouble.of(utilization), OptionalDouble.of(memory), new TreeMap<>(), OptionalDouble.empty());
    }

    private static Reading metric(Instant at, String name, double value) {
        return new Reading(
                at,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                new TreeMap<>(Map.of(name, value)),
                OptionalDouble.empty());
    }

    private static Reading cost(Instant at, double share) {
        return new Reading(
                at, OptionalDouble.empty(), OptionalDouble.empty(), new TreeMap<>(), OptionalDouble.of(share));
    }

    private static Alert of(List<Alert> alerts, Rule rule) {
        return alerts.stream().filter(alert -> alert.rule() == rule).findFirst().orElseThrow();
    }

    /// The level of each minute at which it was looked at, as a run of it goes on.
    private Map<Double, Level> levels(String name, double hours, DoubleUnaryOperator lossAtMinute) {
        Map<Double, Level> levels = new TreeMap<>();
        for (int tick = 0; tick * 10 <= hours * 3600; tick++) {
            double minute = tick / 6.0;
            watch.reading(metric(minutes(minute), name, lossAtMinute.applyAsDouble(minute)));
            if (tick % 30 == 0)
                levels.put(
                        minute,
                        of(watch.alerts(minutes(minute), false), Rule.LOSS).level());
        }
        return levels;
    }

    private static double first(Map<Double, Level> levels, Level level) {
        return levels.entrySet().stream()
                .filter(entry -> entry.getValue() == level)
                .mapToDouble(Map.Entry::getKey)
                .findFirst()
                .orElse(-1);
    }

    @Test
    void aNoisyLossThatFallsIsWell() {
        for (int seed = 1; seed <= 5; seed++) {
            Random dice = new Random(seed);
            WatchTest fresh = new WatchTest();
            Map<Double, Level> exponential = fresh.levels(
                    "operator/loss", 8, minute -> 0.5 * Math.exp(-minute / 180) * Math.exp(0.4 * dice.nextGaussian()));
            assertThat(exponential.values()).as("seed %s", seed).containsOnly(Level.OK);
            WatchTest slower = new WatchTest();
            Map<Double, Level> power = slower.levels(
                    "loss",
                    8,
                    minute -> (0.3 + dice.nextGaussian() * 0.05)
                            * Math.pow(minute + 5, -0.7)
                            * (dice.nextInt(200) == 0 ? 20 : 1));
            assertThat(power.values()).as("seed %s", seed).containsOnly(Level.OK);
        }
    }

    @Test
    void aLossThatStandsStillWarnsAfterHalfAnHour() {
        Random dice = new Random(1);
        Map<Double, Level> levels = levels(
                "operator/loss",
                3,
                minute -> (minute < 60 ? 0.5 * Math.exp(-minute / 20) : 0.5 * Math.exp(-3))
                        * (1 + 0.002 * dice.nextGaussian()));
        assertThat(first(levels, Level.WARNING)).isBetween(80.0, 95.0);
        assertThat(levels.values()).doesNotContain(Level.CRITICAL);
        Alert alert = of(watch.alerts(minutes(180), false), Rule.LOSS);
        assertThat(alert.evidence())
                .startsWith("operator/loss: 0.0249, ")
                .contains("per 30 min in the last 30 min")
                .endsWith("not falling for more than an hour, look at its convergence");
        assertThat(alert.since()).isBetween(minutes(80), minutes(95));
    }

    @Test
    void aNoisyOneThatStandsStillWarnsLaterButWarns() {
        Random dice = new Random(2);
        Map<Double, Level> levels = levels("loss", 5, minute -> 0.2 * Math.exp(0.2 * dice.nextGaussian()));
        assertThat(first(levels, Level.WARNING)).isBetween(60.0, 290.0);
        assertThat(levels.values()).doesNotContain(Level.CRITICAL);
    }

    @Test
    void aLossThatRisesIsCriticalAndOneSpikeIsNot() {
        Random dice = new Random(3);
        Map<Double, Level> levels = levels(
                "diffusion/loss",
                3,
                minute -> (minute < 60 ? 0.5 * Math.exp(-minute / 30) : 0.068 * Math.exp((minute - 60) / 60))
                        * Math.exp(0.1 * dice.nextGaussian()));
        assertThat(first(levels, Level.CRITICAL)).isBetween(70.0, 105.0);
        assertThat(watch.aborts(watch.alerts(minutes(180), false))).isEmpty();
        Map<Double, Level> spiky = new WatchTest()
                .levels("loss", 2, minute -> 0.5 * Math.exp(-minute / 30) * (minute > 50 && minute < 53 ? 100 : 1));
        assertThat(spiky.values()).containsOnly(Level.OK);
    }

    @Test
    void aStageThatIsOverIsNotJudgedAnyMore() {
        levels("operator/loss", 1.5, minute -> 0.1);
        assertThat(of(watch.alerts(minutes(90), false), Rule.LOSS).level()).isEqualTo(Level.WARNING);
        assertThat(of(watch.alerts(minutes(125), false), Rule.LOSS).level()).isEqualTo(Level.OK);
    }

    @Test
    void lossesOfEvaluationsHaveNoTrend() {
        assertThat(Watch.isLoss("operator/loss")).isTrue();
        assertThat(Watch.isLoss("train_loss")).isTrue();
        assertThat(Watch.isLoss("eval/loss")).isFalse();
        assertThat(Watch.isLoss("val_loss")).isFalse();
    }

    @Test
    void aNumberThatIsNoneIsCriticalAtOnceAndAborts() {
        watch.reading(metric(minutes(1), "operator/grad_norm", Double.POSITIVE_INFINITY));
        assertThat(of(watch.alerts(minutes(1), false), Rule.NOT_A_NUMBER).level())
                .isEqualTo(Level.OK);
        watch.reading(metric(minutes(2), "operator/loss", Double.NaN));
        watch.reading(metric(minutes(3), "operator/loss", 0.1));
        List<Alert> alerts = watch.alerts(minutes(4), false);
        assertThat(of(alerts, Rule.NOT_A_NUMBER).level()).isEqualTo(Level.CRITICAL);
        assertThat(of(alerts, Rule.NOT_A_NUMBER).evidence()).isEqualTo("operator/loss was NaN at 2026-01-05T08:02:00Z");
        assertThat(watch.aborts(alerts)).extracting(Alert::rule).containsExactly(Rule.NOT_A_NUMBER);
    }

    @Test
    void soIsATraceback() {
        watch.line(minutes(1), "Training started");
        assertThat(watch.aborts(watch.alerts(minutes(1), false))).isEmpty();
        watch.line(minutes(2), "[rank0]: Traceback (most recent call last):");
        assertThat(watch.aborts(watch.alerts(minutes(2), false))).isEmpty();
        watch.line(minutes(2), "[rank0]:   File \"train.py\", line 3, in <module>");
        watch.line(minutes(2), "[rank0]:     raise ValueError(text)");
        watch.line(minutes(2), "");
        watch.line(minutes(2), "[rank0]: ValueError: no such thing");
        watch.line(minutes(2), "another line");
        List<Alert> aborts = watch.aborts(watch.alerts(minutes(2), false));
        assertThat(aborts).extracting(Alert::rule).containsExactly(Rule.TRACEBACK);
        assertThat(aborts.getFirst().evidence()).isEqualTo("2026-01-05T08:02:00Z: ValueError: no such thing");
    }

    @Test
    void aTracebackCountsWhoseEndIsNotWritten() {
        watch.line(minutes(1), "Traceback (most recent call last):");
        watch.line(minutes(1), "  File \"train.py\", line 3, in <module>");
        assertThat(watch.aborts(watch.alerts(minutes(2), false))).isEmpty();
        assertThat(watch.aborts(watch.alerts(minutes(3), false)).getFirst().evidence())
                .contains("whose exception was not written");
    }

    @Test
    void anIdleGpuCountsWhenItLasts() {
        for (int tick = 0; tick <= 60; tick++) watch.reading(gpu(minutes(tick / 2.0), tick % 10 == 0 ? 0 : 95, 60));
        assertThat(of(watch.alerts(minutes(30), false), Rule.UTILIZATION).level())
                .isEqualTo(Level.OK);
        Map<Double, Level> levels = new TreeMap<>();
        for (int tick = 61; tick <= 120; tick++) {
            watch.reading(gpu(minutes(tick / 2.0), 30, 60));
            levels.put(
                    tick / 2.0,
                    of(watch.alerts(minutes(tick / 2.0), false), Rule.UTILIZATION)
                            .level());
        }
        assertThat(first(levels, Level.CRITICAL)).isBetween(34.0, 41.0);
        List<Alert> alerts = watch.alerts(minutes(60), false);
        assertThat(of(alerts, Rule.UTILIZATION).evidence()).isEqualTo("GPU in use: 30.0% in the last 10 min");
        assertThat(of(alerts, Rule.START_UTILIZATION).level()).isEqualTo(Level.OK);
        assertThat(watch.aborts(alerts)).isEmpty();
    }

    @Test
    void afterAGapTheFirstReadingsAreNotYetJudged() {
        for (int tick = 0; tick <= 60; tick++) watch.reading(gpu(minutes(tick / 2.0), 95, 60));
        watch.reading(gpu(minutes(90), 0, 60));
        Alert alert = of(watch.alerts(minutes(90), false), Rule.UTILIZATION);
        assertThat(alert.level()).isEqualTo(Level.OK);
        assertThat(alert.evidence()).endsWith("not yet judged");
    }

    @Test
    void atTheStartFiveMinutesAreEnoughToAbort() {
        for (int tick = 0; tick <= 8; tick++) watch.reading(gpu(minutes(tick / 2.0), 20, 60));
        assertThat(of(watch.alerts(minutes(4), false), Rule.START_UTILIZATION).level())
                .isEqualTo(Level.OK);
        for (int tick = 9; tick <= 12; tick++) watch.reading(gpu(minutes(tick / 2.0), 20, 60));
        assertThat(watch.aborts(watch.alerts(minutes(6), false)))
                .extracting(Alert::rule)
                .containsExactly(Rule.START_UTILIZATION);
        for (int tick = 13; tick <= 60; tick++) watch.reading(gpu(minutes(tick / 2.0), 95, 60));
        assertThat(of(watch.alerts(minutes(30), false), Rule.START_UTILIZATION).level())
                .isEqualTo(Level.CRITICAL);
    }

    @Test
    void rangesHaveNoGaps() {
        WatchRules rules = WatchRules.DEFAULT;
        assertThat(grades(rules.cost(), 0.1, 0.8, 1.2, 1.21, 1.5, 1.51)).isEqualTo("OOOWWC");
        assertThat(grades(rules.utilization(), 0, 49.9, 50, 69.9, 70, 100)).isEqualTo("CCWWOO");
        assertThat(grades(rules.memory(), 0, 49, 90, 90.1, 95, 95.1)).isEqualTo("OOOWWC");
        assertThat(grades(rules.operatorGradient(), 0.0009, 0.001, 0.005, 0.01, 0.2, 0.5, 1, 1.01))
                .isEqualTo("CWWOOWWC");
        assertThat(grades(rules.diffusionGradient(), 0, 0.04, 0.05, 0.5, 0.51, 2, 2.1))
                .isEqualTo("WWOOWWC");
        assertThat(grades(rules.diffusionFinal(), 0.001, 0.01, 0.02, 0.05, 0.06))
                .isEqualTo("OOWWC");
        assertThatThrownBy(() -> new WatchRules.Range(2, 1, 3, 4))
                .hasMessage("expected critical_below of at most 1.0, which is warn_below, but found 2.0");
        assertThatThrownBy(() -> WatchRules.Range.most(3, 2))
                .hasMessage("expected warn_above of at most 2.0, which is critical_above, but found 3.0");
    }

    private static String grades(WatchRules.Range range, double... values) {
        return Arrays.stream(values)
                .mapToObj(value -> range.level(value).name().substring(0, 1))
                .collect(Collectors.joining());
    }

    @Test
    void gradientsAreJudgedByStageOverSomeMinutes() {
        for (int tick = 0; tick <= 60; tick++) {
            watch.reading(metric(minutes(tick / 6.0), "operator/grad_norm", tick % 20 == 0 ? 50 : 0.3));
            watch.reading(metric(minutes(tick / 6.0), "diffusion/grad_norm", 0.3));
        }
        assertThat(watch.alerts(minutes(10), false).stream().filter(alert -> alert.rule() == Rule.GRADIENT))
                .extracting(alert -> alert.subject() + " " + alert.level())
                .containsExactly("diffusion/grad_norm OK", "operator/grad_norm WARNING");
    }

    @Test
    void theFinalLossOfTheDiffusionIsJudgedAtTheEnd() {
        for (int tick = 0; tick <= 60; tick++) watch.reading(metric(minutes(tick / 6.0), "diffusion/loss", 0.06));
        assertThat(watch.alerts(minutes(10), false)).extracting(Alert::rule).doesNotContain(Rule.FINAL_LOSS);
        assertThat(of(watch.alerts(minutes(10), true), Rule.FINAL_LOSS).level()).isEqualTo(Level.CRITICAL);
    }

    /// A run that takes 77 minutes by the formula, took 14.5, and now hangs.
    @Test
    void withACorrectedEstimateTheCostRuleFiresWhereItDidNot() {
        Duration formula = Duration.ofMinutes(77);
        List<Took> history = new ArrayList<>();
        for (int day = 0; day < 3; day++)
            history.add(new Took(
                    "golden",
                    "RTX 4090",
                    formula,
                    Duration.ofSeconds(870 + 10 * day),
                    BEGIN.minus(Duration.ofDays(9 - day))));
        Duration corrected =
                Correction.of(history, "golden", "RTX 4090").apply(formula).likely();
        Watch blind = new Watch(WatchRules.DEFAULT, BEGIN);
        StringBuilder levels = new StringBuilder();
        for (int minute : List.of(14, 17, 19, 23, 24, 60)) {
            watch.reading(cost(minutes(minute), minute * 60.0 / corrected.toSeconds()));
            blind.reading(cost(minutes(minute), minute * 60.0 / formula.toSeconds()));
            levels.append(
                    of(watch.alerts(minutes(minute), false), Rule.COST).level().name(), 0, 1);
            assertThat(of(blind.alerts(minutes(minute), false), Rule.COST).level())
                    .isEqualTo(Level.OK);
        }
        assertThat(levels).hasToString("OOWCCC");
        List<Alert> alerts = watch.alerts(minutes(60), false);
        assertThat(of(alerts, Rule.COST).since()).isEqualTo(minutes(23));
        assertThat(watch.aborts(alerts)).extracting(Alert::rule).containsExactly(Rule.COST);
    }

    @Test
    void weeksOfReadingsStaySmallAndWholeInShape() {
        Curve curve = new Curve();
        for (int tick = 0; tick < 4 * 7 * 24 * 360; tick++) curve.add(BEGIN.plusSeconds(tick * 10L), tick);
        List<Curve.Point> points = curve.points();
        assertThat(points).hasSizeBetween(200, 520);
        assertThat(points.getFirst().value()).isLessThan(600);
        for (Curve.Point point : points)
            assertThat(point.value())
                    .isCloseTo(Duration.between(BEGIN, point.at()).toSeconds() / 10.0, offset(0.6));
        assertThat(curve.since(curve.newest().minus(Duration.ofHours(4)))).hasSizeBetween(715, 965);
        curve.add(BEGIN, 1);
        assertThat(curve.newest()).isAfter(BEGIN.plus(Duration.ofDays(27)));
    }
}
