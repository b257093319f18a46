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
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
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
        return new Plan(List.of(new Action.Propose(COMPLETE, "all " + nodes + " nodes hold aaaaaaaaaaaa")), List.of());
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
        assertThat(Distributor.decide(promoted().state(), soft, Policy.DEFAULT, START.plusSeconds(20)))
                .isEqualTo(complete(1));
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
}
