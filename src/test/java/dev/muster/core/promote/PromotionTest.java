package dev.muster.core.promote;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.SQUARE;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.loop;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.Turn;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.LoopSpec;
import dev.muster.core.state.Match;
import dev.muster.core.state.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PromotionTest {
    private static final Sha256 A = sha("a");
    private static final Sha256 B = sha("b");
    private static final String WON = "won 99.0 % of 100 games against random (95 % interval 94.6-99.8 %)";
    private static final Command.PromoteModel FIRST = new Command.PromoteModel(HEX, A, Optional.empty(), 1);

    private static Story begun() {
        return given(join("n1"), new Command.StartLoop(loop(HEX)));
    }

    /// The first generation's candidate A awaits its verdict.
    private static Story first(Match... matches) {
        return Turn.of(begun(), 1)
                .played(sha("1"))
                .trained(A)
                .evaluated(matches)
                .story();
    }

    /// A is current, the second generation's candidate B awaits its verdict.
    private static Story second(Match... matches) {
        Story story = Turn.whole(begun(), 1, "a", Optional.empty());
        return Turn.of(story, 2).played(sha("2")).trained(B).evaluated(matches).story();
    }

    private static Match against(Sha256 player, String opponent, int wins, int draws, int losses) {
        return new Match(player.hex(), opponent, wins, draws, losses);
    }

    private static Plan plan(Story story) {
        return plan(story, Soft.leadingSince(START), START);
    }

    private static Plan plan(Story story, Soft soft, Instant now) {
        return Promotion.decide(story.state(), soft, Policy.DEFAULT, now);
    }

    /// The named nodes are heard at the same moment.
    private static Soft hearing(Instant now, String... nodes) {
        Soft soft = Soft.leadingSince(START);
        for (String node : nodes) {
            soft = soft.withHeard(n(node), new Soft.Heard(now, 1, Set.of(), Soft.Telemetry.UNKNOWN));
        }
        return soft;
    }

    /// A has won on n1, which alone holds it; n2 and n3 could.
    private static Story won() {
        return first(against(A, "random", 99, 0, 1)).and(join("n2"), join("n3"));
    }

    private static Plan waiting(String message) {
        return new Plan(List.of(), List.of(new Wait("hex8_2p#1", Wait.Reason.REPLICAS, message)));
    }

    private static Plan rejecting(int generation, String why) {
        return new Plan(
                List.of(new Action.Propose(new Command.RejectCandidate(new GenerationId(HEX, generation)), why)),
                List.of());
    }

    private static Plan promoting(Command.PromoteModel order, String why) {
        return new Plan(List.of(new Action.Propose(order, why)), List.of());
    }

    @Test
    void aFirstModelHasToBeatTheBaseline() {
        assertThat(plan(first(against(A, "random", 65, 0, 35))))
                .isEqualTo(promoting(
                        new Command.PromoteModel(HEX, A, Optional.empty(), 1),
                        "won 65.0 % of 100 games against random (95 % interval 55.3-73.6 %)"));
        assertThat(plan(first(against(A, "random", 64, 1, 35))))
                .isEqualTo(rejecting(
                        1,
                        "won 64.5 % of 100 games against random (95 % interval 54.7-73.2 %); first_win_rate asks for"
                                + " 65.0 %"));
    }

    @Test
    void aFirstModelNeedsNoLowerBound() {
        LoopSpec spec = loop(HEX);
        LoopSpec few = new LoopSpec(
                HEX,
                spec.selfplay(),
                spec.training(),
                spec.evaluation(),
                new LoopSpec.Gate("random", 0.65, 0.55, 0.50, 10),
                spec.gamesWindow(),
                Optional.empty());
        Story story = given(join("n1"), new Command.StartLoop(few));
        Turn.of(story, 1).played(sha("1")).trained(A).evaluated(against(A, "random", 7, 0, 3));
        assertThat(plan(story).actions().getFirst().why())
                .isEqualTo("won 70.0 % of 10 games against random (95 % interval 39.7-89.2 %)");
        assertThat(((Action.Propose) plan(story).actions().getFirst()).command())
                .isInstanceOf(Command.PromoteModel.class);
    }

    @Test
    void aLaterModelHasToBeatTheCurrentOne() {
        assertThat(plan(second(against(B, A.hex(), 123, 0, 77))))
                .isEqualTo(promoting(
                        new Command.PromoteModel(HEX, B, Optional.of(A), 2),
                        "won 61.5 % of 200 games against aaaaaaaaaaaa (95 % interval 54.6-68.0 %)"));
        assertThat(plan(second(against(B, A.hex(), 109, 0, 91))))
                .isEqualTo(rejecting(
                        2,
                        "won 54.5 % of 200 games against aaaaaaaaaaaa (95 % interval 47.6-61.3 %); win_rate asks for"
                                + " 55.0 %"));
    }

    @Test
    void aLaterModelsLowerBoundCounts() {
        assertThat(plan(second(against(B, A.hex(), 55, 0, 45))))
                .isEqualTo(rejecting(
                        2,
                        "won 55.0 % of 100 games against aaaaaaaaaaaa (95 % interval 45.2-64.4 %); lower_bound asks for"
                                + " 50.0 %"));
    }

    @Test
    void gamesAreAddedUpFromEitherSideAndADrawIsHalfAWin() {
        Match mine = against(B, A.hex(), 50, 20, 10);
        Match theirs = against(A, B.hex(), 5, 0, 15);
        assertThat(plan(second(mine, theirs)).actions().getFirst().why())
                .startsWith("won 75.0 % of 100 games against aaaaaaaaaaaa");
    }

    @Test
    void tooFewGamesDecideNothing() {
        assertThat(plan(second(against(B, A.hex(), 99, 0, 0))))
                .isEqualTo(rejecting(2, "played 99 games against aaaaaaaaaaaa; games_min asks for 100"));
    }

    @Test
    void gamesAgainstOthersDoNotCount() {
        assertThat(plan(second(against(B, "random", 500, 0, 0))))
                .isEqualTo(rejecting(2, "no games against the current model aaaaaaaaaaaa"));
        assertThat(plan(first(against(A, "greedy", 500, 0, 0)))).isEqualTo(rejecting(1, "no games against random"));
    }

    @Test
    void gamesAgainstAModelThatIsNoLongerCurrentDoNotCount() {
        Story story = second(against(B, A.hex(), 150, 0, 50))
                .and(submit(Spec.job().config(HEX)), place("j7.0.1", "n1"))
                .succeeds("j7.0.1", new Attempt.Stored("model.bin", sha("c"), 5))
                .and(new Command.PromoteModel(HEX, sha("c"), Optional.of(A), 0));
        assertThat(plan(story)).isEqualTo(rejecting(2, "no games against the current model cccccccccccc"));
    }

    @Test
    void aCandidateThatIsCurrentAlreadyIsRejected() {
        Story story = Turn.whole(begun(), 1, "a", Optional.empty());
        Turn.of(story, 2).played(sha("2")).trained(A).evaluated();
        assertThat(plan(story)).isEqualTo(rejecting(2, "identical to the current model"));
    }

    @Test
    void aCandidateThatIsAnotherConfigKeysModelIsRejected() {
        Story story = given(join("n1"), submit(Spec.job().config(SQUARE)), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("model.bin", A, 5))
                .and(new Command.StartLoop(loop(HEX)));
        Turn.of(story, 1).played(sha("1")).trained(A).evaluated(against(A, "random", 99, 0, 1));
        assertThat(plan(story)).isEqualTo(rejecting(1, "identical to a model of square8_2p"));
    }

    @Test
    void aCandidateThatNobodyHoldsAnyMoreIsRejected() {
        Story story = first(against(A, "random", 99, 0, 1)).and(new Command.DropReplica(A, n("n1")));
        assertThat(plan(story)).isEqualTo(rejecting(1, "no node holds the candidate aaaaaaaaaaaa any more"));
    }

    @Test
    void aWinnerIsPromotedOnceASecondNodeHoldsIt() {
        assertThat(plan(won()))
                .isEqualTo(waiting(
                        WON + ", but only n1 holds aaaaaaaaaaaa; it is promoted once 2 nodes that are not silent do;"
                                + " to fetch it: n3 and n2"));
        assertThat(plan(won().and(new Command.ConfirmReplica(A, n("n3"))))).isEqualTo(promoting(FIRST, WON));
    }

    @Test
    void oneCopyIsEnoughWhereOnlyOneNodeIsInService() {
        Story story = won().and(fence("n2"), new Command.RetireNode(n("n3")));
        assertThat(plan(story)).isEqualTo(promoting(FIRST, WON));
    }

    @Test
    void aCopyOnASilentNodeDoesNotCount() {
        Story story = won().and(new Command.ConfirmReplica(A, n("n2")));
        Instant late = START.plusSeconds(15);
        assertThat(plan(story, hearing(late, "n1", "n3"), late))
                .isEqualTo(waiting(
                        WON + ", but only n1 holds aaaaaaaaaaaa; it is promoted once 2 nodes that are not silent do;"
                                + " to fetch it: n3"));
        assertThat(plan(story, hearing(late, "n1", "n2"), late)).isEqualTo(promoting(FIRST, WON));
    }

    @Test
    void aLoserIsRejectedWithoutASecondCopy() {
        Story story = first(against(A, "random", 10, 0, 90)).and(join("n2"));
        assertThat(plan(story).actions())
                .singleElement()
                .satisfies(action ->
                        assertThat(((Action.Propose) action).command()).isInstanceOf(Command.RejectCandidate.class));
    }

    /// Its only holder is gone and does not come back: the loop goes on without it.
    @Test
    void aWinnerWithoutASecondCopyIsRejectedAfterHalfAnHour() {
        Story story = won().and(fence("n1"));
        Instant before = START.plus(Promotion.COPIES_WAIT_MAX).minusMillis(1);
        assertThat(plan(story, hearing(before, "n2", "n3"), before))
                .isEqualTo(waiting(
                        WON + ", but no node in service holds aaaaaaaaaaaa; it is promoted once 2 nodes that are"
                                + " not silent do"));
        Instant then = START.plus(Promotion.COPIES_WAIT_MAX);
        assertThat(plan(story, hearing(then, "n2", "n3"), then))
                .isEqualTo(rejecting(
                        1,
                        WON + ", but no node in service holds aaaaaaaaaaaa after 30m; a promotion asks for 2 copies"));
        assertThat(plan(story, Soft.leadingSince(then), then).actions()).isEmpty();
    }

    @Test
    void aStoppedLoopAwaitsNoVerdict() {
        assertThat(plan(first().and(new Command.StopLoop(HEX)))).isEqualTo(Plan.NOTHING);
        assertThat(plan(begun())).isEqualTo(Plan.NOTHING);
    }
}
