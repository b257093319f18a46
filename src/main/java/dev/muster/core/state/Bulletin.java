package dev.muster.core.state;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// What people are told of an alert at one moment, until each channel has taken it.
///
/// @param number   grows
/// @param subjects that are news in it: all of them
/// @param lines    by subject, news first; at most [#LINES_MAX]
/// @param open     subjects that go on, with those that have no line
/// @param more     subjects without a line
/// @param channels that have not taken it yet
public record Bulletin(
        long number,
        String alert,
        Kind kind,
        AlertLevel level,
        List<String> subjects,
        List<Line> lines,
        int open,
        int more,
        Instant at,
        SortedSet<String> channels) {
    /// What fits into a message.
    public static final int LINES_MAX = 20;

    public enum Kind {
        FIRED,
        /// Other subjects than before.
        CHANGED,
        ESCALATED,
        RESOLVED
    }

    public record Line(String subject, AlertLevel level, String text, Instant since, boolean over) {}

    public Bulletin {
        subjects = List.copyOf(subjects);
        lines = List.copyOf(lines);
        channels = Collections.unmodifiableSortedSet(new TreeSet<>(channels));
    }

    public Optional<Bulletin> taken(String channel) {
        TreeSet<String> rest = new TreeSet<>(channels);
        rest.remove(channel);
        return rest.isEmpty()
                ? Optional.empty()
                : Optional.of(new Bulletin(number, alert, kind, level, subjects, lines, open, more, at, rest));
    }
}
