package dev.muster.market;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A machine: its listing, and who holds which of its GPUs.
///
/// It is offered in parts whose size is a power of two, each part an offer of its own: eight GPUs are one offer of
/// eight, two of four, four of two and eight of one. What is rented takes all offers away that share a GPU with it. Who
/// rents on demand takes GPUs from who bids; among bidders the higher one has them.
final class Machine {
    /// An offered part; the bits of `mask` are its GPUs.
    record Part(long ask, int mask, int gpus) {}

    /// A bid has to be this much above another's, in hundredths.
    private static final int STEP_PERCENT = 2;

    final Hardware hardware;
    final SplittableRandom dice;
    final List<Part> parts = new ArrayList<>();
    final List<Tenant> tenants = new ArrayList<>();
    final List<Contract> contracts = new ArrayList<>();
    Prices prices;
    /// Micros; when the listing ends.
    long until;
    /// Micros; -1 while it is there.
    long offlineSince = -1;

    Machine(Hardware hardware, Prices prices, long until, SplittableRandom dice) {
        this.hardware = hardware;
        this.prices = prices;
        this.until = until;
        this.dice = dice;
    }

    /// Its parts get ids from `first` on.
    ///
    /// @return the first id that is left
    long list(long first) {
        long ask = first;
        for (int size = hardware.gpus(); size >= 1; size /= 2) {
            for (int at = 0; at < hardware.gpus(); at += size) {
                parts.add(new Part(ask++, (1 << size) - 1 << at, size));
            }
        }
        return ask;
    }

    boolean online() {
        return offlineSince < 0;
    }

    /// The highest price at which one of these GPUs is held, per GPU; 0 when all are free. Of what `except` holds
    /// nothing is said.
    long held(int mask, Contract except) {
        long highest = 0;
        for (Tenant tenant : tenants) if ((tenant.mask & mask) != 0) highest = Math.max(highest, tenant.bidPico);
        for (Contract contract : contracts) {
            if (contract != except && contract.holds && (contract.part.mask() & mask) != 0)
                highest = Math.max(highest, contract.bidPerGpu());
        }
        return highest;
    }

    /// Whether who pays so much per GPU gets these GPUs, if he asks now.
    boolean yields(int mask, long perGpu, Contract except) {
        if (!online()) return false;
        long held = held(mask, except);
        if (perGpu == Tenant.ON_DEMAND) return held < Tenant.ON_DEMAND;
        return perGpu >= prices.floorPico() && perGpu > held;
    }

    /// The least that wins these GPUs, picodollars per second for all of them. It means nothing while somebody rents
    /// one on demand.
    long leastBid(Part part, Contract except) {
        long held = held(part.mask(), except);
        if (held == Tenant.ON_DEMAND) return prices.floorPico() * part.gpus();
        long over = held == 0 ? 0 : held + held * STEP_PERCENT / 100 + 1;
        return Math.max(prices.floorPico(), over) * part.gpus();
    }

    Offer offer(Part part, long now, Prices at) {
        boolean free = held(part.mask(), null) < Tenant.ON_DEMAND;
        boolean rented = held(part.mask(), null) > 0;
        return new Offer(
                part.ask(),
                hardware,
                at,
                part.gpus(),
                free && online() && until > now,
                rented,
                online(),
                Usd.perHour(at.gpuPico() * part.gpus()),
                Usd.perHour(leastBid(part, null)),
                Market.instant(until - 90 * Market.DAY),
                Market.instant(until));
    }

    /// What must always be so: no GPU has two holders.
    void audit() {
        int taken = 0;
        for (Tenant tenant : tenants) taken = add(taken, tenant.mask);
        for (Contract contract : contracts) if (contract.holds) taken = add(taken, contract.part.mask());
    }

    private int add(int taken, int mask) {
        if ((taken & mask) != 0)
            throw new IllegalStateException("expected each GPU of machine " + hardware.machineId()
                    + " to have one holder, but found two for some of " + Integer.toBinaryString(mask));
        return taken | mask;
    }
}
