package dev.muster.market;

import java.util.Optional;

/// Where an instance stands; the wire's state fields follow from it.
enum Phase {
    PROVISIONING(Optional.empty(), true),
    CREATED(Optional.of("created"), true),
    LOADING(Optional.of("loading"), true),
    /// Its container cannot be started.
    FAILED(Optional.of("exited"), true),
    RUNNING(Optional.of("running"), true),
    /// Asked to stop; the host reports what it reported before.
    STOPPING(Optional.of("running"), true),
    STOPPED(Optional.of("exited"), false),
    /// Stopped by the market, and to go on by itself.
    OUTBID(Optional.of("exited"), false),
    /// To run as soon as its GPUs are free.
    QUEUED(Optional.of("exited"), false),
    /// Its container exists and is not relaunched yet: the host goes on reporting `exited`, for up to ten minutes.
    STARTING(Optional.of("exited"), true),
    REBOOTING(Optional.of("rebooting"), true),
    RECYCLING(Optional.of("recycling"), true);

    private final Optional<String> actual;
    private final boolean active;

    Phase(Optional<String> actual, boolean active) {
        this.actual = actual;
        this.active = active;
    }

    Optional<String> actual() {
        return actual;
    }

    /// It has its GPUs, and the contract's `cur_state` is `running`.
    boolean active() {
        return active;
    }
}
