package dev.muster.core.check;

import java.util.Locale;

/// What is looked at, in the order in which people read it.
public enum Probe {
    /// Does the leader hear its agent?
    REACHABLE,
    VERSION,
    PYTHON,
    PYTORCH,
    CUDA,
    DRIVER,
    DISK,
    INODES,
    DATA_DIR,
    MEMORY,
    CLOCK,
    CLOCK_SYNC,
    OPEN_FILES,
    SYSTEM_FILES,
    MODELS,
    /// Can others open connections to it?
    NETWORK;

    /// `open-files`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
