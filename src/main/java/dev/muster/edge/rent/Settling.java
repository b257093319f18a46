package dev.muster.edge.rent;

import dev.muster.core.rent.Charge;
import dev.muster.core.state.Bill;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What a provider has charged, as orders for the ledger.
///
/// Charges lag. Until they reach to where our own reckoning stands they are not taken over: nothing that was spent may
/// look unspent meanwhile.
final class Settling {
    /// How long after its end a machine's charges are asked for.
    static final Duration AWAITED = Duration.ofDays(3);
    /// By then they are all there, whatever time they bear.
    private static final Duration CERTAIN_AFTER = Duration.ofDays(2);
    /// By so much a provider's clock may be behind ours.
    private static final Duration SKEW = Duration.ofMinutes(10);
    /// Providers count by days, and by clocks of their own.
    private static final Duration BEFORE = Duration.ofDays(1);
    /// A simulated market may be weeks ahead.
    private static final Duration AHEAD = Duration.ofDays(31);

    private Settling() {}

    /// From when to when charges are asked for.
    record Span(Instant from, Instant to) {}

    /// All that was charged for one machine.
    private record Sum(Money total, Instant upTo) {
        static final Sum NONE = new Sum(Money.ZERO, Instant.MIN);

        Sum plus(Charge charge, Instance instance) {
            Instant to = charge.to();
            return new Sum(total.plus(since(charge, instance)), to.isAfter(upTo) ? to : upTo);
        }

        /// Of a machine that was adopted, what came before is not ours.
        private static Money since(Charge charge, Instance instance) {
            Instant orderedAt = instance.orderedAt();
            // One that we ordered ourselves has cost nothing before, whatever its provider's clock says.
            Instant first = instance.adopted() ? orderedAt : orderedAt.minus(SKEW);
            if (!charge.from().isBefore(first)) return charge.amount();
            if (!charge.to().isAfter(orderedAt)) return Money.ZERO;
            long whole = Duration.between(charge.from(), charge.to()).toSeconds();
            return charge.amount()
                    .share(Duration.between(orderedAt, charge.to()).toSeconds(), whole);
        }
    }

    /// @return empty when nothing is to be asked
    static Optional<Span> span(Rentals rentals, String provider, Instant now) {
        return open(rentals, provider, now).stream()
                .map(Instance::orderedAt)
                .min(Instant::compareTo)
                .map(first -> new Span(first.minus(BEFORE), now.plus(AHEAD)));
    }

    /// Those whose bill is not closed yet.
    private static List<Instance> open(Rentals rentals, String provider, Instant now) {
        return rentals.instances().values().stream()
                .filter(instance -> instance.rent().provider().equals(provider))
                .filter(instance -> instance.seen().isPresent())
                .filter(instance -> instance.ended()
                        .map(ended -> ended.at().plus(AWAITED).isAfter(now))
                        .orElse(true))
                .toList();
    }

    static List<Command.RecordCharge> orders(Rentals rentals, String provider, List<Charge> charges, Instant now) {
        Map<String, List<Charge>> byMachine =
                charges.stream().collect(Collectors.groupingBy(Charge::machine, TreeMap::new, Collectors.toList()));
        List<Command.RecordCharge> orders = new ArrayList<>();
        for (Instance instance : open(rentals, provider, now)) {
            Sum sum = Sum.NONE;
            for (Charge charge : byMachine.getOrDefault(instance.rented().orElseThrow(), List.of()))
                sum = sum.plus(charge, instance);
            if (!sum.equals(Sum.NONE)) order(instance, sum, now).ifPresent(orders::add);
        }
        return orders;
    }

    private static Optional<Command.RecordCharge> order(Instance instance, Sum sum, Instant now) {
        Instant upTo = sum.upTo().isBefore(now) ? sum.upTo() : now;
        return instance.ended().isPresent()
                ? ended(instance, sum, upTo, instance.ended().get().at(), now)
                : running(instance, sum, upTo);
    }

    private static Optional<Command.RecordCharge> running(Instance instance, Sum sum, Instant upTo) {
        Bill bill = instance.bill();
        boolean lags = upTo.isBefore(bill.at());
        boolean known = bill.charged().isPresent() && sum.total().equals(bill.total(upTo));
        return lags || known ? Optional.empty() : record(instance, sum, upTo);
    }

    /// Once more, and as of its end, when nothing more is to come.
    private static Optional<Command.RecordCharge> ended(
            Instance instance, Sum sum, Instant upTo, Instant ended, Instant now) {
        Bill bill = instance.bill();
        if (!whole(instance, sum, now))
            return sum.total().compareTo(bill.booked()) > 0 ? record(instance, sum, upTo) : Optional.empty();
        boolean closed =
                bill.charged().filter(before -> !before.isBefore(ended)).isPresent();
        boolean known = closed && sum.total().equals(bill.booked());
        return known ? Optional.empty() : record(instance, sum, ended.isAfter(upTo) ? ended : upTo);
    }

    private static Optional<Command.RecordCharge> record(Instance instance, Sum sum, Instant upTo) {
        return Optional.of(new Command.RecordCharge(instance.id(), sum.total(), upTo));
    }

    /// Is nothing more to come of a machine that has ended?
    private static boolean whole(Instance instance, Sum sum, Instant now) {
        Instant ended = instance.ended().orElseThrow().at();
        boolean reaches = instance.released()
                .filter(released -> !sum.upTo().isBefore(released))
                .isPresent();
        return reaches || !now.isBefore(ended.plus(CERTAIN_AFTER));
    }
}
