package dev.muster.core.loop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The blanks of a stage's command, their values, and which of them were used. Blanks of other names (`{task}`,
/// `{node}`) are left for the agent.
final class Blanks {
    private static final Pattern BLANK = Pattern.compile("\\{(current|candidate|games|generation|config|seed)}");

    private final Map<String, String> values = new HashMap<>();
    private final Set<String> used = new HashSet<>();
    private final List<String> command = new ArrayList<>();

    Blanks with(String name, String value) {
        values.put(name, value);
        return this;
    }

    /// Leaves out each group with a blank that has no value.
    Blanks fill(List<List<String>> groups) {
        for (List<String> group : groups) {
            Set<String> names = names(group);
            if (!values.keySet().containsAll(names)) continue;
            used.addAll(names);
            for (String argument : group) {
                command.add(BLANK.matcher(argument)
                        .replaceAll(blank -> Matcher.quoteReplacement(values.get(blank.group(1)))));
            }
        }
        return this;
    }

    private static Set<String> names(List<String> group) {
        Set<String> names = new HashSet<>();
        for (String argument : group) {
            BLANK.matcher(argument).results().forEach(blank -> names.add(blank.group(1)));
        }
        return names;
    }

    List<String> command() {
        return command;
    }

    boolean used(String name) {
        return used.contains(name);
    }
}
