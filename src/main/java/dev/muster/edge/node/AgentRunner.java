package dev.muster.edge.node;

import dev.muster.core.agent.AgentAction;
import dev.muster.core.agent.AgentPlanner;
import dev.muster.core.agent.LocalView;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node does with what it knows: asks [AgentPlanner] after each change and once a second, and carries out what it
/// says. Whatever was not carried out is decided again.
///
/// Acts on a state only when it is not older than any this node has acted on. Attempts that run go on whatever happens to
/// the cluster, and their ends are journaled; only the report waits.
final class AgentRunner implements AutoCloseable {
    /// A leader has heard by then that this disk is full: it was measured within two seconds, and told within two more.
    private static final Duration TURNED_AWAY = Duration.ofSeconds(5);

    private static final Duration TICK = Duration.ofSeconds(1);
    /// Changes gather this long before the next decision.
    private static final Duration GATHER = Duration.ofMillis(20);
    /// A decision that took a second is followed by four of rest.
    private static final int REST_PER_WORK = 4;

    private static final Logger LOG = LoggerFactory.getLogger(AgentRunner.class);

    /// What the agent works with.
    ///
    /// @param attemptsMax attempts at once, whatever the state says
    record Means(
            NodeId self,
            int attemptsMax,
            Replica replica,
            RevisionFloor floor,
            AttemptJournal journal,
            Artifacts artifacts,
            Fetcher fetcher,
            ModelLinks links,
            InstantSource clock) {}

    private final Means means;
    private final Reporter reporter;
    private final AttemptRuns runs;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private boolean awake;
    private volatile boolean closed;
    private long refusedRevision;
    private boolean told;
    private final Map<AttemptId, Instant> turnedAway = new HashMap<>();

    AgentRunner(Means means, Reporter reporter, AttemptRuns runs) {
        this.means = means;
        this.reporter = reporter;
        this.runs = runs;
        this.thread = Thread.ofVirtual().name("agent").unstarted(this::run);
    }

    /// Takes up every attempt of the journal where it was left, then decides until closed.
    void start() {
        runs.resume();
        means.replica().listen(this::wake);
        thread.start();
    }

    /// Something changed; decide soon.
    void wake() {
        lock.lock();
        try {
            awake = true;
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (!closed) {
                long start = System.nanoTime();
                decideAndDo();
                Thread.sleep(Duration.ofNanos(Math.max(GATHER.toNanos(), REST_PER_WORK * (System.nanoTime() - start))));
                await();
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    private void await() throws InterruptedException {
        lock.lock();
        try {
            long left = TICK.toNanos();
            while (!awake && left > 0) left = woken.awaitNanos(left);
            awake = false;
        } finally {
            lock.unlock();
        }
    }

    /// One decision, and what follows from it.
    void decideAndDo() {
        ClusterState state = means.replica().state();
        if (!current(state)) return;
        means.links()
                .keepOnly((config, sha) -> state.models()
                        .models()
                        .find(config)
                        .filter(model -> model.current().sha().equals(sha))
                        .isPresent());
        LocalView local = new LocalView(
                means.self(),
                means.journal().all(),
                means.artifacts().held(),
                means.fetcher().fetching(),
                means.links().all(),
                means.fetcher().came());
        try {
            for (AgentAction action : AgentPlanner.decide(
                    state, local, means.attemptsMax(), means.clock().instant())) {
                perform(state, action);
            }
            told = false;
        } catch (IOException e) {
            if (!closed && !told) LOG.error("agent.waits-for-disk reason=\"{}\" then=\"tried again\"", e.toString());
            told = true;
        } catch (RuntimeException e) {
            if (!closed) LOG.error("agent.broken revision={}", state.revision(), e);
        }
    }

    private boolean current(ClusterState state) {
        if (means.floor().admits(state)) return true;
        if (refusedRevision == 0 && state.revision() > 0) {
            LOG.info(
                    "agent.waits revision={} for={} why=\"an older state than this node has acted on\"",
                    state.revision(),
                    means.floor().value());
            refusedRevision = state.revision();
        }
        return false;
    }

    private void perform(ClusterState state, AgentAction action) throws IOException {
        switch (action) {
            case AgentAction.Begin begin -> begin(state, begin);
            case AgentAction.Stop(AttemptId attempt, String why) -> runs.stop(attempt, why, Optional.empty());
            case AgentAction.Report(Command command) -> report(command);
            case AgentAction.Discard(AttemptId attempt) -> {
                means.floor().raise(state.revision());
                runs.discard(attempt);
            }
            case AgentAction.Fetch fetch -> means.fetcher().fetch(fetch.artifact(), fetch.holders());
            case AgentAction.Point(var config, var sha) -> {
                means.floor().raise(state.revision());
                point(config, sha);
            }
            case AgentAction.ForgetSecrets(var names) -> {
                means.floor().raise(state.revision());
                runs.forgetSecrets(names);
            }
        }
    }

    /// A link that cannot be written keeps nothing else from being done; it is tried again with every decision.
    private void point(ConfigKey config, Sha256 sha) {
        try {
            means.links().point(config, sha);
        } catch (IOException e) {
            LOG.debug("{} is not in place, as told with the heartbeats", config, e);
        }
    }

    /// A current model that is here and cannot be put in place is none that this node has: its receipt waits.
    private void report(Command command) {
        boolean waits = command instanceof Command.ConfirmReplica confirm
                && means.links().troubles().has(confirm.artifact());
        if (!waits) reporter.report(command);
    }

    private void begin(ClusterState state, AgentAction.Begin begin) {
        Optional<String> closed = runs.closed();
        if (closed.isPresent()) turnAway(state, begin.attempt(), begin.token(), closed.get());
        else beginHere(state, begin);
    }

    /// The attempt waits until the leader must know that there is no room, and goes back then. That is not its fault.
    private void turnAway(ClusterState state, AttemptId attempt, long token, String why) {
        var active = state.work().activeOn(means.self());
        turnedAway.keySet().removeIf(id -> !active.contains(id));
        Instant now = means.clock().instant();
        Instant since = turnedAway.putIfAbsent(attempt, now);
        if (since == null)
            LOG.warn("attempt.not-begun attempt={} reason=\"{}\" then=\"waits, then goes back\"", attempt, why);
        else if (Duration.between(since, now).compareTo(TURNED_AWAY) > 0) {
            Attempt.Ending back = Results.plain(
                    Attempt.Status.LOST, OptionalInt.empty(), "it did not begin on " + means.self() + ": " + why);
            reporter.report(new Command.FinishAttempt(attempt, token, back));
        }
    }

    private void beginHere(ClusterState state, AgentAction.Begin begin) {
        try {
            means.floor().raise(state.revision());
            runs.begin(begin.attempt(), begin.token(), begin.spec(), begin.saved());
        } catch (IOException e) {
            // Nothing has begun and nothing will: the cluster may place it elsewhere.
            LOG.error("attempt.not-begun attempt={} reason=\"{}\"", begin.attempt(), e.toString());
            reporter.report(new Command.FinishAttempt(
                    begin.attempt(),
                    begin.token(),
                    Results.plain(
                            Attempt.Status.FAILED,
                            OptionalInt.empty(),
                            "it could not begin on " + means.self() + ": " + e.getMessage())));
        }
    }

    /// Stops deciding. Processes run on.
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        reporter.close();
        runs.close();
    }
}
