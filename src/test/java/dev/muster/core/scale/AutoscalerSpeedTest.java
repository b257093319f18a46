package dev.muster.core.scale;

import static dev.muster.core.Orders.submit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.rent.Offer;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AutoscalerSpeedTest {
    private static final int GROUPS = 4;
    private static final int MACHINES = 1_000;
    private static final int OFFERS = 10_000;
    private static final int ROUNDS = 30;

    /// Caps on everything and on each group, a backlog of 2,000 tasks, and offers of which the cheapest are all taken. The
    /// first rounds are the compiler's; the bound is that of the whole decision, 100 ms, on a machine that does other
    /// things too.
    @Test
    void aDecisionOverTenThousandOffersAndAThousandMachinesIsFast() {
        Story story = fleet();
        Offer[] offers = new Offer[OFFERS];
        for (int index = 0; index < OFFERS; index++)
            offers[index] = Shop.offer("o" + (index + 1), "m" + (index + 1), "0.0" + (60_000 + index));
        Soft soft = Shop.soft(story, offers);
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long began = System.nanoTime();
            Plan plan = Autoscaler.decide(story.state(), soft, Policy.DEFAULT, story.now());
            best = Math.min(best, System.nanoTime() - began);
            assertThat(plan.actions()).hasSize(1);
            assertThat(plan.waits()).hasSize(GROUPS - 1);
        }
        assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(100));
    }

    private static Story fleet() {
        Story story = Story.given(new Command.SetScaling(Scaling.DEFAULT)).unchecked();
        for (int group = 0; group < GROUPS; group++) {
            story.and(new Command.SetGroup(Shop.group("g" + group, Role.SELFPLAY, 0, 100, 400)));
            story.and(new Command.SetBudget("g" + group, caps()));
        }
        story.and(new Command.SetBudget(Rentals.ALL, caps()));
        for (int number = 1; number <= MACHINES; number++) Shop.machine(story, "g" + number % GROUPS, number, "0.06");
        story.and(submit(Spec.job().kind(JobKind.SELFPLAY).tasks(MACHINES + 2_000)));
        for (int number = 1; number <= MACHINES; number++)
            story.and(new Command.PlaceTask(
                    dev.muster.core.state.AttemptId.parse("j1." + (number - 1) + ".1"), Shop.node(number)));
        return story.after(Duration.ofMinutes(20));
    }

    private static Caps caps() {
        return new Caps(
                Optional.of(Shop.dollars("1000")),
                Optional.of(Shop.dollars("10000")),
                Optional.of(Shop.dollars("100000")));
    }
}
