package dev.muster.core.state;

import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Whether money may be committed. What is open counts with one hour in the day's and the month's cap, so none is rented that
/// could not be paid for an hour. What runs when the cap comes near is the autoscaler's to end, see [Scaling.OnCap].
public final class Budgets {
    private Budgets() {}

    /// @param scope empty: all machines
    /// @param spent since the day or the month began; of the hour's cap nothing
    /// @param open  per hour
    public record Use(String scope, String span, Money spent, Money open, Money cap) {
        /// Spent, and one hour of what is open; of the hour's cap what is open per hour.
        public Money used() {
            return spent.plus(open);
        }

        public Money left() {
            return cap.minus(used());
        }

        /// Without an hour of what is open: `$2.80 of $3 per day`.
        public String told() {
            return span.equals("hour")
                    ? toString()
                    : (scope.isEmpty() ? "" : scope + ": ") + spent.brief() + " of " + cap + " per " + span;
        }

        @Override
        public String toString() {
            return (scope.isEmpty() ? "" : scope + ": ") + used().brief() + " of " + cap + " per " + span;
        }
    }

    /// Each cap there is, and what is used of it.
    public static List<Use> uses(Rentals rentals, Windows windows, Instant now) {
        return rentals.caps().asMap().entrySet().stream()
                .flatMap(entry -> uses(rentals, entry.getKey(), entry.getValue(), windows, now).stream())
                .toList();
    }

    private static List<Use> uses(Rentals rentals, String scope, Caps caps, Windows windows, Instant now) {
        Optional<String> group = scope.isEmpty() ? Optional.empty() : Optional.of(scope);
        Money committed = rentals.committed(group);
        return java.util.stream.Stream.of(
                        caps.hour().map(cap -> new Use(scope, "hour", Money.ZERO, committed, cap)),
                        caps.day()
                                .map(cap -> new Use(
                                        scope, "day", spent(rentals, windows.day(), now, scope), committed, cap)),
                        caps.month()
                                .map(cap -> new Use(
                                        scope, "month", spent(rentals, windows.month(), now, scope), committed, cap)))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Money spent(Rentals rentals, Instant from, Instant now, String scope) {
        return scope.isEmpty() ? rentals.spent(from, now) : rentals.spent(from, now, scope);
    }

    /// The cap that leaves the least room for a machine of that group.
    public static Optional<Use> tightest(Rentals rentals, Optional<String> group, Windows windows, Instant now) {
        return uses(rentals, windows, now).stream()
                .filter(use -> use.scope().isEmpty() || group.equals(Optional.of(use.scope())))
                .min((one, other) -> one.left().compareTo(other.left()));
    }

    /// Why so much more per hour does not fit; empty when it does.
    static Optional<Outcome> refusal(
            Rentals rentals, Money more, Optional<String> group, Windows windows, Instant now) {
        if (rentals.caps().isEmpty()) return Optional.empty();
        if (!windows.holds(now)) {
            return Optional.of(refused(
                    Code.INVALID,
                    "expected the day and the month of " + now + ", but found those that began at " + windows.day()
                            + " and " + windows.month()));
        }
        return tightest(rentals, group, windows, now)
                .filter(use -> more.compareTo(use.left()) > 0)
                .map(use -> refused(
                        Code.OVER_BUDGET,
                        "expected " + more.brief() + " per hour to fit into the cap, but " + use
                                + (use.span().equals("hour") ? " is" : ", with an hour of what is open, is")
                                + " used; `muster budget set` changes it"));
    }
}
