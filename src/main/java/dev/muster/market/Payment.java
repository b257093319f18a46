package dev.muster.market;

import java.time.Instant;

/// Money that came in.
public record Payment(long number, Instant at, Usd amount, String description) {}
