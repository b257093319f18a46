package dev.muster.edge.view;

import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Event;
import dev.muster.core.state.EventNames;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Trouble;
import dev.muster.edge.config.Nearest;
import dev.muster.edge.wire.Durations;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One event as it stands in the log.
///
/// @param name the runbooks' spelling, `MODEL_PROMOTED`
public record EventRow(long revision, Instant at, String name, Actor actor, String why, Event event) {
    public static EventRow of(Journal.Entry entry) {
        return new EventRow(
                entry.revision(), entry.at(), EventNames.of(entry.event()), entry.actor(), entry.why(), entry.event());
    }

    /// The newest `limit` events after a revision that the filter takes and the state remembers, oldest first.
    public static List<EventRow> recent(ClusterState state, long after, int limit, Filter filter) {
        List<EventRow> rows = new ArrayList<>();
        for (Journal.Entry entry : state.journal().from(after + 1)) {
            if (filter.takes(entry)) rows.add(of(entry));
        }
        return rows.subList(Math.max(0, rows.size() - limit), rows.size());
    }

    /// Which events are asked for.
    ///
    /// @param names  in any case; `TASK_*` takes all that begin so; none take everything
    /// @param since  not earlier
    /// @param within what they are about, one of these; none take everything
    /// @param by     who did it; empty takes everybody
    public record Filter(Set<String> names, Instant since, Set<String> within, String by) {
        public static Filter parse(String commaSeparated) {
            Set<String> names = Stream.of(commaSeparated.split(","))
                    .map(name -> name.strip().toUpperCase(Locale.ROOT))
                    .filter(name -> !name.isEmpty())
                    .collect(Collectors.toUnmodifiableSet());
            return new Filter(names, Instant.MIN, Set.of(), "");
        }

        /// @param since a duration before now, as `2h`, or a time, as `2026-01-31T12:00:00Z`
        /// @throws IllegalArgumentException when it is neither
        public Filter since(String since, Instant now) {
            Instant from;
            try {
                from = since.contains("T") ? Instant.parse(since) : now.minus(Durations.parse(since));
            } catch (DateTimeParseException | IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "expected a duration such as 2h or a time such as 2026-01-31T12:00:00Z, but found \"" + since
                                + "\"",
                        e);
            }
            return new Filter(names, from, within, by);
        }

        /// @param subject as `run/t3`; with what belongs to it now
        /// @throws IllegalArgumentException when it is nothing that events could be about
        public Filter within(String subject, ClusterState state) {
            return new Filter(names, since, Subjects.wider(Subjects.parse(subject), state), by);
        }

        /// @param actor as events have it, as `ann` or `leader:n1`
        public Filter by(String actor) {
            return new Filter(names, since, within, actor);
        }

        /// @throws IllegalArgumentException when a name is no event's; the message names those there are
        public Filter known() {
            for (String name : names) {
                boolean any = name.endsWith("*")
                        ? KNOWN.stream().anyMatch(known -> known.startsWith(name.substring(0, name.length() - 1)))
                        : KNOWN.contains(name);
                if (!any) {
                    throw new IllegalArgumentException("expected an event, but found \"" + name + "\""
                            + Nearest.of(name, KNOWN)
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse("")
                            + "; there are " + String.join(", ", KNOWN));
                }
            }
            return this;
        }

        /// Theirs depend on what they say.
        private static final Set<Class<?>> UNNAMED = Set.of(
                Event.StageStarted.class, Event.StageFailed.class, Event.TroubleTold.class, Event.TroubleEnded.class);

        /// Every spelling there is; a stage's events carry the stage's word.
        private static final Set<String> KNOWN = everyName();

        private static Set<String> everyName() {
            Set<String> names = new TreeSet<>();
            names(Event.class, names);
            for (Trouble trouble : Trouble.values()) {
                names.add(trouble.name());
                if (trouble.passes()) names.add(trouble.name() + EventNames.OVER);
            }
            names.addAll(EventNames.SEEN);
            for (Loop.Stage stage : Loop.Stage.values()) {
                names.add(stage + "_STARTED");
                names.add(stage + "_FAILED");
            }
            return Collections.unmodifiableSet(names);
        }

        private static void names(Class<?> family, Set<String> names) {
            for (Class<?> type : family.getPermittedSubclasses()) {
                if (type.isSealed()) names(type, names);
                else if (!UNNAMED.contains(type)) names.add(EventNames.ofType(type));
            }
        }

        /// One of which stands in each event that is taken; empty when it may be any.
        public Set<String> words() {
            return within.stream()
                    .map(subject -> subject.substring(subject.indexOf('/') + 1))
                    .collect(Collectors.toUnmodifiableSet());
        }

        public boolean takes(Journal.Entry entry) {
            if (entry.at().isBefore(since)) return false;
            if (!by.isEmpty()
                    && !by.equals(entry.actor().toString())
                    && !by.equals(entry.actor().name())) return false;
            return named(entry) && (within.isEmpty() || about(Subjects.of(entry.event())));
        }

        /// The digits of a file may be its first.
        private boolean about(Set<String> subjects) {
            return within.stream()
                    .anyMatch(wanted -> subjects.contains(wanted)
                            || wanted.startsWith("artifact/")
                                    && subjects.stream().anyMatch(subject -> subject.startsWith(wanted)));
        }

        private boolean named(Journal.Entry entry) {
            if (names.isEmpty()) return true;
            String name = EventNames.of(entry.event());
            return names.contains(name)
                    || names.stream()
                            .anyMatch(pattern -> pattern.endsWith("*")
                                    && name.startsWith(pattern.substring(0, pattern.length() - 1)));
        }
    }
}
