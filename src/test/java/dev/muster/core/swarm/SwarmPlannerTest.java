package dev.muster.core.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.NodeId;
import dev.muster.core.swarm.SwarmPlanner.Assignment;
import dev.muster.core.swarm.SwarmPlanner.Failure;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwarmPlannerTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int CHUNK_BYTES = 128 << 10;

    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");
    private static final NodeId SOURCE = new NodeId("source");

    private int chunks;

    @Test
    void anOriginGivesEveryChunkAwayOnceBeforeItGivesAnyTwice() {
        var planner = planner(6);
        origin(planner, SOURCE, 4);
        empty(planner, A, B, C);
        List<Assignment> first = planner.assign(0);
        assertThat(first).extracting(Assignment::chunk).containsExactly(0, 1, 2, 3);
        first.forEach(it -> planner.got(it.receiver(), it.source(), it.chunk(), SECOND));
        assertThat(planner.assign(SECOND))
                .filteredOn(it -> it.source().equals(SOURCE))
                .extracting(Assignment::chunk)
                .startsWith(4, 5);
    }

    @Test
    void severalOriginsGiveDifferentChunks() {
        var planner = planner(6);
        origin(planner, SOURCE, 3);
        origin(planner, C, 3);
        empty(planner, A, B);
        List<Assignment> first = planner.assign(0);
        assertThat(first).extracting(Assignment::chunk).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(first).extracting(Assignment::source).contains(SOURCE, C);
    }

    @Test
    void anOriginThatFailedEverybodyKeepsNoOtherFromGivingNewChunks() {
        for (Failure why : List.of(Failure.GONE, Failure.REFUSED)) {
            var planner = planner(60);
            origin(planner, C, 4);
            origin(planner, SOURCE, 12);
            for (NodeId receiver : List.of(A, B))
                planner.join(receiver, ChunkSet.none(60), new Traits(8, 8, true, 0, 0), 0);
            for (int round = 0; round < 4; round++) {
                List<Assignment> made = planner.assign(round * SECOND / 100);
                assertThat(made)
                        .as(why + " in round " + round)
                        .filteredOn(it -> it.source().equals(SOURCE))
                        .hasSize(12);
                for (Assignment it : made) {
                    if (it.source().equals(C)) planner.failed(it.receiver(), C, it.chunk(), why, round * SECOND / 100);
                    else planner.got(it.receiver(), it.source(), it.chunk(), round * SECOND / 100);
                }
            }
        }
    }

    @Test
    void aChunkThatIsLostWithItsOnlyHolderIsGivenAwayAgain() {
        var planner = planner(1);
        origin(planner, SOURCE, 1);
        empty(planner, A, B);
        assertThat(planner.assign(0)).containsExactly(new Assignment(A, SOURCE, 0));
        planner.leave(A, 1);
        assertThat(planner.assign(2)).containsExactly(new Assignment(B, SOURCE, 0));
    }

    @Test
    void theRarestChunkComesFirst() {
        var planner = planner(4);
        join(planner, A, 0, 1, 2);
        join(planner, B, 0, 1);
        planner.join(C, ChunkSet.none(4), new Traits(8, 1, true, 0, 0), 0);
        join(planner, SOURCE, 0);
        assertThat(planner.assign(0)).contains(new Assignment(C, A, 2));
    }

    @Test
    void theReceiverThatIsMostBehindComesFirst() {
        var planner = planner(4);
        planner.join(SOURCE, ChunkSet.all(4), new Traits(1, 8, true, 0, 0), 0);
        join(planner, A, 0, 1, 2);
        join(planner, B, 0);
        assertThat(planner.assign(0).getFirst()).isEqualTo(new Assignment(B, SOURCE, 3));
    }

    @Test
    void theLeastBusySourceIsTaken() {
        var planner = planner(8);
        join(planner, A, 0, 1, 2, 3, 4, 5, 6);
        join(planner, B, 0, 1, 2, 3, 4, 5, 6);
        empty(planner, C);
        List<Assignment> made = planner.assign(0);
        assertThat(made).filteredOn(it -> it.source().equals(A)).hasSizeBetween(3, 4);
        assertThat(made).filteredOn(it -> it.source().equals(B)).hasSizeBetween(3, 4);
    }

    @Test
    void newChunksGoToFastUplinks() {
        var planner = planner(8);
        origin(planner, SOURCE, 8);
        planner.join(A, ChunkSet.none(8), Traits.DEFAULT.withRates(12_000_000, 0), 0);
        planner.join(B, ChunkSet.none(8), Traits.DEFAULT.withRates(3_000_000, 0), 0);
        assertThat(planner.assign(0)).hasSize(8).allMatch(it -> it.receiver().equals(A));
    }

    @Test
    void anOriginRatherWaitsThanGivesANewChunkToASlowUplink() {
        var planner = planner(3);
        origin(planner, SOURCE, 2);
        planner.join(A, ChunkSet.none(3), new Traits(8, 1, true, 12_000_000, 0), 0);
        planner.join(B, ChunkSet.none(3), new Traits(8, 8, true, 3_000_000, 0), 0);
        assertThat(planner.assign(0)).containsExactly(new Assignment(A, SOURCE, 0));
        planner.leave(A, 1);
        assertThat(planner.assign(2)).as("unless it would idle").contains(new Assignment(B, SOURCE, 0));
    }

    @Test
    void aSlowUplinkGetsFewerSlots() {
        var planner = planner(8);
        planner.join(A, ChunkSet.none(8), Traits.DEFAULT.withRates(12_000_000, 0), 0);
        planner.join(B, ChunkSet.all(8), Traits.DEFAULT.withRates(3_000_000, 0), 0);
        assertThat(planner.assign(0)).hasSize(Traits.DEFAULT.upSlots() / 4);
    }

    @Test
    void overALongWayMoreIsUnderWayAtOnce() {
        var planner = planner(1000);
        join(planner, A, all(1000));
        empty(planner, B);
        int near = planner.assign(0).size();
        assertThat(near).isEqualTo(Traits.DEFAULT.downSlots());
        planner.slots(Traits.DEFAULT.over(40));
        assertThat(planner.assign(1)).hasSize(8);
        assertThat(Traits.DEFAULT.over(4)).isEqualTo(Traits.DEFAULT);
        assertThat(Traits.DEFAULT.over(10_000).upSlots()).isEqualTo(24);
    }

    @Test
    void aSourceWhoseChunksTakeLongIsAskedForLessAtATime() {
        var planner = planner(1000);
        join(planner, A, all(999));
        join(planner, B, all(999));
        empty(planner, C, SOURCE);
        var going = new TreeMap<Assignment, Long>(Comparator.comparing(Assignment::toString));
        for (long step = 0; step < 100; step++) {
            for (Assignment it : planner.assign(step * SECOND / 20)) going.put(it, step);
            for (var it : List.copyOf(going.entrySet())) {
                Assignment done = it.getKey();
                if (step - it.getValue() < (done.source().equals(B) ? 8 : 2)) continue;
                going.remove(done);
                planner.got(done.receiver(), done.source(), done.chunk(), step * SECOND / 20);
            }
        }
        assertThat(going.keySet()).filteredOn(it -> it.source().equals(B)).hasSizeBetween(1, 4);
    }

    @Test
    void twoPeersThatNobodyCanDialAreNeverPaired() {
        var planner = planner(2);
        var hidden = Traits.DEFAULT.withDialable(false);
        planner.join(SOURCE, ChunkSet.all(2), hidden, 0);
        planner.join(A, ChunkSet.none(2), hidden, 0);
        assertThat(planner.assign(0)).isEmpty();
        empty(planner, B);
        List<Assignment> made = planner.assign(1);
        assertThat(made).hasSize(2).allMatch(it -> it.receiver().equals(B));
        made.forEach(it -> planner.got(B, SOURCE, it.chunk(), 2));
        assertThat(planner.assign(2)).containsExactlyInAnyOrder(new Assignment(A, B, 0), new Assignment(A, B, 1));
    }

    @Test
    void anOverdueChunkIsGivenToSomebodyElse() {
        var planner = planner(1);
        join(planner, A, 0);
        join(planner, B, 0);
        empty(planner, C);
        Assignment first = planner.assign(0).getFirst();
        assertThat(planner.assign(2 * SECOND - 1)).allMatch(it -> !it.source().equals(first.source()));
        var second = planner(1);
        origin(second, SOURCE, 1);
        empty(second, A);
        assertThat(second.assign(0)).hasSize(1);
        assertThat(second.assign(2 * SECOND - 1)).isEmpty();
        assertThat(second.assign(60 * SECOND))
                .as("overdue, and the pair is left alone")
                .isEmpty();
        assertThat(second.assign(61 * SECOND)).containsExactly(new Assignment(A, SOURCE, 0));
    }

    @Test
    void aSourceThatFailsEverybodyIsLeftAloneForAWhile() {
        var planner = planner(4);
        origin(planner, SOURCE, 4);
        empty(planner, A);
        for (Assignment it : planner.assign(0)) planner.failed(A, SOURCE, it.chunk(), Failure.UNREACHABLE, 1);
        empty(planner, B);
        assertThat(planner.assign(2)).isEmpty();
        assertThat(planner.assign(SECOND)).as("tried with one chunk").hasSize(1);
    }

    @Test
    void aFailedPairIsTriedAgainLaterAndLater() {
        var planner = planner(1);
        origin(planner, SOURCE, 1);
        empty(planner, A);
        long now = 0;
        for (long pause : new long[] {SECOND / 2, SECOND, 2 * SECOND}) {
            assertThat(planner.assign(now)).hasSize(1);
            planner.failed(A, SOURCE, 0, Failure.TIMEOUT, now);
            assertThat(planner.assign(now + pause - 1)).isEmpty();
            now += pause;
        }
        assertThat(planner.assign(now)).hasSize(1);
    }

    @Test
    void threeCorruptChunksAndASourceIsOutForGood() {
        var planner = planner(4);
        join(planner, A, 0, 1, 2);
        empty(planner, B);
        assertThat(planner.assign(0)).hasSize(3);
        for (int chunk = 0; chunk < 2; chunk++) planner.failed(B, A, chunk, Failure.CORRUPT, 0);
        planner.failed(B, A, 1, Failure.CORRUPT, 0); // told twice
        assertThat(planner.struck()).isEmpty();
        planner.failed(B, A, 2, Failure.CORRUPT, 0);
        assertThat(planner.struck()).containsExactly(A);
        join(planner, A, 0, 1, 2);
        assertThat(planner.assign(100 * SECOND)).isEmpty();
        origin(planner, SOURCE, 8);
        assertThat(planner.assign(101 * SECOND))
                .as("others give everything, to the struck one too")
                .allMatch(it -> it.source().equals(SOURCE))
                .contains(new Assignment(A, SOURCE, 3))
                .filteredOn(it -> it.receiver().equals(B))
                .hasSize(4);
    }

    @Test
    void oneOfSeveralReceiversCannotCondemnASourceAlone() {
        var planner = planner(8);
        origin(planner, SOURCE, 12);
        empty(planner, B, C);
        List<Assignment> made = planner.assign(0);
        List<Assignment> toB =
                made.stream().filter(it -> it.receiver().equals(B)).toList();
        assertThat(toB).hasSizeGreaterThanOrEqualTo(SwarmPlanner.STRIKES_MAX);
        for (Assignment it : toB) planner.failed(B, SOURCE, it.chunk(), Failure.CORRUPT, 1);
        assertThat(planner.struck()).isEmpty();
        assertThat(planner.strikes(SOURCE)).isEqualTo(toB.size());

        Assignment toC =
                made.stream().filter(it -> it.receiver().equals(C)).findFirst().orElseThrow();
        planner.failed(C, SOURCE, toC.chunk(), Failure.CORRUPT, 2);

        assertThat(planner.struck()).containsExactly(SOURCE);
    }

    @Test
    void aSourceWithoutTheChunkIsNotAskedForItAgain() {
        var planner = planner(1);
        origin(planner, SOURCE, 1);
        empty(planner, A);
        planner.assign(0);
        planner.failed(A, SOURCE, 0, Failure.GONE, 1);
        assertThat(planner.assign(100 * SECOND)).isEmpty();
        assertThat(planner.complete(SOURCE)).isFalse();
    }

    @Test
    void aSourceThatRefusesIsAskedForLessAtATime() {
        var planner = planner(32);
        origin(planner, SOURCE, 8);
        empty(planner, A, B);
        List<Assignment> made = planner.assign(0);
        assertThat(made).hasSize(8);
        for (Assignment it : made.subList(3, 8)) {
            planner.failed(it.receiver(), SOURCE, it.chunk(), Failure.REFUSED, 1);
        }
        empty(planner, C);
        assertThat(planner.assign(SECOND)).isEmpty();
    }

    @Test
    void aPeerThatComesBackLosesNothingItHas() {
        var planner = planner(4);
        origin(planner, SOURCE, 8);
        empty(planner, A);
        planner.assign(0);
        planner.got(A, SOURCE, 0, 1);
        join(planner, A, 0, 3);
        assertThat(planner.assign(2)).extracting(Assignment::chunk).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void aChunkThatArrivesAfterItWasGivenUpIsKept() {
        var planner = planner(1);
        origin(planner, SOURCE, 1);
        empty(planner, A);
        planner.assign(0);
        planner.failed(A, SOURCE, 0, Failure.TIMEOUT, 1);
        planner.got(A, SOURCE, 0, 2);
        assertThat(planner.complete(A)).isTrue();
        assertThat(planner.assign(10 * SECOND)).isEmpty();
    }

    @Test
    void aReceiverNearItsEndAsksTwiceForWhatTakesLong() {
        var planner = planner(100);
        join(planner, A, all(100));
        join(planner, B, all(100));
        join(planner, C, all(98));
        List<Assignment> made = planner.assign(0);
        assertThat(made).hasSize(2);
        Assignment first = made.getFirst();
        planner.got(C, first.source(), first.chunk(), SECOND);
        assertThat(planner.assign(SECOND)).isEmpty();
        Assignment twice = planner.assign(SECOND + 1).getFirst();
        Assignment slow = made.getLast();
        assertThat(twice.chunk()).isEqualTo(slow.chunk());
        assertThat(twice.source()).isNotEqualTo(slow.source());
        assertThat(planner.assign(SECOND + 2)).isEmpty();
        planner.got(C, twice.source(), twice.chunk(), SECOND + 3);
        assertThat(planner.complete(C)).isTrue();
    }

    @Test
    void anEmptyFileIsCompleteEverywhere() {
        var planner = planner(0);
        empty(planner, A);
        assertThat(planner.assign(0)).isEmpty();
        assertThat(planner.complete(A)).isTrue();
        assertThat(planner.complete(B)).isFalse();
    }

    @Test
    void aSetOverAnotherFileIsRefused() {
        assertThatThrownBy(() -> planner(3).join(A, ChunkSet.none(4), Traits.DEFAULT, 0))
                .hasMessage("expected from a a set over 3 chunks, but found one over 4");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverHappensNoLimitIsPassedAndTheFileArrives(long seed) {
        new Turmoil(seed).run();
    }

    private SwarmPlanner planner(int chunks) {
        this.chunks = chunks;
        return new SwarmPlanner(chunks, CHUNK_BYTES);
    }

    private void origin(SwarmPlanner planner, NodeId id, int slots) {
        planner.join(id, ChunkSet.all(chunks), new Traits(slots, 8, true, 0, 0), 0);
    }

    private void empty(SwarmPlanner planner, NodeId... ids) {
        for (NodeId id : ids) join(planner, id);
    }

    private void join(SwarmPlanner planner, NodeId id, int... held) {
        ChunkSet has = ChunkSet.none(chunks);
        for (int chunk : held) has.add(chunk);
        planner.join(id, has, Traits.DEFAULT, 0);
    }

    private static int[] all(int n) {
        return IntStream.range(0, n).toArray();
    }
}
