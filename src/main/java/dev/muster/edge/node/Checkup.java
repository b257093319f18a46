package dev.muster.edge.node;

import dev.muster.core.check.Check;
import dev.muster.core.check.Grade;
import dev.muster.core.check.Probe;
import dev.muster.core.check.Report;
import dev.muster.core.check.Thresholds;
import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import dev.muster.edge.check.Child;
import dev.muster.edge.check.Examiner;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.config.Release;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's part in checks: looks at itself once a minute and when it is asked, tells the leader, and carries out the
/// fixes that are ordered for it. As the leader it gathers all nodes' reports.
final class Checkup implements AutoCloseable {
    /// Between two rounds, give or take a fifth, so that nodes that started together do not dial together.
    private static final Duration EVERY = Duration.ofSeconds(60);

    private static final double JITTER = 0.2;
    /// By then there is a leader, and the others listen.
    private static final Duration FIRST = Duration.ofSeconds(5);

    private static final Duration ANSWER_MAX = Duration.ofSeconds(6);

    /// From the jar's manifest; a build that was not packaged has none.
    private static final Logger LOG = LoggerFactory.getLogger(Checkup.class);

    private final NodeId self;
    private final String identity;
    private final Mesh mesh;
    private final Examiner examiner;
    private final CheckDesk desk;
    private final FixRunner fixes;
    private final Reporter reporter;
    private final InstantSource clock;
    private final LeaderClock leaderClock = new LeaderClock();
    private final Thread thread = Thread.ofVirtual().name("checkup").unstarted(this::run);
    private volatile Optional<String> leaderVersion = Optional.empty();
    /// Where the leader was last heard; empty for this very node.
    private volatile Optional<Leading> leader = Optional.empty();
    private volatile long answered;
    private volatile boolean closed;

    private record Leading(long term, Optional<String> api) {}

    Checkup(
            NodeConfig config,
            DataDir dirs,
            Mesh mesh,
            Agent agent,
            Gauges gauges,
            String identity,
            InstantSource clock)
            throws IOException {
        this.self = config.name();
        this.identity = identity;
        this.mesh = mesh;
        this.clock = clock;
        Child child = new Child();
        Thresholds thresholds = new Thresholds(config.disk());
        this.examiner = new Examiner(
                new Examiner.Sources(
                        self,
                        config.data(),
                        config.role(),
                        config.network().dialable(),
                        config.checks(),
                        thresholds,
                        Release.own(),
                        mesh.replica()::state,
                        gauges::host,
                        gauges::gpus,
                        agent.modelLook()::look,
                        leaderClock::skew,
                        () -> leaderVersion),
                child);
        this.desk = new CheckDesk(self, config.policy(), mesh.replica(), mesh.client(), clock, this::here);
        this.reporter = new Reporter(
                self, mesh.submission()::submit, mesh.replica(), (order, no) -> LOG.debug("{}: {}", order, no));
        this.fixes = new FixRunner(
                new FixRunner.Tools(
                        self,
                        examiner,
                        child,
                        agent.shelf(),
                        () -> agent.makeRoom(
                                thresholds.diskEnough(gauges.host().diskTotal().orElse(0))),
                        config.checks().install()),
                mesh.replica(),
                mesh.floor(),
                FixJournal.open(dirs.fixes()),
                reporter,
                clock);
    }

    void start() {
        thread.start();
        fixes.start();
    }

    private void run() {
        try {
            Thread.sleep(jittered(FIRST));
            while (!closed) {
                round();
                Thread.sleep(jittered(EVERY));
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    private static Duration jittered(Duration time) {
        double share = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        return Duration.ofMillis((long) (time.toMillis() * share));
    }

    private void round() throws InterruptedException {
        try {
            examiner.round(false);
            tell(examiner.look());
        } catch (RuntimeException e) {
            LOG.error("check.broken", e);
        }
    }

    /// The leader answered a heartbeat: its clock, its version, and whether it wants to know how this node is.
    void answered(Heartbeats.Heard heard) {
        Leading now = new Leading(heard.answer().term(), heard.api());
        boolean another = !leader.equals(Optional.of(now));
        if (another) leaderClock.forget();
        leader = Optional.of(now);
        if (heard.api().isEmpty()) {
            leaderClock.own();
            leaderVersion = Optional.of(Release.own());
        }
        heard.answer().word().ifPresent(word -> {
            leaderClock.heard(heard.middle(), heard.trip(), word.at());
            leaderVersion = Optional.of(word.version());
        });
        long asked = heard.answer().word().map(PeerService.LeaderWord::check).orElse(0L);
        boolean wanted = asked != 0 && asked != answered;
        if (wanted) answered = asked;
        boolean deep =
                heard.answer().word().filter(PeerService.LeaderWord::deep).isPresent();
        if (wanted) Thread.ofVirtual().name("check").start(() -> tell(here(deep).answering(asked)));
        else if (another) Thread.ofVirtual().name("check").start(() -> tell(examiner.look()));
    }

    /// Once; a report that does not arrive is followed by another within a minute.
    private void tell(Report report) {
        Optional<Leading> now = leader;
        if (now.isEmpty() || closed) return;
        try {
            if (now.get().api().isEmpty()) heard(self, report);
            else mesh.client().report(now.get().api().get(), new PeerService.NodeReport(self, identity, report));
        } catch (IOException e) {
            LOG.debug("the leader does not listen", e);
        }
    }

    /// As [PeerService#checkHere].
    Report here(boolean deep) {
        try {
            if (deep) examiner.round(true);
            return deep ? examiner.look() : examiner.fresh();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return examiner.look();
        }
    }

    private void heard(NodeId node, Report report) {
        desk.heard(node, report);
        Table<String, Alerting.Found> found = Table.empty();
        for (Check check : report.checks()) {
            // Where the system does not tell, it never will: that is no news.
            if (check.probe() == Probe.SYSTEM_FILES && check.grade() == Grade.UNKNOWN) continue;
            Optional<AlertLevel> level = level(check.grade());
            if (level.isPresent())
                found = found.with(check.probe().word(), new Alerting.Found(level.get(), check.text()));
        }
        mesh.leading().checked(node, new Alerting.Checked(clock.instant(), found));
    }

    private static Optional<AlertLevel> level(Grade grade) {
        return switch (grade) {
            case OK -> Optional.empty();
            case WARN -> Optional.of(AlertLevel.WARNING);
            case UNKNOWN -> Optional.of(AlertLevel.UNKNOWN);
            case FAIL -> Optional.of(AlertLevel.CRITICAL);
        };
    }

    /// As [PeerService#report].
    boolean heard(PeerService.NodeReport report) {
        boolean known = mesh.replica()
                .state()
                .fleet()
                .nodes()
                .find(report.node())
                .map(Node::identity)
                .filter(report.identity()::equals)
                .isPresent();
        if (!known || mesh.leading().soft().isEmpty()) return false;
        heard(report.node(), report.report());
        return true;
    }

    /// What this node, which leads, says with the answer to a heartbeat.
    PeerService.LeaderWord word(NodeId node) {
        return desk.word(node, Release.own());
    }

    /// As [PeerService#checksHere].
    Optional<PeerService.CheckRounds> led(PeerService.CheckRequest request) {
        Optional<Soft> soft = mesh.leading().soft();
        if (soft.isEmpty()) return Optional.empty();
        try {
            return Optional.of(new PeerService.CheckRounds(self, true, desk.gather(soft.get(), request)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /// As [Member#checks].
    PeerService.CheckRounds checks(PeerService.CheckRequest request) {
        return led(request).or(() -> byLeader(request)).orElseGet(() -> byAsking(request));
    }

    private Optional<PeerService.CheckRounds> byLeader(PeerService.CheckRequest request) {
        Optional<String> api =
                mesh.standing().leader().filter(other -> !other.equals(self)).flatMap(mesh.contacts()::api);
        if (api.isEmpty()) return Optional.empty();
        boolean deep = request.depth() == PeerService.CheckDepth.DEEP;
        try {
            return Optional.of(
                    mesh.client().checks(api.get(), request, deep ? CheckDesk.DEEP_MAX.plus(ANSWER_MAX) : ANSWER_MAX));
        } catch (IOException e) {
            LOG.debug("the leader does not tell", e);
            return Optional.empty();
        }
    }

    private PeerService.CheckRounds byAsking(PeerService.CheckRequest request) {
        try {
            return new PeerService.CheckRounds(self, false, desk.askAll(request));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("this node stops", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        fixes.close();
        reporter.close();
    }
}
