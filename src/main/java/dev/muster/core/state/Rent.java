package dev.muster.core.state;

import java.util.Optional;

/// What was agreed when a machine was rented; later prices are in [Sighting].
///
/// @param provider       as in `vast`
/// @param offer          the provider's id of it; of an adopted machine it may be empty
/// @param machine        the physical machine, which is blamed when it fails; may be empty
/// @param gpu            the card's name; empty without one
/// @param gpus           of the machine
/// @param bid            per hour of the whole machine; empty for the price on demand
/// @param perHour        while it runs, with its disk and the traffic that is expected
/// @param perHourStopped for its disk
/// @param diskGb         cannot be changed later
/// @param image          of the container; may be empty
/// @param role           its node joins with
public record Rent(
        String provider,
        String offer,
        String machine,
        String gpu,
        int gpus,
        Optional<Money> bid,
        Money perHour,
        Money perHourStopped,
        int diskGb,
        String image,
        Role role) {
    /// Per hour of one machine; sums of them stay far from the end of numbers.
    private static final Money PRICE_MAX = Money.ofDollars(100_000);

    /// @throws IllegalArgumentException when the provider has no name, or something is below nothing or beyond belief
    public Rent {
        Ids.name("a provider's name", provider);
        if (gpus < 0 || diskGb < 0)
            throw new IllegalArgumentException("expected 0 or more GPUs and GB, but found " + gpus + " and " + diskGb);
        if (perHour.micros() < 0
                || perHourStopped.micros() < 0
                || bid.filter(money -> money.micros() <= 0).isPresent())
            throw new IllegalArgumentException("expected prices of $0 or more and a bid above that, but found "
                    + perHour + ", " + perHourStopped + " and " + bid);
        if (!price(perHour).equals(perHour) || !price(perHourStopped).equals(perHourStopped))
            throw new IllegalArgumentException("expected prices of at most " + PRICE_MAX + " per hour, but found "
                    + perHour + " and " + perHourStopped);
    }

    /// The nearest that can be: what a provider lists is not ours to choose.
    static Money price(Money listed) {
        Money some = listed.max(Money.ZERO);
        return some.compareTo(PRICE_MAX) > 0 ? PRICE_MAX : some;
    }

    /// `1x RTX 3070`, or `no GPU`.
    public String gear() {
        return gpus == 0 ? "no GPU" : gpus + "x " + gpu;
    }
}
