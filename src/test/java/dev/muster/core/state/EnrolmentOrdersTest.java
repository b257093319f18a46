package dev.muster.core.state;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.joined;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EnrolmentOrdersTest {
    private static final Sha256 SECRET = new Sha256("ab".repeat(32));
    private static final Sha256 OTHER = new Sha256("cd".repeat(32));
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Command.EnrolNode ENROL = new Command.EnrolNode(n("n7"), SECRET);

    private static Command.MintToken mint(String node, Sha256 token) {
        return new Command.MintToken(n(node), token, Optional.empty(), false, HOUR);
    }

    @Test
    void aTokenIsGoodForOnceAndARetryOfThatOnceIsAnsweredAlike() {
        given(mint("n7", SECRET))
                .when("e1", ENROL)
                .then(new Event.NodeEnrolled(n("n7")))
                .when("e1", ENROL)
                .changesNothing()
                .when("e2", ENROL)
                .refused(Code.CONFLICT, "was used at 2026-01-01T00:00:00Z");
    }

    @Test
    void anExpiredTokenIsRefusedByTheLogsClock() {
        given(mint("n7", SECRET))
                .after(HOUR.minusMillis(1))
                .when(mint("n8", OTHER))
                .after(Duration.ofMillis(1))
                .when(ENROL)
                .refused(Code.STALE, "expired at 2026-01-01T01:00:00Z; `muster cluster token --for n7` makes one");
    }

    @Test
    void aTokenIsGoodForItsNameOnly() {
        given(mint("n7", SECRET))
                .when(new Command.EnrolNode(n("n8"), SECRET))
                .refused(Code.CONFLICT, "expected the token to be for n8, but it is for n7");
    }

    @Test
    void whatNobodyGaveIsUnknown() {
        given(mint("n7", SECRET))
                .when(new Command.EnrolNode(n("n7"), OTHER))
                .refused(Code.NOT_FOUND, "`muster cluster token --for n7`");
    }

    @Test
    void aNewTokenTakesTheOldOnesPlaceAndARevokedOneIsWorthNothing() {
        given(mint("n7", SECRET), mint("n7", OTHER))
                .when(ENROL)
                .refused(Code.NOT_FOUND)
                .when(new Command.RevokeToken(n("n7")))
                .then(new Event.TokenRevoked(n("n7")))
                .when(new Command.EnrolNode(n("n7"), OTHER))
                .refused(Code.NOT_FOUND)
                .when(new Command.RevokeToken(n("n7")))
                .refused(Code.NOT_FOUND);
    }

    @Test
    void thereIsNoTokenForANameThatIsTakenNorForNoTimeNorForWeeks() {
        given(join("n7"))
                .when(mint("n7", SECRET))
                .refused(Code.CONFLICT, "muster node remove n7")
                .when(new Command.MintToken(n("n8"), SECRET, Optional.empty(), false, Duration.ofSeconds(59)))
                .refused(Code.INVALID, "60s to 168h, but found 59s")
                .when(new Command.MintToken(n("n8"), SECRET, Optional.empty(), false, Duration.ofDays(8)))
                .refused(Code.INVALID);
    }

    @Test
    void aNodeThatJoinedByTheClustersOwnTokenNeedsNone() {
        given(mint("n7", SECRET), join("n7")).when(ENROL).refused(Code.NOT_FOUND);
    }

    @Test
    void aNodeJoinsWithTheRoleItsTokenIsFor() {
        Command.MintToken bound = new Command.MintToken(n("n7"), SECRET, Optional.of(Role.TRAINING), false, HOUR);
        Command.JoinNode right = join("n7", Role.TRAINING, Hardware.cpus(1, Bytes.gib(1)), 1);
        given(bound, ENROL)
                .when(join("n7", Role.MIXED, Hardware.cpus(1, Bytes.gib(1)), 1))
                .refused(Code.CONFLICT, "expected n7 to join as TRAINING, as its token says, but it joins as MIXED")
                .when(right)
                .then(joined(right))
                // Once it is a node, people decide.
                .and(join("n7", Role.MIXED, Hardware.cpus(1, Bytes.gib(1)), 1));
    }

    @Test
    void aVotersTokenMakesItAVoterWhenItJoinsForTheFirstTime() {
        Story story = given(new Command.MintToken(n("n7"), SECRET, Optional.empty(), true, HOUR), ENROL);
        story.when(join("n7")).then(joined(join("n7")), new Event.VoterWanted(n("n7")));
        assertThat(story.state().fleet().enrolments().size()).isZero();
        story.when(join("n7")).changesNothing();
    }

    @Test
    void unusedTokensAreLimitedAndThoseThatAreOverMakeRoom() {
        Story story = given().unchecked();
        for (int i = 0; i < Enrolment.ENROLMENTS_MAX; i++)
            story.and(mint("m" + i, new Sha256(String.format("%064x", i))));
        story.when(mint("n7", SECRET)).refused(Code.FULL, "muster cluster tokens");
        story.and(mint("m0", OTHER)); // replaces its own
        story.after(HOUR).and(mint("n7", SECRET));
        Table<NodeId, Enrolment> kept = story.state().fleet().enrolments();
        assertThat(kept.size()).isLessThanOrEqualTo(Enrolment.ENROLMENTS_MAX);
        assertThat(kept.has(n("n7"))).isTrue();
    }

    @Test
    void aTokenThatIsOverIsForgottenAfterADay() {
        Story story = given(mint("n7", SECRET), ENROL)
                .after(Enrolment.OVER_KEPT.minusSeconds(1))
                .and(mint("n8", OTHER));
        assertThat(story.state().fleet().enrolments().has(n("n7"))).isTrue();
        story.after(Duration.ofSeconds(1)).and(mint("n9", new Sha256("ef".repeat(32))));
        assertThat(story.state().fleet().enrolments().keys()).doesNotContain(n("n7"));
    }
}
