package dev.muster.core.state;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Rented machines of one kind that are scaled together.
///
/// @param provider as in `vast`
/// @param gpus     names of cards that will do, in the provider's spelling; empty: any machine
/// @param gpuCount cards of each machine
/// @param query    what else an offer must be, in the words of `offer search`; may be empty
/// @param min      machines at any time
/// @param target   machines while there is as much to do as usual: it grows beyond only with a backlog, and shrinks below
///     only when machines are idle
/// @param max      machines at any time
/// @param priceMax per hour of one machine, with its disk and traffic: dearer offers are not taken
/// @param market   `ON_DEMAND` or `BID`
/// @param role     its nodes join with
/// @param diskGb   of each machine
/// @param image    of the container; empty: the usual one
public record Group(
        String name,
        String provider,
        List<String> gpus,
        int gpuCount,
        String query,
        int min,
        int target,
        int max,
        Money priceMax,
        Market market,
        Role role,
        int diskGb,
        String image) {
    /// Machines of one group; a slip of the keyboard is no thousand machines.
    public static final int SIZE_MAX = 500;

    public static final int DISK_MAX_GB = 100_000;
    private static final int GPUS_MAX = 64;
    private static final int QUERY_MAX = 1_000;

    /// @throws IllegalArgumentException when a field is out of its range; the message names it
    public Group {
        Ids.name("a group's name", name);
        Ids.name("a provider's name", provider);
        gpus = List.copyOf(gpus);
        if (gpus.size() > GPUS_MAX) throw wrong("at most " + GPUS_MAX + " cards' names", gpus.size());
        if (gpuCount < 0 || gpuCount > GPUS_MAX) throw wrong("0 to " + GPUS_MAX + " GPUs in a machine", gpuCount);
        if (query.length() > QUERY_MAX) throw wrong("a query of at most " + QUERY_MAX + " characters", query.length());
        if (min < 0 || min > target || target > max || max > SIZE_MAX)
            throw wrong("0 <= min <= target <= max <= " + SIZE_MAX, min + ", " + target + ", " + max);
        if (priceMax.micros() <= 0) throw wrong("a price cap above $0 per hour", priceMax);
        if (market == Market.RESERVED) throw wrong("a market of on-demand or bid", word(market));
        if (role == Role.COORDINATOR) throw wrong("a role of selfplay, training or mixed", word(role));
        if (diskGb < 1 || diskGb > DISK_MAX_GB) throw wrong("a disk of 1 to " + DISK_MAX_GB + " GB", diskGb);
    }

    public Group withPriceMax(Money perHour) {
        return new Group(name, provider, gpus, gpuCount, query, min, target, max, perHour, market, role, diskGb, image);
    }

    /// Does its size follow what there is to do?
    public boolean scales() {
        return min < max;
    }

    public Optional<String> imageNamed() {
        return image.isEmpty() ? Optional.empty() : Optional.of(image);
    }

    /// As people write it.
    private static String word(Enum<?> one) {
        return one.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static IllegalArgumentException wrong(String expected, Object found) {
        return new IllegalArgumentException("expected " + expected + ", but found " + found);
    }
}
