package dev.muster.edge.node;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.plan.Soft;
import dev.muster.core.run.Watch;
import dev.muster.core.run.WatchRules;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.Table;
import dev.muster.core.state.Traces;
import dev.muster.core.state.Watching;
import dev.muster.edge.process.LogReader;
import dev.muster.edge.training.MetricsFile;
import dev.muster.edge.training.TrackerLines;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks how attempts go whose job wants that: their output, the figures they write, and the GPUs of a machine that is theirs
/// alone. What becomes a warning is logged and told to the cluster; what their job says stops them.
///
/// What it knows is lost with the agent: a new one reads output and figures anew, and judges times from then on.
final class AttemptWatch implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(5);
    /// Of output in one look; the rest is for the next ones.
    private static final int OUTPUT_MAX = 4 << 20;

    /// Of a last look: 64 MiB, which an agent reads that began in the middle.
    private static final int LAST_PARTS = 16;

    private static final int PART = 64 << 10;
    private static final int LINE_MAX = 2_000;
    /// Rules by which one has failed that ended well by its exit code.
    private static final Set<Watch.Rule> AT_END = Set.of(Watch.Rule.FINAL_LOSS, Watch.Rule.NOT_A_NUMBER);

    private static final Logger LOG = LoggerFactory.getLogger(AttemptWatch.class);

    private static final int EVIDENCE_MAX = 400;

    /// What is done to one that does not go well.
    interface Stop {
        void abort(AttemptId attempt, String rule, String evidence);
    }

    private final AttemptJournal journal;
    private final LogReader logs;
    private final SecretFiles secrets;
    private final Supplier<Soft.Telemetry> telemetry;
    private final InstantSource clock;
    private final Stop stop;
    private final Consumer<Command> report;
    private final Map<AttemptId, Watched> watched = new HashMap<>();
    private final Thread thread = Thread.ofVirtual().name("attempt-watch").unstarted(this::run);

    AttemptWatch(
            AttemptJournal journal,
            LogReader logs,
            SecretFiles secrets,
            Supplier<Soft.Telemetry> telemetry,
            InstantSource clock,
            Stop stop,
            Consumer<Command> report) {
        this.journal = journal;
        this.logs = logs;
        this.secrets = secrets;
        this.telemetry = telemetry;
        this.clock = clock;
        this.stop = stop;
        this.report = report;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                look();
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    synchronized void look() {
        for (LocalAttempt attempt : journal.all().values()) {
            boolean runs = attempt.phase() == LocalAttempt.Phase.RUNNING;
            if (!runs || !Evidence.wanted(attempt)) continue;
            try {
                look(attempt);
            } catch (IOException | RuntimeException e) {
                LOG.warn("watch.failed attempt={} reason=\"{}\"", attempt.id(), e.toString());
            }
        }
        watched.keySet()
                .removeIf(id -> journal.find(id)
                        .filter(known -> known.phase() != LocalAttempt.Phase.ENDED)
                        .isEmpty());
    }

    /// Once more, when its process has ended.
    ///
    /// @param succeeded so that its last losses are final
    /// @return what was seen of it, and what it would have been stopped for
    synchronized Seen last(LocalAttempt attempt, boolean succeeded) {
        if (!Evidence.wanted(attempt)) return Seen.NOTHING;
        Instant now = clock.instant();
        Watched one = watched(attempt, now);
        try {
            for (int parts = 0; parts < LAST_PARTS && one.read(logs, now); parts++) LOG.trace("there may be more");
            one.load.write(now);
        } catch (IOException | RuntimeException e) {
            LOG.warn("watch.failed attempt={} reason=\"{}\"", attempt.id(), e.toString());
        }
        List<Watch.Alert> alerts = one.watch.alerts(now, succeeded);
        one.tell(alerts);
        watched.remove(attempt.id());
        Optional<Watch.Alert> abort = one.watch.aborts(alerts).stream()
                .filter(alert -> !succeeded || AT_END.contains(alert.rule()))
                .findFirst();
        return new Seen(
                new Traces(List.of(), one.warnings, one.tracked),
                abort.map(alert -> alert.rule().name() + ": " + alert.evidence()));
    }

    /// What was seen of one that has ended.
    ///
    /// @param abort the rule by which it has failed, whatever its exit code, and for good; and the evidence
    record Seen(Traces traces, Optional<String> abort) {
        static final Seen NOTHING = new Seen(Traces.NOTHING, Optional.empty());
    }

    private Watched watched(LocalAttempt attempt, Instant now) {
        Watching wanted = attempt.spec().watch().orElse(Watching.NOTHING);
        return watched.computeIfAbsent(
                attempt.id(),
                id -> new Watched(
                        attempt,
                        wanted,
                        journal.work(id),
                        new Watch(rules(wanted), now),
                        new LoadLog(journal.load(id), now),
                        new Redaction(secrets, attempt.spec())));
    }

    private void look(LocalAttempt attempt) throws IOException {
        Instant now = clock.instant();
        Watched one = watched(attempt, now);
        Optional<Traces.Tracked> before = one.tracked;
        one.read(logs, now);
        one.load.add(telemetry.get(), now);
        if (!one.tracked.equals(before))
            report.accept(new Command.LinkAttempt(attempt.id(), attempt.token(), one.tracked.orElseThrow()));
        // Of a node that others work on, too, nobody can say whose its GPUs are.
        boolean alone =
                attempt.spec().run().isPresent() && attempt.spec().resources().gpus() > 0;
        if (alone) one.watch.reading(gpus(now));
        List<Watch.Alert> alerts = one.watch.alerts(now, false);
        one.tell(alerts)
                .forEach((rule, warning) ->
                        report.accept(new Command.WarnAttempt(attempt.id(), attempt.token(), rule, warning)));
        List<Watch.Alert> aborts = one.watch.aborts(alerts);
        if (!aborts.isEmpty())
            stop.abort(
                    attempt.id(),
                    aborts.getFirst().rule().name(),
                    aborts.getFirst().evidence());
    }

    private Watch.Reading gpus(Instant now) {
        Soft.Telemetry measured = telemetry.get();
        return new Watch.Reading(
                now,
                percent(measured.gpuShare()),
                percent(measured.gpuMemoryShare()),
                new TreeMap<>(),
                OptionalDouble.empty());
    }

    private static OptionalDouble percent(double share) {
        return Double.isNaN(share) ? OptionalDouble.empty() : OptionalDouble.of(share * 100);
    }

    /// Limits that make no sense, which only a hand-made job has, are told and count for nothing.
    private static WatchRules rules(Watching wanted) {
        try {
            return WatchRules.of(wanted);
        } catch (IllegalArgumentException e) {
            LOG.warn("watch.limits reason=\"{}\" then=\"the usual ones\"", e.getMessage());
            return WatchRules.of(new Watching(wanted.metrics(), wanted.stopOn()));
        }
    }

    /// Ends the looks.
    @Override
    public void close() {
        thread.interrupt();
    }

    /// One attempt, and how far it has been read.
    private static final class Watched {
        private final AttemptId id;
        private final String key;
        private final Watch watch;
        private final List<MetricsFile> metrics;
        private final StringBuilder line = new StringBuilder();
        private final Map<String, Watch.Level> told = new HashMap<>();
        private final LoadLog load;
        private Table<String, Traces.Warning> warnings = Table.empty();
        private Optional<Traces.Tracked> tracked = Optional.empty();
        private final Redaction redaction;
        private long read;

        Watched(LocalAttempt attempt, Watching wanted, Path work, Watch watch, LoadLog load, Redaction redaction) {
            this.redaction = redaction;
            this.id = attempt.id();
            this.key = JobProcess.key(attempt.id(), attempt.token());
            this.watch = watch;
            this.load = load;
            this.metrics = wanted.metrics().stream()
                    .map(path -> new MetricsFile(work.resolve(path)))
                    .toList();
        }

        /// What is new of its output and its figures.
        ///
        /// @return whether there was some output
        boolean read(LogReader logs, Instant now) throws IOException {
            long before = read;
            readOutput(logs, now);
            for (SortedMap<String, Double> row : readMetrics())
                watch.reading(new Watch.Reading(
                        now, OptionalDouble.empty(), OptionalDouble.empty(), row, OptionalDouble.empty()));
            for (MetricsFile file : metrics) file.tracked().ifPresent(this::tracked);
            return read > before;
        }

        private void tracked(Traces.Tracked told) {
            tracked = Optional.of(tracked.map(known -> known.and(told)).orElse(told));
        }

        private void readOutput(LogReader logs, Instant now) throws IOException {
            long until = read + OUTPUT_MAX;
            while (read < until) {
                LogReader.Chunk chunk = logs.read(key, read, PART);
                if (chunk.bytes().length == 0) return;
                read = chunk.next();
                for (byte letter : chunk.bytes()) take((char) (letter & 0xff), now);
            }
        }

        /// What words of failures are looked for is ASCII; other letters are taken for some others.
        private void take(char letter, Instant now) {
            if (letter != '\n' && letter != '\r') {
                if (line.length() < LINE_MAX) line.append(letter);
                return;
            }
            String said = redaction.letters(line.toString());
            watch.line(now, said);
            TrackerLines.read(said).ifPresent(this::tracked);
            line.setLength(0);
        }

        private List<SortedMap<String, Double>> readMetrics() throws IOException {
            List<SortedMap<String, Double>> rows = new ArrayList<>();
            for (MetricsFile file : metrics) {
                try {
                    for (MetricsFile.Row row : file.look().rows()) rows.add(row.metrics());
                } catch (NoSuchFileException e) {
                    LOG.trace("not written yet", e);
                }
            }
            return rows;
        }

        /// Each change is logged once.
        ///
        /// @return by rule, what is new or worse than before
        Map<String, Traces.Warning> tell(List<Watch.Alert> alerts) {
            Map<String, Traces.Warning> news = new TreeMap<>();
            for (Watch.Alert alert : alerts) {
                Watch.Level before = told.put(alert.rule() + " " + alert.subject(), alert.level());
                if (alert.level() == (before == null ? Watch.Level.OK : before)) continue;
                LOG.warn(
                        "attempt.watch attempt={} level={} rule={} subject=\"{}\" evidence=\"{}\"",
                        id,
                        alert.level(),
                        alert.rule(),
                        alert.subject(),
                        alert.evidence());
                if (alert.level() != Watch.Level.OK) warned(alert, news);
            }
            return news;
        }

        private void warned(Watch.Alert alert, Map<String, Traces.Warning> news) {
            String rule = alert.rule().name();
            Traces.Warning warning = new Traces.Warning(
                    alert.level() == Watch.Level.CRITICAL, brief(alert.subject()), brief(alert.evidence()));
            if (!warning.worseThan(warnings.find(rule))) return;
            warnings = warnings.with(rule, warning);
            news.put(rule, warning);
        }

        private static String brief(String text) {
            return text.length() <= EVIDENCE_MAX ? text : text.substring(0, EVIDENCE_MAX) + "…";
        }
    }
}
