package dev.muster.edge.alert;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.alert.LastWatch;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Durations;
import dev.muster.core.state.NodeId;
import dev.muster.edge.node.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has people told by this voter itself that its cluster has no leader, and when it has one again ([LastWatch]). A file says across
/// restarts that they were.
public final class Watchman implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(5);
    /// A channel that does not take for so long that it is over is not waited for.
    private static final Duration OWED_MAX = Duration.ofMinutes(30);
    private static final Logger LOG = LoggerFactory.getLogger(Watchman.class);

    private final String cluster;
    private final Channels channels;
    private final Member member;
    private final Path file;
    private final InstantSource clock;
    private final Thread thread = Thread.ofVirtual().name("watchman").unstarted(this::run);
    /// Channels that have taken what is being said.
    private final Set<String> taken = new HashSet<>();

    private LastWatch watch;
    private Optional<Instant> overSince = Optional.empty();
    private volatile boolean closed;

    /// @param file stands there while people believe that there is no leader
    public Watchman(String cluster, Channels channels, Member member, Path file, InstantSource clock) {
        this.cluster = cluster;
        this.channels = channels;
        this.member = member;
        this.file = file;
        this.clock = clock;
        this.watch = new LastWatch(Optional.empty(), Files.exists(file));
    }

    public Watchman start() {
        thread.start();
        return this;
    }

    private void run() {
        try {
            while (!closed) {
                Thread.sleep(EVERY);
                look();
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    /// Once.
    void look() throws InterruptedException {
        Member.Standing standing = member.standing();
        Instant now = clock.instant();
        watch = watch.at(now, standing.readOnly().isEmpty() || !standing.voter());
        LastWatch.Word word = watch.word(now, first(standing));
        switch (word) {
            case NOTHING -> taken.clear();
            case NO_LEADER -> down(notice(word, standing, now));
            case OVER -> over(notice(word, standing, now), now);
        }
    }

    /// As soon as one has taken it, people believe it, and are to hear when it is over.
    private void down(Notice notice) throws InterruptedException {
        say(notice);
        overSince = Optional.empty();
        if (!taken.isEmpty() && !watch.told()) believed(true);
    }

    private void over(Notice notice, Instant now) throws InterruptedException {
        if (overSince.isEmpty()) taken.clear();
        Instant since = overSince.orElse(now);
        overSince = Optional.of(since);
        boolean all = say(notice);
        if (!all && now.isBefore(since.plus(OWED_MAX))) return;
        believed(false);
        taken.clear();
        overSince = Optional.empty();
    }

    private boolean first(Member.Standing standing) {
        TreeSet<NodeId> heard = new TreeSet<>(standing.votersHeard());
        heard.add(member.self());
        return heard.first().equals(member.self());
    }

    private Notice notice(LastWatch.Word word, Member.Standing standing, Instant now) {
        boolean over = word == LastWatch.Word.OVER;
        int voters = member.state().fleet().voters().size();
        String text = over
                ? "there is a leader again"
                        + standing.leader().map(leader -> ": " + leader).orElse("")
                : "no leader for "
                        + Durations.brief(Duration.between(watch.since().orElse(now), now))
                        + ": " + member.self() + " hears "
                        + standing.votersHeard().size() + " of " + voters
                        + " voters. What runs goes on; nothing is placed, rented, ended or promoted";
        return new Notice(
                cluster,
                AlertRule.NO_LEADER.word(),
                0,
                over ? Notice.Kind.RESOLVED : Notice.Kind.FIRED,
                AlertLevel.CRITICAL,
                text,
                List.of(new Notice.Line(
                        "voters", AlertLevel.CRITICAL, text, watch.since().orElse(now), over)),
                0,
                AlertRule.NO_LEADER.runbook(),
                now);
    }

    /// To those who have not taken it yet.
    ///
    /// @return whether nobody is left to be told
    private boolean say(Notice notice) throws InterruptedException {
        List<String> names = channels.takers(notice.rule(), notice.level());
        for (String name : names) {
            if (taken.contains(name)) continue;
            try {
                channels.of(name)
                        .orElseThrow(() -> NotTold.now("it is not there any more"))
                        .tell(notice);
                taken.add(name);
                LOG.info("alert.told-by-voter kind={} channel={}", notice.kind(), name);
            } catch (NotTold e) {
                LOG.warn("alert.not-told-by-voter channel={} why=\"{}\"", name, e.getMessage());
            }
        }
        return taken.containsAll(names);
    }

    private void believed(boolean down) {
        watch = watch.saying(down);
        try {
            if (down) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, clock.instant() + "\n");
            } else Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("alert.not-written file={} why=\"{}\"", file, e.getMessage());
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
