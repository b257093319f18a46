package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What the log remembers of itself: answers given, so that a retry is applied once; recent events; what people ordered.
///
/// @param answers by request id
/// @param order   answers by revision, for forgetting the oldest
/// @param recent  by revision
/// @param audit   what people ordered, by revision
/// @param lasting of rented machines, money, training runs and alerts, by revision; the newest are in `recent`, too
/// @param counts  events since the cluster began, by [EventNames]
public record Journal(
        Table<String, Answer> answers,
        Table<Long, String> order,
        Table<Long, Entry> recent,
        Table<Long, Audit> audit,
        Table<Long, Entry> lasting,
        Table<String, Long> counts) {
    /// A client gives up long before; ten minutes cover a leader change and a laptop's short sleep.
    public static final Duration ANSWERS_KEPT = Duration.ofMinutes(10);
    /// 20,000 of about 150 bytes are 3 MB. Faster submitters than 33 a second are remembered for less than ten minutes.
    public static final int ANSWERS_MAX = 20_000;
    /// Some hours of a busy loop; older events are in each voter's history.
    public static final int RECENT_MAX = 1_000;
    /// Fences stay longer than other events: a new leader counts them for the mass-change brake, whose window is shorter.
    public static final Duration FENCES_KEPT = Duration.ofHours(1);
    /// What people ordered is rarer and worth keeping longer.
    public static final int AUDIT_MAX = 1_000;

    /// Weeks of a small fleet: a machine has about ten in its life. A loop's own events wash each other out in minutes.
    public static final int LASTING_MAX = 1_000;

    static final Journal EMPTY =
            new Journal(Table.empty(), Table.empty(), Table.empty(), Table.empty(), Table.empty(), Table.empty());

    /// What an earlier build did not write is empty.
    public Journal {
        lasting = lasting == null ? Table.empty() : lasting;
        counts = counts == null ? Table.empty() : counts;
    }

    /// What a request was answered.
    ///
    /// @param revision after it was applied
    /// @param created  the id it made, or empty
    public record Answer(long revision, Instant at, String created) {}

    /// One event as it stands in the log.
    public record Entry(long revision, Instant at, Actor actor, String why, Event event) {}

    /// An order a person gave.
    public record Audit(long revision, Instant at, Actor actor, String why, String order) {}

    /// All that is remembered from that revision on, oldest first.
    public Collection<Entry> from(long revision) {
        TreeMap<Long, Entry> entries = new TreeMap<>(lasting.from(revision).asMap());
        entries.putAll(recent.from(revision).asMap());
        return entries.values();
    }

    Journal logged(Transition step, long firstRevision) {
        Table<Long, Entry> events = recent;
        Table<Long, Entry> money = lasting;
        Table<String, Long> counted = counts;
        long revision = firstRevision;
        for (Event event : step.events()) {
            Entry entry = new Entry(revision, step.at(), step.actor(), step.why(), event);
            events = events.with(revision, entry);
            if (lasts(event)) money = money.with(revision, entry);
            String name = EventNames.of(event);
            counted = counted.with(name, counted.getOrDefault(name, 0L) + 1);
            revision++;
        }
        Table<Long, Audit> people = step.actor().kind() == Actor.Kind.PERSON
                ? audit.with(
                        free(audit, firstRevision),
                        new Audit(firstRevision, step.at(), step.actor(), step.why(), step.order()))
                : audit;
        Journal next = new Journal(
                answers,
                order,
                newestEvents(events, step.at()),
                newest(people, AUDIT_MAX),
                newest(money, LASTING_MAX),
                counted);
        return step.request()
                .map(request -> next.answered(request, revisionAfter(step, firstRevision), step))
                .orElse(next);
    }

    private static long revisionAfter(Transition step, long firstRevision) {
        return firstRevision + step.events().size() - 1;
    }

    private Journal answered(String request, long revision, Transition step) {
        Table<String, Answer> known = answers.with(request, new Answer(revision, step.at(), step.created()));
        Table<Long, String> queue = order.with(free(order, revision), request);
        Optional<Long> oldest = queue.first();
        while (oldest.isPresent() && queue.size() > 1) {
            String candidate = queue.require(oldest.get());
            boolean fresh = known.find(candidate)
                    .map(answer -> answer.at().plus(ANSWERS_KEPT).isAfter(step.at()))
                    .orElse(false);
            if (fresh && queue.size() <= ANSWERS_MAX) break;
            known = known.without(candidate);
            queue = queue.without(oldest.get());
            oldest = queue.first();
        }
        return new Journal(known, queue, recent, audit, lasting, counts);
    }

    /// Not how far a machine has come, and what it was charged: its own record says so.
    private static boolean lasts(Event event) {
        boolean progress = event instanceof Event.InstanceSeen && !EventNames.SEEN.contains(EventNames.of(event));
        boolean money = event instanceof Event.OfRentals
                || event instanceof Event.OfRuns
                || event instanceof Event.OfAlerts && !(event instanceof Event.AlertDelivered);
        return money && !(event instanceof Event.InstanceCharged) && !progress;
    }

    /// Orders that changed nothing share a revision with the one before; each still needs a place of its own.
    private static long free(Table<Long, ?> taken, long revision) {
        return Math.max(revision, taken.last().map(last -> last + 1).orElse(revision));
    }

    private static Table<Long, Entry> newestEvents(Table<Long, Entry> events, Instant now) {
        Table<Long, Entry> kept = events;
        for (Map.Entry<Long, Entry> oldest : events) {
            if (kept.size() <= RECENT_MAX) break;
            Entry entry = oldest.getValue();
            boolean freshFence = entry.event() instanceof Event.NodeFenced
                    && entry.at().plus(FENCES_KEPT).isAfter(now);
            if (!freshFence) kept = kept.without(oldest.getKey());
        }
        return kept;
    }

    private static <V> Table<Long, V> newest(Table<Long, V> entries, int max) {
        Table<Long, V> kept = entries;
        while (kept.size() > max) kept = kept.without(kept.first().orElseThrow());
        return kept;
    }
}
