package dev.muster.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.muster.market.Answer.Reason;
import dev.muster.market.Happening.Cause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/// What is known of the real market, fact by fact.
class MarketTest {
    private final Bench bench = Bench.calm();
    private final Market market = bench.market;

    @Test
    void anInstanceGoesFromProvisioningOverCreatedAndLoadingToRunning() {
        long id = bench.rent(Order.of(bench.single().ask()));
        List<String> seen = new ArrayList<>(List.of(bench.at(id).actual().orElse("null")));
        bench.until(Duration.ofMinutes(20), now -> {
            String actual = bench.at(id).actual().orElse("null");
            if (!seen.getLast().equals(actual)) seen.add(actual);
            return bench.at(id).isUp();
        });
        assertThat(seen).containsExactly("null", "created", "loading", "running");
        assertThat(bench.at(id).message()).hasValue("success, running pytorch/pytorch/ssh");
        assertThat(bench.happened)
                .extracting(Object::getClass)
                .asString()
                .contains("Created")
                .contains("Booted");
    }

    @Test
    void aRentedOfferAndAllThatShareItsGpusAreGoneAndComeBackOnDestroy() {
        Offer whole = bench.offer(offer -> offer.gpus() == offer.machine().gpus() && offer.gpus() >= 4);
        long id = bench.rent(Order.of(whole.ask()));
        assertThat(market.offers().stream()
                        .filter(offer ->
                                offer.machine().machineId() == whole.machine().machineId()))
                .noneMatch(Offer::rentable);
        assertThat(reason(market.create(Order.of(whole.ask())))).isEqualTo(Reason.ASK_GONE);
        market.destroy(id);
        assertThat(offer(whole.ask()).rentable()).isTrue();
        assertThat(market.instance(id)).isEmpty();
    }

    @Test
    void anOfferThatNeverWasIsToldFromOneThatIsGone() {
        assertThat(market.create(Order.of(1))).isInstanceOfSatisfying(Answer.Refused.class, no -> {
            assertThat(no.reason()).isEqualTo(Reason.NO_SUCH_ASK);
            assertThat(no.message()).contains("no_such_ask Instance type by id 1 is not available");
        });
    }

    @Test
    void stopFreesTheGpusAndKeepsTheDisk() {
        Offer offer = bench.single();
        long id = up(bench.rent(Order.of(offer.ask()).withDisk(100)));
        market.stop(id);
        Instance stopping = bench.at(id);
        assertThat(stopping.actual()).hasValue("running");
        assertThat(stopping.intended()).isEqualTo("stopped");
        bench.pass(Duration.ofSeconds(10));
        Instance stopped = bench.at(id);
        assertThat(List.of(stopped.actual().orElse(""), stopped.intended(), stopped.cur(), stopped.next()))
                .containsExactly("exited", "stopped", "stopped", "stopped");
        assertThat(stopped.gpuNow()).isEqualTo(Usd.ZERO);
        assertThat(stopped.diskNow()).isEqualTo(stopped.diskPerHour());
        assertThat(offer(offer.ask()).rentable()).isTrue();
        assertThat(bench.happened(Happening.Halted.class))
                .extracting(Happening.Halted::cause)
                .containsExactly(Cause.ASKED);
    }

    @Test
    void aStartWhoseGpusAreTakenIsQueuedAndBeginsWhenTheyAreFree() {
        long id = up(bench.rent(Order.of(bench.single().ask())));
        market.stop(id);
        bench.pass(Duration.ofMinutes(1));
        market.faults().outbid(id, 2);
        assertThat(market.start(id)).isEqualTo(new Answer.Queued(id));
        Instance queued = bench.at(id);
        assertThat(queued.cur()).isEqualTo("stopped");
        assertThat(queued.intended()).isEqualTo("running");
        bench.pass(Duration.ofMinutes(115));
        assertThat(bench.at(id).isUp()).isFalse();
        bench.pass(Duration.ofMinutes(20));
        assertThat(bench.at(id).isUp()).isTrue();
    }

    @Test
    void stoppingWhatIsQueuedCancelsIt() {
        long id = up(bench.rent(Order.of(bench.single().ask())));
        market.stop(id);
        bench.pass(Duration.ofMinutes(1));
        market.faults().outbid(id, 1);
        market.start(id);
        market.stop(id);
        bench.pass(Duration.ofHours(3));
        assertThat(bench.at(id).actual()).hasValue("exited");
        assertThat(bench.at(id).cur()).isEqualTo("stopped");
    }

    @Test
    void afterAStartTheHostGoesOnReportingExitedForAWhile() {
        long id = up(bench.rent(Order.of(bench.single().ask())));
        market.stop(id);
        bench.pass(Duration.ofMinutes(1));
        assertThat(market.start(id)).isEqualTo(Answer.done());
        assertThat(bench.at(id).actual()).hasValue("exited");
        assertThat(bench.at(id).cur()).isEqualTo("running");
        bench.until(Duration.ofMinutes(11), now -> bench.at(id).isUp());
    }

    @Test
    void aBidBelowTheMarketLeavesAStoppedInstanceAndAnError() {
        Offer offer = bench.single();
        Answer answer = market.create(Bench.bidOn(offer, 0.5));
        assertThat(answer).isInstanceOfSatisfying(Answer.Refused.class, no -> {
            assertThat(no.reason()).isEqualTo(Reason.INVALID_PRICE);
            Instance left = bench.at(no.left().orElseThrow());
            assertThat(List.of(left.cur(), left.intended(), left.next())).containsOnly("stopped");
            assertThat(left.isBid()).isTrue();
            assertThat(left.diskNow()).isGreaterThan(Usd.ZERO);
        });
        assertThat(offer(offer.ask()).rentable()).isTrue();
    }

    @Test
    void whoIsOutbidHasThreeFieldsStoppedAndResumesWhenHisBidIsRaised() {
        Offer offer = bench.single();
        long id = up(bench.rent(Bench.bidOn(offer, 1.2)));
        market.faults().outbid(id, 5);
        bench.pass(Duration.ofSeconds(1));
        Instance outbid = bench.at(id);
        assertThat(List.of(outbid.cur(), outbid.intended(), outbid.next())).containsOnly("stopped");
        assertThat(outbid.gpuNow()).isEqualTo(Usd.ZERO);
        assertThat(outbid.diskNow()).isGreaterThan(Usd.ZERO);
        assertThat(bench.happened(Happening.Halted.class))
                .extracting(Happening.Halted::cause)
                .containsExactly(Cause.OUTBID);
        assertThat(offer(offer.ask()).minBid()).isGreaterThan(outbid.gpuPerHour());
        market.bid(id, OptionalDouble.empty());
        bench.untilUp(id);
        assertThat(bench.at(id).gpuNow().dollars())
                .isGreaterThan(outbid.gpuPerHour().dollars());
    }

    @Test
    void whoIsOutbidResumesByItselfWhenTheOtherLeaves() {
        long id = up(bench.rent(Bench.bidOn(bench.single(), 1.2)));
        market.faults().outbid(id, 1);
        bench.pass(Duration.ofMinutes(59));
        assertThat(bench.at(id).isUp()).isFalse();
        bench.pass(Duration.ofMinutes(15));
        assertThat(bench.at(id).isUp()).isTrue();
    }

    @Test
    void whoWasOutbidAndThenStoppedStaysStopped() {
        long id = up(bench.rent(Bench.bidOn(bench.single(), 1.2)));
        market.faults().outbid(id, 1);
        market.stop(id);
        bench.pass(Duration.ofHours(3));
        assertThat(bench.at(id).isUp()).isFalse();
    }

    @Test
    void whoRentsOnDemandTakesTheGpusFromABid() {
        Offer offer = bench.single();
        long bid = up(bench.rent(Bench.bidOn(offer, 3)));
        long other = bench.rent(Order.of(offer.ask()));
        bench.untilUp(other);
        assertThat(bench.at(bid).cur()).isEqualTo("stopped");
        market.stop(other);
        bench.untilUp(bid);
        market.start(other);
        assertThat(bench.at(bid).cur()).isEqualTo("stopped");
        market.destroy(other);
        bench.untilUp(bid);
    }

    @Test
    void onlyABidContractHasABidToChange() {
        long id = bench.rent(Order.of(bench.single().ask()));
        assertThat(reason(market.bid(id, OptionalDouble.of(0.5)))).isEqualTo(Reason.INVALID_ARGS);
        long bid = bench.rent(Bench.bidOn(bench.single(), 1.5));
        assertThat(reason(market.bid(bid, OptionalDouble.of(32.5)))).isEqualTo(Reason.INVALID_PRICE);
        assertThat(market.bid(bid, OptionalDouble.of(31.5))).isEqualTo(Answer.done());
    }

    @Test
    void rebootKeepsTheDiskAndRecycleDoesNot() {
        long id = up(bench.rent(Order.of(bench.single().ask())));
        market.reboot(id);
        assertThat(bench.at(id).actual()).hasValue("rebooting");
        bench.untilUp(id);
        assertThat(bench.happened(Happening.Wiped.class)).isEmpty();
        market.recycle(id);
        assertThat(bench.at(id).actual()).hasValue("recycling");
        bench.untilUp(id);
        assertThat(bench.happened(Happening.Wiped.class)).hasSize(1);
        assertThat(bench.happened(Happening.Booted.class)).hasSize(3);
        assertThat(bench.happened(Happening.Halted.class)).hasSize(2);
    }

    @Test
    void oneThatIsStuckLoadsForEver() {
        market.faults().nextIsStuck();
        long id = bench.rent(Order.of(bench.single().ask()));
        bench.pass(Duration.ofDays(2));
        assertThat(bench.at(id).actual()).hasValue("loading");
        assertThat(bench.at(id).gpuNow()).isEqualTo(Usd.ZERO);
    }

    @Test
    void anImageThatCannotBeStartedSaysSoAndNeverRuns() {
        market.faults().nextHasBadImage();
        long id = bench.rent(Order.of(bench.single().ask()));
        bench.pass(Duration.ofDays(1));
        assertThat(bench.at(id).isRunning()).isFalse();
        assertThat(bench.at(id).message().orElse("")).containsIgnoringCase("error");
        assertThat(bench.happened(Happening.Failed.class)).hasSize(1);
    }

    @Test
    void aHostThatIsOfflineIsUnknownThenOfflineAndBillsNothing() {
        long id = up(bench.rent(Order.of(bench.single().ask())));
        market.faults().hostOffline(id);
        bench.pass(Duration.ofMinutes(1));
        assertThat(bench.at(id).actual()).hasValue("unknown");
        Usd before = market.account().spent();
        bench.pass(Duration.ofHours(1));
        assertThat(bench.at(id).actual()).hasValue("offline");
        assertThat(market.account().spent()).isEqualTo(before);
        market.faults().hostReturns(id);
        bench.untilUp(id);
    }

    @Test
    void withoutCreditEverythingIsStoppedAndThenDestroyed() {
        long id = up(bench.rent(Order.of(bench.single().ask()).withDisk(500)));
        market.faults().credit(Usd.of(0.001));
        bench.until(Duration.ofHours(1), now -> bench.at(id).cur().equals("stopped"));
        assertThat(market.account().credit()).isLessThanOrEqualTo(Usd.ZERO);
        assertThat(reason(market.start(id))).isEqualTo(Reason.INSUFFICIENT_CREDIT);
        assertThat(reason(market.create(Order.of(bench.single().ask())))).isEqualTo(Reason.INSUFFICIENT_CREDIT);
        assertThat(bench.at(id).diskNow()).isGreaterThan(Usd.ZERO);
        bench.until(Duration.ofDays(60), now -> now.instance(id).isEmpty());
        assertThat(market.account().perHour()).isEqualTo(Usd.ZERO);
        assertThat(market.account().credit()).isLessThanOrEqualTo(Usd.of(-0.5));
    }

    @Test
    void aCardPaysWhatIsOwed() {
        Bench carded = new Bench(7, MarketSettings.calm(Bench.START).withCard(true));
        long id = carded.rent(Order.of(carded.single().ask()).withDisk(500));
        carded.market.faults().credit(Usd.of(0.0001));
        carded.until(Duration.ofDays(60), now -> now.account().credit().compareTo(Usd.of(5)) > 0);
        assertThat(carded.at(id).cur()).isEqualTo("stopped");
    }

    @Test
    void aContractIsStoppedAtItsEndAndGoneTwoDaysLater() {
        Offer offer = market.offers().stream()
                .min((a, b) -> a.until().compareTo(b.until()))
                .orElseThrow();
        market.pay(Usd.of(1e5), "test");
        long id = bench.rent(Order.of(offer.ask()));
        Duration left = Duration.between(market.now(), offer.until());
        bench.pass(left.plusSeconds(60));
        assertThat(bench.at(id).cur()).isEqualTo("stopped");
        assertThat(reason(market.start(id))).isEqualTo(Reason.INVALID_ARGS);
        bench.pass(Duration.ofHours(47));
        assertThat(market.instance(id)).isPresent();
        bench.pass(Duration.ofHours(2));
        assertThat(market.instance(id)).isEmpty();
    }

    @Test
    void aPriceRiseIsForALaterEndAndIgnoredChangesNothing() {
        Bench rising =
                new Bench(7, MarketSettings.calm(Bench.START).withExtensions(1).withCredit(Usd.of(1e6)));
        long first = rising.rent(Order.of(rising.single().ask()));
        long second = rising.rent(Order.of(rising.single().ask()));
        rising.until(Duration.ofDays(100), now -> now.rises().stream().anyMatch(rise -> rise.instance() == first));
        Rise rise = rising.market.rises().stream()
                .filter(one -> one.instance() == first)
                .findFirst()
                .orElseThrow();
        Instance before = rising.at(first);
        assertThat(rising.market.acceptRise(rise.id())).isEqualTo(Answer.done());
        assertThat(rising.at(first).gpuPerHour()).isGreaterThan(before.gpuPerHour());
        assertThat(rising.at(first).end()).isEqualTo(rise.newEnd()).isAfter(before.end());
        assertThat(reason(rising.market.acceptRise(rise.id()))).isEqualTo(Reason.NO_SUCH_RISE);
        rising.pass(Duration.between(rising.market.now(), before.end()).plusHours(50));
        assertThat(rising.at(first).cur()).isEqualTo("running");
        rising.until(Duration.ofDays(150), now -> now.instance(second).isEmpty());
    }

    @Test
    void aRejectedRiseIsNoLongerThere() {
        long id = bench.rent(Order.of(bench.single().ask()));
        market.faults().offerRise(id);
        bench.pass(Duration.ZERO);
        Happening.RiseOffered told = bench.happened(Happening.RiseOffered.class).getFirst();
        assertThat(market.rises()).extracting(Rise::id).containsExactly(told.rise());
        assertThat(market.rejectRise(told.rise())).isEqualTo(Answer.done());
        assertThat(market.rises()).isEmpty();
    }

    @Test
    void prepaidMoneyIsSetAsideForALowerPriceAndATwentiethOfTheRestIsKept() {
        Offer offer = bench.single();
        long id = up(bench.rent(Order.of(offer.ask())));
        market.pay(Usd.of(1000), "test");
        double month =
                bench.at(id).gpuPerHour().plus(bench.at(id).diskPerHour()).dollars() * 720;
        Usd before = market.account().credit();
        assertThat(market.prepay(id, Usd.of(month * 1.01))).isEqualTo(Answer.done());
        assertThat(market.monthsPrepaid(id)).isCloseTo(1.01, within(1e-6));
        assertThat(bench.at(id).gpuNow().dollars())
                .isCloseTo(bench.at(id).gpuPerHour().dollars() * 0.8, within(1e-6));
        Usd after = market.account().credit();
        assertThat(before.minus(after).dollars()).isCloseTo(month * 1.01, within(1e-6));
        bench.pass(Duration.ofHours(5));
        assertThat(market.account().credit()).isEqualTo(after);
        Usd left = market.account().escrow();
        market.destroy(id);
        assertThat(market.account().credit().minus(after).dollars()).isCloseTo(left.dollars() * 0.95, within(1e-9));
        assertThat(reason(market.prepay(first(), Usd.of(1)))).isEqualTo(Reason.NO_SUCH_INSTANCE);
    }

    @Test
    void accountKeysOpenNewInstancesOnlyAndAttachedOnesAtOnce() {
        long old = bench.rent(Order.of(bench.single().ask()));
        assertThat(market.addKey("ssh-ed25519 AAAA me")).isEqualTo(new Answer.Done(501));
        long fresh = bench.rent(Order.of(bench.single().ask()));
        assertThat(bench.at(old).keys()).isEmpty();
        assertThat(bench.at(fresh).keys()).containsValue("ssh-ed25519 AAAA me");
        market.attachKey(old, "ssh-ed25519 AAAA me");
        bench.pass(Duration.ZERO);
        assertThat(bench.at(old).keys()).containsOnlyKeys(501L);
        assertThat(bench.happened(Happening.KeysChanged.class)).hasSize(1);
        market.detachKey(old, 501);
        assertThat(bench.at(old).keys()).isEmpty();
    }

    @Test
    void whoDoesNotWantToWaitGetsNothingFromABusyMachine() {
        market.faults().nextIsBusy();
        assertThat(reason(market.create(Order.of(bench.single().ask())))).isEqualTo(Reason.ASK_GONE);
        assertThat(market.instances()).isEmpty();
    }

    @Test
    void ordersThatCannotBeAreRefused() {
        long ask = bench.single().ask();
        assertThat(reason(market.create(Order.of(ask).withDisk(4)))).isEqualTo(Reason.INVALID_ARGS);
        assertThat(reason(market.create(Order.of(ask).withDisk(1e6)))).isEqualTo(Reason.INVALID_ARGS);
        assertThat(reason(market.create(Order.of(ask).withBid(0)))).isEqualTo(Reason.INVALID_PRICE);
        assertThat(reason(market.create(Order.of(ask).withBid(129)))).isEqualTo(Reason.INVALID_PRICE);
        assertThat(reason(market.create(Order.of(ask).withLabel("x".repeat(257)))))
                .isEqualTo(Reason.INVALID_ARGS);
        assertThat(reason(market.label(1, "x".repeat(1025)))).isEqualTo(Reason.LABEL_TOO_LONG);
        assertThat(reason(market.stop(1))).isEqualTo(Reason.NO_SUCH_INSTANCE);
        assertThat(market.instances()).isEmpty();
    }

    @Test
    void timeDoesNotGoBack() {
        bench.pass(Duration.ofHours(1));
        assertThatThrownBy(() -> market.advance(Bench.START)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPriceOfAContractIsNotMovedByTheHostsNewOnes() {
        Bench lively = new Bench(11, MarketSettings.standard(Bench.START).withCredit(Usd.of(1e5)));
        lively.market.faults().nextBoots();
        Offer offer =
                lively.offer(one -> one.gpus() == 1 && one.until().isAfter(Bench.START.plus(Duration.ofDays(20))));
        long id = lively.rent(Order.of(offer.ask()));
        lively.pass(Duration.ofDays(10));
        assertThat(lively.at(id).gpuPerHour()).isEqualTo(offer.perHour());
        Offer now = lively.market.offers().stream()
                .filter(one -> one.ask() == offer.ask())
                .findFirst()
                .orElseThrow();
        assertThat(now.perHour()).isNotEqualTo(offer.perHour());
    }

    private long up(long id) {
        bench.untilUp(id);
        return id;
    }

    private static long first() {
        return 20_000_001;
    }

    private Offer offer(long ask) {
        return market.offers().stream()
                .filter(one -> one.ask() == ask)
                .findFirst()
                .orElseThrow();
    }

    static Reason reason(Answer answer) {
        return Optional.of(answer)
                .filter(Answer.Refused.class::isInstance)
                .map(no -> ((Answer.Refused) no).reason())
                .orElseThrow(() -> new AssertionError("expected a refusal, but found " + answer));
    }
}
