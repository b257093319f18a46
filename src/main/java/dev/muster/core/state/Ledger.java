package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// What was spent, by the hour and by group: what budgets are checked against. Hours are UTC's, by their number since 1970;
/// a day that begins at half past is counted from the hour.
///
/// @param hours what each group spent in each; a machine without a group is under the empty name
public record Ledger(Table<Long, Table<String, Money>> hours) {
    /// A month's cap and the report on the month before it.
    public static final Duration KEPT = Duration.ofDays(63);

    static final Ledger EMPTY = new Ledger(Table.empty());
    private static final long HOUR = 3_600;

    /// Spent after the beginning of that hour, in all.
    public Money since(Instant from) {
        Money sum = Money.ZERO;
        for (Table<String, Money> groups : hours.from(hour(from)).values())
            for (Money amount : groups.values()) sum = sum.plus(amount);
        return sum;
    }

    /// Spent after the beginning of that hour, by one group.
    public Money since(Instant from, String group) {
        Money sum = Money.ZERO;
        for (Table<String, Money> groups : hours.from(hour(from)).values())
            sum = sum.plus(groups.getOrDefault(group, Money.ZERO));
        return sum;
    }

    /// Is anything booked for it?
    boolean has(String group) {
        return hours.values().stream().anyMatch(groups -> groups.has(group));
    }

    /// Books what a bill has come to since it was last booked, each hour its part.
    Ledger booked(Bill bill, Instant until, String group) {
        Ledger next = this;
        Instant from = bill.at();
        while (from.isBefore(until)) {
            Instant hourEnds = Instant.ofEpochSecond((hour(from) + 1) * HOUR);
            Instant to = hourEnds.isBefore(until) ? hourEnds : until;
            next = next.with(from, group, bill.since(to).minus(bill.since(from)));
            from = to;
        }
        return next.pruned(until);
    }

    Ledger with(Instant at, String group, Money amount) {
        if (amount.equals(Money.ZERO)) return this;
        Table<String, Money> groups = hours.getOrDefault(hour(at), Table.empty());
        Money sum = groups.getOrDefault(group, Money.ZERO).plus(amount);
        return new Ledger(hours.with(hour(at), groups.with(group, sum)));
    }

    private Ledger pruned(Instant now) {
        Table<Long, Table<String, Money>> kept = hours;
        long oldest = hour(now.minus(KEPT));
        for (Map.Entry<Long, Table<String, Money>> entry : hours) {
            if (entry.getKey() >= oldest) break;
            kept = kept.without(entry.getKey());
        }
        return kept == hours ? this : new Ledger(kept);
    }

    private static long hour(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), HOUR);
    }
}
