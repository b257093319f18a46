package dev.muster.market;

import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// One rented instance, with all that changes of it. Only [Life] changes it.
final class Contract {
    /// What becomes of its container, decided when it is made.
    enum Fate {
        BOOTS,
        /// stays in `loading`
        STUCK,
        /// its image cannot be started
        BAD_IMAGE
    }

    /// A host that has been silent for so long is called `offline`, before that `unknown`.
    private static final long UNKNOWN_MICROS = 3 * 60 * Market.SECOND;

    final long id;
    final Order order;
    final Machine machine;
    final Machine.Part part;
    final Bill bill;
    final SplittableRandom dice;
    final Map<Long, String> keys = new TreeMap<>();
    final long start;
    /// The prices it was made at; those of the machine go their own way.
    Prices prices;
    /// All GPUs, picodollars per second, without a discount.
    long gpuPico;
    final long diskPico;
    long end;
    Phase phase = Phase.PROVISIONING;
    /// Steps that were planned for an earlier phase are void.
    long generation;
    /// What the host reported before it was asked to stop.
    Optional<String> reported = Optional.empty();
    Optional<String> message = Optional.empty();
    Optional<String> label;
    Fate fate;
    boolean holds;
    /// Its processes run.
    boolean up;
    boolean diskFull;
    long runningFor = -1;
    long queuedAt;
    long bytesDown;
    long bytesUp;
    long escrow;
    long escrowMark;
    /// In hundredths.
    int discountPercent;

    Contract(long id, Order order, Machine machine, Machine.Part part, Bill bill, SplittableRandom dice, long now) {
        this.id = id;
        this.order = order;
        this.machine = machine;
        this.part = part;
        this.bill = bill;
        this.dice = dice;
        this.start = now;
        this.prices = machine.prices;
        this.gpuPico = order.bid().isPresent()
                ? Usd.picoPerSecond(order.bid().getAsDouble())
                : machine.prices.gpuPico() * part.gpus();
        this.diskPico = machine.prices.diskPico(order.diskGb());
        this.end = machine.until;
        this.label = order.label();
    }

    boolean isBid() {
        return order.bid().isPresent();
    }

    /// What it holds its GPUs at.
    long bidPerGpu() {
        return isBid() ? gpuPico / part.gpus() : Tenant.ON_DEMAND;
    }

    /// It gets its GPUs if it asks now.
    boolean wins() {
        return machine.yields(part.mask(), bidPerGpu(), this);
    }

    long gpuRate() {
        return up && machine.online() ? gpuPico - gpuPico * discountPercent / 100 : 0;
    }

    long diskRate() {
        return machine.online() ? diskPico : 0;
    }

    /// Of what was prepaid, what is not used up.
    long escrowLeft(long second) {
        return escrow == 0 ? 0 : Math.max(0, escrow - (bill.total(second) - escrowMark));
    }

    private Optional<String> actual(long now) {
        if (!machine.online()) return Optional.of(now - machine.offlineSince < UNKNOWN_MICROS ? "unknown" : "offline");
        return phase == Phase.STOPPING ? reported : phase.actual();
    }

    private String intended() {
        boolean runs = phase == Phase.QUEUED || phase.active() && phase != Phase.STOPPING;
        return runs ? "running" : "stopped";
    }

    Instance view(long now) {
        String cur = phase.active() ? "running" : "stopped";
        return new Instance(
                id,
                actual(now),
                intended(),
                cur,
                phase == Phase.STOPPING ? "stopped" : phase == Phase.QUEUED ? "running" : cur,
                message,
                machine.offer(part, now, prices),
                order,
                label,
                Usd.perHour(gpuPico),
                Usd.perHour(diskPico),
                Usd.perHour(gpuRate()),
                Usd.perHour(diskRate()),
                Market.instant(start),
                Market.instant(end),
                runningFor < 0 ? Optional.empty() : Optional.of(Market.instant(runningFor)),
                bytesDown,
                bytesUp,
                diskFull,
                discountPercent / 100.0,
                new Usd(escrowLeft(Market.second(now))),
                keys);
    }
}
