package dev.muster.core.scale;

import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.scale.AutoscalerTest.acts;
import static dev.muster.core.scale.AutoscalerTest.caps;
import static dev.muster.core.scale.AutoscalerTest.ends;
import static dev.muster.core.scale.AutoscalerTest.groups;
import static dev.muster.core.scale.AutoscalerTest.plan;
import static dev.muster.core.scale.Shop.group;
import static dev.muster.core.scale.Shop.machine;
import static dev.muster.core.scale.Shop.minutes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Plan;
import dev.muster.core.state.Command;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Machines are ended where a cap would be passed by what runs already.
class CapDrainTest {
    @Test
    void atItsCapADrainEndsIdleMachinesFirstAndTrainingLast() {
        Story story = machine(
                machine(
                        machine(groups(group("selfplay", Role.MIXED, 0, 3, 3)), "selfplay", 1, "0.08"),
                        "selfplay",
                        2,
                        "0.09"),
                "selfplay",
                3,
                "0.07");
        story.and(new Command.SetScaling(Shop.scaling(List.of(), 2, Scaling.OnCap.DRAIN)));
        story.and(submit(Spec.job().kind(JobKind.SELFPLAY)), submit(Spec.job().kind(JobKind.TRAINING)));
        story.and(place("j1.0.1", "vast-91"), place("j2.0.1", "vast-92")).after(minutes(5));
        caps(story, "0.18", "");
        assertThat(plan(story)).isEqualTo(acts(ends(3, "the cap is reached: $0.24 of $0.18 per hour is open")));
        caps(story, "0.16", "");
        assertThat(plan(story).actions())
                .containsExactly(
                        ends(3, "the cap is reached: $0.24 of $0.16 per hour is open"),
                        ends(1, "the cap is reached: $0.24 of $0.16 per hour is open"));
    }

    /// Twenty minutes of both would be four cents.
    @Test
    void aDaysCapEndsMachinesInTimeTheLastOneLast() {
        Story story = machine(machine(groups(group(0, 2, 3)), "selfplay", 1, "0.06"), "selfplay", 2, "0.06");
        caps(story, "", "0.30");
        story.after(Duration.ofHours(1));
        assertThat(plan(story).actions().toString()).doesNotContain("the cap is reached");
        story.after(minutes(58 + 60 - 55));
        Plan plan = plan(story);
        assertThat(plan.actions()).singleElement().matches(one -> one.why().contains("so that the rest lasts longer"));
        assertThat(plan.actions().getFirst().toString()).contains("i2");
    }

    @Test
    void whatIsLeavingCountsInADrain() {
        Story story = machine(machine(groups(group(0, 2, 3)), "selfplay", 1, "0.08"), "selfplay", 2, "0.09");
        story.and(new Command.SetScaling(Shop.scaling(List.of(), 2, Scaling.OnCap.DRAIN)));
        caps(story.and(new Command.EndInstance(new InstanceId(2), false)), "0.10", "");
        assertThat(plan(story).actions()).isEmpty();
    }
}
