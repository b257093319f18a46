package dev.muster.edge.cli;

import dev.muster.edge.wire.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/// What was written after `muster`, as a verb sees it: an option counts wherever it was written, nearest to the
/// verb first.
final class Args {
    private final List<ParseResult> chain;
    private final Shell shell;

    Args(ParseResult root, Shell shell) {
        this.chain = new ArrayList<>();
        for (ParseResult at = root; at != null; at = at.subcommand()) chain.addFirst(at);
        this.shell = shell;
    }

    Shell shell() {
        return shell;
    }

    Optional<String> text(String option) {
        return text(chain, option);
    }

    private static Optional<String> text(List<ParseResult> chain, String option) {
        for (ParseResult result : chain) {
            OptionSpec spec = result.matchedOption(option);
            if (spec != null && spec.getValue() != null)
                return Optional.of(spec.getValue().toString());
        }
        return Optional.empty();
    }

    /// An option that means the same everywhere: written after a verb that has one of its own of that name, it is
    /// not it.
    Optional<String> global(String option) {
        boolean owned =
                chain.getFirst().commandSpec().userObject() instanceof Verb.Command(Verb.Action action, Set<String> own)
                        && own.contains(option);
        return text(chain.subList(owned ? 1 : 0, chain.size()), option);
    }

    /// An option of the verb itself.
    Optional<String> own(String option) {
        return text(chain.subList(0, 1), option);
    }

    List<String> all(String option) {
        for (ParseResult result : chain) {
            OptionSpec spec = result.matchedOption(option);
            if (spec != null && spec.getValue() instanceof String[] values) return List.of(values);
        }
        return List.of();
    }

    boolean flag(String option) {
        return chain.stream().anyMatch(result -> result.hasMatchedOption(option));
    }

    /// @throws Failure usage, when it is there and no such duration
    Duration duration(String option, Duration absent) throws Failure {
        return duration(option, text(option), absent);
    }

    /// As [#duration]; a bare number is seconds.
    Duration seconds(String option, Duration absent) throws Failure {
        return duration(option, text(option).map(text -> text.matches("\\d{1,9}") ? text + "s" : text), absent);
    }

    Duration globalDuration(String option, Duration absent) throws Failure {
        return duration(option, global(option), absent);
    }

    private static Duration duration(String option, Optional<String> text, Duration absent) throws Failure {
        if (text.isEmpty()) return absent;
        try {
            return Durations.parse(text.get());
        } catch (IllegalArgumentException e) {
            throw Failure.usage(option + ": " + e.getMessage(), "");
        }
    }

    /// @throws Failure usage, when it is there and no whole number
    long number(String option, long absent) throws Failure {
        Optional<String> text = text(option);
        if (text.isEmpty()) return absent;
        try {
            return Long.parseLong(text.get());
        } catch (NumberFormatException e) {
            throw Failure.usage("expected " + option + " to be a whole number, but found \"" + text.get() + "\"", "");
        }
    }

    /// Positional arguments of the verb.
    List<String> words() {
        List<String> words = new ArrayList<>();
        // What stands before and behind `--` is matched twice, and has all of them each time.
        chain.getFirst().matchedPositionals().stream().distinct().forEach(word -> {
            Object value = word.getValue();
            if (value instanceof String[] several) words.addAll(List.of(several));
            else if (value != null) words.add(value.toString());
        });
        return words;
    }

    String word() {
        return words().getFirst();
    }

    boolean dryRun() {
        return flag("--dry-run");
    }

    Output output() throws Failure {
        return Output.of(flag("--json") ? Optional.of("json") : text("-o"));
    }

    boolean watches() {
        return flag("--watch");
    }
}
