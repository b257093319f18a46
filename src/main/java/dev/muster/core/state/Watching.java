package dev.muster.core.state;

import java.util.List;

/// That its agent is to look how an attempt goes, while it runs.
///
/// @param metrics files that it writes figures into, relative to the working directory
/// @param stopOn  rules, by name, that stop it when they are critical; what the agent does not know stops nothing
public record Watching(List<String> metrics, List<String> stopOn) {
    /// Only what every run's attempt is looked at for.
    public static final Watching NOTHING = new Watching(List.of(), List.of());

    private static final int METRICS_MAX = 8;
    private static final int RULES_MAX = 20;

    /// @throws IllegalArgumentException when there are too many, or a path leads elsewhere
    public Watching {
        metrics = metrics == null ? List.of() : List.copyOf(metrics);
        stopOn = stopOn == null ? List.of() : List.copyOf(stopOn);
        if (metrics.size() > METRICS_MAX || stopOn.size() > RULES_MAX)
            throw new IllegalArgumentException("expected at most " + METRICS_MAX + " files and " + RULES_MAX
                    + " rules to be watched, but found " + metrics.size() + " and " + stopOn.size());
        metrics.forEach(JobSpec::relative);
        for (String rule : stopOn) Ids.name("a rule's name", rule);
    }
}
