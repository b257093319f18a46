package dev.muster.core.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.NodeId;
import dev.muster.core.swarm.SwarmPlanner.Assignment;
import dev.muster.core.swarm.SwarmPlanner.Failure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Peers that come, go, fail and lie, by one seed. After every decision no limit is passed; once the trouble ends,
/// everybody gets the file.
final class Turmoil {
    private static final int PEERS = 12;
    private static final int CHUNKS = 150;
    private static final int TROUBLED_STEPS = 1500;
    private static final int CALM_STEPS = 4000;
    private static final long STEP_NANOS = 50_000_000L;

    /// No chunk takes longer, so none is ever overdue.
    private static final long LATE_NANOS = 1_500_000_000L;

    private static final NodeId ORIGIN = new NodeId("origin");

    private final SplittableRandom random;
    private final SwarmPlanner planner = new SwarmPlanner(CHUNKS, 128 << 10);
    private final Map<NodeId, ChunkSet> held = new TreeMap<>();
    private final Map<NodeId, Traits> traits = new TreeMap<>();
    private final Map<NodeId, Boolean> present = new TreeMap<>();
    private final Map<Assignment, Long> begun = new HashMap<>();
    private final List<Assignment> going = new ArrayList<>();
    private long now;

    Turmoil(long seed) {
        random = new SplittableRandom(seed);
    }

    void run() {
        enter(ORIGIN, ChunkSet.all(CHUNKS), Traits.DEFAULT);
        for (int i = 0; i < PEERS; i++) {
            var some = new Traits(1 + random.nextInt(8), 1 + random.nextInt(8), random.nextInt(3) > 0, 0, 0);
            enter(new NodeId("p" + i), ChunkSet.none(CHUNKS), some);
        }
        for (int step = 0; step < TROUBLED_STEPS; step++) step(true);
        for (NodeId id : held.keySet()) if (!present.get(id)) come(id);
        for (int step = 0; step < CALM_STEPS && !complete(); step++) step(false);
        assertThat(held.keySet()).allMatch(planner::complete);
    }

    private boolean complete() {
        return held.keySet().stream().allMatch(planner::complete);
    }

    private void enter(NodeId id, ChunkSet has, Traits traits) {
        held.put(id, has);
        this.traits.put(id, traits);
        come(id);
    }

    private void come(NodeId id) {
        present.put(id, true);
        planner.join(id, held.get(id), traits.get(id), now);
    }

    private void go(NodeId id) {
        present.put(id, false);
        planner.leave(id, now);
        going.removeIf(it -> it.receiver().equals(id) || it.source().equals(id));
    }

    private void step(boolean trouble) {
        now += STEP_NANOS;
        List<Assignment> made = planner.assign(now);
        made.forEach(this::check);
        going.addAll(made);
        for (Assignment it : made) begun.put(it, now);
        held.keySet().forEach(this::checkSlots);
        for (Assignment it : List.copyOf(going)) {
            int what = random.nextInt(100);
            boolean late = now - begun.getOrDefault(it, now) > LATE_NANOS;
            if (what < 30 || late) arrive(it);
            else if (trouble && what < 40) fail(it);
        }
        if (trouble && random.nextInt(20) == 0) {
            var id = new NodeId("p" + random.nextInt(PEERS));
            if (present.get(id)) go(id);
            else come(id);
        }
    }

    private void arrive(Assignment it) {
        going.removeIf(other -> other.receiver().equals(it.receiver()) && other.chunk() == it.chunk());
        if (held.get(it.receiver()).add(it.chunk())) planner.got(it.receiver(), it.source(), it.chunk(), now);
    }

    private void fail(Assignment it) {
        going.remove(it);
        Failure why = Failure.values()[random.nextInt(Failure.values().length)];
        if (why == Failure.GONE) return;
        if (why == Failure.CORRUPT && !it.source().name().equals("p0")) return;
        planner.failed(it.receiver(), it.source(), it.chunk(), why, now);
        going.removeIf(other -> planner.struck().contains(other.source()));
    }

    private void checkSlots(NodeId id) {
        assertThat(going)
                .filteredOn(it -> it.source().equals(id))
                .hasSizeLessThanOrEqualTo(traits.get(id).upSlots());
        assertThat(going)
                .filteredOn(it -> it.receiver().equals(id))
                .hasSizeLessThanOrEqualTo(traits.get(id).downSlots());
    }

    private void check(Assignment it) {
        NodeId receiver = it.receiver();
        NodeId source = it.source();
        assertThat(present.get(receiver) && present.get(source)).isTrue();
        assertThat(held.get(source).has(it.chunk())).isTrue();
        assertThat(held.get(receiver).has(it.chunk())).isFalse();
        assertThat(planner.struck()).doesNotContain(source);
        assertThat(traits.get(receiver).dialable() || traits.get(source).dialable())
                .isTrue();
    }
}
