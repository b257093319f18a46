package dev.muster.core.swarm;

/// How fast a peer is, learnt from its chunks, and how many it should send at a time: a peer with a slow uplink gets
/// fewer slots, so that its chunks take no longer than those of others.
final class Pace {
    /// A measurement counts for an eighth.
    private static final double WEIGHT = 0.125;

    /// Above this many times what its receivers are used to, a source is slow; below the other it is not.
    private static final double SLOW = 1.5;

    private static final double USUAL = 1.1;

    private int slotsMax;
    private int slots;

    /// Average nanoseconds that a chunk took to this receiver, and from this source; 0 when none came yet.
    private double downNanos;

    private double upNanos;

    /// Average of how long its chunks took, by what their receivers are used to.
    private double slowness = 1;

    /// Chunks measured since the slots last changed.
    private int measured;

    /// When the last chunk came, and when the last one was delivered.
    private long gotAt = Long.MIN_VALUE;

    private long sentAt = Long.MIN_VALUE;

    /// When it last sent as much at a time as it may: only then its speed says something about it.
    private long fullAt = Long.MIN_VALUE;

    /// @param share of the fastest uplink, above 0 and at most 1
    void begin(int slotsMax, double share) {
        this.slotsMax = slotsMax;
        slots = Math.min(slotsMax, Math.max(1, (int) Math.round(slotsMax * share)));
        downNanos = upNanos = 0;
        slowness = 1;
        measured = 0;
        gotAt = sentAt = fullAt = Long.MIN_VALUE;
    }

    int slots() {
        return slots;
    }

    /// Another maximum: one that had all its slots has all of them.
    void atMost(int max) {
        slots = slots == slotsMax ? max : Math.min(slots, max);
        slotsMax = max;
    }

    /// Whether it sends at less than half of what it might.
    boolean isSlow() {
        return 2 * slots <= slotsMax;
    }

    double downNanos() {
        return downNanos;
    }

    /// The longer of what the two are used to; 0 when nothing is known.
    static double expectedNanos(Peer receiver, Peer source) {
        return Math.max(receiver.pace.downNanos, source.pace.upNanos);
    }

    /// A chunk was begun, and so many are on their way from this source.
    void began(int sending, long now) {
        if (sending >= slots) fullAt = now;
    }

    /// A chunk came.
    static void measure(Flow flow, long now) {
        double took = Math.max(1, now - flow.startedAt);
        Pace receiver = flow.receiver.pace;
        Pace source = flow.source.pace;
        receiver.gotAt = now;
        source.sentAt = now;
        if (receiver.downNanos > 0 && source.fullAt >= flow.startedAt) source.adapt(took / receiver.downNanos);
        receiver.downNanos = mean(receiver.downNanos, took);
        source.upNanos = mean(source.upNanos, took);
    }

    /// A chunk is overdue: whose fault is it? Who did other business since is not to blame. What may just be slow is
    /// given more time from now on, so that it is not asked for again and again: both ends when neither did business,
    /// and a source that failed a second time.
    static void overdue(Flow flow, long now) {
        Peer receiver = flow.receiver;
        Peer source = flow.source;
        double took = now - flow.startedAt;
        boolean received = receiver.pace.gotAt >= flow.startedAt;
        boolean sent = source.pace.sentAt >= flow.startedAt;
        receiver.shun(source, now);
        if (received && !sent) source.fellSilent(now);
        if (sent && !received) receiver.fellDeaf(now);
        if (!sent && !received) {
            source.failedToSend(now);
            receiver.pace.downNanos = Math.max(receiver.pace.downNanos, took);
        }
        if (!sent && (!received || flow.probe)) source.pace.upNanos = Math.max(source.pace.upNanos, took);
    }

    /// The source said that it is too busy.
    void refused(int busy) {
        slots = Math.max(1, Math.min(slots, busy));
        measured = 0;
    }

    private void adapt(double relative) {
        slowness = mean(slowness, Math.min(relative, 8));
        if (++measured < slots) return;
        if (slowness > SLOW && slots > 1) change(-Math.max(1, slots / 4));
        else if (slowness < USUAL && slots < slotsMax) change(1);
    }

    private void change(int by) {
        slots += by;
        measured = 0;
    }

    private static double mean(double before, double took) {
        return before == 0 ? took : before + WEIGHT * (took - before);
    }
}
