package dev.muster.core.keepalive;

import static dev.muster.core.Orders.n;
import static dev.muster.core.Rents.bid;
import static dev.muster.core.Rents.end;
import static dev.muster.core.Rents.grouped;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.today;
import static dev.muster.core.Rents.usd;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.keepalive.KeeperTest.as;
import static dev.muster.core.keepalive.KeeperTest.at;
import static dev.muster.core.keepalive.KeeperTest.deeds;
import static dev.muster.core.keepalive.KeeperTest.done;
import static dev.muster.core.keepalive.KeeperTest.failed;
import static dev.muster.core.keepalive.KeeperTest.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.Rented;
import dev.muster.core.scale.GroupQuery;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.Observed;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What is bid for a machine that is outbid, and when it is given up.
class OutbidTest {
    /// Its disk costs a cent, its traffic three.
    private static Story outbid(String bid, String perHour) {
        return given(
                new Command.AnnounceLeader(n("n1"), 1),
                grouped("g", 5),
                order(bid(bid, perHour), "g"),
                sight(1, "77", Observed.PREEMPTED));
    }

    /// Its account has credit.
    private static Soft sees(Instant at, Rented... rows) {
        Soft soft = KeeperTest.sees(at, rows);
        return soft.withRenting(soft.renting().asked("vast", true, at, at));
    }

    private static Errand bidding(String bid) {
        return new Errand.Bid(i(1), usd(bid));
    }

    private static Command raise(String bid) {
        return new Command.RaiseBid(i(1), usd(bid), today(START));
    }

    /// An equal machine is to be had at that price.
    private static Soft offered(Soft soft, Instant at, String perHour) {
        Group group = ((Command.SetGroup) grouped("g", 5)).group();
        OfferQuery query = GroupQuery.of(group);
        OfferQuery.Selection selection = new OfferQuery.Selection(List.of(offer(perHour)), 1, List.of());
        return soft.withRenting(soft.renting().found("g", new Renting.Found(at, query, selection)));
    }

    private static Offer offer(String perHour) {
        Price price = new Price(usd(perHour), usd("0"), usd("0"), usd("0"), Optional.empty());
        return new Offer(
                "vast",
                "o9",
                "m9",
                "h9",
                new Offer.Gpus("RTX 3070", 1, 8_192),
                new Offer.Box(8, 32_000, 100, 4),
                new Offer.Terms(OptionalDouble.of(0.99), true, "", Optional.empty()),
                price,
                new TreeMap<>());
    }

    @Test
    void whatAnEqualMachineCostsIsAskedBeforeMoreIsBid() {
        Soft soft = sees(START, as(Observed.PREEMPTED));
        assertThat(deeds(outbid("0.10", "0.14"), soft, START)).singleElement().isInstanceOf(Errand.FindOffers.class);
    }

    @Test
    void noMoreIsBidThanAnEqualMachineCosts() {
        Soft soft = sees(START, as(Observed.PREEMPTED));
        assertThat(deeds(outbid("0.10", "0.14"), offered(soft, START, "0.15"), START))
                .containsExactly(raise("0.11"));
        Plan plan = plan(outbid("0.10", "0.14"), offered(soft, START, "0.12"), START);
        assertThat(deeds(plan)).containsExactly(end(1));
        assertThat(plan.waits().getFirst().message())
                .isEqualTo(
                        "is outbid for 0s: an equal machine costs $0.12 per hour, no more than this one, $0.14, each with its"
                                + " disk and traffic; it is ended");
    }

    @Test
    void anOutbidMachineIsBidForAgainAndItsBidRaised() {
        Soft soft = offered(sees(START, as(Observed.PREEMPTED)), START, "0.40");
        assertThat(deeds(outbid("0.10", "0.14"), soft, START)).as("at once").containsExactly(raise("0.125"));
        Story story = outbid("0.10", "0.14").and(raise("0.125"));
        assertThat(deeds(story, soft, START)).as("what is in the log").containsExactly(bidding("0.125"));
        Soft made = done(soft, bidding("0.125"), START);
        assertThat(deeds(story, made, at(59))).isEmpty();
        assertThat(deeds(story, offered(made, at(60), "0.40"), at(60))).containsExactly(raise("0.15625"));
        Soft no = failed(soft, bidding("0.125"), START, "HTTP 500");
        assertThat(deeds(story, no, at(60))).containsExactly(bidding("0.125"));
    }

    @Test
    void aBidIsRaisedUpToWhatTheGroupPaysForAMachineWithItsDiskAndTraffic() {
        Soft soft = offered(sees(START, as(Observed.PREEMPTED)), START, "0.60");
        assertThat(deeds(outbid("0.45", "0.49"), soft, at(60))).containsExactly(raise("0.46"));
        assertThat(deeds(outbid("0.46", "0.50"), soft, at(60))).containsExactly(bidding("0.46"));
    }

    @Test
    void aPersonsMachineIsBidForAsThatPersonDidAndNoHigher() {
        Story own = given(order(bid("0.10", "0.14")), sight(1, "77", Observed.PREEMPTED));
        Soft never = sees(at(90_000), as(Observed.PREEMPTED));
        assertThat(deeds(own, never, at(90_000))).containsExactly(bidding("0.10"));
        Soft made = done(never, bidding("0.10"), START);
        assertThat(deeds(own, made, at(90_000))).isEmpty();
    }

    @Test
    void anOutbidMachineIsReplacedAfterItsTime() {
        Story story = outbid("0.46", "0.50");
        Soft made = done(sees(at(599), as(Observed.PREEMPTED)), bidding("0.46"), at(598));
        assertThat(deeds(story, made, at(599))).isEmpty();
        Plan plan = plan(story, sees(at(600), as(Observed.PREEMPTED)), at(600));
        assertThat(deeds(plan)).containsExactly(end(1));
        assertThat(plan.waits().getFirst().message())
                .isEqualTo(
                        "is outbid for 10m: the group's price cap of $0.50 leaves no room for a higher bid; it is ended");
    }
}
