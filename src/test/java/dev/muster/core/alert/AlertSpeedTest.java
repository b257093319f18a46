package dev.muster.core.alert;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Observed;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Guards against the wrong order of growth: the leader looks every two seconds. Counts CPU time; the bound is generous, the printed
/// figure is for people.
@Tag("slow")
class AlertSpeedTest {
    private static final int NODES = 1_000;

    @Test
    void aThousandNodesAndAThousandMachinesThatAreAllSilentAreLookedAtQuickly() {
        Story story = given().unchecked();
        for (int k = 1; k <= NODES; k++)
            story.and(join("n" + k), order(rent("0.10")), sight(k, "" + k, Observed.RUNNING), join("vast-" + k));
        ClusterState state = story.state();
        Soft soft = Soft.leadingSince(START);
        Instant now = START.plusSeconds(120);
        Alerting looked = soft.alerting();
        long best = Long.MAX_VALUE;
        for (int time = 0; time < 5; time++) {
            long begun = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            looked = Lookout.look(state, soft, Policy.DEFAULT, now);
            best = Math.min(best, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begun);
        }
        System.out.println("alerts: 2000 silent nodes looked at in " + best / 1_000 + " us");
        assertThat(looked.turns().keys()).contains("node-lost n7");
        assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(100));
        Soft later = soft.withAlerting(looked);
        assertThat(AlertPlanner.decide(state, later, now.plusSeconds(400)).actions())
                .as("what has lasted is one order")
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Propose.class, one -> assertThat(one.command()).isInstanceOf(Command.SightAlerts.class));
        assertThat(state.fleet().nodes().has(n("n7"))).isTrue();
    }
}
