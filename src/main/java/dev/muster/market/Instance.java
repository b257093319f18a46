package dev.muster.market;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A rented machine as it is now.
///
/// @param actual      what the host reports; empty while it is being provisioned
/// @param intended    what the user wants: `running` or `stopped`
/// @param cur         of the contract on the market: `running` or `stopped`
/// @param message     the last line of docker or of the host's daemon
/// @param offer       the GPUs and their machine, at this contract's prices
/// @param gpuPerHour  as if it ran
/// @param diskPerHour as if its host were there
/// @param gpuNow      what the GPUs cost at this moment; nothing unless it runs
/// @param diskNow     what the disk costs at this moment
/// @param end         then it is stopped, and 48 hours later it is gone
/// @param runningFor  since when it has been running; empty unless it is
/// @param escrow      of what was prepaid, what is left
/// @param keys        public keys that open it
public record Instance(
        long id,
        Optional<String> actual,
        String intended,
        String cur,
        String next,
        Optional<String> message,
        Offer offer,
        Order order,
        Optional<String> label,
        Usd gpuPerHour,
        Usd diskPerHour,
        Usd gpuNow,
        Usd diskNow,
        Instant start,
        Instant end,
        Optional<Instant> runningFor,
        long bytesDown,
        long bytesUp,
        boolean diskFull,
        double discount,
        Usd escrow,
        Map<Long, String> keys) {
    public Instance {
        keys = Collections.unmodifiableMap(new TreeMap<>(keys));
    }

    public boolean isBid() {
        return order.bid().isPresent();
    }

    public boolean isRunning() {
        return actual.equals(Optional.of("running"));
    }

    /// The host reports `running` and nobody has asked it to stop.
    public boolean isUp() {
        return isRunning() && intended.equals("running");
    }

    /// Public keys, oldest first.
    public List<String> keyTexts() {
        return List.copyOf(keys.values());
    }
}
