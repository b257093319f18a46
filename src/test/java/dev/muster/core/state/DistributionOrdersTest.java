package dev.muster.core.state;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.Story;
import dev.muster.core.state.Distribution.Standstill;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DistributionOrdersTest {
    private static final Sha256 A = sha("a");
    private static final Sha256 B = sha("b");
    private static final Command COMPLETE = new Command.CompleteDistribution(HEX, A);

    /// n1 holds A and B; A is current.
    private static Story promoted() {
        return given(join("n1"), join("n2"), join("n3"), put(A), put(B), promote(A));
    }

    private static Command put(Sha256 sha) {
        return new Command.PutArtifact(sha, 10, "m.pth", ArtifactKind.MODEL, Optional.of(HEX), n("n1"));
    }

    private static Command promote(Sha256 sha, Sha256... expected) {
        return new Command.PromoteModel(HEX, sha, List.of(expected).stream().findFirst(), 0);
    }

    private static Command came(Sha256 sha, String node, long bytes, String transport) {
        return new Command.ConfirmReplica(sha, n(node), Optional.of(new Transfer(bytes, 250, transport, 2)));
    }

    private static Distribution current(Story story) {
        return story.state().models().distributions().require(HEX);
    }

    private static Command.ReportStandstill still(Standstill what, Instant... last) {
        return new Command.ReportStandstill(
                HEX,
                A,
                what,
                1,
                List.of(new Lack(n("n3"), "disk full: 1")),
                List.of(last).stream().findFirst());
    }

    @Test
    void whatLacksTheFileAfterItWasCompleteIsToldAndItsEndLeavesTheFirstOneStanding() {
        Story story = promoted()
                .when(still(Standstill.LACKING))
                .refused(Code.STALE)
                .and(COMPLETE)
                .when(still(Standstill.INCOMPLETE))
                .refused(Code.STALE);
        Instant complete = story.now();
        story.when(COMPLETE).then();
        story.after(Duration.ofHours(1))
                .when(still(Standstill.LACKING))
                .then(new Event.DistributionIncomplete(HEX, A, 1, List.of(new Lack(n("n3"), "disk full: 1"))));
        assertThat(current(story).lacking()).isTrue();
        assertThat(current(story).standsStill()).as("no loop waits for it").isFalse();
        story.after(Duration.ofHours(1))
                .when(COMPLETE)
                .then(new Event.ModelDistributionComplete(HEX, A, List.of(n("n1")), Optional.empty()));
        assertThat(current(story).lacking()).isFalse();
        assertThat(current(story).completedAt()).contains(complete);
        story.when(COMPLETE).then();
    }

    @Test
    void whatReceiptsTellIsCountedUntilItIsComplete() {
        Story story = promoted()
                .after(Duration.ofSeconds(2))
                .and(came(A, "n2", 4, "swarm"), came(A, "n3", 10, "http"), came(B, "n2", 10, "http"));
        Distribution.Way way = current(story).way().orElseThrow();
        assertThat(way.bytes()).isEqualTo(14);
        assertThat(way.fetched()).isEqualTo(2);
        assertThat(way.transports())
                .isEqualTo(Table.<String, Integer>empty().with("http", 1).with("swarm", 1));
        assertThat(way.arrivals().require(n("n2"))).isEqualTo(new Transfer(4, 250, "swarm", 2));
        story.when(COMPLETE)
                .then(new Event.ModelDistributionComplete(
                        HEX, A, List.of(n("n1"), n("n2"), n("n3")), Optional.of(new Event.Moved(2000, 2, 14))));
        assertThat(current(story).took()).contains(Duration.ofSeconds(2));
        assertThat(current(story).way().orElseThrow().nodes()).isEqualTo(3);

        story.and(join("n4"), came(A, "n4", 10, "http"));
        assertThat(current(story).way().orElseThrow().bytes()).as("a latecomer").isEqualTo(14);
    }

    @Test
    void aReceiptThatDoesNotSayHowTheFileCameCountsNoBytes() {
        Story story = promoted().and(new Command.ConfirmReplica(A, n("n2")), new Command.ConfirmReplica(A, n("n3")));
        story.when(COMPLETE)
                .then(new Event.ModelDistributionComplete(
                        HEX, A, List.of(n("n1"), n("n2"), n("n3")), Optional.of(new Event.Moved(0, 0, 0))));
    }

    @Test
    void earlierOnesAreKeptAndTheOldestOnlyInTotals() {
        Story story = promoted().and(came(A, "n2", 10, "swarm"));
        Sha256 last = A;
        for (int turn = 0; turn < 5; turn++) {
            Sha256 next = last.equals(A) ? B : A;
            story.after(Duration.ofMinutes(1)).and(promote(next, last));
            last = next;
        }
        List<Distribution> all = story.state().models().distributionsOf(HEX);
        assertThat(all).hasSize(6);
        assertThat(all.getFirst().way().orElseThrow().bytes()).isEqualTo(10);
        assertThat(all.getFirst().way().orElseThrow().arrivals().isEmpty()).isTrue();
        assertThat(all.getLast()).isEqualTo(current(story));
    }

    @Test
    void oneThatWasOvertakenIsToldOnce() {
        Story story = promoted().after(Duration.ofSeconds(3)).and(promote(B, A));
        Command supersede = new Command.SupersedeDistribution(HEX, 1);
        story.when(supersede)
                .then(new Event.ModelDistributionSuperseded(HEX, A, 1, 1, B))
                .when(supersede)
                .changesNothing()
                .when(new Command.SupersedeDistribution(HEX, 2))
                .refused(Code.NOT_FOUND)
                .when(COMPLETE)
                .refused(Code.STALE);
        assertThat(story.state().models().distributionsOf(HEX).getFirst().supersededAt())
                .contains(story.now());
    }

    @Test
    void aCompleteOneIsNotOvertaken() {
        promoted()
                .and(COMPLETE, promote(B, A))
                .when(new Command.SupersedeDistribution(HEX, 1))
                .changesNothing();
    }

    @Test
    void aStandstillIsToldOnceForEachThatTheLeaderKnewBefore() {
        Story story = promoted().after(Duration.ofMinutes(3));
        story.when(still(Standstill.INCOMPLETE))
                .then(new Event.DistributionIncomplete(HEX, A, 1, List.of(new Lack(n("n3"), "disk full: 1"))))
                .when(still(Standstill.INCOMPLETE))
                .changesNothing();
        assertThat(current(story).told())
                .contains(new Distribution.Told(Standstill.INCOMPLETE, story.now(), List.of(n("n3")), 1));
        Instant last = story.now();
        story.after(Duration.ofMinutes(3))
                .when(still(Standstill.FAILED, last))
                .then(new Event.ModelDistributionFailed(HEX, A, 1, List.of(new Lack(n("n3"), "disk full: 1"))))
                .and(COMPLETE)
                .when(still(Standstill.FAILED, last))
                .refused(Code.STALE);
    }

    @Test
    void aSourceIsStruckOnceAnHourForEachFile() {
        Command strike = new Command.StrikeSource(A, n("n1"), 3);
        Story story = promoted()
                .when(strike)
                .then(new Event.SourceStruck(A, n("n1"), 3))
                .when(strike)
                .changesNothing()
                .when(new Command.StrikeSource(sha("c"), n("n1"), 3))
                .refused(Code.NOT_FOUND)
                .when(new Command.StrikeSource(A, n("n9"), 3))
                .refused(Code.NOT_FOUND);
        story.after(Duration.ofMinutes(40)).and(new Command.StrikeSource(B, n("n1"), 3));
        assertThat(story.state().files().strikes().size()).isEqualTo(2);
        story.after(Duration.ofMinutes(30))
                .when(new Command.StrikeSource(B, n("n2"), 4))
                .then(new Event.SourceStruck(B, n("n2"), 4));
        assertThat(story.state().files().strike(A, n("n1")))
                .as("older than an hour")
                .isEmpty();
        assertThat(story.state().files().strike(B, n("n1"))).isPresent();
        story.when(strike).then(new Event.SourceStruck(A, n("n1"), 3));
    }

    @Test
    void aTransferIsMadeOfPlausibleFigures() {
        assertThatThrownBy(() -> new Transfer(-1, 0, "http", 1)).hasMessageContaining("0 or more");
        assertThatThrownBy(() -> new Transfer(1, 0, "", 1)).hasMessageContaining("transport's word");
    }

    @Test
    void aReasonIsShortInAListAndWholeByItself() {
        assertThat(new Lack(n("n1"), "disk full: expected 5 bytes").brief()).isEqualTo("disk full");
        assertThat(Lack.brief("x".repeat(80))).hasSize(60).endsWith("x…");
        assertThat(new Lack(n("n1"), "y".repeat(500)).why()).hasSize(200);
    }
}
