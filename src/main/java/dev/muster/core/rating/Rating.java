package dev.muster.core.rating;

/// A player's strength on the Elo scale: 400 points are odds of ten to one.
///
/// @param low   of the 95 % interval, relative to the anchor
/// @param high  of the 95 % interval, relative to the anchor
/// @param games counted
public record Rating(String player, double elo, double low, double high, long games) {}
