package dev.muster.core;

import static dev.muster.core.Launches.job;
import static dev.muster.core.Launches.launch;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.renting;
import static dev.muster.core.Launches.spec;
import static dev.muster.core.Launches.stage;
import static dev.muster.core.Launches.start;
import static dev.muster.core.Launches.startRented;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Event;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Run;
import dev.muster.core.state.Traces;
import dev.muster.core.state.Transition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Facts about runs that no handler would give.
class RunInvariantsTest {
    private static Story begun() {
        return given(join("n1"), launch("r1", spec(stage("train"), stage("eval"))), start("r1", "train"));
    }

    private static Story rented() {
        return given(join("n1"), launch("r1", renting("r1", stage("train"))), startRented("r1", "train"))
                .and(order(rent("0.1"), "r1"), sight(1, "77", Observed.RUNNING), join("vast-77"));
    }

    private static Transition step(Event... events) {
        return new Transition(START, Optional.empty(), LEADER, "", "TEST", "", List.of(events));
    }

    private static List<String> after(Story story, Event... events) {
        return Invariants.check(story.state().advance(step(events)));
    }

    private static List<String> during(Story story, Event... events) {
        ClusterState before = story.state();
        return Invariants.check(before, step(events), before.advance(step(events)));
    }

    @Test
    void stagesThatRunAtOnceOrTooEarlyAreNoticed() {
        assertThat(after(begun(), new Event.RunStageStarted(r("r1"), "eval", new JobId(9), "key")))
                .containsExactly("eval of r1 runs before what it begins with is made", "r1 runs 2 stages at once");
    }

    @Test
    void whatRunsOfARunThatIsOverIsNoticed() {
        assertThat(after(begun(), new Event.RunEnded(r("r1"), Run.Status.FAILED, "", false)))
                .containsExactly("r1 is FAILED, and runs train");
        assertThat(after(
                        begun(),
                        new Event.RunStageFailed(r("r1"), "train", List.of(), Duration.ZERO, "", "", Traces.NOTHING)))
                .containsExactly("train of r1 is FAILED, and its job open");
    }

    @Test
    void aJobThatItsRunDoesNotKnowIsNoticed() {
        assertThat(after(begun(), new Event.JobSubmitted(new JobId(2), job("x").onMachinesOf(r("r1")), "ann")))
                .containsExactly("j2 is of r1, which does not know it");
        assertThat(after(rented(), new Event.RunForgotten(r("r1"))))
                .contains("j1 is of r1, which does not know it")
                .anyMatch(line -> line.startsWith("i1 was rented for Optional.empty, and its node is kept for"));
    }

    @Test
    void workOnAMachineOfAnotherIsNoticed() {
        Story story = rented().and(submit(Spec.job()));
        assertThat(during(story, new Event.TaskPlaced(a("j1.0.1"), n("n1"))))
                .containsExactly("j1.0.1 of Optional[r1] was placed on n1, which is kept for Optional.empty");
        assertThat(during(story, new Event.TaskPlaced(a("j2.0.1"), n("vast-77"))))
                .hasSize(1);
    }

    @Test
    void machinesThatARunDoesNotNeedAreNoticed() {
        Event more = new Event.InstanceOrdered(Rents.i(2), "m-i2", rent("0.1"), Optional.of("r1"), Optional.empty());
        assertThat(during(rented(), more)).containsExactly("r1 is OPEN, and has 2 machines of 1");
    }
}
