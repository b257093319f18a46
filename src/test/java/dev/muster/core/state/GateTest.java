package dev.muster.core.state;

import static dev.muster.core.Launches.gate;
import static dev.muster.core.Launches.r;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.core.state.Gate.Answer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final Gate LESS = gate(false, 0.01);
    private static final List<Double> NO_NUMBERS =
            List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    private static Table<String, Double> loss(double number) {
        return Table.<String, Double>empty().with("loss", number);
    }

    private static Optional<Gate.Baseline> against(Table<String, Double> results) {
        return Optional.of(new Gate.Baseline(r("r1"), results));
    }

    private static Gate ratio(double most) {
        return new Gate(
                Optional.of("loss"), false, 0.01, Table.<String, Double>empty().with("gap", most), Table.empty());
    }

    private static Answer withGap(double ratio, double theirs, double ours) {
        return ratio(ratio)
                .judge(loss(0.1).with("gap", ours), against(loss(0.5).with("gap", theirs)))
                .answer();
    }

    @Test
    void theFirstIsComparedWithNothing() {
        assertThat(LESS.judge(loss(0.5), Optional.empty()))
                .isEqualTo(new Gate.Verdict(Answer.FIRST, Optional.empty(), "no earlier run to compare it with"));
    }

    @Test
    void itIsBetterBySoMuchOrNot() {
        assertThat(LESS.judge(loss(0.375), against(loss(0.5))))
                .isEqualTo(new Gate.Verdict(Answer.BETTER, Optional.of(r("r1")), "loss 0.375 against 0.5 of r1"));
        assertThat(LESS.judge(loss(0.495), against(loss(0.5))))
                .isEqualTo(new Gate.Verdict(
                        Answer.NO, Optional.of(r("r1")), "loss 0.495 against 0.5 of r1, and 0.01 less is asked for"));
        assertThat(gate(true, 0.125).judge(loss(0.625), against(loss(0.5))).passes())
                .isTrue();
        assertThat(gate(true, 0.125).judge(loss(0.375), against(loss(0.5))).why())
                .endsWith("0.125 more is asked for");
    }

    @Test
    void theSameIsNoBetter() {
        assertThat(gate(false, 0).judge(loss(0.5), against(loss(0.5))).answer()).isEqualTo(Answer.NO);
        assertThat(gate(true, 0).judge(loss(0.5), against(loss(0.5))).why())
                .isEqualTo("loss 0.5 against 0.5 of r1, and more is asked for");
        assertThat(gate(false, 0).judge(loss(0.4999), against(loss(0.5))).answer())
                .isEqualTo(Answer.BETTER);
    }

    @Test
    void whatIsMissingOrNoNumberDoesNotPass() {
        assertThat(LESS.judge(Table.empty(), Optional.empty()).why()).isEqualTo("the results have no loss");
        assertThat(LESS.judge(Table.empty(), against(loss(0.5))).passes()).isFalse();
        for (double none : NO_NUMBERS) {
            for (boolean higher : List.of(true, false)) {
                assertThat(gate(higher, 0).judge(loss(none), Optional.empty()).why())
                        .isEqualTo("loss is " + none);
                assertThat(gate(higher, 0).judge(loss(none), against(loss(0.5))).passes())
                        .isFalse();
            }
            Gate limit = new Gate(Optional.empty(), false, 0, Table.empty(), loss(1));
            assertThat(limit.judge(loss(none), Optional.empty()).passes()).isFalse();
            assertThat(withGap(1.5, 2, none)).isEqualTo(Answer.NO);
        }
    }

    @Test
    void aLimitHoldsWhateverOthersMade() {
        Gate limit = new Gate(Optional.empty(), false, 0, Table.empty(), loss(0.5));
        assertThat(limit.judge(loss(0.5), Optional.empty()).answer()).isEqualTo(Answer.FIRST);
        assertThat(limit.judge(loss(0.51), Optional.empty()).why()).isEqualTo("loss is 0.51, above 0.5");
    }

    @Test
    void aRatioIsToWhatTheOtherMade() {
        assertThat(withGap(1.5, 2, 3)).isEqualTo(Answer.BETTER);
        assertThat(withGap(1.5, 2, 3.01)).isEqualTo(Answer.NO);
        assertThat(withGap(1.5, 0, 0)).isEqualTo(Answer.BETTER);
        assertThat(withGap(1.5, 0, 0.01)).isEqualTo(Answer.NO);
        assertThat(withGap(1.5, -2, -2)).isEqualTo(Answer.BETTER);
        assertThat(withGap(1.5, -2, -0.99)).isEqualTo(Answer.NO);
        assertThat(withGap(0.5, -2, -2)).isEqualTo(Answer.NO);
    }

    @Test
    void whatTheOtherDidNotMeasureIsToldAndWhatThisOneDidNotIsNoPass() {
        Gate.Verdict unknown = ratio(1.5).judge(loss(0.1).with("gap", 9.0), against(loss(0.5)));
        assertThat(unknown.answer()).isEqualTo(Answer.BETTER);
        assertThat(unknown.why()).contains("gap is not known of r1");
        assertThat(ratio(1.5).judge(loss(0.1), against(loss(0.5))).why()).isEqualTo("the results have no gap");
        assertThat(ratio(1.5)
                        .judge(loss(0.1), against(loss(0.5).with("gap", 2.0)))
                        .why())
                .isEqualTo("the results have no gap");
    }

    @Test
    void aGateThatDecidesNothingIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Gate(Optional.empty(), false, 0, Table.empty(), Table.empty()))
                .withMessageContaining("a metric or a limit");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Gate(Optional.empty(), false, 0, loss(1), loss(1)))
                .withMessageContaining("only ratios");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> gate(false, -0.01))
                .withMessageContaining("0 or more");
        assertThatIllegalArgumentException().isThrownBy(() -> gate(false, Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> ratio(0)).withMessageContaining("a ratio above 0");
        assertThatIllegalArgumentException().isThrownBy(() -> ratio(Double.POSITIVE_INFINITY));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Gate(Optional.empty(), false, 0, Table.empty(), loss(Double.NaN)))
                .withMessageContaining("expected a number");
        Map<String, Double> many = new TreeMap<>();
        for (int number = 0; number < 51; number++) many.put("m" + number, 1.0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Gate(Optional.empty(), false, 0, Table.empty(), Table.copyOf(many)))
                .withMessageContaining("at most 50");
    }
}
