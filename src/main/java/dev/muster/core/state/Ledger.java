package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// What was spent, by the hour and by group: what budgets are checked against. Hours are UTC's, by their number since 1970;
/// a day that begins at half past is counted from the hour.
///
/// @param hours what each group spent in each; a machine without a group is under the empty name, a group that was deleted
///     under [#closed]'s
/// @param roles what was spent in each by the role that machines were rented for; what earlier builds booked is of none
public record Ledger(Table<Long, Table<String, Money>> hours, Table<Long, Table<Role, Money>> roles) {
    /// A month's cap and the report on the month before it.
    public static final Duration KEPT = Duration.ofDays(63);

    static final Ledger EMPTY = new Ledger(Table.empty(), Table.empty());
    private static final long HOUR = 3_600;

    /// What an earlier build did not write is empty.
    public Ledger {
        roles = roles == null ? Table.empty() : roles;
    }

    /// The name under which a deleted group's spending is kept, so that a new group of its name begins with nothing.
    static String closed(String group, Instant at) {
        String minute = at.toString().substring(0, "2026-01-31T23:59".length());
        return group + " (deleted " + minute.replace('T', ' ') + " UTC)";
    }

    /// Spent after the beginning of that hour, in all.
    public Money since(Instant from) {
        Money sum = Money.ZERO;
        for (Table<String, Money> groups : hours.from(hour(from)).values())
            for (Money amount : groups.values()) sum = sum.plus(amount);
        return sum;
    }

    /// Spent after the beginning of that hour, by one group.
    public Money since(Instant from, String group) {
        return sum(hours, from, group);
    }

    /// Spent after the beginning of that hour, by machines of one role.
    public Money since(Instant from, Role role) {
        return sum(roles, from, role);
    }

    private static <K extends Comparable<? super K>> Money sum(
            Table<Long, Table<K, Money>> hours, Instant from, K key) {
        Money sum = Money.ZERO;
        for (Table<K, Money> amounts : hours.from(hour(from)).values())
            sum = sum.plus(amounts.getOrDefault(key, Money.ZERO));
        return sum;
    }

    /// Is anything booked for it?
    boolean has(String group) {
        return hours.values().stream().anyMatch(groups -> groups.has(group));
    }

    /// Books what a bill has come to since it was last booked, each hour its part.
    Ledger booked(Bill bill, Instant until, String group, Role role) {
        Ledger next = this;
        Instant from = bill.at();
        while (from.isBefore(until)) {
            Instant hourEnds = Instant.ofEpochSecond((hour(from) + 1) * HOUR);
            Instant to = hourEnds.isBefore(until) ? hourEnds : until;
            next = next.with(from, group, role, bill.since(to).minus(bill.since(from)));
            from = to;
        }
        return next.pruned(until);
    }

    Ledger with(Instant at, String group, Role role, Money amount) {
        return amount.equals(Money.ZERO)
                ? this
                : new Ledger(with(hours, hour(at), group, amount), with(roles, hour(at), role, amount));
    }

    private static <K extends Comparable<? super K>> Table<Long, Table<K, Money>> with(
            Table<Long, Table<K, Money>> hours, long hour, K key, Money amount) {
        Table<K, Money> amounts = hours.getOrDefault(hour, Table.empty());
        return hours.with(
                hour, amounts.with(key, amounts.getOrDefault(key, Money.ZERO).plus(amount)));
    }

    /// What was spent under one name is under another.
    Ledger renamed(String group, String now) {
        Table<Long, Table<String, Money>> next = hours;
        for (Map.Entry<Long, Table<String, Money>> entry : hours) {
            Table<String, Money> groups = entry.getValue();
            if (groups.has(group))
                next = with(
                        next.with(entry.getKey(), groups.without(group)), entry.getKey(), now, groups.require(group));
        }
        return new Ledger(next, roles);
    }

    private Ledger pruned(Instant now) {
        long oldest = hour(now.minus(KEPT));
        Table<Long, Table<String, Money>> hoursKept = since(hours, oldest);
        Table<Long, Table<Role, Money>> rolesKept = since(roles, oldest);
        return hoursKept == hours && rolesKept == roles ? this : new Ledger(hoursKept, rolesKept);
    }

    private static <V> Table<Long, V> since(Table<Long, V> hours, long oldest) {
        Table<Long, V> kept = hours;
        for (Map.Entry<Long, V> entry : hours) {
            if (entry.getKey() >= oldest) break;
            kept = kept.without(entry.getKey());
        }
        return kept;
    }

    private static long hour(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), HOUR);
    }
}
