package dev.muster.edge.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is wrong with what somebody wrote, told at once and not one after the other.
final class Mistakes {
    private final List<Failure> found = new ArrayList<>();

    /// What may be written wrongly.
    interface Take<T> {
        T take() throws Failure;
    }

    /// @return empty where it was written wrongly, which [#check] tells
    /// @throws Failure of another kind: there is no use in looking further
    <T> Optional<T> take(Take<T> part) throws Failure {
        try {
            return Optional.of(part.take());
        } catch (Failure e) {
            if (e.exit() != Exit.USAGE) throw e;
            found.add(e);
            return Optional.empty();
        }
    }

    void add(Failure mistake) {
        found.add(mistake);
    }

    /// @throws Failure with all of them, a line each, and the first one's hint
    void check() throws Failure {
        if (found.isEmpty()) return;
        if (found.size() == 1) throw found.getFirst();
        List<String> lines = found.stream().map(Failure::getMessage).toList();
        String hint = found.stream()
                .map(Failure::hint)
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
        throw Failure.usage(String.join("\n", lines), hint);
    }
}
