package dev.muster.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// The flags of one command, each given once as `--name value`, or as `--name` alone for a switch.
final class Arguments {
    private final Map<String, String> values = new HashMap<>();

    /// A command line nobody can run. The message says what was expected, what was found, and is all a person needs.
    static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UsageException(String message) {
            super(message);
        }
    }

    /// Reads `words`. Throws [UsageException] for a flag that is neither in `flags` nor in `switches`, given twice,
    /// or without its value.
    Arguments(List<String> words, List<String> flags, List<String> switches) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String value = "";
            if (flags.contains(word)) {
                if (++i == words.size()) throw new UsageException("expected a value after " + word);
                value = words.get(i);
            } else if (!switches.contains(word)) {
                throw new UsageException("unknown argument \"" + word + "\"; this command takes "
                        + String.join(" ", flags) + (switches.isEmpty() ? "" : " " + String.join(" ", switches)));
            }
            if (values.put(word, value) != null) throw new UsageException(word + " is given twice");
        }
    }

    boolean has(String flag) {
        return values.containsKey(flag);
    }

    String text(String flag) {
        String value = values.get(flag);
        if (value == null) throw new UsageException("expected " + flag);
        return value;
    }

    long number(String flag, long min, long max) {
        String text = text(flag);
        try {
            long number = Long.parseLong(text);
            if (number >= min && number <= max) return number;
        } catch (NumberFormatException e) {
            // The message below says it all.
        }
        String range = min == Long.MIN_VALUE ? "a whole number" : "a whole number from " + min + " to " + max;
        throw new UsageException("expected " + flag + " to be " + range + ", found \"" + text + "\"");
    }

    int number(String flag, int min, int max, int otherwise) {
        return has(flag) ? (int) number(flag, min, max) : otherwise;
    }

    long seed() {
        return number("--seed", Long.MIN_VALUE, Long.MAX_VALUE);
    }

    Board board() {
        return new Board((int) number("--board", Board.SIZE_MIN, Board.SIZE_MAX));
    }

    /// A number of games that can be shared out equally between the colours.
    int evenGames(int otherwise) {
        int games = number("--games", 2, 1_000_000, otherwise);
        if (games % 2 != 0) throw new UsageException("expected --games to be even, so that both colours get as many");
        return games;
    }

    Path file(String flag) {
        return existing(flag, Files::isRegularFile, "a file");
    }

    Path folder(String flag) {
        return existing(flag, Files::isDirectory, "a folder");
    }

    private Path existing(String flag, Predicate<Path> test, String what) {
        Path path = path(flag);
        if (!test.test(path))
            throw new UsageException("expected " + flag + " to name " + what + ", found none at " + path);
        return path;
    }

    /// A file to write, in a folder that exists.
    Path output(String flag) {
        Path path = path(flag);
        if (Files.isDirectory(path))
            throw new UsageException("expected " + flag + " to name a file, found a folder: " + path);
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new UsageException("expected " + flag + " to lie in a folder, found none at " + folder);
        }
        return path;
    }

    private Path path(String flag) {
        String text = text(flag);
        if (text.isEmpty()) throw new UsageException("expected " + flag + " to name a file, found nothing");
        return Path.of(text);
    }
}
