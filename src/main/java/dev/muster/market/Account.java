package dev.muster.market;

/// What is there to spend.
///
/// @param credit    paid in, less all charges so far and what is set aside for prepaid instances; may be below nothing
/// @param escrow    set aside for prepaid instances
/// @param spent     all charges so far
/// @param perHour   what all instances cost at this moment
public record Account(Usd credit, Usd escrow, Usd paid, Usd spent, Usd perHour) {}
