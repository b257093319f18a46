package dev.muster.edge.web;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// Lets people in who have the token, and lets whoever guesses wait: after some wrong tokens from an address each further one
/// costs twice the time.
public final class Door {
    /// Somebody mistypes.
    static final int FREE = 4;
    /// Of one address, however often.
    static final Duration LONGEST = Duration.ofMinutes(5);
    /// What was wrong that long ago is forgotten.
    static final Duration FORGOTTEN = Duration.ofMinutes(15);
    /// Addresses that are remembered; of more the oldest goes. The token is long, so this is about noise, not about safety.
    static final int ADDRESSES_MAX = 2_000;

    private final Map<String, Wrong> wrong = new LinkedHashMap<>();

    private record Wrong(int times, Instant last) {
        Instant next() {
            if (times < FREE) return last;
            Duration wait = Duration.ofSeconds(1L << Math.min(times - FREE, 20));
            return last.plus(wait.compareTo(LONGEST) < 0 ? wait : LONGEST);
        }
    }

    /// What came of it.
    ///
    /// @param later until the next try is looked at
    public record Answer(boolean in, Duration later) {}

    /// Whoever has to wait is not even looked at.
    public synchronized Answer enter(String address, Instant now, BooleanSupplier right) {
        Wrong before = wrong.getOrDefault(address, new Wrong(0, Instant.EPOCH));
        if (before.last().plus(FORGOTTEN).isBefore(now)) before = new Wrong(0, now);
        if (before.next().isAfter(now)) return new Answer(false, Duration.between(now, before.next()));
        if (right.getAsBoolean()) {
            wrong.remove(address);
            return new Answer(true, Duration.ZERO);
        }
        Wrong after = new Wrong(before.times() + 1, now);
        wrong.remove(address);
        while (wrong.size() >= ADDRESSES_MAX)
            wrong.remove(wrong.keySet().iterator().next());
        wrong.put(address, after);
        return new Answer(false, Duration.between(now, after.next()));
    }
}
