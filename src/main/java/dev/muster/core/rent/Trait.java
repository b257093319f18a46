package dev.muster.core.rent;

/// What an offer says of itself under one name, for conditions on it.
public sealed interface Trait {
    record Number(double value) implements Trait {}

    record Text(String value) implements Trait {}

    record Flag(boolean value) implements Trait {}
}
