package dev.muster.core.quorum;

import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Orders;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Command;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static final Instant NOW = START.plusSeconds(30);

    /// n1 leads n1, n2, n3 of five nodes.
    private static Story three() {
        return given(join("n1"), join("n2"), join("n3"), join("n4"), join("n5"))
                .voters("n1", "n2", "n3")
                .and(new Command.AnnounceLeader(n("n1"), 1));
    }

    private static Command add(String node) {
        return new Command.AddVoter(n(node));
    }

    private static Command remove(String node) {
        return new Command.RemoveVoter(n(node));
    }

    /// The plan when only these, and the leader, were heard of late.
    private static Plan plan(Story story, String... heard) {
        Soft soft = Soft.leadingSince(START);
        for (String node : heard) {
            soft = soft.withHeard(n(node), new Soft.Heard(NOW, 1, Set.of(), Soft.Telemetry.UNKNOWN));
        }
        return Membership.decide(story.state(), soft, Policy.DEFAULT, NOW);
    }

    private static Action set(String why, String... voters) {
        return new Action.SetVoters(Arrays.stream(voters).map(Orders::n).toList(), why);
    }

    private static Plan of(Action action) {
        return new Plan(List.of(action), List.of());
    }

    private static Plan waiting(String node, String why) {
        return new Plan(List.of(), List.of(new Wait(node, Wait.Reason.VOTER, why)));
    }

    @Test
    void whatIsWantedNeedsNoStep() {
        assertThat(plan(three(), "n2", "n3")).isEqualTo(Plan.NOTHING);
    }

    @Test
    void beforeTheFirstConfigurationNothingIsDone() {
        assertThat(plan(given(join("n1"), add("n1")), "n1")).isEqualTo(Plan.NOTHING);
    }

    @Test
    void oneVoterIsAddedAtATimeAndBeforeAnyIsRemoved() {
        Story story = three().and(add("n5"), add("n4"), remove("n2"));
        assertThat(plan(story, "n2", "n3", "n4", "n5"))
                .isEqualTo(of(set("n4 is wanted as a voter", "n1", "n2", "n3", "n4")));
        assertThat(plan(story.voters("n1", "n2", "n3", "n4", "n5"), "n2", "n3", "n4", "n5"))
                .isEqualTo(of(set("n2 is no longer wanted as a voter", "n1", "n3", "n4", "n5")));
    }

    @Test
    void aSilentOrFencedNodeWaitsToVote() {
        Story story = three().and(add("n4"));
        assertThat(plan(story, "n2", "n3")).isEqualTo(waiting("n4", "wanted as a voter, but it is not heard"));
        assertThat(plan(story.and(fence("n4")), "n2", "n3", "n4"))
                .isEqualTo(waiting("n4", "wanted as a voter, but it is fenced"));
    }

    @Test
    void anotherWantedVoterNeedNotWaitForASilentOne() {
        Plan plan = plan(three().and(add("n4"), add("n5")), "n2", "n3", "n5");
        assertThat(plan.actions()).containsExactly(set("n5 is wanted as a voter", "n1", "n2", "n3", "n5"));
        assertThat(plan.waits()).extracting(Wait::subject).containsExactly("n4");
    }

    @Test
    void whileAVoterIsMissingOnlyASilentOneIsLetGo() {
        Story story = three().and(add("n4"), remove("n2"));
        assertThat(plan(story, "n2", "n3").actions()).isEmpty();
        assertThat(plan(story, "n3").actions()).containsExactly(set("n2 is no longer wanted as a voter", "n1", "n3"));
    }

    @Test
    void theSilentLeaveFirstAndTheLeaderLast() {
        Story story = three().and(add("n4"), remove("n1"), remove("n2"), remove("n3"));
        story.voters("n1", "n2", "n3", "n4");
        assertThat(plan(story, "n2", "n4").actions())
                .containsExactly(set("n3 is no longer wanted as a voter", "n1", "n2", "n4"));
        story.voters("n1", "n2", "n4");
        assertThat(plan(story, "n2", "n4").actions())
                .containsExactly(set("n2 is no longer wanted as a voter", "n1", "n4"));
        story.voters("n1", "n4");
        assertThat(plan(story, "n4").actions()).containsExactly(set("n1 is no longer wanted as a voter", "n4"));
    }

    @Test
    void aSetWhoseMajorityIsNotHeardIsNeverProposed() {
        assertThat(plan(three().and(remove("n3")), "n3"))
                .isEqualTo(waiting(
                        "n3", "n3 is no longer wanted as a voter, but of [n1, n2] only 1 are heard and 2 are needed"));
    }
}
