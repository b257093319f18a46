package dev.muster.core.state;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// The pointer a config key plays with, and every file it has pointed at, oldest first.
public record Model(ConfigKey config, List<Version> history) {
    /// Kept versions; older ones live on in the event history. Years of hourly promotions need no more to roll back.
    public static final int HISTORY_MAX = 200;

    /// One move of the pointer.
    ///
    /// @param rollback whether the move went back to an earlier file
    public record Version(
            Sha256 sha, long size, int generation, boolean rollback, Instant at, String by, String reason) {}

    public Model {
        history = List.copyOf(history);
        if (history.isEmpty()) throw new IllegalArgumentException(config + ": expected a history, but it is empty");
    }

    public Version current() {
        return history.getLast();
    }

    /// What the current file came after: a promotion goes on top of those before it, a rollback takes away what is above
    /// the file it goes to. So rollbacks in a row go back step by step, and never forth again.
    public Optional<Version> before() {
        Deque<Version> stack = new ArrayDeque<>();
        for (Version version : history) {
            boolean known = version.rollback()
                    && stack.stream().anyMatch(earlier -> earlier.sha().equals(version.sha()));
            while (known && !stack.getLast().sha().equals(version.sha())) stack.removeLast();
            if (!known) stack.addLast(version);
        }
        stack.removeLast();
        return Optional.ofNullable(stack.peekLast());
    }

    /// The newest earlier file that differs from the current one.
    public Optional<Version> previous() {
        return history.reversed().stream()
                .filter(version -> !version.sha().equals(current().sha()))
                .findFirst();
    }

    Model with(Version version) {
        List<Version> longer = new ArrayList<>(history);
        longer.add(version);
        return new Model(config, longer.subList(Math.max(0, longer.size() - HISTORY_MAX), longer.size()));
    }
}
