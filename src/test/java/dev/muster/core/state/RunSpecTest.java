package dev.muster.core.state;

import static dev.muster.core.Launches.LESS;
import static dev.muster.core.Launches.job;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.spec;
import static dev.muster.core.Launches.stage;
import static dev.muster.core.Rents.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.core.Rents;
import dev.muster.core.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RunSpecTest {
    private static final Group TWO = Rents.group("r1", 2, 2, 2);

    private static RunSpec of(
            List<RunSpec.Stage> stages, Optional<Money> total, Optional<Duration> time, int launches, int tag) {
        Map<String, String> tags = new TreeMap<>();
        for (int number = 0; number < tag; number++) tags.put("t" + number, "x".repeat(tag));
        return new RunSpec(
                "burgers",
                stages,
                Optional.empty(),
                total,
                time,
                launches,
                RunSpec.After.STOP,
                Optional.empty(),
                Optional.empty(),
                Table.copyOf(tags));
    }

    private static RunSpec limited(Optional<Money> total, Optional<Duration> time, int launches) {
        return of(List.of(stage("train")), total, time, launches, 0);
    }

    private static void refused(ThrowingCallable made, String words) {
        assertThatIllegalArgumentException().isThrownBy(made).withMessageContaining(words);
    }

    @Test
    void stagesHaveNamesOfTheirOwn() {
        refused(() -> spec(), "expected 1 to 20 stages, but found 0");
        List<RunSpec.Stage> many = new ArrayList<>();
        for (int number = 0; number < 21; number++) many.add(stage("s" + number));
        refused(() -> of(many, Optional.empty(), Optional.empty(), 3, 0), "but found 21");
        assertThat(of(many.subList(0, 20), Optional.empty(), Optional.empty(), 3, 0)
                        .stage("s19"))
                .isEqualTo(19);
        refused(() -> spec(stage("train"), stage("train")), "expected one stage train, but found two");
        refused(() -> stage("a b"), "a stage's name");
        assertThat(spec(stage("train")).stage("eval")).isEqualTo(-1);
    }

    @Test
    void aStageIsOneTaskOfNoRun() {
        refused(
                () -> new RunSpec.Stage("train", Spec.job().tasks(2).build(), Optional.empty(), false),
                "train: expected one task in a stage, but found 2");
        refused(
                () -> new RunSpec.Stage("train", job("x").onMachinesOf(r("r9")), Optional.empty(), false),
                "expected a job of no run, but found one of r9");
        refused(
                () -> new RunSpec.Stage("eval", Spec.job().build(), Optional.of(LESS), false),
                "eval: a gate looks at results, but the stage names no results file");
    }

    @Test
    void severalNodesOfOneTaskAreNotRented() {
        RunSpec.Stage wide = new RunSpec.Stage("train", job("x").on(2), Optional.empty(), false);
        assertThat(spec(wide).stages()).hasSize(1);
        RunSpec rented = dev.muster.core.Launches.renting("r1", stage("train"));
        refused(
                () -> new RunSpec(
                        rented.series(),
                        List.of(wide),
                        rented.machines(),
                        rented.totalMax(),
                        rented.durationMax(),
                        rented.launchesMax(),
                        rented.after(),
                        rented.estimate(),
                        rented.config(),
                        rented.tags()),
                "train: expected one node where machines are rented for it, but found 2");
    }

    @Test
    void numbersAreWithinTheirRanges() {
        refused(() -> limited(Optional.of(Money.ZERO), Optional.empty(), 3), "a cap above $0");
        refused(() -> limited(Optional.empty(), Optional.of(Duration.ofSeconds(59)), 3), "a minute or more");
        refused(() -> limited(Optional.empty(), Optional.empty(), 0), "1 to 20 launches, but found 0");
        refused(() -> limited(Optional.empty(), Optional.empty(), 21), "but found 21");
        assertThat(limited(Optional.of(usd("0.01")), Optional.of(Duration.ofMinutes(1)), 20))
                .isNotNull();
        List<RunSpec.Stage> one = List.of(stage("train"));
        refused(() -> of(one, Optional.empty(), Optional.empty(), 3, 51), "at most 50 tags of 200 characters");
        assertThat(of(one, Optional.empty(), Optional.empty(), 3, 50).tags().size())
                .isEqualTo(50);
        refused(
                () -> new RunSpec.Estimated(
                        Duration.ofHours(1),
                        Duration.ofHours(2),
                        Duration.ofHours(3),
                        Duration.ofHours(1),
                        "A100",
                        Money.ZERO,
                        "",
                        Optional.empty()),
                "a time between its bounds");
    }

    @Test
    void itsTotalPaysForAnHourOfItsMachines() {
        refused(
                () -> spec(Optional.of(TWO), Optional.of(usd("0.99")), RunSpec.After.END, stage("train")),
                "a total of at least one hour's price, $1.00, but found $0.99");
        assertThat(spec(Optional.of(TWO), Optional.of(usd("1")), RunSpec.After.END, stage("train"))
                        .totalMax())
                .contains(usd("1"));
    }

    @Test
    void machinesAreAsManyAsAreNeeded() {
        refused(
                () -> spec(
                        Optional.of(Rents.group("r1", 1, 1, 2)), Optional.empty(), RunSpec.After.END, stage("train")),
                "expected as many machines as are needed, but found 1 to 2");
        refused(
                () -> spec(
                        Optional.of(Rents.group("r1", 0, 0, 0)), Optional.empty(), RunSpec.After.END, stage("train")),
                "but found 0 to 0");
        RunSpec.Stage pinned = new RunSpec.Stage("train", Spec.job().on("n1").build(), Optional.empty(), false);
        assertThat(spec(pinned).stages()).containsExactly(pinned);
        refused(
                () -> spec(Optional.of(TWO), Optional.empty(), RunSpec.After.END, pinned),
                "train: expected no node where machines are rented for it, but found n1");
    }
}
