package dev.muster.core.state;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// What an attempt makes on its way, and is to be saved while it runs: the next attempt starts with it.
///
/// In a pattern `*` is any part of a name, `?` one letter of it, and `**` any folders; all else stands for itself.
///
/// @param paths patterns of files relative to the working directory, as `games/*.jsonl` or `checkpoints/**`
/// @param every from one look to the next; a minute where nothing is written
public record Sync(List<String> paths, Duration every) {
    public static final Duration EVERY_DEFAULT = Duration.ofMinutes(1);
    static final Duration EVERY_MIN = Duration.ofSeconds(10);
    static final Duration EVERY_MAX = Duration.ofDays(1);
    static final int PATHS_MAX = 32;

    /// @throws IllegalArgumentException when there are no patterns or too many, one leads elsewhere, or the time is out of
    ///                                  its range
    public Sync {
        every = every == null ? EVERY_DEFAULT : every;
        paths = paths == null ? List.of() : List.copyOf(paths);
        if (paths.isEmpty() || paths.size() > PATHS_MAX)
            throw new IllegalArgumentException(
                    "expected 1 to " + PATHS_MAX + " paths to be saved, but found " + paths.size());
        paths.forEach(JobSpec::relative);
        if (every.compareTo(EVERY_MIN) < 0 || every.compareTo(EVERY_MAX) > 0)
            throw new IllegalArgumentException("expected files to be saved every " + Durations.brief(EVERY_MIN)
                    + " to every " + Durations.brief(EVERY_MAX) + ", but found " + Durations.brief(every));
    }

    /// For any of the patterns.
    public Pattern pattern() {
        StringBuilder all = new StringBuilder();
        for (String path : paths) {
            if (!all.isEmpty()) all.append('|');
            all.append(expression(path));
        }
        return Pattern.compile(all.toString(), Pattern.DOTALL);
    }

    private static String expression(String path) {
        StringBuilder regex = new StringBuilder();
        for (int at = 0; at < path.length(); at++) {
            if (path.startsWith("**/", at)) {
                regex.append("(?:[^/]+/)*");
                at += 2;
            } else if (path.startsWith("**", at)) {
                regex.append(".*");
                at++;
            } else {
                char letter = path.charAt(at);
                regex.append(
                        switch (letter) {
                            case '*' -> "[^/]*";
                            case '?' -> "[^/]";
                            default -> Pattern.quote(String.valueOf(letter));
                        });
            }
        }
        return regex.toString();
    }
}
