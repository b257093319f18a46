package dev.muster.market;

/// Somebody else on a machine. Two of the same shape are not the same.
final class Tenant {
    /// For who rents on demand.
    static final long ON_DEMAND = Long.MAX_VALUE;

    final int mask;
    /// For one GPU, picodollars per second.
    final long bidPico;

    Tenant(int mask, long bidPico) {
        this.mask = mask;
        this.bidPico = bidPico;
    }
}
