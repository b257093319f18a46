package dev.muster.core.run;

import dev.muster.core.state.Money;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a run will take and cost on one type of GPU.
///
/// @param formula before the correction: what is kept as [Took#estimated]
/// @param rate    empty when nobody told any
public record Estimate(String gpu, Duration formula, Correction correction, Optional<Rate> rate, Luggage luggage) {
    /// A latent dimension from which on the larger card pays.
    private static final long LARGE_DIM = 512;

    private static final Duration SHORT = Duration.ofMinutes(30);

    /// What a machine keeps for the run, and receives once.
    public record Luggage(int diskGb, int downGb) {
        /// What machines were rented with so far, and a data set of the usual size.
        public static final Luggage USUAL = new Luggage(64, 10);

        /// @throws IllegalArgumentException when a size is negative
        public Luggage {
            if (diskGb < 0 || downGb < 0)
                throw new IllegalArgumentException(
                        "expected sizes of 0 GB or more, but found " + diskGb + " and " + downGb);
        }
    }

    public record Cost(Money machine, Money disk, Money traffic) {
        public Money total() {
            return machine.plus(disk).plus(traffic);
        }
    }

    public Correction.Span time() {
        return correction.apply(formula);
    }

    /// Empty when there is no price.
    public Optional<Cost> cost(Duration time) {
        return rate.map(Rate::price)
                .map(price -> new Cost(
                        price.perHour().perHourFor(time),
                        price.storage(luggage.diskGb()).perHourFor(time),
                        price.downPerGb().times(luggage.downGb())));
    }

    /// What is to be taken, and why.
    public record Advice(String gpu, String why) {}

    /// By the latent dimension and the time where these are known, and the card is among those that were asked for; else the
    /// one that costs least.
    ///
    /// @param dim empty for other configs
    public static Optional<Advice> advice(List<Estimate> estimates, Optional<Long> dim) {
        if (dim.isPresent() && !estimates.isEmpty()) {
            Advice rule = rule(estimates, dim.get());
            Optional<Estimate> meant = estimates.stream()
                    .filter(one -> Correction.card(one.gpu()).equals(Correction.card(rule.gpu())))
                    .findFirst();
            if (meant.isPresent()) return Optional.of(new Advice(meant.get().gpu(), rule.why()));
        }
        return estimates.stream()
                .filter(one -> one.rate().isPresent())
                .min(Comparator.comparing(
                        one -> one.cost(one.time().likely()).orElseThrow().total()))
                .map(one -> new Advice(one.gpu(), "costs least"));
    }

    private static Advice rule(List<Estimate> estimates, long dim) {
        Duration shortest = estimates.stream()
                .map(one -> one.time().likely())
                .min(Comparator.naturalOrder())
                .orElseThrow();
        if (shortest.compareTo(SHORT) < 0) return new Advice("A100", "less than half an hour");
        return dim < LARGE_DIM
                ? new Advice("A100", "a latent dimension of " + dim + ", below " + LARGE_DIM)
                : new Advice("H200", "a latent dimension of " + dim + ", from " + LARGE_DIM + " on");
    }
}
