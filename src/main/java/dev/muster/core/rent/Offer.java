package dev.muster.core.rent;

import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/// A machine that a provider would rent to us now. Somebody else may take it first.
///
/// @param id      what an order names; of this provider only
/// @param machine the physical machine, to avoid one that failed; may be empty
/// @param host    who owns it; may be empty
/// @param traits  all that it says of itself, by the names of [OfferField], in their units; what it does not say is
///     missing
public record Offer(
        String provider,
        String id,
        String machine,
        String host,
        Gpus gpus,
        Box box,
        Terms terms,
        Price price,
        SortedMap<String, Trait> traits) {
    /// @param vramMb memory of one card in megabytes
    public record Gpus(String name, int count, long vramMb) {}

    /// @param ramMb       megabytes
    /// @param diskGb      the most that can be had
    /// @param directPorts ports that can be reached without a proxy
    public record Box(double cpus, long ramMb, int diskGb, int directPorts) {}

    /// @param reliability 0 to 1, as the provider measured it
    /// @param location    `Oregon, US`; may be empty
    /// @param longest     how long the contract can last
    public record Terms(OptionalDouble reliability, boolean verified, String location, Optional<Duration> longest) {}

    /// @throws IllegalArgumentException when it has no id
    public Offer {
        if (id.isEmpty()) throw new IllegalArgumentException("expected an offer of " + provider + " to have an id");
        traits = Collections.unmodifiableSortedMap(new TreeMap<>(traits));
    }

    /// Dollars per hour on demand, with the disk and the traffic that will be used.
    public Money cost(int diskGb, Usage usage) {
        return cost(new Deal(Market.ON_DEMAND, diskGb, usage));
    }

    public Money cost(Deal deal) {
        return price.total(deal);
    }

    /// The two letters at the end of its location; empty when it says none.
    public String country() {
        String place = terms.location();
        return place.substring(place.lastIndexOf(',') + 1).strip();
    }
}
