package dev.muster.core.keepalive;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Rents.LABEL;
import static dev.muster.core.Rents.end;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.listed;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.release;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.row;
import static dev.muster.core.Rents.scaling;
import static dev.muster.core.Rents.seen;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Stray;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Command;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Trouble;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StraysTest {
    private static Plan plan(Story story, Renting renting, Instant now) {
        List<Action> actions = new ArrayList<>();
        List<Wait> waits = new ArrayList<>();
        Strays.decide(story.state().rentals(), renting, now, actions, waits);
        return new Plan(actions, waits);
    }

    /// All but what is told for the events.
    private static List<Action> deeds(Plan plan) {
        return plan.actions().stream()
                .filter(action -> !(action instanceof Action.Propose(Command.TellTrouble tell, String why)))
                .toList();
    }

    private static Renting sees(Rented... rows) {
        return listed(Soft.leadingSince(START), START, rows).renting();
    }

    private static List<Stray.Fate> fates(Story story, Rented... rows) {
        return Stray.of(story.state().rentals(), sees(rows)).stream()
                .map(Stray::fate)
                .toList();
    }

    private static Rented running(String id, String label) {
        return row(id, label, Observed.RUNNING);
    }

    private static Story found() {
        return given(order(rent("0.10")), sight(1, "77", Observed.RUNNING), join("vast-77"));
    }

    private static Command finish() {
        return new Command.FinishInstance(i(1), "gone");
    }

    @Test
    void whatBelongsToAnOpenOrderIsNoStray() {
        assertThat(fates(given(order(rent("0.10"))), running("77", LABEL))).isEmpty();
        assertThat(fates(found(), running("77", LABEL))).isEmpty();
        assertThat(fates(found(), running("77", "renamed by a person"))).isEmpty();
    }

    @Test
    void whatWasGivenUpAndIsThereIsEnded() {
        Story story = given(order(rent("0.10")), new Command.AbandonInstance(i(1), "never there"));
        Errand destroy = new Errand.DestroyStray("vast", "77", LABEL);
        Plan plan = plan(story, sees(running("77", LABEL)), START);
        assertThat(deeds(plan)).containsExactly(new Action.Run(destroy, "no open order has its label"));
        assertThat(plan.waits())
                .containsExactly(new Wait(
                        "vast 77",
                        Wait.Reason.STRAY,
                        "a machine \"" + LABEL + "\" belongs to no order of ours that is open; it is ended"));
        Renting begun = sees(running("77", LABEL)).begun(destroy, START);
        assertThat(deeds(plan(story, begun, START))).isEmpty();
        Renting failed = begun.failed(destroy, START, "HTTP 500");
        assertThat(deeds(plan(story, failed, START.plusSeconds(5)))).hasSize(1);
    }

    @Test
    void aSecondMachineUnderOneLabelIsEnded() {
        assertThat(fates(found(), running("77", LABEL), running("78", LABEL))).containsExactly(Stray.Fate.END);
    }

    @Test
    void whatWasThoughtGoneWhileItHeldSomethingIsLookedAfterAgain() {
        Story story = found().and(finish());
        Plan plan = plan(story, sees(running("77", LABEL)), START);
        Command adopt =
                new Command.AdoptInstance(LABEL, rent("0.10"), seen("77", Observed.RUNNING), Optional.of(n("vast-77")));
        assertThat(plan.actions())
                .containsExactly(new Action.Propose(adopt, "it was thought gone as i1, and is there"));
        story.and(adopt);
        assertThat(fates(story, running("77", LABEL))).isEmpty();
    }

    @Test
    void whatWasLetGoIsEndedAgain() {
        assertThat(fates(found().and(end(1), release(1), finish()), running("77", LABEL)))
                .containsExactly(Stray.Fate.END);
        Story abandoned =
                found().by(ANN, "").and(new Command.EndInstance(i(1), true)).by(LEADER, "");
        assertThat(fates(abandoned.and(finish()), running("77", LABEL))).containsExactly(Stray.Fate.END);
    }

    @Test
    void ofOthersPeopleAreToldAndNothingIsDone() {
        Story story = found();
        Plan plan = plan(story, sees(running("5", ""), running("6", "muster-00000011-i99")), START);
        assertThat(deeds(plan)).isEmpty();
        assertThat(plan.waits())
                .extracting(Wait::message)
                .containsExactly(
                        "a machine without a label costs $0.10 per hour and is none that we ordered;"
                                + " `muster instance adopt 5 --provider vast` looks after it, and"
                                + " `muster instance destroy` ends it then",
                        "a machine \"muster-00000011-i99\" costs $0.10 per hour and carries our label with a number"
                                + " that we never gave, or have forgotten: nobody here knows what is on it;"
                                + " `muster instance adopt 6 --provider vast` looks after it, and"
                                + " `muster instance destroy` ends it then");
        assertThat(fates(
                        story,
                        running("5", ""),
                        running("6", "muster-00000011-i99"),
                        running("7", "muster-00000012-i1")))
                .containsExactly(Stray.Fate.UNKNOWN, Stray.Fate.FORGOTTEN, Stray.Fate.UNKNOWN);
    }

    /// A person calls three machines `train`, and gives us one: the other two are that person's.
    @Test
    void whatSharesAnAdoptedMachinesLabelIsNotOursToEnd() {
        Story story = found().and(new Command.AdoptInstance(
                "train", rent("0.10"), seen("5", Observed.RUNNING), Optional.empty()));
        assertThat(fates(story, running("77", LABEL), running("5", "train"), running("6", "train")))
                .containsExactly(Stray.Fate.UNKNOWN);
        story.and(end(2), release(2), new Command.FinishInstance(i(2), "ended"));
        assertThat(fates(story, running("77", LABEL), running("6", "train"))).containsExactly(Stray.Fate.UNKNOWN);
    }

    @Test
    void aLabelOfOursAtAnotherProviderWasNotOrderedThere() {
        Rented vast = running("77", LABEL);
        Rented other = new Rented(
                "lambda", "77", LABEL, "", "", Observed.RUNNING, vast.gpus(), vast.reach(), vast.bill(), "", "", "");
        assertThat(fates(found(), vast, other)).containsExactly(Stray.Fate.FORGOTTEN);
    }

    @Test
    void wherePolicySaysSoStraysAreOnlyTold() {
        Story story = given(order(rent("0.10")), new Command.AbandonInstance(i(1), "never there"))
                .and(new Command.SetScaling(scaling("UTC", Scaling.Strays.REPORT, Scaling.DEFAULT.blameFor())));
        Plan plan = plan(story, sees(running("77", LABEL)), START);
        assertThat(deeds(plan)).isEmpty();
        assertThat(plan.waits()).hasSize(1);
    }

    @Test
    void aStrayIsAmongTheEventsOnceADay() {
        Story story = found();
        Command tell = new Command.TellTrouble(
                Trouble.STRAY_FOUND, "vast 5", "without a label costs $0.10 per hour and is none that we ordered");
        Plan plan = plan(story, sees(running("5", "")), START);
        assertThat(plan.actions()).containsExactly(new Action.Propose(tell, ((Command.TellTrouble) tell).note()));
        story.and(tell);
        assertThat(plan(story, sees(running("5", "")), START.plusSeconds(86_399))
                        .actions())
                .isEmpty();
        assertThat(plan(story, sees(running("5", "")), START.plusSeconds(86_400))
                        .actions())
                .hasSize(1);
    }

    @Test
    void hostsOfOurOwnAreNoStrays() {
        Rented vast = running("77", "");
        Rented own = new Rented(
                "hosts", "box", "", "", "", Observed.RUNNING, vast.gpus(), vast.reach(), vast.bill(), "", "", "");
        assertThat(fates(found(), own)).isEmpty();
    }
}
