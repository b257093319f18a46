package dev.muster.core.state;

import static dev.muster.core.Rents.charge;
import static dev.muster.core.Rents.grouped;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.seen;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.usd;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final Instant EVER = START.minus(Duration.ofDays(1));

    private static Bill bill(String perHour) {
        return new Bill(Money.ZERO, START, usd(perHour), Optional.empty());
    }

    private static Story running() {
        return given(order(rent("0.10")), sight(1, "77", Observed.RUNNING));
    }

    private static Ledger ledger(Story story) {
        return story.state().rentals().ledger();
    }

    private static Bill bill(Story story) {
        return story.state().rentals().instances().require(i(1)).bill();
    }

    @Test
    void eachHourHasItsPart() {
        Ledger ledger = Ledger.EMPTY.booked(bill("0.60"), START.plus(Duration.ofMinutes(150)), "g", Role.SELFPLAY);
        assertThat(ledger.hours().size()).isEqualTo(3);
        assertThat(ledger.since(START)).isEqualTo(usd("1.50"));
        assertThat(ledger.since(START.plus(Duration.ofMinutes(60)))).isEqualTo(usd("0.90"));
        assertThat(ledger.since(START.plus(Duration.ofMinutes(120)))).isEqualTo(usd("0.30"));
        assertThat(ledger.since(START.plus(Duration.ofMinutes(180)))).isEqualTo(Money.ZERO);
        assertThat(ledger.since(START, "g")).isEqualTo(usd("1.50"));
        assertThat(ledger.since(START, "")).isEqualTo(Money.ZERO);
    }

    /// A day of India or Nepal begins within an hour of UTC's, and is counted from that hour's beginning: too much, never
    /// too little.
    @Test
    void whatBeginsWithinAnHourIsCountedFromItsBeginning() {
        Ledger ledger = Ledger.EMPTY.booked(bill("0.60"), START.plus(Duration.ofHours(2)), "", Role.SELFPLAY);
        for (int minutes : new int[] {0, 15, 30, 45, 59})
            assertThat(ledger.since(START.plus(Duration.ofMinutes(minutes)))).isEqualTo(usd("1.20"));
    }

    @Test
    void nothingIsBookedBackwardsOrOfNothing() {
        assertThat(Ledger.EMPTY.booked(bill("0.60"), START, "", Role.SELFPLAY)).isSameAs(Ledger.EMPTY);
        assertThat(Ledger.EMPTY.booked(bill("0.60"), START.minusSeconds(1), "", Role.SELFPLAY))
                .isSameAs(Ledger.EMPTY);
        assertThat(Ledger.EMPTY.booked(bill("0"), START.plusSeconds(9_000), "", Role.SELFPLAY))
                .isSameAs(Ledger.EMPTY);
    }

    @Test
    void hoursOfLongAgoAreForgotten() {
        Ledger ledger = Ledger.EMPTY.with(START, "", Role.SELFPLAY, usd("1"));
        Instant kept = START.plus(Ledger.KEPT).plus(Duration.ofMinutes(59));
        assertThat(ledger.booked(bill("0"), kept, "", Role.SELFPLAY).since(EVER))
                .isEqualTo(usd("1"));
        assertThat(ledger.booked(bill("0"), kept.plusSeconds(60), "", Role.SELFPLAY)
                        .since(EVER))
                .isEqualTo(Money.ZERO);
    }

    /// Whatever its price does, and however often it is charged, the ledger and the bill are the same sum.
    @Test
    void theLedgerIsTheBillHoweverThePriceChanges() {
        Random random = new Random(17);
        for (int run = 0; run < 50; run++) {
            Story story = given(order(rent("0.10"))).unchecked();
            story.and(sight(1, "77", Observed.RUNNING));
            for (int step = 0; step < 40; step++) {
                story.after(Duration.ofMillis(random.nextInt(7_200_000)));
                if (random.nextInt(4) == 0) story.and(charge(1, "" + random.nextInt(100) / 7.0, story.now()));
                else story.and(sight(1, "77", Observed.RUNNING, "" + random.nextInt(1_000_000) / 1e6));
            }
            assertThat(ledger(story).since(EVER)).isEqualTo(bill(story).booked());
            assertThat(story.state().rentals().spent(EVER, story.now()))
                    .isEqualTo(bill(story).total(story.now()));
            story.after(Duration.ofMinutes(7)).and(new Command.FinishInstance(i(1), "ended"));
            Money total = bill(story).total(story.now());
            assertThat(ledger(story).since(EVER)).isEqualTo(total);
            assertThat(bill(story).total(story.now().plusSeconds(9_999))).isEqualTo(total);
        }
    }

    @Test
    void aPriceThatChangesOftenRoundsAwayLittle() {
        Story story = running();
        for (int second = 1; second <= 3_600; second++)
            story.unchecked()
                    .after(Duration.ofSeconds(1))
                    .and(sight(1, "77", Observed.RUNNING, second % 2 == 0 ? "0.10" : "0.100001"));
        Money spent = story.state().rentals().spent(EVER, story.now());
        assertThat(Math.abs(spent.micros() - 100_000)).isLessThan(3_600);
    }

    @Test
    void aChargeCorrectsTheBillAndTheLedgerByTheSame() {
        Story story = running().after(Duration.ofMinutes(90));
        Instant upTo = story.now().minus(Duration.ofMinutes(10));
        story.and(charge(1, "0.20", upTo));
        assertThat(bill(story)).isEqualTo(new Bill(usd("0.20"), upTo, usd("0.10"), Optional.of(upTo)));
        assertThat(ledger(story).since(EVER)).isEqualTo(usd("0.20"));
        assertThat(ledger(story).since(START.plusSeconds(3_600)))
                .as("the difference is of that hour")
                .isEqualTo(usd("0.10"));
        assertThat(story.state().rentals().spent(EVER, story.now())).isEqualTo(usd("0.216667"));
        story.and(charge(1, "0.05", upTo));
        assertThat(ledger(story).since(EVER)).as("less, too").isEqualTo(usd("0.05"));
        story.and(new Command.FinishInstance(i(1), "ended")).after(Duration.ofHours(5));
        story.and(charge(1, "0.07", story.now()));
        assertThat(ledger(story).since(EVER)).isEqualTo(usd("0.07"));
        assertThat(bill(story).total(story.now())).isEqualTo(usd("0.07"));
    }

    @Test
    void whatAGroupSpendsIsUnderItsName() {
        Story story = given(grouped("g", 1), order(rent("0.10"), "g"), order(rent("0.10")));
        story.and(sight(1, "1", Observed.RUNNING), sight(2, "2", Observed.RUNNING, "0.30"));
        story.after(Duration.ofHours(1)).and(new Command.FinishInstance(i(1), "ended"));
        Rentals rentals = story.state().rentals();
        assertThat(rentals.spent(START, story.now(), "g")).isEqualTo(usd("0.10"));
        assertThat(rentals.spent(START, story.now(), "")).isEqualTo(usd("0.30"));
        assertThat(rentals.spent(START, story.now())).isEqualTo(usd("0.40"));
        assertThat(rentals.spent(START.plusSeconds(1_800), story.now(), ""))
                .as("what is not booked is counted to the moment")
                .isEqualTo(usd("0.15"));
    }

    @Test
    void whatADeletedGroupSpentIsKeptUnderANameOfItsOwn() {
        Story story = given(grouped("g", 1), order(rent("0.10"), "g"), sight(1, "1", Observed.RUNNING));
        story.after(Duration.ofHours(1)).and(new Command.EndInstance(i(1), false), new Command.DeleteGroup("g"));
        String closed = Ledger.closed("g", story.now());
        assertThat(closed).matches("g \\(deleted \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\)");
        story.and(grouped("g", 1)).after(Duration.ofHours(1)).and(new Command.FinishInstance(i(1), "ended"));
        story.and(charge(1, "0.30", story.now()));
        Rentals rentals = story.state().rentals();
        assertThat(rentals.spent(START, story.now(), "g")).as("the new one's").isEqualTo(Money.ZERO);
        assertThat(rentals.spent(START, story.now(), closed)).isEqualTo(usd("0.30"));
        assertThat(rentals.spent(START, story.now())).isEqualTo(usd("0.30"));
        assertThat(rentals.instances().require(i(1)).group()).contains(closed);
    }

    /// Whatever becomes of its group.
    @Test
    void whatAMachineSpendsIsOfTheRoleThatItWasRentedFor() {
        Story story = given(grouped("g", 1), order(rent("0.10"), "g"), sight(1, "1", Observed.RUNNING));
        Role role = story.state().rentals().instances().require(i(1)).rent().role();
        story.after(Duration.ofHours(1)).and(new Command.FinishInstance(i(1), "ended"), new Command.DeleteGroup("g"));
        assertThat(story.state().rentals().spent(START, story.now(), role)).isEqualTo(usd("0.10"));
        for (Role other : Role.values())
            if (other != role)
                assertThat(story.state().rentals().spent(START, story.now(), other))
                        .isEqualTo(Money.ZERO);
    }

    /// Only from when it was adopted is it ours to pay.
    @Test
    void anAdoptedMachineCostsFromThenOn() {
        Story story = given().after(Duration.ofHours(3))
                .and(new Command.AdoptInstance("", rent("0.10"), seen("5", Observed.RUNNING), Optional.empty()));
        story.after(Duration.ofHours(1));
        assertThat(bill(story).total(story.now())).isEqualTo(usd("0.10"));
    }
}
