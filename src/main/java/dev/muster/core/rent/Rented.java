package dev.muster.core.rent;

import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// One rented machine as its provider lists it.
///
/// @param id       the provider's name for it, never its offer's
/// @param label    what its order called it; empty when nobody did
/// @param offer    the offer it came from; empty where the provider does not tell
/// @param machine  the physical machine; may be empty
/// @param observed what is seen; see [#observed(boolean)]
/// @param image    what runs there; may be empty
/// @param message  the provider's or the host's last words; may be empty
public record Rented(
        String provider,
        String id,
        String label,
        String offer,
        String machine,
        Observed observed,
        Offer.Gpus gpus,
        Reach reach,
        Bill bill,
        String image,
        String location,
        String message) {
    /// A host and a port to dial.
    public record Endpoint(String host, int port) {
        /// @throws IllegalArgumentException when it is no port
        public Endpoint {
            if (port < 1 || port > 65_535)
                throw new IllegalArgumentException("expected a port of 1 to 65535, but found " + port);
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /// How it is come to.
    ///
    /// @param direct without anybody between; only while it runs, and try it first
    /// @param proxy  over the provider's own host
    /// @param ports  what was asked to be reached, as in `8770/tcp`, and where it is outside
    public record Reach(
            String user, Optional<Endpoint> direct, Optional<Endpoint> proxy, SortedMap<String, Endpoint> ports) {
        public Reach {
            ports = Collections.unmodifiableSortedMap(new TreeMap<>(ports));
        }
    }

    /// What it costs.
    ///
    /// @param perHourNow     charged now: of a stopped machine, its disk
    /// @param perHourRunning charged while it runs
    /// @param perHourStorage charged whatever it does
    /// @param bid            rented at a bid, which is then part of `perHourRunning`
    /// @param started        when the contract began
    /// @param ends           when it ends at the latest; the machine is stopped then, and deleted some days later
    public record Bill(
            Money perHourNow,
            Money perHourRunning,
            Money perHourStorage,
            boolean bid,
            Optional<Instant> started,
            Optional<Instant> ends) {}

    /// @throws IllegalArgumentException when it has no id
    public Rented {
        if (id.isEmpty()) throw new IllegalArgumentException("expected a machine of " + provider + " to have an id");
    }

    /// As [#observed()], for who knows whether we stopped it: then a machine at a bid was not taken away.
    public Observed observed(boolean stoppedByUs) {
        return stoppedByUs && observed == Observed.PREEMPTED ? Observed.STOPPED : observed;
    }
}
