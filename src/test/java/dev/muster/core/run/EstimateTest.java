package dev.muster.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.run.Work.Epochs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EstimateTest {
    private static final Instant START = Instant.parse("2026-01-05T08:00:00Z");
    private static final Duration FORMULA = Duration.ofMinutes(77);

    private static final Work BURGERS = Work.latentOperator(32, new Epochs(25, 8, 8, 0), true, true);
    private static final Work WITHOUT_DIFFUSION = Work.latentOperator(16, new Epochs(25, 0, 0, 0), true, true);

    private static Estimate on(String gpu, Work work, List<Took> history) {
        return new Estimate(
                gpu, work.time(), Correction.of(history, "golden", gpu), Rate.table(gpu), Estimate.Luggage.USUAL);
    }

    private static List<String> dollars(Work work) {
        return List.of("H100", "A100", "H200").stream()
                .map(gpu -> on(gpu, work, List.of()))
                .map(one ->
                        one.cost(one.time().likely()).orElseThrow().machine().dollars())
                .map(dollars -> String.format(Locale.ROOT, "%.2f", dollars))
                .toList();
    }

    private static Took took(String series, String gpu, double minutes, int day) {
        return new Took(
                series, gpu, FORMULA, Duration.ofSeconds(Math.round(minutes * 60)), START.plus(Duration.ofDays(day)));
    }

    private static double error(List<Took> history, double actualMinutes) {
        Duration likely =
                Correction.of(history, "golden", "RTX 4090").apply(FORMULA).likely();
        return Math.abs(Math.log(likely.toSeconds() / (actualMinutes * 60)));
    }

    @Test
    void theKnownExamplesComeOut() {
        assertThat(BURGERS.time()).isEqualTo(Duration.ofSeconds(4631));
        assertThat(dollars(BURGERS)).containsExactly("3.72", "2.43", "3.33");
        assertThat(WITHOUT_DIFFUSION.time()).isEqualTo(Duration.ofMinutes(36).plusSeconds(15));
        assertThat(dollars(WITHOUT_DIFFUSION)).containsExactly("1.75", "1.14", "1.56");
    }

    @Test
    void secondsPerEpochGrowWithTheDimension() {
        Epochs each = new Epochs(1, 1, 1, 1);
        assertThat(List.of(32L, 33L, 64L, 65L).stream()
                        .map(dim -> Work.latentOperator(dim, each, false, true)
                                .time()
                                .toSeconds()))
                .containsExactly(315L, 423L, 423L, 665L);
        assertThat(Work.latentOperator(8, each, true, false).time()).isEqualTo(Duration.ofSeconds(315 + 900));
    }

    @Test
    void nothingToDoOrMoreThanAYearIsAMistake() {
        assertThatThrownBy(() -> Work.latentOperator(32, new Epochs(0, 0, 0, 0), false, false))
                .hasMessageContaining("but found 0 s");
        assertThatThrownBy(() -> Work.latentOperator(32, new Epochs(0, 0, 9_000_000, 0), false, false))
                .hasMessageContaining("up to 365 days");
        assertThatThrownBy(() -> Work.latentOperator(32, new Epochs(-1, 0, 0, 0), true, false))
                .hasMessageContaining("operator: expected epochs");
    }

    @Test
    void diskAndTrafficAreInTheTotal() {
        Estimate estimate = on("A100 SXM4", BURGERS, List.of());
        Estimate.Cost cost = estimate.cost(Duration.ofHours(10)).orElseThrow();
        assertThat(cost.machine()).hasToString("$18.90");
        assertThat(cost.disk().dollars()).isBetween(0.1333, 0.1334);
        assertThat(cost.traffic()).hasToString("$0.10");
        assertThat(cost.total()).isEqualTo(cost.machine().plus(cost.disk()).plus(cost.traffic()));
        assertThat(on("RTX 4090", BURGERS, List.of()).cost(Duration.ofHours(1))).isEmpty();
    }

    @Test
    void theCardIsChosenByTimeAndDimensionWhereTheseAreKnown() {
        List<Estimate> all =
                List.of(on("H100", BURGERS, List.of()), on("A100", BURGERS, List.of()), on("H200", BURGERS, List.of()));
        assertThat(Estimate.advice(all, Optional.of(32L)).orElseThrow().gpu()).isEqualTo("A100");
        assertThat(Estimate.advice(all, Optional.of(512L)).orElseThrow().gpu()).isEqualTo("H200");
        assertThat(Estimate.advice(all, Optional.empty()).orElseThrow())
                .isEqualTo(new Estimate.Advice("A100", "costs least"));
        assertThat(Estimate.advice(all.subList(0, 1), Optional.of(32L)).orElseThrow())
                .isEqualTo(new Estimate.Advice("H100", "costs least"));
        Work brief = Work.latentOperator(512, new Epochs(10, 0, 0, 0), false, false);
        assertThat(Estimate.advice(List.of(on("A100", brief, List.of())), Optional.of(512L))
                        .orElseThrow()
                        .why())
                .isEqualTo("less than half an hour");
    }

    /// What the golden config took on an RTX 4090, of which its header tells 14.5 minutes; the others are its like.
    private static final List<Double> RECORDED = List.of(14.5, 14.1, 15.2, 14.8, 13.9, 14.6, 15.0, 14.4);

    @Test
    void eachRunMakesTheNextEstimateBetter() {
        List<Took> history = new ArrayList<>();
        List<Double> errors = new ArrayList<>();
        List<Double> widths = new ArrayList<>();
        for (double minutes : RECORDED) {
            errors.add(error(history, minutes));
            Correction correction = Correction.of(history, "golden", "RTX 4090");
            widths.add(correction.high() / correction.low());
            Duration actual = Duration.ofSeconds(Math.round(minutes * 60));
            Correction.Span span = correction.apply(FORMULA);
            if (history.size() > 0) assertThat(actual).isBetween(span.least(), span.most());
            history.add(took("golden", "RTX 4090", minutes, history.size()));
        }
        assertThat(Math.exp(errors.get(0))).isBetween(5.3, 5.4);
        assertThat(errors.get(1)).isLessThan(errors.get(0) / 1.9);
        assertThat(errors.get(2)).isLessThan(errors.get(1) / 5);
        assertThat(errors.subList(2, errors.size()))
                .allSatisfy(error -> assertThat(error).isLessThan(0.09));
        for (int at = 1; at < widths.size(); at++) assertThat(widths.get(at)).isLessThan(widths.get(at - 1));
        assertThat(widths.getLast()).isLessThan(2);
    }

    @Test
    void oneRunThatHungMakesItNoWorseThanNoCorrection() {
        for (double good : List.of(14.5, 40.0, 77.0, 150.0)) {
            for (double odd : List.of(1.0, 8.0, 300.0, 5_000.0)) {
                for (int runs = 3; runs <= 8; runs++) {
                    for (int place = 0; place < runs; place++) {
                        List<Took> history = new ArrayList<>();
                        for (int run = 0; run < runs; run++)
                            history.add(took("golden", "RTX 4090", run == place ? odd : good, run));
                        assertThat(error(history, good)).isLessThanOrEqualTo(error(List.of(), good) + 1e-3);
                    }
                }
            }
        }
    }

    @Test
    void whatIsMostAlikeCounts() {
        List<Took> history = List.of(
                took("golden", "A100 SXM4", 70, 0),
                took("other", "RTX_4090", 30, 1),
                took("other", "RTX 4090", 30, 2),
                took("golden", "GeForce RTX 4090", 15, 3),
                took("golden", "RTX 4090", 15, 4));
        assertThat(Correction.of(history, "golden", "RTX 4090").basis())
                .isEqualTo("the formula times 0.19, by 2 runs of golden on RTX 4090");
        assertThat(Correction.of(history, "third", "RTX 4090").basis()).contains("of other configs on RTX 4090");
        assertThat(Correction.of(history, "golden", "H100").basis()).contains("by 5 runs of other GPUs");
        assertThat(Correction.of(history, "golden", "A100 PCIE").basis())
                .endsWith("by one run of golden on A100 PCIE; a wide range until there are more");
        assertThat(Correction.of(List.of(), "golden", "H100").basis())
                .isEqualTo("the formula; no run so far, so a wide range");
    }

    @Test
    void aTimeThatAPersonWroteIsCorrectedByRunsOfItsSeriesOnly() {
        List<Took> history = new ArrayList<>(List.of(
                took("other", "RTX 4090", 13, 1), took("other", "RTX 4090", 13, 2), took("other", "A100", 9, 3)));
        assertThat(Correction.of(history, "golden", "RTX 4090").factor()).isLessThan(0.2);
        Correction alone = Correction.written(history, "golden", "RTX 4090");
        assertThat(alone.factor()).isEqualTo(1);
        assertThat(alone.basis()).isEqualTo("as written; no run so far, so a wide range");
        history.add(took("golden", "RTX 4090", 154, 4));
        history.add(took("golden", "RTX 4090", 154, 5));
        Correction corrected = Correction.written(history, "golden", "RTX 4090");
        assertThat(corrected.factor()).isBetween(1.99, 2.01);
        assertThat(corrected.basis()).isEqualTo("as written times 2.00, by 2 runs of golden on RTX 4090");
    }

    @Test
    void oneRunOfTheSeriesMovesItTowardsWhatItTook() {
        for (double others : List.of(5.0, 13.0, 70.0, 300.0))
            for (double own : List.of(10.0, 27.0, 77.0, 107.0, 400.0)) {
                List<Took> history = List.of(
                        took("other", "RTX 4090", others, 1),
                        took("other", "RTX 4090", others, 2),
                        took("golden", "RTX 4090", own, 3));
                Correction correction = Correction.of(history, "golden", "RTX 4090");
                assertThat(correction.factor())
                        .as(others + " then " + own)
                        .isBetween(Math.min(1, own / 77) - 1e-9, Math.max(1, own / 77) + 1e-9);
            }
    }

    @Test
    void theNewestRunsCountMost() {
        List<Took> history = new ArrayList<>();
        for (int run = 0; run < 200; run++) history.add(took("golden", "RTX 4090", run < 194 ? 60 : 20, run));
        assertThat(error(history, 20)).isLessThan(0.01);
    }
}
