package dev.muster.edge.vastsim;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Files that a client fetches by an address of their own, without a key, as the real service puts them into an object
/// store. The first question comes too early, as a rule.
final class Results {
    private static final int KEPT = 1000;

    private static final class Result {
        private final Supplier<String> text;
        private int asked;

        private Result(Supplier<String> text) {
            this.text = text;
        }
    }

    private final Map<Long, Result> results = new LinkedHashMap<>();
    private long number;

    /// @param text made when it is fetched
    /// @return its number
    synchronized long add(Supplier<String> text) {
        results.put(++number, new Result(text));
        results.remove(number - KEPT);
        return number;
    }

    /// Empty when there is none, or none yet.
    Optional<String> fetch(long number) {
        Result result;
        synchronized (this) {
            result = results.get(number);
            if (result == null || result.asked++ == 0) return Optional.empty();
        }
        return Optional.of(result.text.get());
    }
}
