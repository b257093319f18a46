package dev.muster.core.state;

/// Which file a delta makes, and from which.
public record DeltaOf(Sha256 artifact, Sha256 base) {}
