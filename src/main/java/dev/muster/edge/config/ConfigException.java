package dev.muster.edge.config;

import java.util.List;

/// A configuration that cannot be used; all its problems at once.
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /// @param about    what they are in
    /// @param problems each with its place and key
    ConfigException(String about, List<String> problems) {
        super(
                problems.size() == 1
                        ? problems.getFirst()
                        : problems.size() + " problems in " + about + ":\n  " + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
