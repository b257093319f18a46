package dev.muster.sim;

import dev.muster.core.plan.Policy;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/// A story as a text file: commands, then `----`, then what was recorded; again as often as wanted. Recorded lines
/// begin with a space, all else is the author's. [Script] has the commands.
public final class Scenario {
    private static final String RECORDED = "----";

    private Scenario() {}

    /// Plays the commands of a file and gives the file as it should read.
    ///
    /// @throws IllegalArgumentException when a command is not understood; the message has its line
    /// @throws Violation when a promise was broken
    public static String play(String text) {
        World world = World.calm(Policy.DEFAULT);
        Script script = new Script(world);
        List<String> out = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.startsWith(" ")) continue;
            if (line.equals(RECORDED)) {
                while (!out.isEmpty() && out.getLast().isBlank()) out.removeLast();
                out.add(RECORDED);
                out.addAll(world.story().drain().stream()
                        .map(told -> told.startsWith(" ") ? told : " " + told)
                        .toList());
                continue;
            }
            boolean doubled = line.isBlank() && (out.isEmpty() || out.getLast().isBlank());
            if (!doubled) out.add(line);
            perform(script, line, number);
        }
        while (!out.isEmpty() && out.getLast().isBlank()) out.removeLast();
        if (!world.story().drain().isEmpty())
            throw new IllegalArgumentException("expected a last line " + RECORDED + ", but found none");
        return String.join("\n", out) + "\n";
    }

    private static void perform(Script script, String line, int number) {
        if (line.isBlank() || line.startsWith("#")) return;
        try {
            script.perform(line.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + number + " \"" + line + "\": " + e.getMessage(), e);
        }
    }

    /// `90s`, `2m30s`, `3h12m`, `250ms`.
    ///
    /// @throws IllegalArgumentException when it is none of these
    static Duration duration(String text) {
        try {
            if (text.endsWith("ms")) return Duration.ofMillis(Long.parseLong(text, 0, text.length() - 2, 10));
            return Duration.parse("PT" + text);
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new IllegalArgumentException("expected a time such as 90s or 3h12m, but found \"" + text + "\"", e);
        }
    }
}
