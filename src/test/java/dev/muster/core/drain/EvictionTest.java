package dev.muster.core.drain;

import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Sync;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EvictionTest {
    private static final Duration MOST = Scaling.DEFAULT.drainMax();

    /// n1 runs a job that saves its files, and one that does not, and is to end.
    private static Story leaving() {
        Money price = Money.ofDollars(1);
        Rent rent = new Rent("vast", "o", "m", "gpu", 1, Optional.empty(), price, Money.ZERO, 20, "", Role.MIXED);
        Sighting seen = new Sighting("7", Observed.RUNNING, price, price, Optional.empty(), "");
        return given(
                join("n1"),
                join("n2"),
                new Command.SubmitJob(Spec.job().build().saving(new Sync(List.of("*.db"), Sync.EVERY_DEFAULT))),
                submit(Spec.job()),
                place("j1.0.1", "n1"),
                place("j2.0.1", "n1"),
                new Command.AdoptInstance("", rent, seen, Optional.of(n("n1")), Optional.of(n("n1"))),
                new Command.EndInstance(new InstanceId(1), false));
    }

    private static Plan decide(Story story) {
        return Drainer.decide(story.state(), Soft.leadingSince(story.now()), story.now());
    }

    private static Command evict(Story story, String attempt) {
        return new Command.EvictAttempt(a(attempt), story.token(attempt));
    }

    private static List<Command> ordered(Plan plan) {
        return plan.actions().stream()
                .map(action -> ((Action.Propose) action).command())
                .toList();
    }

    @Test
    void whatSavesItsFilesIsAskedAtOnceAndTheRestHasItsTime() {
        Story story = leaving();
        Plan plan = decide(story);
        assertThat(ordered(plan)).containsExactly(evict(story, "j1.0.1"));
        assertThat(plan.waits())
                .extracting(Wait::message)
                .singleElement()
                .asString()
                .startsWith("1 attempt runs");
        story.and(evict(story, "j1.0.1"));
        assertThat(ordered(decide(story))).isEmpty();
        assertThat(decide(story).waits())
                .extracting(Wait::message)
                .contains("j1.0.1 there saves what it has, and ends");
        story.after(MOST.minusSeconds(1)).ends("j1.0.1", Attempt.Status.LOST);
        assertThat(ordered(decide(story))).isEmpty();
        story.after(Duration.ofSeconds(1));
        assertThat(ordered(decide(story))).containsExactly(evict(story, "j2.0.1"));
    }

    @Test
    void whatDoesNotEndIsEndedByForceWhenItIsDue() {
        Story story = leaving();
        story.and(evict(story, "j1.0.1"));
        Duration time = JobSpec.GRACE_DEFAULT.plus(Attempt.EVICTION_MAX);
        story.after(time.minusSeconds(1));
        assertThat(ordered(decide(story))).isEmpty();
        story.after(Duration.ofSeconds(1));
        assertThat(ordered(decide(story))).containsExactly(evict(story, "j1.0.1"));
        story.and(evict(story, "j1.0.1"));
        assertThat(story.state().work().activeOn(n("n1"))).containsExactly(a("j2.0.1"));
    }
}
