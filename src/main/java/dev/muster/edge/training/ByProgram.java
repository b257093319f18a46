package dev.muster.edge.training;

import dev.muster.edge.check.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A check that a program of the project does: exit 0 is good, 1 bad, 77 says that it does not apply; its last line says what
/// it found. Whatever else becomes of it fails the check, and is told.
///
/// @param command `{config}` in it is the config's path
/// @param max     its time
/// @param when    it is skipped where one of these does not hold
record ByProgram(String category, String what, List<String> command, Duration max, List<Rule.Of> when) {
    static final Duration MAX_DEFAULT = Duration.ofMinutes(1);
    /// A validation is waited for.
    static final Duration MAX = Duration.ofHours(1);

    private static final int FAILED = 1;
    /// As test programs have it since automake.
    private static final int SKIPPED = 77;
    private static final Child CHILD = new Child();

    ByProgram {
        command = List.copyOf(command);
        when = List.copyOf(when);
    }

    /// @param config as it was asked for
    Check look(String config, Rule.Scope scope) {
        Optional<Rule.Of> unmet =
                when.stream().filter(rule -> !rule.holds(scope)).findFirst();
        if (unmet.isPresent()) return check(Check.State.SKIPPED, CheckPack.unmet(unmet.get(), scope));
        try {
            return of(CHILD.run(words(Path.of(config).toAbsolutePath(), scope.base()), Map.of(), max));
        } catch (IOException e) {
            return check(Check.State.FAILED, "it cannot be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return check(Check.State.FAILED, "interrupted");
        }
    }

    Check unseen() {
        return check(Check.State.SKIPPED, "the config cannot be read");
    }

    /// It starts where relative paths of the config count from.
    private List<String> words(Path config, Path base) {
        List<String> words = new ArrayList<>(List.of(
                "sh", "-c", "cd \"$0\" && exec \"$@\"", base.toAbsolutePath().toString()));
        for (String word : command) words.add(word.replace("{config}", config.toString()));
        return words;
    }

    private Check of(Child.Done done) {
        String last = done.lastLine();
        if (done.late())
            return check(
                    Check.State.FAILED,
                    "no end within " + max.toSeconds() + " s" + (last.isEmpty() ? "" : "; its last line: " + last));
        return switch (done.exit()) {
            case 0 -> check(Check.State.PASSED, last.isEmpty() ? "good" : last);
            case FAILED -> check(Check.State.FAILED, last.isEmpty() ? "exit 1, and no word" : last);
            case SKIPPED -> check(Check.State.SKIPPED, last.isEmpty() ? "it says that it does not apply" : last);
            default -> check(Check.State.FAILED, "it ended with " + done.exit() + (last.isEmpty() ? "" : ": " + last));
        };
    }

    private Check check(Check.State state, String found) {
        return new Check(category, what, state, "a good end of " + command.getFirst(), found);
    }
}
