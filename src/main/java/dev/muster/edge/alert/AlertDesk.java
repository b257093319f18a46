package dev.muster.edge.alert;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.plan.Alerting;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Alerts;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Command;
import dev.muster.edge.config.AlertFile;
import dev.muster.edge.node.Member;
import dev.muster.edge.node.Telling;
import dev.muster.edge.view.AlertTitle;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives a leader's notices, each on a thread of its own, and tells the leader what came of it. One of a kind at a time for a notice and
/// a channel, over all terms.
public final class AlertDesk implements Telling, AutoCloseable {
    /// Some for each channel there may be; what finds no room is not begun, and the planner asks again.
    private static final int UNDER_WAY_MAX = 32;
    /// Channels that forget what is open are told of it so often.
    private static final Duration KEEP_EVERY = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(AlertDesk.class);

    private final String cluster;
    private final Channels channels;
    private final InstantSource clock;
    private final Map<String, Thread> underWay = new ConcurrentHashMap<>();
    private final AtomicBoolean asking = new AtomicBoolean();
    private final AtomicBoolean keeping = new AtomicBoolean();
    private volatile Instant askedAt = Instant.EPOCH;
    private volatile Instant keptAt = Instant.EPOCH;
    private volatile List<String> said = List.of();
    private volatile boolean closed;

    public AlertDesk(String cluster, Channels channels, InstantSource clock) {
        this.cluster = cluster;
        this.channels = channels;
        this.clock = clock;
    }

    @Override
    public List<Alerting.Way> ways() {
        List<Alerting.Way> ways = new ArrayList<>();
        for (Channels.Listed one : channels.list()) {
            EnumSet<AlertLevel> levels = EnumSet.noneOf(AlertLevel.class);
            levels.addAll(one.levels());
            ways.add(new Alerting.Way(one.name(), one.type(), levels, one.rules(), one.except(), one.always()));
        }
        return ways;
    }

    @Override
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        channels.broken().ifPresent(problems::add);
        for (AlertFile.Note note : channels.notes()) if (note.slip()) problems.add(note.toString());
        if (!problems.equals(said)) problems.forEach(problem -> LOG.warn("alert.file problem=\"{}\"", problem));
        said = problems;
        return problems;
    }

    // ---- notices

    @Override
    public void give(Bulletin bulletin, String way, Lead lead) {
        String key = Alerting.key(bulletin.number(), way);
        if (closed || underWay.containsKey(key) || underWay.size() >= UNDER_WAY_MAX) return;
        lead.alerting(known -> known.begun(bulletin.number(), way, clock.instant()));
        Thread thread = Thread.ofVirtual().name("notice").unstarted(() -> {
            try {
                tell(bulletin, way, lead);
            } finally {
                underWay.remove(key);
            }
        });
        underWay.put(key, thread);
        thread.start();
    }

    private void tell(Bulletin bulletin, String way, Lead lead) {
        try {
            channel(way).tell(notice(bulletin));
            LOG.info(
                    "alert.told notice={} alert={} kind={} channel={}",
                    bulletin.number(),
                    bulletin.alert(),
                    bulletin.kind(),
                    way);
            record(bulletin, way, lead);
        } catch (NotTold e) {
            failed(bulletin, way, lead, e);
        } catch (InterruptedException e) {
            failed(bulletin, way, lead, NotTold.now("broken off: this node stops"));
        } catch (RuntimeException e) {
            LOG.error("alert.broken notice={} channel={}", bulletin.number(), way, e);
            failed(
                    bulletin,
                    way,
                    lead,
                    NotTold.now("an error of ours: " + e.getClass().getSimpleName()));
        }
    }

    private Channel channel(String way) throws NotTold {
        return channels.of(way).orElseThrow(() -> NotTold.now("there is no channel " + way + " any more"));
    }

    /// What cannot be written down is told again: the other side knows it by its key.
    private void record(Bulletin bulletin, String way, Lead lead) throws InterruptedException {
        Command order = new Command.RecordDelivery(bulletin.number(), way, true, "");
        if (lead.order(order, "it was taken") instanceof Member.Answer.Unavailable no)
            failed(bulletin, way, lead, NotTold.now("taken, but that could not be written down: " + no.message()));
    }

    private void failed(Bulletin bulletin, String way, Lead lead, NotTold why) {
        lead.alerting(known ->
                known.failed(bulletin.number(), way, clock.instant(), why.getMessage(), why.isLasting(), why.after()));
        LOG.warn(
                "alert.not-told notice={} alert={} channel={} lasting={} why=\"{}\"",
                bulletin.number(),
                bulletin.alert(),
                way,
                why.isLasting(),
                why.getMessage());
    }

    private Notice notice(Bulletin bulletin) {
        return new Notice(
                cluster,
                bulletin.alert(),
                bulletin.number(),
                Notice.Kind.valueOf(bulletin.kind().name()),
                bulletin.level(),
                AlertTitle.of(bulletin),
                bulletin.lines().stream()
                        .map(line ->
                                new Notice.Line(line.subject(), line.level(), line.text(), line.since(), line.over()))
                        .toList(),
                bulletin.more(),
                runbook(bulletin.alert()),
                bulletin.at());
    }

    private static String runbook(String alert) {
        int slash = alert.indexOf('/');
        return AlertRule.find(slash < 0 ? alert : alert.substring(0, slash))
                .map(AlertRule::runbook)
                .orElse("docs/ALERTS.md");
    }

    // ---- tests

    @Override
    public List<Tested> test(Optional<String> way, String by) {
        List<Tested> tested = new ArrayList<>();
        for (Channels.Listed one : channels.list())
            if (way.isEmpty() || way.get().equals(one.name())) tested.add(test(one, by));
        for (String problem : problems()) tested.add(new Tested("alerts.yaml", "file", false, problem));
        return tested;
    }

    private Tested test(Channels.Listed one, String by) {
        String text = "this is a test, wanted by " + by + "; nothing is wrong";
        Notice notice = new Notice(
                cluster,
                "test",
                0,
                Notice.Kind.TEST,
                AlertLevel.WARNING,
                text,
                List.of(),
                0,
                "docs/ALERTS.md",
                clock.instant());
        try {
            channel(one.name()).tell(notice);
            return new Tested(one.name(), one.type(), true, "taken by " + one.masked());
        } catch (NotTold e) {
            return new Tested(one.name(), one.type(), false, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Tested(one.name(), one.type(), false, "broken off: this node stops");
        } catch (RuntimeException e) {
            LOG.error("alert.broken channel={}", one.name(), e);
            return new Tested(
                    one.name(),
                    one.type(),
                    false,
                    "an error of ours: " + e.getClass().getSimpleName());
        }
    }

    // ---- while all is well

    /// The deadman's switch hears of it, so that somebody notices when alerts themselves have died.
    @Override
    public void calm(Alerts alerts) {
        if (closed) return;
        Instant now = clock.instant();
        channels.deadman().ifPresent(deadman -> {
            if (now.isBefore(askedAt.plus(deadman.every())) || !asking.compareAndSet(false, true)) return;
            askedAt = now;
            aside("deadman", asking, deadman::ask);
        });
        if (now.isBefore(keptAt.plus(KEEP_EVERY)) || !keeping.compareAndSet(false, true)) return;
        keptAt = now;
        List<String> forgetful = channels.list().stream()
                .map(Channels.Listed::name)
                .filter(name -> channels.of(name).filter(Channel::keepsOpen).isPresent())
                .toList();
        if (forgetful.isEmpty()) keeping.set(false);
        else aside("keep", keeping, () -> keep(alerts, forgetful, now));
    }

    private interface Chore {
        void run() throws NotTold, InterruptedException;
    }

    private static void aside(String name, AtomicBoolean running, Chore chore) {
        Thread.ofVirtual().name(name).start(() -> {
            try {
                chore.run();
            } catch (NotTold e) {
                LOG.warn("alert.{}-not-told why=\"{}\"", name, e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                running.set(false);
            }
        });
    }

    private void keep(Alerts alerts, List<String> names, Instant now) throws NotTold, InterruptedException {
        for (Alert alert : alerts.alerts().values()) {
            List<Notice.Line> lines = new ArrayList<>();
            for (Map.Entry<String, Alert.Member> one : alert.members())
                if (!one.getValue().over() && one.getValue().told().isPresent() && lines.size() < Notice.LINES_MAX)
                    lines.add(line(one.getKey(), one.getValue()));
            if (lines.isEmpty()) continue;
            Notice notice = new Notice(
                    cluster,
                    alert.id(),
                    0,
                    Notice.Kind.CHANGED,
                    alert.level(),
                    AlertTitle.of(alert),
                    lines,
                    0,
                    runbook(alert.id()),
                    now);
            List<String> takers = channels.takers(alert.rule(), alert.worst().orElse(alert.level()));
            for (String name : names) if (takers.contains(name)) channel(name).tell(notice);
        }
    }

    private static Notice.Line line(String subject, Alert.Member member) {
        return new Notice.Line(subject, member.level(), member.text(), member.since(), false);
    }

    /// Breaks off what is under way.
    @Override
    public void close() {
        closed = true;
        underWay.values().forEach(Thread::interrupt);
        channels.close();
    }
}
