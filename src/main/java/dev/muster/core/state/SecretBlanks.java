package dev.muster.core.state;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Secrets in the environment of a job, by their names only: `{secret:NAME}` in a value. What they are lies in files of the
/// nodes, and never in the log.
public final class SecretBlanks {
    private static final String NAME = "[A-Za-z_][A-Za-z0-9_.-]{0,63}";
    private static final Pattern BLANK = Pattern.compile("\\{secret:(" + NAME + ")}");

    private SecretBlanks() {}

    /// @throws IllegalArgumentException when it is no name of a secret
    public static String of(String name) {
        if (name.matches(NAME)) return "{secret:" + name + "}";
        throw new IllegalArgumentException(
                "expected a secret's name of 1 to 64 letters, digits, _, . and -, a letter first," + " but found \""
                        + name + "\"");
    }

    /// All that these values name.
    public static SortedSet<String> names(Map<String, String> env) {
        SortedSet<String> names = new TreeSet<>();
        for (String value : env.values()) BLANK.matcher(value).results().forEach(found -> names.add(found.group(1)));
        return names;
    }

    /// All that the stages of a run name.
    public static SortedSet<String> names(RunSpec run) {
        SortedSet<String> names = new TreeSet<>();
        for (RunSpec.Stage stage : run.stages()) names.addAll(names(stage.job().env()));
        return names;
    }

    public static String filled(String value, UnaryOperator<String> secrets) {
        return BLANK.matcher(value).replaceAll(found -> Matcher.quoteReplacement(secrets.apply(found.group(1))));
    }
}
