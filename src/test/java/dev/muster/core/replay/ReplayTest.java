package dev.muster.core.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.scale.ScalePolicy;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Group;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private static final Instant MONDAY = Instant.parse("2026-01-05T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    private static Group group(int min, int max, Market market) {
        return new Group(
                "play",
                "vast",
                List.of("RTX 3070"),
                1,
                "",
                min,
                min,
                max,
                money("0.09"),
                market,
                Role.SELFPLAY,
                20,
                "");
    }

    private static Money money(String text) {
        return Money.parse(text);
    }

    private static ScalePolicy policy(Group group, Optional<String> dayCap) {
        Table<String, Caps> caps = dayCap.map(cap -> Table.<String, Caps>empty()
                        .with(Rentals.ALL, new Caps(Optional.empty(), Optional.of(money(cap)), Optional.empty())))
                .orElse(Table.empty());
        return new ScalePolicy(List.of(group), caps, Scaling.DEFAULT);
    }

    private static Prices.Row price(int hour, int offers, String perHour, Optional<String> bidMin) {
        return new Prices.Row(
                Duration.ofHours(hour), "RTX 3070", 1, offers, money(perHour), bidMin.map(Money::parse), "");
    }

    private static Prices prices(Prices.Row... rows) {
        return new Prices(List.of(rows), DAY);
    }

    private static Demand demand(Demand.Row... rows) {
        return new Demand(List.of(rows), DAY);
    }

    private static Demand.Row tasks(int hour, int count, int minutes) {
        return new Demand.Row(Duration.ofHours(hour), JobKind.SELFPLAY, count, Duration.ofMinutes(minutes), 1);
    }

    private static Replayed replay(
            String name, ScalePolicy policy, Prices prices, Demand demand, Instant from, Duration time) {
        return Replay.of(name, policy, prices, demand, from, time, passed -> {});
    }

    @Test
    void oneMachineThatAlwaysRunsCostsItsPrice() {
        Replayed replayed = replay(
                "p",
                policy(group(1, 1, Market.ON_DEMAND), Optional.empty()),
                prices(price(0, 5, "0.06", Optional.empty())),
                demand(tasks(1, 2, 60)),
                MONDAY,
                DAY);
        // Five minutes it boots, and is not paid for.
        assertThat(replayed.spent()).isEqualTo(money("1.435"));
        assertThat(replayed.done().asMap()).containsExactly(java.util.Map.entry(JobKind.SELFPLAY, 2));
        assertThat(replayed.left()).isZero();
        assertThat(replayed.machines())
                .isEqualTo(new Replayed.Machines(1, 1, minutes(24 * 60 - 5), minutes(24 * 60 - 5 - 120), 0));
        assertThat(replayed.waiting())
                .isEqualTo(new Replayed.Waiting(minutes(30), minutes(0), minutes(60), minutes(60)));
    }

    private static Duration minutes(int count) {
        return Duration.ofMinutes(count);
    }

    @Test
    void workMakesItGrowAndIdlenessShrinkAgain() {
        Replayed replayed = replay(
                "p",
                policy(group(0, 3, Market.ON_DEMAND), Optional.empty()),
                prices(price(0, 5, "0.06", Optional.empty())),
                demand(tasks(6, 12, 30)),
                MONDAY,
                DAY);
        assertThat(replayed.tasks()).isEqualTo(12);
        assertThat(replayed.machines().most()).isBetween(2, 3);
        assertThat(replayed.samples().getLast().machines()).isZero();
        assertThat(replayed.spent()).isLessThan(money("0.60"));
    }

    @Test
    void aCapKeepsMachinesBackAndItIsToldForHowLong() {
        Replayed capped = replay(
                "p",
                policy(group(4, 4, Market.ON_DEMAND), Optional.of("0.13")),
                prices(price(0, 9, "0.06", Optional.empty())),
                demand(tasks(0, 500, 60)),
                MONDAY,
                DAY);
        assertThat(capped.machines().most()).isEqualTo(2);
        assertThat(capped.refused().getFirst().cap()).isEqualTo("day");
        assertThat(capped.refused().getFirst().time()).isGreaterThan(Duration.ofHours(23));
    }

    @Test
    void whereACapDrainsNoDayCostsMore() {
        ScalePolicy drains = new ScalePolicy(
                List.of(group(4, 4, Market.ON_DEMAND)),
                policy(group(4, 4, Market.ON_DEMAND), Optional.of("2")).caps(),
                scaling(2, Scaling.OnCap.DRAIN));
        Replayed replayed = replay(
                "p",
                drains,
                prices(price(0, 9, "0.06", Optional.empty())),
                demand(tasks(0, 500, 30)),
                MONDAY,
                DAY.multipliedBy(3));
        assertThat(replayed.days())
                .hasSize(3)
                .allSatisfy(day -> assertThat(day.spent()).isBetween(money("1.9"), money("2")));
        assertThat(replayed.samples())
                .anySatisfy(sample -> assertThat(sample.machines()).isZero());
    }

    /// Six hours of it, less the time that it takes to end it.
    @Test
    void aDaysCapPaysForAPartOfTheDayAndIsNeverPassed() {
        Replayed replayed = replay(
                "p",
                new ScalePolicy(
                        List.of(dear()), policy(dear(), Optional.of("3")).caps(), Scaling.DEFAULT),
                prices(price(0, 9, "0.50", Optional.empty())),
                demand(tasks(0, 500, 30)),
                MONDAY,
                DAY.multipliedBy(3));
        assertThat(replayed.days())
                .hasSize(3)
                .allSatisfy(day -> assertThat(day.spent()).isBetween(money("2.80"), money("3")));
        assertThat(replayed.passed()).isEmpty();
    }

    private static Group dear() {
        return new Group(
                "play",
                "vast",
                List.of("RTX 3070"),
                1,
                "",
                1,
                1,
                1,
                money("0.60"),
                Market.ON_DEMAND,
                Role.SELFPLAY,
                20,
                "");
    }

    @Test
    void aCapThatWasPassedIsToldDayByDay() {
        Replayed replayed = replay(
                "p",
                new ScalePolicy(
                        List.of(dear()), policy(dear(), Optional.of("3")).caps(), scaling(2, Scaling.OnCap.REFUSE)),
                prices(price(0, 9, "0.50", Optional.empty())),
                demand(tasks(0, 500, 30)),
                MONDAY,
                DAY.multipliedBy(2));
        assertThat(replayed.passed())
                .extracting(one -> one.date() + " " + one.cap() + " " + one.limit() + " " + one.spent())
                .containsExactly("2026-01-05 day $3.00 $11.958333", "2026-01-06 day $3.00 $12.00");
    }

    /// On the 29th of March clocks go forward in Berlin.
    @Test
    void aDayOnWhichClocksChangeIsOneDay() {
        Scaling berlin = zoned("Europe/Berlin");
        Instant midnight = Instant.parse("2026-03-28T23:00:00Z");
        Replayed replayed = replay(
                "p",
                new ScalePolicy(List.of(group(1, 1, Market.ON_DEMAND)), Table.empty(), berlin),
                prices(price(0, 5, "0.06", Optional.empty())),
                demand(tasks(1, 2, 60)),
                midnight,
                Duration.ofHours(23));
        assertThat(replayed.days()).hasSize(1);
        assertThat(replayed.length()).isEqualTo(1.0);
    }

    @Test
    void whoBidsIsOutbidReplacedAndItsWorkDoneElsewhere() {
        Replayed replayed = replay(
                "p",
                policy(group(1, 3, Market.BID), Optional.empty()),
                prices(
                        price(0, 5, "0.08", Optional.of("0.03")),
                        price(4, 5, "0.08", Optional.of("0.06")),
                        price(8, 5, "0.08", Optional.of("0.03"))),
                demand(tasks(0, 12, 60)),
                MONDAY,
                DAY);
        assertThat(replayed.machines().outbid()).isPositive();
        assertThat(replayed.tasks()).isEqualTo(12);
    }

    @Test
    void aTraceThatIsShorterBeginsAnew() {
        Replayed replayed = replay(
                "p",
                policy(group(1, 1, Market.ON_DEMAND), Optional.empty()),
                prices(price(0, 5, "0.06", Optional.empty())),
                demand(tasks(1, 2, 10)),
                MONDAY,
                DAY.multipliedBy(3));
        assertThat(replayed.days()).extracting(Replayed.Day::done).containsExactly(2, 2, 2);
        assertThat(replayed.samples()).hasSize(240);
    }

    @Test
    void theSameTracesGiveTheSameAnswer() {
        List<Replayed> two = new ArrayList<>();
        for (int time = 0; time < 2; time++)
            two.add(replay(
                    "p",
                    policy(group(0, 8, Market.BID), Optional.of("3")),
                    prices(price(0, 9, "0.08", Optional.of("0.03")), price(7, 9, "0.08", Optional.of("0.05"))),
                    demand(tasks(0, 30, 45), tasks(9, 30, 45)),
                    MONDAY,
                    DAY));
        assertThat(two.getFirst()).isEqualTo(two.getLast());
    }

    /// The gate is 30 s on two cores; 600 machines took 5 s there, and 14 s beside six other programs.
    @Test
    void aDayOfFiveHundredMachinesIsReplayedInSeconds() {
        List<Demand.Row> hourly = new ArrayList<>();
        for (int hour = 0; hour < 24; hour++) hourly.add(tasks(hour, 1_000, 25));
        long began = System.nanoTime();
        Replayed replayed = replay(
                "p",
                new ScalePolicy(
                        List.of(group(500, 500, Market.ON_DEMAND)), Table.empty(), scaling(200, Scaling.OnCap.REFUSE)),
                prices(price(0, 800, "0.06", Optional.empty())),
                new Demand(hourly, DAY),
                MONDAY,
                DAY);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
        assertThat(replayed.machines().most()).isEqualTo(500);
        assertThat(replayed.tasks()).isGreaterThan(20_000);
    }

    private static Scaling zoned(String zone) {
        return scaling(zone, 2, Scaling.OnCap.DRAIN);
    }

    private static Scaling scaling(int stepMax, Scaling.OnCap onCap) {
        return scaling("UTC", stepMax, onCap);
    }

    private static Scaling scaling(String zone, int stepMax, Scaling.OnCap onCap) {
        Scaling usual = Scaling.DEFAULT;
        return new Scaling(
                true,
                zone,
                List.of(),
                usual.upCooldown(),
                usual.downCooldown(),
                stepMax,
                usual.upAt(),
                usual.downAt(),
                usual.backlogPer(),
                usual.idleAfter(),
                usual.ageMin(),
                usual.selfplayShare(),
                usual.bootMax(),
                usual.joinMax(),
                usual.lostMax(),
                usual.outbidMax(),
                usual.drainMax(),
                usual.stoppedMax(),
                usual.blameFor(),
                usual.rebid(),
                usual.priceRiseMax(),
                onCap,
                usual.strays());
    }
}
