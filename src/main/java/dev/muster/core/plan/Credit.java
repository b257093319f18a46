package dev.muster.core.plan;

import dev.muster.core.state.Instance;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/// Whether an account can pay. What a provider refuses for lack of credit says nothing of machines: none is replaced,
/// ended or bid higher for, and none is ordered, until there is some again.
public final class Credit {
    /// Between two orders that only show whether they would be taken; longer the longer they are not.
    private static final Duration TRY_FIRST = Duration.ofMinutes(5);
    private static final Duration TRY_MAX = Duration.ofMinutes(30);
    /// A start is tried again within two minutes.
    private static final Duration STARTS_FIRST = Duration.ofMinutes(3);
    /// An account that cannot be looked at so often says nothing.
    private static final int FAILURES_MAX = 3;

    private Credit() {}

    /// In words; empty when nobody says so. What an earlier leader was told holds until the account was looked at.
    public static Optional<String> lack(Rentals rentals, Renting renting, String provider, Instant now) {
        boolean lacks = renting.credits()
                .find(provider)
                .map(Renting.Credit::lacking)
                .orElseGet(() -> unsure(rentals, renting, provider, now));
        return lacks ? Optional.of(words(provider)) : Optional.empty();
    }

    static String words(String provider) {
        return provider + ": the account lacks credit";
    }

    private static boolean unsure(Rentals rentals, Renting renting, String provider, Instant now) {
        boolean failed = renting.last(new Errand.AskCredit(provider))
                .filter(tried -> tried.failures() >= FAILURES_MAX)
                .isPresent();
        return rentals.told(Trouble.NO_CREDIT, provider, now) && !failed;
    }

    /// Why nothing is ordered. While credit lacks one order is let through from time to time, where no start shows whether
    /// it is back; once it is back, what had stopped for it comes first.
    public static Optional<String> noOrder(Rentals rentals, Renting renting, String provider, Instant now) {
        Optional<String> lack = lack(rentals, renting, provider, now);
        if (lack.isPresent()) return lack.filter(words -> !tries(rentals, renting, provider, now));
        Instant back = backSince(renting, provider);
        boolean fresh = now.isBefore(back.plus(STARTS_FIRST));
        return fresh && (starts(rentals, provider) || started(rentals, provider, back))
                ? Optional.of(provider + ": the account has credit again, and what had stopped is started first")
                : Optional.empty();
    }

    private static boolean starts(Rentals rentals, String provider) {
        return at(rentals, provider)
                .anyMatch(one -> one.will() == Instance.Will.RUN
                        && one.observed().filter(Observed.STOPPED::equals).isPresent());
    }

    /// Its agent needs a moment to be heard.
    private static boolean started(Rentals rentals, String provider, Instant back) {
        return at(rentals, provider)
                .anyMatch(one -> one.orderedAt().isBefore(back)
                        && one.seen().isPresent()
                        && one.seenAt().isAfter(back));
    }

    private static Stream<Instance> at(Rentals rentals, String provider) {
        return rentals.open().stream().filter(one -> one.rent().provider().equals(provider));
    }

    private static boolean tries(Rentals rentals, Renting renting, String provider, Instant now) {
        boolean underWay = at(rentals, provider).anyMatch(one -> one.seen().isEmpty());
        return !underWay
                && !starts(rentals, provider)
                && renting.credits()
                        .find(provider)
                        .filter(credit -> !now.isBefore(credit.at().plus(rest(credit))))
                        .isPresent();
    }

    private static Duration rest(Renting.Credit credit) {
        Duration lasted = Duration.between(credit.since(), credit.at());
        if (lasted.compareTo(TRY_FIRST) < 0) return TRY_FIRST;
        return lasted.compareTo(TRY_MAX) > 0 ? TRY_MAX : lasted;
    }

    /// Since when there is credit again, after there was none; [Instant#MIN] when it never lacked.
    public static Instant backSince(Renting renting, String provider) {
        return renting.credits()
                .find(provider)
                .filter(credit -> !credit.lacking())
                .map(Renting.Credit::since)
                .orElse(Instant.MIN);
    }
}
