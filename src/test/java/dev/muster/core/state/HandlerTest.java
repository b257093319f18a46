package dev.muster.core.state;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HandlerTest {
    @Test
    void aRetriedRequestIsAppliedOnceAndAnsweredAlike() {
        Story story = given().when("r1", submit(Spec.job())).created("j1");
        story.when("r1", submit(Spec.job())).changesNothing().created("j1");
        assertThat(story.state().work().jobs().size()).isEqualTo(1);
        story.when("r2", submit(Spec.job())).created("j2");
    }

    @Test
    void aRefusedRequestIsLookedAtAnew() {
        given().when("r1", new Command.DrainNode(n("n1")))
                .refused(Code.NOT_FOUND)
                .and(join("n1"))
                .when("r1", new Command.DrainNode(n("n1")))
                .then(new Event.NodeDraining(n("n1")));
    }

    @Test
    void aRequestThatChangedNothingIsRememberedToo() {
        Story story =
                given(join("n1")).when("r1", new Command.UndrainNode(n("n1"))).changesNothing();
        story.and(new Command.DrainNode(n("n1")))
                .when("r1", new Command.UndrainNode(n("n1")))
                .changesNothing();
        assertThat(story.state().fleet().nodes().require(n("n1")).desired()).isEqualTo(Desired.DRAINING);
    }

    @Test
    void aRequestIsForgottenAfterItsTime() {
        Story story = given().when("r1", submit(Spec.job()))
                .after(Journal.ANSWERS_KEPT.plusSeconds(1))
                .when("r2", submit(Spec.job()))
                .when("r1", submit(Spec.job()))
                .created("j3");
        assertThat(story.state().journal().answers().size()).isEqualTo(2);
    }

    @Test
    void anEarlierTimeStampIsTakenAsTheStates() {
        ClusterState state =
                given(join("n1")).after(Duration.ofSeconds(9)).and(join("n2")).state();
        Handler.Step step = Handler.step(state, START, Envelope.of(ANN, "late", join("n3")));
        assertThat(step.state().at()).isEqualTo(START.plusSeconds(9));
        assertThat(step.transition().orElseThrow().at()).isEqualTo(START.plusSeconds(9));
    }

    @Test
    void theFoldOfTheTransitionsIsTheState() {
        ClusterState follower = ClusterState.EMPTY;
        ClusterState leader = ClusterState.EMPTY;
        Command[] orders = {join("n1"), submit(Spec.job().tasks(2).config(HEX)), place("j1.0.1", "n1")};
        for (Command order : orders) {
            Handler.Step step = Handler.step(leader, START, Envelope.of(ANN, "why", order));
            leader = step.state();
            follower = follower.advance(step.transition().orElseThrow());
        }
        assertThat(follower.work().derived()).isEqualTo(leader.work().derived());
        assertThat(follower.journal()).isEqualTo(leader.journal());
        assertThat(follower.revision()).isEqualTo(leader.revision()).isEqualTo(3);
    }

    @Test
    void whatPeopleOrderIsAuditedAndEventsAreRemembered() {
        Story story = given(join("n1")).by(ANN, "maintenance").and(new Command.DrainNode(n("n1")));
        Journal journal = story.state().journal();
        assertThat(journal.audit().values())
                .containsExactly(new Journal.Audit(2, START, ANN, "maintenance", "DRAIN_NODE"));
        assertThat(journal.recent().require(2L).event()).isEqualTo(new Event.NodeDraining(n("n1")));
    }

    @Test
    void onlyTheNewestEventsAreRemembered() {
        Story story = given(submit(Spec.job())).unchecked();
        for (int i = 0; i < Journal.RECENT_MAX; i++) story.and(submit(Spec.job()));
        Journal journal = story.state().journal();
        assertThat(journal.recent().size()).isEqualTo(Journal.RECENT_MAX);
        assertThat(journal.recent().first()).isEqualTo(Optional.of(2L));
    }
}
