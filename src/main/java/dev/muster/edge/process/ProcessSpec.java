package dev.muster.edge.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What to run, once.
///
/// @param key     names this one start for ever: letters, digits, `.`, `_`, `-`, at most 128, beginning with a letter
///                or digit. It is a directory name
/// @param command the argument vector, passed on unchanged and never through a shell. The first is found on the
///        `PATH`
///                of `env`, or relative to `workDir` when it holds a `/`
/// @param env     the whole environment of the process, except that the agent's `PATH` is added where it has none and
///                `MUSTER_PROCESS` names the attempt. Names are shell identifiers (others would be dropped by some
///                shells) and do not begin with `muster_`. Values may be secret: they are not written to the journal
/// @param workDir an existing directory
public record ProcessSpec(String key, List<String> command, Map<String, String> env, Path workDir) {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern NAME = Pattern.compile("(?!muster_)[A-Za-z_][A-Za-z0-9_]*");

    /// @throws IllegalArgumentException saying what was expected
    public ProcessSpec {
        checkKey(key);
        command = List.copyOf(command);
        env = Map.copyOf(env);
        if (command.isEmpty()
                || command.getFirst().isEmpty()
                || command.getFirst().startsWith("-")) {
            throw new IllegalArgumentException(
                    "expected a command whose first word names a program, but found " + command + " for " + key);
        }
        for (String word : command) {
            checkNoNul(word, "the command of " + key);
        }
        env.forEach((name, value) -> {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("expected names of environment variables to match " + NAME
                        + ", but found " + name + " for " + key);
            }
            checkNoNul(value, name + " in the environment of " + key);
        });
    }

    static void checkKey(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("expected a key that matches " + KEY + ", but found " + key);
        }
    }

    private static void checkNoNul(String text, String where) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("expected no NUL character in " + where + ", but found one");
        }
    }
}
