package dev.muster.core.state;

/// How a machine is rented.
public enum Market {
    /// At the offer's price, until we or the contract end it.
    ON_DEMAND,
    /// At our bid; a higher bid, or a renter on demand, takes it away.
    BID,
    /// Paid ahead for months.
    RESERVED
}
