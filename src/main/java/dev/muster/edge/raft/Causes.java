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

    /// Did a disk refuse a write because it is full? Neither Java nor Ratis tells it otherwise than in words.
    static boolean noRoom(Throwable thrown) {
        Throwable at = thrown;
        for (int i = 0; i < DEPTH_MAX && at != null; i++, at = at.getCause()) {
            String words = String.valueOf(at.getMessage());
            if (words.contains("No space left") || words.contains("quota exceeded")) return true;
        }
        return false;
    }

    static <T extends Throwable> Optional<T> find(Throwable thrown, Class<T> type) {
        Throwable at = thrown;
        for (int i = 0; i < DEPTH_MAX && at != null; i++, at = at.getCause())
            if (type.isInstance(at)) return Optional.of(type.cast(at));
        return Optional.empty();
    }
}
