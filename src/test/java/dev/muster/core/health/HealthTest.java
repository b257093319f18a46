package dev.muster.core.health;

import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Journal;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Policy POLICY = Policy.DEFAULT;
    private static final Soft SILENT = Soft.leadingSince(START);

    private static Plan plan(Story story, Soft soft, Instant now) {
        return Health.decide(story.state(), soft, POLICY, now);
    }

    private static Soft heard(Soft soft, String node, Instant at, long revision, AttemptId... attempts) {
        return soft.withHeard(n(node), new Soft.Heard(at, revision, Set.of(attempts), Soft.Telemetry.UNKNOWN));
    }

    private static Instant at(double seconds) {
        return START.plusMillis((long) (seconds * 1000));
    }

    private static Action fencing(String node, String why) {
        return new Action.Propose(fence(node), why);
    }

    private static Plan of(Action action, Wait... waits) {
        return new Plan(List.of(action), List.of(waits));
    }

    private static Plan readmitting(String node) {
        return of(new Action.Propose(
                new Command.ReadmitNode(n(node)), "heard again, and it runs nothing that was replaced"));
    }

    private static Wait braked(String node, String why) {
        return new Wait(node, Wait.Reason.BRAKE, why);
    }

    @Test
    void silenceMakesSuspectAndLongerSilenceFences() {
        Story story = given(join("n1"), join("n2"));
        Soft soft = heard(SILENT, "n2", at(61), 1);
        assertThat(plan(story, heard(soft, "n1", at(52), 1), at(61))).isEqualTo(Plan.NOTHING);
        assertThat(plan(story, heard(soft, "n1", at(49), 1), at(61)))
                .isEqualTo(new Plan(
                        List.of(),
                        List.of(new Wait("n1", Wait.Reason.SUSPECT, "silent for 12s; fenced after 60s of silence"))));
        assertThat(plan(story, soft, at(61.2))).isEqualTo(of(fencing("n1", "silent for 61.2s")));
        assertThat(plan(story, soft, at(60))).isEqualTo(of(fencing("n1", "silent for 60s")));
    }

    @Test
    void whomGossipHoldsGoneIsSuspectOnceTwoHeartbeatsAreMissed() {
        Story story = given(join("n1"), join("n2"));
        Soft soft = heard(heard(SILENT, "n2", at(30), 1), "n1", at(30), 1)
                .withGone(Table.<NodeId, Instant>empty().with(n("n1"), at(28)));
        assertThat(Health.suspect(story.state(), n("n1"), soft, POLICY, at(33.9)))
                .as("while heartbeats come")
                .isFalse();
        assertThat(Health.suspect(story.state(), n("n1"), soft, POLICY, at(34))).isTrue();
        assertThat(Health.suspect(story.state(), n("n2"), soft, POLICY, at(34)))
                .as("of whom gossip says nothing")
                .isFalse();
        assertThat(plan(story, soft, at(35)))
                .isEqualTo(new Plan(
                        List.of(),
                        List.of(new Wait(
                                "n1",
                                Wait.Reason.SUSPECT,
                                "silent for 5s, and no other node finds it; fenced after 60s of silence"))));
    }

    @Test
    void gossipFencesNobodyAnyEarlier() {
        Story story = given(join("n1"), join("n2"));
        Table<NodeId, Instant> gone = Table.<NodeId, Instant>empty().with(n("n1"), at(1));
        Soft soft = heard(SILENT, "n2", at(60), 1);
        assertThat(plan(story, soft.withGone(gone), at(59.9)).actions()).isEmpty();
        assertThat(plan(story, soft.withGone(gone), at(60)).actions())
                .isEqualTo(plan(story, soft, at(60)).actions())
                .hasSize(1);
    }

    @Test
    void aNewLeaderIsHintedAtOnceButWaitsForTwoHeartbeats() {
        Story story = given(join("n1"));
        Soft soft = Soft.leadingSince(at(100))
                .withGone(Table.<NodeId, Instant>empty().with(n("n1"), at(95)));
        assertThat(Health.suspect(story.state(), n("n1"), soft, POLICY, at(103.9)))
                .isFalse();
        assertThat(Health.suspect(story.state(), n("n1"), soft, POLICY, at(104)))
                .isTrue();
    }

    @Test
    void aNewLeaderTakesEveryNodeAsJustHeard() {
        Soft soft = heard(Soft.leadingSince(at(100)), "n1", at(1), 1);
        assertThat(plan(given(join("n1")), soft, at(109))).isEqualTo(Plan.NOTHING);
    }

    @Test
    void aNodeThatHasJustJoinedIsNotSilent() {
        Story story = given().after(Duration.ofMinutes(5)).and(join("n1"));
        assertThat(plan(story, SILENT, at(301))).isEqualTo(Plan.NOTHING);
        assertThat(Health.suspect(story.state(), n("n1"), SILENT, POLICY, at(301)))
                .isFalse();
        assertThat(Health.suspect(n("n1"), SILENT, POLICY, at(301))).isTrue();
    }

    @Test
    void aRetiredOrFencedNodeIsNotMissed() {
        Story story = given(join("n1"), join("n2"), new Command.RetireNode(n("n1")), fence("n2"));
        assertThat(plan(story, SILENT, at(99))).isEqualTo(Plan.NOTHING);
    }

    @Test
    void theLeaderIsNeverFenced() {
        Story story = given(join("n1"), join("n2"), new Command.AnnounceLeader(n("n1"), 1));
        assertThat(plan(story, SILENT, at(99))).isEqualTo(of(fencing("n2", "silent for 99s")));
    }

    @Test
    void theBrakeHoldsAMassFence() {
        Story story = given();
        for (int i = 1; i <= 8; i++) story.and(join("n" + i));
        Soft soft = SILENT;
        for (int i = 4; i <= 8; i++) soft = heard(soft, "n" + i, at(70), 1);
        soft = heard(soft, "n1", at(5), 1);
        Plan plan = plan(story, soft, at(70));
        assertThat(plan)
                .isEqualTo(new Plan(
                        List.of(fencing("n2", "silent for 70s"), fencing("n3", "silent for 70s")),
                        List.of(braked(
                                "n1",
                                "silent for 65s, but 2 of 8 nodes were fenced within 10m and no more than 2 may be without a"
                                        + " person; if it is gone for good, `muster node remove n1`"))));
    }

    @Test
    void aNewLeadersBrakeCountsTheOldOnesFences() {
        Story story = given(join("n1"), join("n2"), join("n3"), fence("n1"));
        assertThat(plan(story, heard(SILENT, "n3", at(99), 1), at(99)).actions())
                .isEmpty();
        assertThat(plan(story, heard(SILENT, "n3", at(601), 1), at(601)))
                .isEqualTo(of(fencing("n2", "silent for 10m1s")));
    }

    @Test
    void whatThisLeaderFencedCountsThoughTheJournalForgotIt() {
        Story story = given(join("n1"), join("n2"), join("n3"));
        Soft soft = heard(SILENT.withFence(n("n9"), at(50)), "n3", at(99), 1);
        assertThat(plan(story, soft, at(99)).waits()).extracting(Wait::reason).contains(Wait.Reason.BRAKE);
    }

    @Test
    void afterItsWindowAFenceNoLongerCounts() {
        Story story = given(join("n1"), join("n2"), join("n3"));
        Soft soft = heard(heard(SILENT.withFence(n("n9"), at(1)), "n3", at(601), 1), "n2", at(601), 1);
        assertThat(plan(story, soft, at(601))).isEqualTo(of(fencing("n1", "silent for 10m1s")));
    }

    @Test
    void aFenceDoesNotMakeTheShareSmaller() {
        Story story = given();
        for (int i = 1; i <= 8; i++) story.and(join("n" + i));
        story.and(fence("n1"));
        Soft soft = SILENT;
        for (int i = 3; i <= 8; i++) soft = heard(soft, "n" + i, at(70), 1);
        assertThat(plan(story, soft, at(70))).isEqualTo(of(fencing("n2", "silent for 70s")));
    }

    @Test
    void aPersonsFenceDoesNotCount() {
        Story story = given(join("n1"), join("n2"), join("n3"))
                .by(ANN, "it burns")
                .and(fence("n1"))
                .by(LEADER, "");
        assertThat(plan(story, heard(SILENT, "n3", at(99), 1), at(99)).actions())
                .containsExactly(fencing("n2", "silent for 99s"));
    }

    @Test
    void aFencedNodeComesBackOnceItKnowsOfItsFence() {
        Story story = given(join("n1"), fence("n1"));
        assertThat(plan(story, heard(SILENT, "n1", at(9), 1), at(10))).isEqualTo(Plan.NOTHING);
        assertThat(plan(story, heard(SILENT, "n1", at(9), 2), at(10))).isEqualTo(readmitting("n1"));
        assertThat(plan(story, heard(SILENT, "n1", at(9), 2), at(19))).isEqualTo(Plan.NOTHING);
    }

    @Test
    void aFencedNodeComesBackOnceItKnowsOfItsNewestFence() {
        Story story = given(join("n1"), fence("n1"), new Command.ReadmitNode(n("n1")), fence("n1"));
        assertThat(plan(story, heard(SILENT, "n1", at(9), 3), at(10))).isEqualTo(Plan.NOTHING);
        assertThat(plan(story, heard(SILENT, "n1", at(9), 4), at(10))).isEqualTo(readmitting("n1"));
    }

    @Test
    void aFencedNodeStaysOutWhileItRunsWhatWasReplaced() {
        Story story = given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"), fence("n1"));
        long now = story.state().revision();
        assertThat(plan(story, heard(SILENT, "n1", at(9), now, a("j1.0.1")), at(10)))
                .isEqualTo(new Plan(
                        List.of(),
                        List.of(new Wait(
                                "n1",
                                Wait.Reason.SUSPECT,
                                "fenced, but heard again; readmitted once it has stopped j1.0.1"))));
        assertThat(plan(story, heard(SILENT, "n1", at(9), now, a("j9.0.1")), at(10))
                        .actions())
                .as("its job was forgotten: as good as lost")
                .isEmpty();
        assertThat(plan(story, heard(SILENT, "n1", at(9), now), at(10))).isEqualTo(readmitting("n1"));
    }

    @Test
    void anAttemptThatEndedBeforeTheFenceDoesNotKeepANodeOut() {
        Story story = given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"))
                .ends("j1.0.1", Attempt.Status.SUCCEEDED)
                .and(fence("n1"));
        Soft soft = heard(SILENT, "n1", at(9), story.state().revision(), a("j1.0.1"));
        assertThat(plan(story, soft, at(10))).isEqualTo(readmitting("n1"));
    }

    @Test
    void aFenceThatTheJournalForgotIsTakenAsOlderThanAllItHas() {
        Story story = given(join("n1"), fence("n1")).unchecked().after(Journal.FENCES_KEPT);
        for (int i = 1; i <= 400; i++) story.and(submit(Spec.job()), new Command.StopJob(new JobId(i)));
        long oldest = story.state().journal().recent().first().orElseThrow();
        assertThat(oldest).isGreaterThan(2);
        assertThat(plan(story, heard(SILENT, "n1", at(9), oldest - 1), at(10))).isEqualTo(Plan.NOTHING);
        assertThat(plan(story, heard(SILENT, "n1", at(9), oldest), at(10))).isEqualTo(readmitting("n1"));
    }
}
