package dev.muster.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Handler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Clusters drawn from seeds keep every promise under faults, and do all that was asked for once the faults stop.
class SeedsTest {
    /// Eight nodes, eight minutes of faults and a few of healing: 20 seeds take some 10 s of one core.
    @TestFactory
    Stream<DynamicTest> aSmallClusterKeepsItsPromises() {
        return seeds(1, 20, seed -> new Trial.Plan(seed, 8, seed % 2 == 0 ? 3 : 5, Duration.ofMinutes(8), 1));
    }

    /// 35 seeds of 50 nodes and an hour at a fifth of the pace: about five minutes of one core.
    @TestFactory
    @Tag("seeds")
    Stream<DynamicTest> aLargeClusterKeepsItsPromises() {
        return seeds(1_000, 35, seed -> new Trial.Plan(seed, 50, 5, Duration.ofHours(1), 5));
    }

    /// 60 seeds of 12 nodes: with the others more than a hundred in each run.
    @TestFactory
    @Tag("seeds")
    Stream<DynamicTest> aMiddlingClusterKeepsItsPromises() {
        return seeds(2_000, 60, seed -> new Trial.Plan(seed, 12, seed % 2 == 0 ? 3 : 5, Duration.ofMinutes(10), 1));
    }

    /// Seeds that once found a mistake, each with what it found.
    @TestFactory
    Stream<DynamicTest> aSeedThatOnceFailedKeepsItsPromises() {
        return Stream.of(
                        // a model was promoted while one disk had it, and a bit of that copy flipped
                        new Trial.Plan(2043, 12, 3, Duration.ofMinutes(10), 1))
                .map(plan -> DynamicTest.dynamicTest("seed " + plan.seed(), () -> keepsItsPromises(plan)));
    }

    private static Stream<DynamicTest> seeds(long first, int count, LongFunction<Trial.Plan> plan) {
        return LongStream.range(first, first + count)
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> keepsItsPromises(plan.apply(seed))));
    }

    private static void keepsItsPromises(Trial.Plan plan) {
        Trial.Result result = Trial.run(plan);
        assertThat(result.broken()).as(result.command()).isEmpty();
        assertThat(result.jobs()).isGreaterThan(5);
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        Trial.Plan plan = new Trial.Plan(7, 8, 3, Duration.ofMinutes(10), 1);
        Trial.Result once = Trial.run(plan);
        assertThat(Trial.run(plan)).isEqualTo(once);
        assertThat(Trial.run(new Trial.Plan(8, 8, 3, Duration.ofMinutes(10), 1)).hash())
                .isNotEqualTo(once.hash());
    }

    @Test
    void aReplayedLogLeadsToTheSameStateWholeAndFromEveryCut() {
        Trial trial = Trial.of(new Trial.Plan(42, 8, 3, Duration.ofMinutes(15), 1), line -> {});
        assertThat(trial.result().broken()).isEmpty();
        List<Logged> log = trial.world().log();
        List<ClusterState> cuts = new ArrayList<>();
        ClusterState state = ClusterState.EMPTY;
        for (int index = 0; index < log.size(); index++) {
            if (index % 50 == 0) cuts.add(SameState.copy(state));
            state = log.get(index).apply(state).state();
        }
        assertThat(SameState.difference(state, trial.world().state())).isEmpty();
        assertThat(cuts).hasSizeGreaterThan(10);
        for (int cut = 0; cut < cuts.size(); cut++) {
            assertThat(SameState.difference(replayed(cuts.get(cut), log.subList(cut * 50, log.size())), state))
                    .isEmpty();
        }
    }

    private static ClusterState replayed(ClusterState from, List<Logged> log) {
        ClusterState state = from;
        for (Logged each : log) {
            Handler.Step step = each.apply(state);
            state = step.state();
        }
        return state;
    }

    @Test
    void aRunThatBreaksAPromiseSaysHowToDoItAgain() {
        Trial.Plan plan = new Trial.Plan(8123, Trial.NODES_DEFAULT, Trial.VOTERS_DEFAULT, Duration.ofHours(4), 1);
        assertThat(plan.command(Duration.ofMinutes(191).plusMillis(300)))
                .isEqualTo("./dev sim --seed 8123 --until 3h11m1s");
        assertThat(plan.command(Duration.ofHours(5))).isEqualTo("./dev sim --seed 8123 --until 4h");
    }
}
