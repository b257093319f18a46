package dev.muster.core.rent;

import dev.muster.core.state.Money;

/// An account's money.
///
/// @param credit what can still be spent
/// @param owner  whose account it is, as the provider says; may be empty
public record Balance(Money credit, String owner) {}
