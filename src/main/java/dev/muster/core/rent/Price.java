package dev.muster.core.rent;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import java.util.Optional;

/// The parts of a price: what a provider calls the total holds some of them only.
///
/// @param perHour           of the machine on demand, without disk
/// @param storagePerGbMonth charged by the gigabyte and month of 720 hours
/// @param bidMin            the lowest bid that wins now, per hour of the whole machine
public record Price(Money perHour, Money storagePerGbMonth, Money upPerGb, Money downPerGb, Optional<Money> bidMin) {
    /// A provider's gigabyte. Vast's may be a little larger; then traffic costs a little less than said.
    private static final long GB = 1_000_000_000L;

    /// Without anything but the hour.
    public static Price flat(Money perHour) {
        return new Price(perHour, Money.ZERO, Money.ZERO, Money.ZERO, Optional.empty());
    }

    /// Dollars per hour while it runs: machine, disk and traffic. A bid is taken at the lowest that wins; where that is
    /// not known, at the price on demand.
    public Money total(Deal deal) {
        Money machine = deal.market() == Market.BID ? bidMin.orElse(perHour) : perHour;
        return machine.plus(storage(deal.diskGb()))
                .plus(traffic(upPerGb, deal.usage().upPerHour()))
                .plus(traffic(downPerGb, deal.usage().downPerHour()));
    }

    /// Dollars per hour for the disk alone: what a stopped machine costs.
    public Money storage(int diskGb) {
        return storagePerGbMonth.share(diskGb, Money.MONTH_HOURS);
    }

    private static Money traffic(Money perGb, Bytes perHour) {
        return perGb.share(perHour.count(), GB);
    }
}
