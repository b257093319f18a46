package dev.muster.edge.raft;

import java.util.Optional;

/// Looks into what Ratis wraps several times.
final class Causes {
    private static final int DEPTH_MAX = 20; // a chain that loops must not

    private Causes() {}

    static Throwable innermost(Throwable thrown) {
        Throwable at = thrown;
        for (int i = 0; i < DEPTH_MAX && at.getCause() != null; i++) at = at.getCause();
        return at;
    }

    static <T extends Throwable> Optional<T> find(Throwable thrown, Class<T> type) {
        Throwable at = thrown;
        for (int i = 0; i < DEPTH_MAX && at != null; i++, at = at.getCause())
            if (type.isInstance(at)) return Optional.of(type.cast(at));
        return Optional.empty();
    }
}
