package dev.muster.core.state;

import java.util.List;
import java.util.Optional;

/// What an attempt shows while it runs, and what is kept of it besides its outputs, however it ends. Of a stage: of its job's
/// attempts.
///
/// @param evidence files that are kept of it, as the end of its output, the oldest attempt's first
/// @param warnings by rule, each at its worst
/// @param tracked  where its experiment tracker shows it
public record Traces(List<Attempt.Stored> evidence, Table<String, Warning> warnings, Optional<Tracked> tracked) {
    /// Files of one attempt.
    public static final int FILES_MAX = 4;
    /// Rules that one attempt may have warnings of.
    public static final int RULES_MAX = 20;
    /// Of a stage: those of its last tries.
    static final int EVIDENCE_MAX = 5 * FILES_MAX;

    public static final Traces NOTHING = new Traces(List.of(), Table.empty(), Optional.empty());

    public Traces {
        evidence = List.copyOf(evidence);
    }

    /// Under this path the end of an attempt's output is kept: `logs/j7.0.1.log`.
    public static String logName(AttemptId id) {
        return "logs/" + id + ".log";
    }

    /// What is kept of that attempt's output, if anything is.
    public Optional<Attempt.Stored> log(AttemptId id) {
        return evidence.stream().filter(file -> file.path().equals(logName(id))).findFirst();
    }

    /// What one rule says.
    ///
    /// @param critical it is not only a warning
    /// @param subject  the metric, where there are several; else empty
    /// @param text     the evidence, in words
    public record Warning(boolean critical, String subject, String text) {
        private static final int TEXT_MAX = 500;

        /// @throws IllegalArgumentException when a text is too long
        public Warning {
            if (subject.length() > TEXT_MAX || text.length() > TEXT_MAX)
                throw new IllegalArgumentException("expected texts of at most " + TEXT_MAX + " characters, but found "
                        + Math.max(subject.length(), text.length()));
        }

        /// Is it news beside what was known of the same rule?
        public boolean worseThan(Optional<Warning> known) {
            return known.isEmpty() || critical && !known.get().critical();
        }
    }

    /// A run of an experiment tracker, as W&B.
    ///
    /// @param id  by which the tracker knows it; may be empty
    /// @param url where a person can look at it; empty of one that was never online
    public record Tracked(String id, String url) {
        private static final int TEXT_MAX = 300;

        /// @throws IllegalArgumentException when there is neither, one is too long, or the address is none of the web
        public Tracked {
            if (id.isEmpty() && url.isEmpty())
                throw new IllegalArgumentException("expected an id or an address, but found neither");
            if (id.length() > TEXT_MAX || url.length() > TEXT_MAX)
                throw new IllegalArgumentException(
                        "expected at most " + TEXT_MAX + " characters, but found " + id + ", " + url);
            if (!url.isEmpty() && !url.matches("https?://\\S+"))
                throw new IllegalArgumentException("expected an address of the web, but found " + url);
        }

        /// What either knows; `newer` counts more.
        public Tracked and(Tracked newer) {
            return new Tracked(newer.id.isEmpty() ? id : newer.id, newer.url.isEmpty() ? url : newer.url);
        }
    }

    Traces with(String rule, Warning warning) {
        return new Traces(evidence, warnings.with(rule, warning), tracked);
    }

    Traces with(Tracked run) {
        return new Traces(evidence, warnings, Optional.of(run));
    }

    public Traces with(List<Attempt.Stored> kept) {
        return new Traces(kept, warnings, tracked);
    }

    /// Of all attempts of a job: their files, the worst of their warnings, the newest run of a tracker.
    public static Traces of(Iterable<Attempt> attempts) {
        Traces all = NOTHING;
        for (Attempt attempt : attempts) all = all.and(attempt.traces());
        return all;
    }

    /// @param next of a later attempt
    Traces and(Traces next) {
        List<Attempt.Stored> files = new java.util.ArrayList<>(evidence);
        files.addAll(next.evidence);
        Traces both = new Traces(
                files.subList(Math.max(0, files.size() - EVIDENCE_MAX), files.size()),
                warnings,
                next.tracked.or(() -> tracked));
        for (var warning : next.warnings)
            if (warning.getValue().worseThan(warnings.find(warning.getKey())))
                both = both.with(warning.getKey(), warning.getValue());
        return both;
    }
}
