package dev.muster.core.keepalive;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Rents.end;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.row;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Leader;
import dev.muster.core.Rents;
import dev.muster.core.Story;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Observed;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Guards against the wrong order of growth: each machine is looked up in a listing of all. Counts CPU time; the bound is
/// generous, the printed figures are for people.
@Tag("slow")
class KeeperSpeedTest {
    private static final int MACHINES = 1_000;
    private static final Instant NOW = START.plusSeconds(10);

    @Test
    void aThousandMachinesThatRunAreSeenQuickly() {
        assertThat(quick("run", fleet(), listed("")).actions()).isEmpty();
    }

    @Test
    void aThousandStraysAreToldQuickly() {
        Story story = fleet();
        for (int k = 1; k <= MACHINES; k++) story.and(new Command.FinishInstance(i(k), "ended"));
        assertThat(quick("are strays", story, listed("")).actions()).hasSizeGreaterThanOrEqualTo(MACHINES);
        assertThat(quick("are somebody's", story, listed("other-")).waits()).hasSizeGreaterThanOrEqualTo(MACHINES);
    }

    @Test
    void aThousandMachinesThatEndAreDrainedQuickly() {
        Story story = fleet();
        for (int k = 1; k <= MACHINES; k++) story.and(end(k));
        assertThat(quick("end", story, listed("")).actions()).hasSizeGreaterThanOrEqualTo(MACHINES);
    }

    private static Story fleet() {
        Story story = given().unchecked();
        for (int k = 1; k <= MACHINES; k++)
            story.and(order(rent("0.10")), sight(k, "" + k, Observed.RUNNING), join("vast-" + k));
        return story;
    }

    /// Twice, and everybody is heard.
    private static Soft listed(String before) {
        List<Rented> rows = new ArrayList<>();
        for (int k = 1; k <= MACHINES; k++) rows.add(row("" + k, before + "muster-00000011-i" + k, Observed.RUNNING));
        Soft soft = Soft.leadingSince(START);
        for (int k = 1; k <= MACHINES; k++)
            soft = soft.withHeard(n("vast-" + k), new Soft.Heard(NOW, 1, Set.of(), Soft.Telemetry.UNKNOWN));
        Rented[] all = rows.toArray(Rented[]::new);
        Soft twice = Rents.listed(Rents.listed(soft, NOW.minusSeconds(1), all), NOW, all);
        return twice.withRenting(twice.renting().done(new Errand.AskCharges("vast"), NOW));
    }

    private static Plan quick(String what, Story story, Soft soft) {
        ClusterState state = story.state();
        Duration best = Duration.ofHours(1);
        Plan plan = Plan.NOTHING;
        for (int k = 0; k < 10; k++) {
            long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            plan = Leader.decide(state, soft, Policy.DEFAULT, NOW);
            Duration took = Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began);
            if (took.compareTo(best) < 0) best = took;
        }
        System.out.printf(
                "leader: %d rented machines that %s decided in %d us%n", MACHINES, what, best.toNanos() / 1000);
        assertThat(best).isLessThan(Duration.ofMillis(500));
        return plan;
    }
}
