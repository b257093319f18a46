package dev.muster.core.scale;

import static dev.muster.core.scale.AutoscalerTest.groups;
import static dev.muster.core.scale.AutoscalerTest.plan;
import static dev.muster.core.scale.Shop.coming;
import static dev.muster.core.scale.Shop.dollars;
import static dev.muster.core.scale.Shop.group;
import static dev.muster.core.scale.Shop.offer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Offer;
import dev.muster.core.state.Command;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Sighting;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A group whose image nobody can get must not rent one machine after the other for it.
class NoImageTest {
    private static final String DENIED = "Error: pull access denied for acme/train";
    private static final Offer CHEAP = offer("o91", "m91", "0.06");

    private static Story failed(Story story, int number, String message) {
        InstanceId id = new InstanceId(number);
        Sighting seen =
                new Sighting("9" + number, Observed.FAILED, Money.ZERO, dollars("0.06"), Optional.empty(), message);
        return coming(story, "selfplay", number, "0.06")
                .and(new Command.SightInstance(id, seen))
                .and(new Command.EndInstance(id, false))
                .and(new Command.ReleaseInstance(id))
                .and(new Command.FinishInstance(id, "gone"))
                .after(Shop.minutes(1));
    }

    private static boolean rents(Story story) {
        return plan(story, CHEAP).actions().stream()
                .anyMatch(action -> action instanceof Action.Propose(Command.RentInstance order, String why));
    }

    @Test
    void oneFailureMayBeItsHosts() {
        assertThat(rents(failed(groups(group(1, 1, 4)), 1, DENIED))).isTrue();
    }

    @Test
    void afterTwoItRestsAndSaysWhy() {
        Story story = failed(failed(groups(group(1, 1, 4)), 1, DENIED), 2, DENIED);
        assertThat(plan(story, CHEAP).actions()).isEmpty();
        assertThat(plan(story, CHEAP).waits())
                .containsExactly(new Wait(
                        "group selfplay",
                        Wait.Reason.SCALE,
                        "0 of at least 1 machine; i1 and i2 could not get their image: " + DENIED
                                + "; tried again in 29m, or as soon as the group has another image"));
        assertThat(rents(story.after(Duration.ofMinutes(30)))).isTrue();
    }

    @Test
    void whatFailedOtherwiseIsNoReason() {
        Story story = failed(failed(groups(group(1, 1, 4)), 1, DENIED), 2, "CUDA is not there");
        assertThat(rents(story)).isTrue();
    }
}
