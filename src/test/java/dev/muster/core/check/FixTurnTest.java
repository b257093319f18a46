package dev.muster.core.check;

import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.state.Command;
import dev.muster.core.state.Fix;
import dev.muster.core.state.FixKind;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FixTurnTest {
    private static final Command.OrderFix RELINK = new Command.OrderFix(n("n1"), FixKind.RELINK);
    private static final Command.OrderFix COLLECT = new Command.OrderFix(n("n1"), FixKind.COLLECT);

    private final Story story = given(join("n1"), join("n2"), RELINK, COLLECT);

    private Fix fix(int place) {
        return List.copyOf(story.state().fleet().fixes().values()).get(place);
    }

    private List<FixTurn.Turn> turn(LocalFix... journal) {
        Table<Long, LocalFix> table = Table.empty();
        for (LocalFix local : journal) table = table.with(local.token(), local);
        return FixTurn.decide(story.state(), n("n1"), table);
    }

    private static LocalFix begun(Fix fix) {
        return new LocalFix(fix.token(), fix.kind(), Optional.empty());
    }

    private static LocalFix ended(Fix fix) {
        return new LocalFix(fix.token(), fix.kind(), Optional.of(new Fix.Ended(START, true, "2 links made")));
    }

    @Test
    void oneIsBegunAtATimeInTheOrderOfTheLog() {
        assertThat(turn()).containsExactly(new FixTurn.Turn.Begin(fix(0)));
        assertThat(turn(begun(fix(0)))).isEmpty();
        assertThat(FixTurn.decide(story.state(), n("n2"), Table.empty())).isEmpty();
    }

    @Test
    void whatEndedIsToldUntilTheStateShowsItAndThenForgotten() {
        Command.FinishFix told = new Command.FinishFix(n("n1"), fix(0).token(), true, "2 links made");
        assertThat(turn(ended(fix(0)))).containsExactly(new FixTurn.Turn.Report(told), new FixTurn.Turn.Begin(fix(1)));
        LocalFix local = ended(fix(0));
        story.and(told);
        assertThat(turn(local, begun(fix(1)))).containsExactly(new FixTurn.Turn.Discard(local.token()));
    }

    @Test
    void aFencedNodeBeginsNothing() {
        story.and(fence("n1"));
        assertThat(turn()).isEmpty();
    }

    @Test
    void anOldOrderIsLeftAlone() {
        story.after(Fix.BEGIN_WITHIN.plusSeconds(1)).and(join("n3"));
        assertThat(turn()).isEmpty();
    }

    @Test
    void theLeaderGivesUpWhatNobodyTellsOf() {
        assertThat(Lapses.decide(story.state(), START.plus(Fix.LAPSES_AFTER).minusSeconds(1))
                        .actions())
                .isEmpty();
        List<Action> actions =
                Lapses.decide(story.state(), START.plus(Fix.LAPSES_AFTER)).actions();
        assertThat(actions).hasSize(2);
        for (Action action : actions) story.and(((Action.Propose) action).command());
        assertThat(story.state().fleet().fixes().values()).noneMatch(Fix::open);
        assertThat(Lapses.decide(story.state(), START.plus(Duration.ofDays(1))).actions())
                .isEmpty();
    }
}
