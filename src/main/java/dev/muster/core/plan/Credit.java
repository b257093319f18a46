package dev.muster.core.plan;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Instance;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

    /// In words; empty when nobody says so. What an earlier leader was told holds until the log says that it is over.
    public static Optional<String> lack(Rentals rentals, Renting renting, String provider, Instant now) {
        boolean lacks =
                renting.credits().find(provider).filter(Renting.Credit::lacking).isPresent();
        return lacks || unsure(rentals, renting, provider, now) ? Optional.of(words(provider)) : Optional.empty();
    }

    /// Has it been told that it lacks, and did its account show some since?
    public static boolean over(Rentals rentals, Renting renting, String provider, Instant now) {
        return rentals.told(Trouble.NO_CREDIT, provider, now)
                && renting.credits()
                        .find(provider)
                        .filter(credit -> !credit.lacking())
                        .isPresent();
    }

    /// Is it certain that there was some at that moment or later? What a provider takes from us may be taken for lack of it.
    /// An account that cannot be looked at keeps nobody waiting.
    public static boolean shown(Renting renting, String provider, Instant since) {
        return silent(renting, provider)
                || renting.credits()
                        .find(provider)
                        .filter(credit -> !credit.lacking() && !credit.shown().isBefore(since))
                        .isPresent();
    }

    private static boolean silent(Renting renting, String provider) {
        return renting.last(new Errand.AskCredit(provider))
                .filter(tried -> tried.failures() >= FAILURES_MAX)
                .isPresent();
    }

    static String words(String provider) {
        return provider + ": the account lacks credit";
    }

    private static boolean unsure(Rentals rentals, Renting renting, String provider, Instant now) {
        return rentals.told(Trouble.NO_CREDIT, provider, now) && !silent(renting, provider);
    }

    /// Why nothing is ordered. While credit lacks one order is let through from time to time, where no start shows whether
    /// it is back; once it is back, what had stopped for it comes first.
    public static Optional<String> noOrder(ClusterState state, Renting renting, String provider, Instant now) {
        Rentals rentals = state.rentals();
        Optional<String> lack = lack(rentals, renting, provider, now);
        if (lack.isPresent()) return lack.filter(words -> !tries(rentals, renting, provider, now));
        Instant back = backSince(rentals, renting, provider);
        return fresh(back, now) && (starts(rentals, provider) || started(state, provider, back))
                ? Optional.of(provider + ": the account has credit again, and what had stopped is started first, until "
                        + back.plus(STARTS_FIRST).truncatedTo(ChronoUnit.SECONDS) + " at the latest")
                : Optional.empty();
    }

    /// Is it back for so short a time that what had stopped for it may still be on its way up?
    public static boolean fresh(Instant back, Instant now) {
        return Duration.between(back, now).compareTo(STARTS_FIRST) < 0;
    }

    private static boolean starts(Rentals rentals, String provider) {
        return at(rentals, provider)
                .anyMatch(one -> one.will() == Instance.Will.RUN
                        && one.observed().filter(Credit::stopped).isPresent());
    }

    /// A machine at a bid looks as if somebody had bid more.
    private static boolean stopped(Observed observed) {
        return observed == Observed.STOPPED || observed == Observed.PREEMPTED;
    }

    /// And is not in the cluster again: its agent needs a moment to be heard.
    private static boolean started(ClusterState state, String provider, Instant back) {
        return at(state.rentals(), provider)
                .anyMatch(one -> one.orderedAt().isBefore(back)
                        && one.will() == Instance.Will.RUN
                        && one.seen().isPresent()
                        && one.seenAt().isAfter(back)
                        && !up(state, one));
    }

    private static boolean up(ClusterState state, Instance instance) {
        return instance.observed().filter(Observed.RUNNING::equals).isPresent()
                && instance.node()
                        .flatMap((NodeId id) -> state.fleet().nodes().find(id))
                        .filter(node -> !node.fenced())
                        .isPresent();
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
    public static Instant backSince(Rentals rentals, Renting renting, String provider) {
        Instant told = rentals.over(Trouble.NO_CREDIT, provider).orElse(Instant.MIN);
        return renting.credits()
                .find(provider)
                .filter(credit -> !credit.lacking())
                .map(Renting.Credit::since)
                .filter(told::isBefore)
                .orElse(told);
    }
}
