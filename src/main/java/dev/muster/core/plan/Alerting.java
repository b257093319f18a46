package dev.muster.core.plan;

import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What only the leader knows of alerts: what seems to change, by which ways people can be told, and how telling them went. A new leader
/// knows nothing of it: it looks anew, and tells what is still owed.
///
/// @param lookedAt when it last looked whether anything is wrong
/// @param turns    what differs from the state, and since when, by [dev.muster.core.state.Alerts#key]
/// @param ways     by which people can be told
/// @param tried    by notice and way, see [#key(long, String)]
/// @param checks   what each node last said of itself
/// @param problems of the file that says by which ways; absent of earlier builds, and none then
public record Alerting(
        Instant lookedAt,
        Table<String, Turn> turns,
        List<Way> ways,
        Table<String, Tried> tried,
        Table<NodeId, Checked> checks,
        List<String> problems) {
    public static final Alerting NOTHING =
            new Alerting(Instant.EPOCH, Table.empty(), List.of(), Table.empty(), Table.empty(), List.of());

    private static final Duration RETRY_FIRST = Duration.ofSeconds(5);
    private static final Duration RETRY_MAX = Duration.ofMinutes(5);
    /// Longer than any channel may take; a try that never tells how it ended is made again.
    private static final Duration RUNNING_MAX = Duration.ofMinutes(2);

    public Alerting {
        ways = List.copyOf(ways);
        problems = problems == null ? List.of() : List.copyOf(problems);
    }

    /// Something seems to be otherwise than the state says.
    ///
    /// @param level empty: it is well
    public record Turn(Optional<AlertLevel> level, Instant since, String text) {}

    /// A channel that is configured here.
    ///
    /// @param levels it is used for
    /// @param rules  it is used for; empty: all
    /// @param except rules that it is not used for
    /// @param always rules that it is used for at any level
    public record Way(
            String name,
            String type,
            Set<AlertLevel> levels,
            List<String> rules,
            List<String> except,
            List<String> always) {
        public Way {
            EnumSet<AlertLevel> copy = EnumSet.noneOf(AlertLevel.class);
            copy.addAll(levels);
            levels = Collections.unmodifiableSet(copy);
            rules = List.copyOf(rules);
            except = List.copyOf(except);
            always = List.copyOf(always);
        }

        public Way(String name, String type, Set<AlertLevel> levels, List<String> rules, List<String> except) {
            this(name, type, levels, rules, except, List.of());
        }

        public boolean takes(String rule, AlertLevel level) {
            if (except.contains(rule) || !rules.isEmpty() && !rules.contains(rule)) return false;
            return always.contains(rule) || levels.contains(level);
        }
    }

    /// @param since    of the tries that failed in a row, the first
    /// @param failures in a row
    /// @param next     not before then
    /// @param lasting  it will not go better by itself
    public record Tried(
            Instant at, Instant since, boolean running, int failures, Instant next, String note, boolean lasting) {}

    /// What a node said of itself, as far as it is not well.
    public record Checked(Instant at, Table<String, Found> found) {}

    public record Found(AlertLevel level, String text) {}

    public static String key(long number, String way) {
        return number + " " + way;
    }

    /// May the notice be given now, by that way?
    public boolean due(Bulletin bulletin, String way, Instant now) {
        Tried last = tried.find(key(bulletin.number(), way)).orElse(null);
        if (last == null) return true;
        return last.running() ? !now.isBefore(last.at().plus(RUNNING_MAX)) : !now.isBefore(last.next());
    }

    public Alerting begun(long number, String way, Instant now) {
        Optional<Tried> last = tried.find(key(number, way));
        return with(
                number,
                way,
                new Tried(
                        now,
                        last.map(Tried::since).orElse(now),
                        true,
                        last.map(Tried::failures).orElse(0),
                        now,
                        last.map(Tried::note).orElse(""),
                        last.filter(Tried::lasting).isPresent()));
    }

    /// Each failure doubles the time to the next try, up to five minutes; a channel may ask for more.
    public Alerting failed(
            long number, String way, Instant now, String note, boolean lasting, Optional<Duration> after) {
        Tried last = tried.find(key(number, way)).orElse(new Tried(now, now, false, 0, now, "", false));
        Duration wait = RETRY_FIRST.multipliedBy(1L << Math.min(10, last.failures()));
        if (wait.compareTo(RETRY_MAX) > 0 || lasting) wait = RETRY_MAX;
        if (after.isPresent() && after.get().compareTo(wait) > 0) wait = after.get();
        return with(
                number, way, new Tried(now, last.since(), false, last.failures() + 1, now.plus(wait), note, lasting));
    }

    private Alerting with(long number, String way, Tried now) {
        return new Alerting(lookedAt, turns, ways, tried.with(key(number, way), now), checks, problems);
    }

    public Alerting looked(Instant at, Table<String, Turn> now, Table<Long, Bulletin> outbox) {
        Table<String, Tried> kept = tried;
        for (String key : tried.keys())
            if (!outbox.has(Long.parseLong(key.substring(0, key.indexOf(' '))))) kept = kept.without(key);
        return new Alerting(at, now, ways, kept, checks, problems);
    }

    public Alerting with(List<Way> now) {
        return new Alerting(lookedAt, turns, now, tried, checks, problems);
    }

    public Alerting with(List<Way> now, List<String> wrong) {
        return new Alerting(lookedAt, turns, now, tried, checks, wrong);
    }

    public Alerting with(Table<NodeId, Checked> now) {
        return new Alerting(lookedAt, turns, ways, tried, now, problems);
    }

    /// A removed node says nothing more.
    public Alerting without(NodeId node) {
        return checks.has(node) ? with(checks.without(node)) : this;
    }

    /// Only what it knows of telling people.
    public Alerting told() {
        return new Alerting(lookedAt, Table.empty(), ways, tried, Table.empty(), problems);
    }

    /// Of those that a channel owes, what its last try said; the longest first.
    public Optional<Tried> trouble(String way, Table<Long, Bulletin> outbox) {
        for (Bulletin bulletin : outbox.values()) {
            if (!bulletin.channels().contains(way)) continue;
            Optional<Tried> last = tried.find(key(bulletin.number(), way)).filter(one -> one.failures() > 0);
            if (last.isPresent()) return last;
        }
        return Optional.empty();
    }
}
