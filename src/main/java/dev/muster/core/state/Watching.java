package dev.muster.core.state;

import java.util.List;

/// That its agent is to look how an attempt goes, while it runs.
///
/// @param metrics files that it writes figures into, relative to the working directory
/// @param stopOn  rules, by name, that stop it when they are critical; what the agent does not know stops nothing
/// @param limits  of rules, by name, in place of the usual ones; absent in what earlier builds wrote, and none then
public record Watching(List<String> metrics, List<String> stopOn, Table<String, Limits> limits) {
    /// Only what every run's attempt is looked at for.
    public static final Watching NOTHING = new Watching(List.of(), List.of());

    private static final int METRICS_MAX = 8;
    private static final int RULES_MAX = 20;

    /// From where on a rule warns, and is critical.
    ///
    /// @param off     it says nothing
    /// @param numbers by their names, as `warn_above`; the others are as usual
    public record Limits(boolean off, Table<String, Double> numbers) {
        /// Those of the runbook.
        public static final Limits USUAL = new Limits(false, Table.empty());

        private static final int NUMBERS_MAX = 10;

        /// @throws IllegalArgumentException when there are too many, or one is none
        public Limits {
            numbers = numbers == null ? Table.empty() : numbers;
            if (numbers.size() > NUMBERS_MAX)
                throw new IllegalArgumentException(
                        "expected at most " + NUMBERS_MAX + " limits of a rule, but found " + numbers.size());
            for (var number : numbers)
                if (number.getValue().isNaN())
                    throw new IllegalArgumentException("expected a number, but found none in " + number.getKey());
        }
    }

    public Watching(List<String> metrics, List<String> stopOn) {
        this(metrics, stopOn, Table.empty());
    }

    /// @throws IllegalArgumentException when there are too many, or a path leads elsewhere
    public Watching {
        metrics = metrics == null ? List.of() : List.copyOf(metrics);
        stopOn = stopOn == null ? List.of() : List.copyOf(stopOn);
        limits = limits == null ? Table.empty() : limits;
        if (limits.size() > RULES_MAX)
            throw new IllegalArgumentException(
                    "expected limits of at most " + RULES_MAX + " rules, but found " + limits.size());
        if (metrics.size() > METRICS_MAX || stopOn.size() > RULES_MAX)
            throw new IllegalArgumentException("expected at most " + METRICS_MAX + " files and " + RULES_MAX
                    + " rules to be watched, but found " + metrics.size() + " and " + stopOn.size());
        metrics.forEach(JobSpec::relative);
        for (String rule : stopOn) Ids.name("a rule's name", rule);
    }
}
