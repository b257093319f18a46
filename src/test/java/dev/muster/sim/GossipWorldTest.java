package dev.muster.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Tuning;
import dev.muster.core.gossip.Turn;
import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GossipWorldTest {
    private static final Set<Opinion> GONE = EnumSet.of(Opinion.SUSPECT, Opinion.DEAD);
    private static final Set<Opinion> DEAD = EnumSet.of(Opinion.DEAD);

    private final List<NodeId> ids = new ArrayList<>();

    /// Every fifth node cannot be dialled; the first three are the seeds.
    private GossipWorld world(long seed, int nodes) {
        return world(seed, nodes, Tuning.DEFAULT);
    }

    private GossipWorld world(long seed, int nodes, Tuning tuning) {
        GossipWorld world = new GossipWorld(seed, tuning);
        for (int i = 0; i < nodes; i++) ids.add(world.add("n" + i, i < 3 || i % 5 != 0));
        for (NodeId id : ids) world.start(id, ids.subList(0, Math.min(3, nodes)));
        for (int seconds = 0; seconds < 60 && !world.agreed(); seconds++) world.run(1_000);
        assertThat(world.agreed()).as("all know all within a minute").isTrue();
        world.run(20_000);
        assertThat(world.mistakes(Opinion.SUSPECT)).as("suspicions in peace").isZero();
        return world;
    }

    private static long slowest(Map<NodeId, Long> noticed, long fromMs) {
        return noticed.values().stream().mapToLong(at -> at - fromMs).max().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void aCrashIsSeenByAllAtOnceAndCertainWithinFiveSeconds(long seed) {
        GossipWorld world = world(seed, 43);
        // One that can be dialled, and one that cannot.
        for (NodeId victim : List.of(ids.get(1), ids.get(20))) {
            long at = world.nowMs();
            world.kill(victim);
            world.run(8_000);
            assertThat(world.noticed(victim, at, GONE)).hasSize(world.running().size());
            assertThat(slowest(world.noticed(victim, at, GONE), at)).isLessThan(2_500);
            assertThat(world.noticed(victim, at, DEAD)).hasSize(world.running().size());
            assertThat(slowest(world.noticed(victim, at, DEAD), at)).isLessThan(6_000);
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(longs = {1, 2})
    void aMachineThatVanishesIsKnownToAllWithinEightSeconds(long seed) {
        GossipWorld world = world(seed, 43);
        for (NodeId victim : List.of(ids.get(1), ids.get(20))) {
            long at = world.nowMs();
            world.vanish(victim);
            world.run(15_000);
            assertThat(world.noticed(victim, at, GONE)).hasSize(world.running().size());
            assertThat(slowest(world.noticed(victim, at, GONE), at)).isLessThan(8_000);
            assertThat(world.holding(victim, Opinion.DEAD))
                    .isEqualTo(world.running().size());
        }
    }

    @Test
    void ofTwoNodesTheOneLearnsOfTheOther() {
        GossipWorld world = world(1, 2);
        long at = world.nowMs();
        world.vanish(ids.get(1));
        world.run(10_000);
        assertThat(slowest(world.noticed(ids.get(1), at, DEAD), at)).isLessThan(8_000);
    }

    @Test
    @Tag("slow")
    void aThousandNodesKnowACrashWithinSeconds() {
        GossipWorld world = world(1, 1_000);
        long at = world.nowMs();
        long letters = world.letters();
        world.run(10_000);
        assertThat((world.letters() - letters) / 10.0 / 1_000)
                .as("letters per second and node in peace")
                .isLessThan(4);
        long crash = world.nowMs();
        world.kill(ids.get(1));
        world.vanish(ids.get(7));
        world.run(20_000);
        for (NodeId victim : List.of(ids.get(1), ids.get(7))) {
            assertThat(world.noticed(victim, crash, GONE)).hasSize(998);
            assertThat(slowest(world.noticed(victim, crash, GONE), crash)).isLessThan(8_000);
            assertThat(world.noticed(victim, crash, DEAD)).hasSize(998);
        }
        assertThat(world.noticed(ids.get(9), at, GONE)).as("of one that lives").isEmpty();
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(longs = {1, 2})
    void lostLettersKillNobody(long seed) {
        GossipWorld world = world(seed, 43);
        world.lose(0.05);
        world.run(180_000);
        assertThat(world.mistakes(Opinion.DEAD)).isZero();
    }

    /// Everything waits up to a second and a half at each step.
    @ParameterizedTest
    @Tag("slow")
    @ValueSource(longs = {1, 2})
    void starvedNodesKillNobody(long seed) {
        starve(seed, 60_000);
    }

    @Test
    @Tag("slow")
    void nodesThatStarveForTenMinutesKillNobody() {
        starve(4, 600_000);
    }

    private void starve(long seed, long ms) {
        GossipWorld world = world(seed, 43);
        for (NodeId id : ids) world.starve(id, 1_500);
        world.run(ms);
        assertThat(world.mistakes(Opinion.DEAD)).isZero();
        for (NodeId id : ids) world.starve(id, 0);
        world.run(60_000);
        assertThat(world.agreed()).isTrue();
    }

    @Test
    @Tag("slow")
    void aFewSlowNodesAmongFastOnesAreNotDead() {
        GossipWorld world = world(3, 43);
        for (NodeId id : ids.subList(5, 10)) world.starve(id, 800);
        world.run(180_000);
        assertThat(world.mistakes(Opinion.DEAD)).isZero();
    }

    @Test
    @Tag("slow")
    void whoStoodStillBlamesNobody() {
        GossipWorld world = world(2, 43);
        for (int pause = 0; pause < 20; pause++) {
            world.freeze(ids.get(4), 6_000);
            world.run(20_000);
        }
        List<NodeId> blamed = world.seen().stream()
                .filter(seen -> seen.observer().equals(ids.get(4)))
                .filter(seen -> seen.change() instanceof Turn.Change.Changed changed
                        && changed.now().opinion() == Opinion.DEAD
                        && !changed.now().member().equals(ids.get(4)))
                .map(seen -> ((Turn.Change.Changed) seen.change()).now().member())
                .toList();
        assertThat(blamed).isEmpty();
        assertThat(world.agreed()).as("it came back each time").isTrue();
    }

    @Test
    @Tag("slow")
    void anotherRoadIsAsGoodAsTheDirectOne() {
        GossipWorld world = world(4, 43);
        world.cut(ids.get(1), ids.get(2));
        world.cut(ids.get(6), ids.get(7));
        world.cut(ids.get(7), ids.get(6));
        world.run(120_000);
        assertThat(world.mistakes(Opinion.SUSPECT)).isZero();
    }

    @Test
    @Tag("slow")
    void halvesThatWereApartFindTogether() {
        GossipWorld world = world(5, 20);
        for (NodeId a : ids.subList(0, 8)) {
            for (NodeId b : ids.subList(8, 20)) {
                world.cut(a, b);
                world.cut(b, a);
            }
        }
        world.run(60_000);
        assertThat(world.sighting(ids.get(1), ids.get(9)).orElseThrow().opinion())
                .isEqualTo(Opinion.DEAD);
        assertThat(world.sighting(ids.get(1), ids.get(2)).orElseThrow().opinion())
                .isEqualTo(Opinion.ALIVE);
        world.heal();
        world.run(60_000);
        assertThat(world.agreed()).isTrue();
    }

    @Test
    void whoLeavesIsNotSuspected() {
        GossipWorld world = world(6, 20);
        world.leave(ids.get(4));
        world.run(10_000);
        assertThat(world.holding(ids.get(4), Opinion.LEFT)).isEqualTo(19);
        assertThat(world.mistakes(Opinion.SUSPECT)).isZero();
        world.start(ids.get(4), ids.subList(0, 3));
        world.run(5_000);
        assertThat(world.agreed()).isTrue();
    }

    @Test
    void aNodeWhoseClockWentBackIsAliveAgain() {
        GossipWorld world = world(7, 20);
        world.run(100_000);
        world.kill(ids.get(9));
        world.run(20_000);
        assertThat(world.holding(ids.get(9), Opinion.DEAD)).isEqualTo(19);
        // Each life of the simulated machine begins a little earlier by its own clock than the last.
        world.start(ids.get(9), ids.subList(0, 3));
        world.run(10_000);
        assertThat(world.agreed()).isTrue();
    }

    @Test
    void aSecondMachineOfTheSameNameIsToldAndKeptOut() {
        GossipWorld world = world(8, 10);
        NodeId twin = ids.get(4);
        String known = world.sighting(ids.get(1), twin).orElseThrow().profile().identity();
        world.kill(twin);
        world.replace(twin, "other");
        // At once, while the others still wait for the first one to object.
        world.start(twin, ids.subList(0, 3));
        world.run(3_000);
        assertThat(world.sighting(ids.get(1), twin).orElseThrow().profile().identity())
                .isEqualTo(known);
        assertThat(world.seen())
                .anyMatch(seen -> seen.change() instanceof Turn.Change.Conflict conflict
                        && conflict.name().equals(twin)
                        && conflict.intruder().equals("other"));
        // Once the first one is certainly gone, its name is free.
        world.run(60_000);
        assertThat(world.sighting(ids.get(1), twin).orElseThrow().profile().identity())
                .isEqualTo("other");
        assertThat(world.agreed()).isTrue();
    }

    @Test
    void aNewNodeLearnsOfTheDeadAndSinceWhen() {
        GossipWorld world = world(9, 10);
        world.kill(ids.get(3));
        world.run(60_000);
        NodeId late = world.add("late", true);
        world.start(late, ids.subList(0, 2));
        world.run(3_000);
        var sighting = world.sighting(late, ids.get(3)).orElseThrow();
        assertThat(sighting.opinion()).isEqualTo(Opinion.DEAD);
        assertThat(world.nowMs() - sighting.sinceMs()).isBetween(58_000L, 63_000L);
    }

    @Test
    @Tag("slow")
    void theDeadAreForgottenByAllAndStaySo() {
        GossipWorld world = world(10, 10, Tuning.DEFAULT.withForgetMs(600_000));
        world.kill(ids.get(3));
        world.run(590_000);
        assertThat(world.holding(ids.get(3), Opinion.DEAD)).isEqualTo(9);
        world.run(300_000);
        assertThat(world.holding(ids.get(3), Opinion.DEAD)).isZero();
        assertThat(world.agreed()).isTrue();
    }

    @Test
    void theSameSeedGivesTheSameStory() {
        assertThat(story(11)).isEqualTo(story(11)).isNotEqualTo(story(12));
    }

    private String story(long seed) {
        ids.clear();
        GossipWorld world = world(seed, 20);
        world.kill(ids.get(2));
        world.run(30_000);
        return world.seen().toString();
    }
}
