package dev.muster.core.state;

/// What a person wants of a node. What is seen of it (silent, fenced, full) is kept elsewhere and never written here.
public enum Desired {
    /// Takes work.
    READY,
    /// Takes no new work; what runs there finishes.
    DRAINING,
    /// Out of service until a person brings it back; takes no work, is not missed when silent.
    RETIRED
}
