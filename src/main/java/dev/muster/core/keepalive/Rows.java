package dev.muster.core.keepalive;

import dev.muster.core.plan.Renting;
import dev.muster.core.rent.Rented;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The two newest good listings of a provider, to look things up in: each machine asks.
final class Rows {
    /// Of a provider that has not answered yet.
    static final Rows NONE = new Rows(Optional.empty());

    private final Optional<Renting.Listings> listings;
    private final Map<String, Rented> byId = new HashMap<>();
    private final Map<String, Rented> byLabel = new HashMap<>();
    private final Set<String> earlierIds = new HashSet<>();
    private final Set<String> earlierLabels = new HashSet<>();

    Rows(Optional<Renting.Listings> listings) {
        this.listings = listings;
        listings.ifPresent(known -> known.newest().machines().forEach(this::newest));
        listings.flatMap(Renting.Listings::before)
                .ifPresent(before -> before.machines().forEach(this::earlier));
    }

    private void newest(Rented row) {
        byId.putIfAbsent(row.id(), row);
        byLabel.putIfAbsent(row.label(), row);
    }

    private void earlier(Rented row) {
        earlierIds.add(row.id());
        earlierLabels.add(row.label());
    }

    Optional<Rented> withId(String rented) {
        return Optional.ofNullable(byId.get(rented));
    }

    Optional<Rented> withLabel(String label) {
        return Optional.ofNullable(byLabel.get(label));
    }

    /// Was it asked at that moment or later, and has it answered?
    boolean asked(Instant since) {
        return listings.filter(known -> !known.newest().asked().isBefore(since)).isPresent();
    }

    /// Are both newer than that, and is it in neither? One alone may have missed it.
    boolean twiceWithoutLabel(String label, Instant since) {
        return twice(since) && !byLabel.containsKey(label) && !earlierLabels.contains(label);
    }

    boolean twiceWithoutId(String rented, Instant since) {
        return twice(since) && !byId.containsKey(rented) && !earlierIds.contains(rented);
    }

    private boolean twice(Instant since) {
        return listings.filter(known -> known.newest().asked().isAfter(since))
                .flatMap(Renting.Listings::before)
                .filter(before -> before.asked().isAfter(since))
                .isPresent();
    }
}
