package dev.muster.core.state;

import java.time.Instant;

/// A physical machine on which a rented one failed: nothing is rented there until `until`.
public record Blame(Instant at, Instant until, int times, String why) {}
