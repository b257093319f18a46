package dev.muster.core.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How near the planner comes to the bound that no schedule can pass, in virtual time.
class SwarmSpeedTest {
    /// 50 Mbit/s, as bytes of payload per second.
    private static final double RATE = 6e6;

    private static final int CHUNKS = 512;
    private static final int CHUNK_BYTES = 128 << 10;

    /// How long a link takes for a chunk.
    private static final double CHUNK_SECONDS = CHUNK_BYTES / RATE;

    @ParameterizedTest
    @CsvSource({"1, 1.02", "2, 1.05", "8, 1.08", "16, 1.08", "48, 1.10"})
    void equalNodesHaveTheFileAboutWhenTheSourceHasGivenItAwayOnce(int receivers, double most) {
        assertThat(swarm(receivers).ratio()).isBetween(1.0, most);
    }

    @Test
    @Tag("slow")
    void aThousandNodesAreNearTheBoundAndOnePlannerIsEnough() {
        Fluid swarm = swarm(1000);
        swarm.tick = CHUNK_SECONDS / 4;
        swarm.grain = CHUNK_SECONDS / 10;
        assertThat(swarm.ratio()).isBetween(1.0, 1.10);
        assertThat(swarm.plannerNanos / 1e9)
                .as("processor seconds for half a million chunks")
                .isLessThan(15);
    }

    @Test
    void nodesThatNobodyCanDialCostLittle() {
        Fluid swarm = swarm(8);
        for (var machine : swarm.receivers(1, 4)) machine.natted = true;
        assertThat(swarm.ratio()).isBetween(1.0, 1.10);
    }

    @Test
    void aSourceThatNobodyCanDialCostsNothing() {
        Fluid swarm = swarm(8);
        swarm.machines.getFirst().natted = true;
        assertThat(swarm.ratio()).isBetween(1.0, 1.08);
    }

    @ParameterizedTest
    @CsvSource({"8, true", "8, false", "48, false"})
    void slowUplinksAreUsedForWhatTheyCanCarry(int receivers, boolean told) {
        Fluid swarm = swarm(receivers);
        for (var machine : swarm.receivers(1, receivers / 2)) machine.up = RATE / 4;
        for (var machine : swarm.machines) machine.told = told;
        assertThat(swarm.ratio()).isBetween(1.0, 1.10);
    }

    @Test
    void uplinksOfAllKindsAreUsed() {
        Fluid swarm = swarm(8);
        for (int i = 1; i <= 8; i++) swarm.receivers(i, i).getFirst().up = RATE * (0.25 + i % 4 * 0.5);
        assertThat(swarm.ratio()).isBetween(1.0, 1.12);
    }

    @Test
    void oneSlowDownlinkHoldsNobodyUpButItself() {
        Fluid swarm = swarm(8);
        var slow = swarm.receivers(3, 3).getFirst();
        slow.down = RATE / 4;
        assertThat(swarm.ratio()).isBetween(1.0, 1.05);
        double others = swarm.machines.stream()
                .filter(machine -> machine != slow)
                .mapToDouble(machine -> machine.finishedAt)
                .max()
                .orElseThrow();
        assertThat(others).isLessThan(1.12 * CHUNKS * CHUNK_SECONDS);
    }

    @Test
    void severalOriginsShareTheWork() {
        Fluid swarm = swarm(8);
        swarm.source("second", RATE);
        swarm.source("third", RATE);
        assertThat(swarm.ratio()).isBetween(1.0, 1.06);
    }

    @Test
    void killedNodesCostTheOthersLittle() {
        Fluid swarm = swarm(8);
        swarm.at(atQuarter(), it -> it.receivers(1, 2).forEach(it::kill));
        assertThat(swarm.ratio()).isBetween(1.0, 1.10);
    }

    @Test
    void aNodeThatIsOnlyVerySlowIsNotGivenUp() {
        Fluid swarm = new Fluid(16, CHUNK_BYTES);
        swarm.source("source", 30_000);
        swarm.receiver("n1", RATE);
        swarm.receiver("n2", RATE);
        assertThat(swarm.ratio()).isBetween(1.0, 2.0);
    }

    @Test
    void nodesWhoseCableIsPulledCostTheOthersLittle() {
        Fluid swarm = swarm(8);
        swarm.at(atQuarter(), it -> it.receivers(1, 2).forEach(it::darken));
        assertThat(swarm.ratio()).isBetween(1.0, 1.12);
    }

    @Test
    void nodesWhoseCableIsPulledLateCostTheOthersLittle() {
        Fluid swarm = swarm(8);
        swarm.at(2 * atQuarter(), it -> it.receivers(1, 2).forEach(it::darken));
        assertThat(swarm.ratio()).isBetween(1.0, 1.12);
    }

    @Test
    void aCorruptSourceIsNamedAndEverybodyGetsTheFile() {
        Fluid swarm = swarm(8);
        var corrupt = swarm.receivers(3, 3).getFirst();
        corrupt.corrupt = true;
        assertThat(swarm.ratio()).isBetween(1.0, 1.12);
        assertThat(swarm.planner.struck()).containsExactly(corrupt.id);
    }

    @Test
    void aRestartedNodeGetsNothingAgainButWhatWasOnItsWay() {
        Fluid swarm = swarm(8);
        var restarted = swarm.receivers(2, 2).getFirst();
        swarm.at(5, it -> it.kill(restarted));
        swarm.at(5.5, it -> it.join(restarted));
        assertThat(swarm.ratio()).isBetween(1.0, 1.15);
        int endGame = CHUNKS / 50;
        assertThat(restarted.asked - CHUNKS).isBetween(1, Traits.DEFAULT.downSlots() + endGame);
    }

    @Test
    void aNewPlannerGoesOnWhereTheLostOneWas() {
        Fluid swarm = swarm(8);
        int[] underWay = new int[1];
        swarm.at(5, it -> {
            underWay[0] = it.underWay();
            it.losePlanner();
        });
        assertThat(swarm.ratio()).isBetween(1.0, 1.12);
        assertThat(swarm.askedInVain()).isBetween(1, underWay[0] + 8 * CHUNKS / 50);
    }

    @Test
    void lateNodesGetTheFileAsFastAsTheirLinkCarries() {
        Fluid swarm = swarm(8);
        List<Fluid.Machine> late = swarm.receivers(1, 2);
        for (var machine : late) machine.away = true;
        swarm.at(6, it -> late.forEach(it::join));
        double last = swarm.run();
        assertThat((last - 6) / (CHUNKS * CHUNK_SECONDS)).isBetween(1.0, 1.06);
        for (var machine : swarm.receivers(3, 8))
            assertThat(machine.finishedAt).isLessThan(1.1 * CHUNKS * CHUNK_SECONDS);
    }

    private static double atQuarter() {
        return CHUNKS * CHUNK_SECONDS / 4;
    }

    private static Fluid swarm(int receivers) {
        var swarm = new Fluid(CHUNKS, CHUNK_BYTES);
        swarm.source("source", RATE);
        for (int i = 1; i <= receivers; i++) swarm.receiver("n" + i, RATE);
        if (receivers > 20) swarm.grain = CHUNK_SECONDS / 20;
        return swarm;
    }
}
