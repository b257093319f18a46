package dev.muster.core.distribute;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.Distribution.Standstill;
import dev.muster.core.state.Lack;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Transfer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DistributorTest {
    private static final Command COMPLETE = new Command.CompleteDistribution(HEX, sha("a"));

    /// Model A is on n1 and current; n2 and n3 do not have it.
    private static Story promoted() {
        return given(join("n1"), join("n2"), join("n3"), submit(Spec.job().config(HEX)), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("model.bin", sha("a"), 5))
                .and(new Command.PromoteModel(HEX, sha("a"), Optional.empty(), 0));
    }

    private static Plan plan(Story story) {
        return Distributor.decide(story.state(), Soft.leadingSince(START), Policy.DEFAULT, START);
    }

    private static Command holds(String node) {
        return new Command.ConfirmReplica(sha("a"), n(node));
    }

    private static Plan waiting(String message) {
        return new Plan(List.of(), List.of(new Wait("hex8_2p", Wait.Reason.REPLICAS, message)));
    }

    private static Plan complete(int nodes) {
        return new Plan(
                List.of(new Action.Propose(
                        COMPLETE, "all " + nodes + " nodes hold aaaaaaaaaaaa after 0s; nothing had to be sent")),
                List.of());
    }

    @Test
    void itIsCompleteWhenEveryNodeHoldsTheFile() {
        Story story = promoted();
        assertThat(plan(story)).isEqualTo(waiting("1 of 3 nodes hold aaaaaaaaaaaa; missing: n2, n3"));
        story.and(holds("n2"));
        assertThat(plan(story)).isEqualTo(waiting("2 of 3 nodes hold aaaaaaaaaaaa; missing: n3"));
        story.and(holds("n3"));
        assertThat(plan(story)).isEqualTo(complete(3));
        assertThat(plan(story.and(COMPLETE))).isEqualTo(Plan.NOTHING);
    }

    @Test
    void drainingNodesCountAndFencedAndRetiredOnesDoNot() {
        Story story = promoted().and(new Command.DrainNode(n("n2")), fence("n3"));
        assertThat(plan(story)).isEqualTo(waiting("1 of 2 nodes hold aaaaaaaaaaaa; missing: n2"));
        assertThat(plan(story.and(new Command.RetireNode(n("n2"))))).isEqualTo(complete(1));
    }

    @Test
    void aSuspectNodeIsNotWaitedFor() {
        Soft soft = Soft.leadingSince(START)
                .withHeard(n("n1"), new Soft.Heard(START.plusSeconds(20), 1, Set.of(), Soft.Telemetry.UNKNOWN));
        assertThat(Distributor.decide(promoted().state(), soft, Policy.DEFAULT, START.plusSeconds(20))
                        .actions())
                .extracting(action -> ((Action.Propose) action).command())
                .containsExactly(COMPLETE);
    }

    @Test
    void aNodeThatCannotPutTheFileInPlaceDoesNotHaveTheModel() {
        Story story = promoted().and(holds("n2"), holds("n3"));
        String why = "links not written: permission denied in models";
        Instant at = START.plusSeconds(1);

        Plan plan = Distributor.decide(story.state(), heard(at, why, ""), Policy.DEFAULT, at);
        assertThat(plan).isEqualTo(waiting("2 of 3 nodes hold aaaaaaaaaaaa; missing: n2 (" + why + ")"));

        Instant later = START.plus(PATIENCE).plusSeconds(1);
        Plan told = Distributor.decide(story.state(), heard(later, why, ""), Policy.DEFAULT, later);
        assertThat(told.actions())
                .extracting(action -> ((Action.Propose) action).command())
                .singleElement()
                .isInstanceOfSatisfying(Command.ReportStandstill.class, still -> {
                    assertThat(still.what()).isEqualTo(Standstill.INCOMPLETE);
                    assertThat(still.lacking()).containsExactly(new Lack(n("n2"), why));
                });

        assertThat(Distributor.decide(story.state(), heard(later, "", ""), Policy.DEFAULT, later)
                        .actions())
                .extracting(action -> ((Action.Propose) action).command())
                .containsExactly(COMPLETE);
    }

    @Test
    void whileNobodyIsHeardItIsNotComplete() {
        Plan plan =
                Distributor.decide(promoted().state(), Soft.leadingSince(START), Policy.DEFAULT, START.plusSeconds(20));
        assertThat(plan).isEqualTo(waiting("0 of 0 nodes hold aaaaaaaaaaaa; missing: "));
    }

    @Test
    void manyMissingNodesAreCounted() {
        Story story = promoted();
        for (int i = 10; i < 20; i++) story.and(join("n" + i));
        assertThat(plan(story))
                .isEqualTo(
                        waiting("1 of 13 nodes hold aaaaaaaaaaaa; missing: n10, n11, n12, n13, n14, n15, n16, n17 and 4"
                                + " more"));
    }

    // ---- what stands still

    private static final Duration PATIENCE = Policy.DEFAULT.distributionPatience();

    /// All three were just heard, and n2 and n3 wait for the file.
    private static Soft heard(Instant at, String n2, String n3) {
        return Soft.leadingSince(START)
                .withHeard(n("n1"), news(at, Table.empty()))
                .withHeard(n("n2"), news(at, Table.<Sha256, String>empty().with(sha("a"), n2)))
                .withHeard(n("n3"), news(at, Table.<Sha256, String>empty().with(sha("a"), n3)));
    }

    private static Soft.Heard news(Instant at, Table<Sha256, String> awaited) {
        return new Soft.Heard(at, 1, Set.of(), Soft.Telemetry.UNKNOWN, awaited);
    }

    private static List<Action> actions(Story story, Soft soft, Instant now) {
        return Distributor.decide(story.state(), soft, Policy.DEFAULT, now).actions();
    }

    private static Command.ReportStandstill still(Standstill what, List<Lack> lacking, Optional<Instant> last) {
        return new Command.ReportStandstill(HEX, sha("a"), what, lacking.size(), lacking, last);
    }

    @Test
    void aNodeWhoseDiskIsFullIsNamedOnceThereWasNoNewCopyForTwoMinutes() {
        Story story = promoted().after(Duration.ofSeconds(30)).and(holds("n2"));
        Instant due = story.now().plus(PATIENCE);
        Soft soft = heard(due, "", "disk full: expected 5 bytes");
        assertThat(actions(story, soft, due.minusSeconds(1))).isEmpty();

        Command told = still(
                Standstill.INCOMPLETE, List.of(new Lack(n("n3"), "disk full: expected 5 bytes")), Optional.empty());
        assertThat(actions(story, soft, due))
                .containsExactly(new Action.Propose(told, "2 of 3 nodes hold aaaaaaaaaaaa; n3: disk full"));
        assertThat(Distributor.decide(story.state(), soft, Policy.DEFAULT, due).waits())
                .extracting(Wait::message)
                .containsExactly("2 of 3 nodes hold aaaaaaaaaaaa; missing: n3 (disk full)");

        story.after(PATIENCE).and(told);
        assertThat(actions(story, heard(due.plusSeconds(300), "", "disk full: x"), due.plusSeconds(300)))
                .as("said already")
                .isEmpty();
        Instant later = due.plus(Standing.REPEAT);
        assertThat(actions(story, heard(later, "", "disk full: x"), later)).hasSize(1);
    }

    @Test
    void whenOthersLackItThatIsSaidToo() {
        Story story = promoted().after(PATIENCE);
        Instant first = story.now();
        story.and(still(Standstill.INCOMPLETE, List.of(new Lack(n("n3"), "disk full: x")), Optional.empty()));
        Instant soon = first.plusSeconds(60);
        assertThat(actions(story, heard(soon, "unreachable", "disk full: x"), soon))
                .isEmpty();
        Instant due = first.plus(PATIENCE);
        assertThat(actions(story, heard(due, "no route", "disk full: x"), due))
                .containsExactly(new Action.Propose(
                        still(
                                Standstill.INCOMPLETE,
                                List.of(new Lack(n("n2"), "no route"), new Lack(n("n3"), "disk full: x")),
                                Optional.of(first)),
                        "1 of 3 nodes hold aaaaaaaaaaaa; n2: no route, n3: disk full"));
    }

    @Test
    void aNodeThatDoesNotGetItAfterItWasCompleteIsToldOnceAndItsEndToo() {
        Story story = promoted().and(holds("n2"), COMPLETE).after(Duration.ofHours(2));
        Instant back = story.now();
        Soft soft = heard(back, "", "disk full: x");
        assertThat(actions(story, soft, back)).as("it has just come back").isEmpty();
        assertThat(Distributor.decide(story.state(), soft, Policy.DEFAULT, back).waits())
                .extracting(Wait::message)
                .containsExactly("2 of 3 nodes hold aaaaaaaaaaaa; missing: n3 (disk full)");
        for (int s = 30; s <= 120; s += 30)
            soft = soft.withHeard(
                            n("n3"),
                            news(
                                    back.plusSeconds(s),
                                    Table.<Sha256, String>empty().with(sha("a"), "disk full: x")))
                    .withHeard(n("n1"), news(back.plusSeconds(s), Table.empty()))
                    .withHeard(n("n2"), news(back.plusSeconds(s), Table.empty()));
        Instant due = back.plus(PATIENCE);
        assertThat(actions(story, soft, due.minusSeconds(1))).isEmpty();
        Command told = still(Standstill.LACKING, List.of(new Lack(n("n3"), "disk full: x")), Optional.empty());
        assertThat(actions(story, soft, due))
                .containsExactly(new Action.Propose(told, "2 of 3 nodes hold aaaaaaaaaaaa; n3: disk full"));
        story.after(PATIENCE).and(told);
        assertThat(actions(story, soft, due)).as("said already").isEmpty();

        Soft silent = Soft.leadingSince(START)
                .withHeard(n("n1"), news(due, Table.empty()))
                .withHeard(n("n2"), news(due, Table.empty()));
        assertThat(actions(story, silent, due)).as("n3 is silent, and lacks it").isEmpty();
        story.and(holds("n3"));
        assertThat(actions(story, soft, due))
                .as("n3 holds it, and cannot place it")
                .isEmpty();
        Soft well = soft.withHeard(n("n3"), news(due, Table.empty()));
        assertThat(actions(story, well, due))
                .containsExactly(new Action.Propose(COMPLETE, "all 3 nodes hold aaaaaaaaaaaa again"));
        assertThat(actions(story.and(COMPLETE), well, due)).isEmpty();
    }

    @Test
    void aLargeFileThatIsStillOnItsWayIsNoStandstill() {
        Instant late = START.plus(Duration.ofHours(1));
        assertThat(actions(promoted(), heard(late, "", ""), late)).isEmpty();
    }

    @Test
    void aNewLeaderListensBeforeItSpeaks() {
        Instant late = START.plus(Duration.ofHours(1));
        Soft fresh = Soft.leadingSince(late.minusSeconds(5));
        assertThat(actions(promoted(), fresh, late)).isEmpty();
        assertThat(actions(promoted(), heard(late, "", "disk full: x"), late)).hasSize(1);
    }

    @Test
    void whenNobodyWhoHoldsItIsThereItFailsAndGoesOnWhenOneComesBack() {
        Story story = promoted().and(fence("n1"));
        Instant late = START.plus(PATIENCE);
        Soft soft = Soft.leadingSince(START)
                .withHeard(n("n2"), news(late, Table.empty()))
                .withHeard(n("n3"), news(late, Table.empty()));
        List<Lack> lacking = List.of(new Lack(n("n2"), "no word why"), new Lack(n("n3"), "no word why"));
        Command failed = still(Standstill.FAILED, lacking, Optional.empty());
        assertThat(actions(story, soft, late.minusSeconds(1))).isEmpty();
        assertThat(actions(story, soft, late))
                .containsExactly(new Action.Propose(
                        failed,
                        "nobody who holds aaaaaaaaaaaa is there: n1; start one of them, put the file again, or roll"
                                + " back"));
        story.after(PATIENCE).and(failed).after(Duration.ofMinutes(3));
        Instant back = story.now();
        assertThat(actions(story, heard(back, "", ""), back))
                .as("heard, and still fenced")
                .isEmpty();
        story.and(new Command.ReadmitNode(n("n1")));
        assertThat(actions(story, heard(back, "no", "no"), back))
                .as("others need a moment")
                .isEmpty();
        assertThat(actions(story, heard(back.plus(PATIENCE), "no", "no"), back.plus(PATIENCE)))
                .hasSize(1);
    }

    @Test
    void oneThatAnotherFileOvertookIsTold() {
        Story story = promoted()
                .and(
                        new Command.PutArtifact(sha("b"), 5, "b.pth", ArtifactKind.MODEL, Optional.of(HEX), n("n1")),
                        new Command.PromoteModel(HEX, sha("b"), Optional.of(sha("a")), 0));
        Command supersede = new Command.SupersedeDistribution(HEX, 1);
        assertThat(actions(story, Soft.leadingSince(START), START))
                .containsExactly(new Action.Propose(supersede, "bbbbbbbbbbbb took its place while it was on its way"));
        assertThat(actions(story.and(supersede), Soft.leadingSince(START), START))
                .isEmpty();
    }

    @Test
    void theEndSaysHowLongItTookAndWhatWentOverTheNetwork() {
        Story story = promoted().after(Duration.ofMillis(12_300));
        for (String node : List.of("n2", "n3"))
            story.and(new Command.ConfirmReplica(sha("a"), n(node), Optional.of(new Transfer(4, 900, "swarm", 1))));
        Plan plan = Distributor.decide(story.state(), Soft.leadingSince(story.now()), Policy.DEFAULT, story.now());
        assertThat(plan.actions())
                .containsExactly(new Action.Propose(
                        COMPLETE,
                        "all 3 nodes hold aaaaaaaaaaaa after 12.3s; 2 fetched 8B, 0.80 of its size each, by swarm"));
    }

    // ---- sources of damaged chunks

    @Test
    void aStruckSourceIsToldOnceAnHour() {
        Table<Sha256, Table<NodeId, Integer>> strikes = Table.<Sha256, Table<NodeId, Integer>>empty()
                .with(sha("a"), Table.<NodeId, Integer>empty().with(n("n1"), 3))
                .with(sha("f"), Table.<NodeId, Integer>empty().with(n("n1"), 3));
        Soft soft = Soft.leadingSince(START).withStrikes(strikes);
        Command strike = new Command.StrikeSource(sha("a"), n("n1"), 3);
        Story story = promoted();
        assertThat(actions(story, soft, START))
                .extracting(action -> ((Action.Propose) action).command())
                .as("of the file that is known")
                .containsExactly(strike);
        assertThat(actions(story.and(strike), soft, START)).isEmpty();
    }
}
