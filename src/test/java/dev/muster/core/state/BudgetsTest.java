package dev.muster.core.state;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Rents.bid;
import static dev.muster.core.Rents.budget;
import static dev.muster.core.Rents.charge;
import static dev.muster.core.Rents.grouped;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.release;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.stop;
import static dev.muster.core.Rents.today;
import static dev.muster.core.Rents.usd;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BudgetsTest {
    private static Command orderAt(String perHour, Instant at) {
        return new Command.RentInstance(Optional.empty(), rent(perHour), Optional.empty(), today(at));
    }

    @Test
    void withoutACapNothingIsRefused() {
        given(order(rent("100"))).and(order(rent("100")));
    }

    @Test
    void theHoursCapIsForWhatIsOpenAtOnce() {
        Story story = given(budget("", "0.30", "-", "-"), order(rent("0.20")));
        story.when(order(rent("0.11")))
                .refused(
                        Code.OVER_BUDGET,
                        "expected $0.11 per hour to fit into the cap, but $0.20 of $0.30 per hour is used;"
                                + " `muster budget set` changes it");
        story.and(order(rent("0.10"))).when(order(rent("0.01"))).refused(Code.OVER_BUDGET);
        story.and(new Command.AbandonInstance(i(1), "no")).and(order(rent("0.20")));
    }

    @Test
    void aCapOfNothingTakesNothing() {
        given(budget("", "0", "-", "-")).when(order(rent("0.01"))).refused(Code.OVER_BUDGET);
    }

    @Test
    void theDaysCapCountsWhatWasSpentAndAnHourOfWhatIsOpen() {
        Story story = given(budget("", "-", "1.00", "-"), order(rent("0.10")), sight(1, "77", Observed.RUNNING));
        story.after(Duration.ofHours(8)).when(orderAt("0.11", story.now()));
        story.refused(Code.OVER_BUDGET, "$0.90 of $1.00 per day, with an hour of what is open, is used");
        story.and(orderAt("0.10", story.now()));
        story.when(orderAt("0.01", story.now())).refused(Code.OVER_BUDGET);
        story.and(new Command.FinishInstance(i(1), "ended"));
        story.after(Duration.ofHours(15)).when(orderAt("0.21", story.now()));
        story.refused(Code.OVER_BUDGET, "$0.90 of $1.00 per day");
        story.after(Duration.ofHours(1)).and(orderAt("0.90", story.now()));
    }

    @Test
    void theMonthsCapGoesOnOverTheDays() {
        Story story = given(budget("", "-", "-", "5.00"), order(rent("0.10")), sight(1, "77", Observed.RUNNING));
        story.after(Duration.ofHours(48)).when(orderAt("0.11", story.now()));
        story.refused(Code.OVER_BUDGET, "$4.90 of $5.00 per month");
        story.and(orderAt("0.10", story.now()));
    }

    @Test
    void aGroupHasCapsOfItsOwnBesidesThoseOfAll() {
        Story story =
                given(grouped("g", 9), grouped("h", 9), budget("g", "0.20", "-", "-"), budget("", "0.50", "-", "-"));
        story.and(order(rent("0.20"), "g")).when(order(rent("0.01"), "g"));
        story.refused(Code.OVER_BUDGET, "g: $0.20 of $0.20 per hour");
        story.and(order(rent("0.20"), "h")).when(order(rent("0.11"), "h"));
        story.refused(Code.OVER_BUDGET, "but $0.40 of $0.50 per hour");
        Budgets.Use tightest = Budgets.tightest(story.state().rentals(), Optional.of("g"), today(START), START)
                .orElseThrow();
        assertThat(tightest.scope()).isEqualTo("g");
        assertThat(tightest.left()).isEqualTo(Money.ZERO);
        assertThat(Budgets.tightest(story.state().rentals(), Optional.empty(), today(START), START)
                        .orElseThrow()
                        .left())
                .isEqualTo(usd("0.10"));
    }

    /// What is taken fits with an hour of all that is open: what goes beyond the cap later was all rented when there was room.
    @Test
    void nothingIsTakenThatDoesNotFitWithAnHourOfAllThatIsOpen() {
        Story story = given(budget("", "-", "1.00", "-"));
        int machines = 0;
        for (int minutes = 0; minutes < 120; minutes += 5) {
            story.when(orderAt("0.30", story.now()));
            if (story.state().rentals().instances().size() > machines) {
                machines++;
                story.and(sight(machines, "" + machines, Observed.RUNNING, "0.30"));
                Money spent = story.state().rentals().spent(START, story.now());
                assertThat(spent.plus(story.state().rentals().committed(Optional.empty())))
                        .isLessThanOrEqualTo(usd("1.00"));
            }
            story.after(Duration.ofMinutes(5));
        }
        assertThat(machines).isEqualTo(3);
    }

    @Test
    void bidsThatAreRaisedAtOnceCountBeforeTheyAreListed() {
        Story story = given(
                budget("", "0.40", "-", "-"),
                order(bid("0.10", "0.15")),
                order(bid("0.10", "0.15")),
                sight(1, "1", Observed.PREEMPTED, "0.15"),
                sight(2, "2", Observed.PREEMPTED, "0.15"));
        story.and(new Command.RaiseBid(i(1), usd("0.18"), today(START)));
        story.when(new Command.RaiseBid(i(2), usd("0.18"), today(START)))
                .refused(Code.OVER_BUDGET, "expected $0.08 per hour to fit into the cap, but $0.38 of $0.40");
        story.and(new Command.RaiseBid(i(2), usd("0.12"), today(START)));
        assertThat(story.state().rentals().committed(Optional.empty())).isEqualTo(usd("0.40"));
    }

    @Test
    void aStoppedMachinesDiskCountsAndItsStartHasToFit() {
        Story story = given(
                order(rent("0.10")),
                sight(1, "77", Observed.RUNNING),
                join("vast-77"),
                stop(1),
                release(1),
                budget("", "0.15", "-", "-"));
        story.when(order(rent("0.10"))).refused(Code.OVER_BUDGET, "$0.10 of $0.15");
        story.and(sight(1, "77", Observed.STOPPED)).and(order(rent("0.14")));
        story.when(new Command.StartInstance(i(1), today(START)))
                .refused(Code.OVER_BUDGET, "expected $0.09 per hour to fit into the cap, but $0.15 of $0.15");
        story.after(Duration.ofHours(10));
        assertThat(story.state().rentals().spent(START, story.now())).isEqualTo(usd("0.10"));
        story.and(budget("", "1", "-", "-"), new Command.StartInstance(i(1), today(story.now())));
        assertThat(story.state().rentals().committed(Optional.empty())).isEqualTo(usd("0.24"));
    }

    @Test
    void windowsThatCannotBeRightAreRefused() {
        Story story = given(budget("", "1", "1", "1")).after(Duration.ofDays(10));
        Instant now = story.now();
        Duration day = Duration.ofDays(1);
        for (Windows wrong : new Windows[] {
            new Windows(now.plusSeconds(301), now.minus(day)),
            new Windows(now.minus(Duration.ofHours(27)), now.minus(day.multipliedBy(10))),
            new Windows(now.minus(day), now.minus(day.multipliedBy(33))),
            new Windows(now.minus(day), now),
        }) {
            story.when(new Command.RentInstance(Optional.empty(), rent("0.10"), Optional.empty(), wrong));
            story.refused(Code.INVALID, "expected the day and the month of 2026-01-11T00:00:00Z");
        }
        Windows long_ = new Windows(now.minus(Duration.ofHours(25)), now.minus(day.multipliedBy(31)));
        story.and(new Command.RentInstance(Optional.empty(), rent("0.10"), Optional.empty(), long_));
    }

    @Test
    void whatTheProviderChargesTakesThePlaceOfWhatWeReckoned() {
        Story story = given(order(rent("0.10")), sight(1, "77", Observed.RUNNING), budget("", "-", "2", "-"));
        story.after(Duration.ofHours(2)).and(charge(1, "1.80", story.now()));
        story.when(orderAt("0.20", story.now())).refused(Code.OVER_BUDGET, "$1.90 of $2.00");
    }
}
