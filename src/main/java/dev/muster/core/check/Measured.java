package dev.muster.core.check;

import java.util.function.Function;

/// A value, or why it could not be had.
public sealed interface Measured<T> {
    record Value<T>(T value) implements Measured<T> {}

    record Unknown<T>(String why) implements Measured<T> {}

    static <T> Measured<T> of(T value) {
        return new Value<>(value);
    }

    static <T> Measured<T> unknown(String why) {
        return new Unknown<>(why);
    }

    /// The value's check, or that it is unknown.
    default Check check(Probe probe, Function<T, Check> judge) {
        return switch (this) {
            case Value<T>(T value) -> judge.apply(value);
            case Unknown<T>(String why) -> new Check(probe, Grade.UNKNOWN, probe.word() + " unknown: " + why);
        };
    }
}
