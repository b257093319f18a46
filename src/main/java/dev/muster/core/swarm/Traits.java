package dev.muster.core.swarm;

/// What limits one peer.
///
/// @param upSlots most chunks it sends at a time
/// @param downSlots most chunks it receives at a time
/// @param dialable whether others can open a connection to it; two peers that are not are never paired
/// @param upRate bytes per second that it can send, 0 when unknown
/// @param downRate bytes per second that it can receive, 0 when unknown
public record Traits(int upSlots, int downSlots, boolean dialable, long upRate, long downRate) {
    /// Twelve each way: every flow gets the smaller of two shared links. A receiver begins nine of them and goes on with
    /// the others while it waits for the leader's word. Measured between eight nodes at 50 Mbit/s: 1.078 of the bound, with
    /// fifteen and twelve 1.092; between sixteen at 25 Mbit/s 1.108, 1.124, and 1.119 with ten and eight.
    public static final Traits DEFAULT = new Traits(12, 12, true, 0, 0);

    private static final int MANY_NODES = 100;

    private static final int SLOTS_AMONG_MANY = 8;

    private static final long MILLIS_PER_SLOT = 5;

    private static final int MORE_SLOTS_MAX = 12;

    /// The default among so many nodes. A chunk takes as long as there are slots, and passes through more nodes the more
    /// there are: among a thousand, eight slots are nearer to the bound than twelve (1.09 and 1.12, simulated).
    public static Traits among(int nodes) {
        return nodes < MANY_NODES ? DEFAULT : new Traits(SLOTS_AMONG_MANY, SLOTS_AMONG_MANY, true, 0, 0);
    }

    /// For round trips of so many milliseconds: between two chunks a slot is idle for two of them, the leader's word and the
    /// source's, so more slots keep the links full.
    public Traits over(long roundTripMillis) {
        int more = Math.clamp(roundTripMillis / MILLIS_PER_SLOT, 0, MORE_SLOTS_MAX);
        return new Traits(upSlots + more, downSlots + more, dialable, upRate, downRate);
    }

    /// @throws IllegalArgumentException when a slot count or a rate is negative
    public Traits {
        if (upSlots < 0 || downSlots < 0 || upRate < 0 || downRate < 0) {
            throw new IllegalArgumentException("expected slots and rates of at least 0, but found " + upSlots + " up, "
                    + downSlots + " down, " + upRate + " B/s up, " + downRate + " B/s down");
        }
    }

    public Traits withRates(long upRate, long downRate) {
        return new Traits(upSlots, downSlots, dialable, upRate, downRate);
    }

    public Traits withDialable(boolean dialable) {
        return new Traits(upSlots, downSlots, dialable, upRate, downRate);
    }
}
