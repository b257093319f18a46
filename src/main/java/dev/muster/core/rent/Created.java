package dev.muster.core.rent;

/// A machine that was ordered and is there, or will be.
///
/// @param id   the provider's name for it
/// @param note what went wrong besides, as a key that could not be added yet; empty when nothing did
public record Created(String id, String note) {}
