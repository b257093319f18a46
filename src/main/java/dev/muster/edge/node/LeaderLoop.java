package dev.muster.edge.node;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the leader does: decides, proposes, decides again. Lives while this node leads; with the leadership goes all that
/// only a leader knows.
final class LeaderLoop {
    /// Longest time between two plans.
    private static final Duration TICK = Duration.ofMillis(250);
    /// Changes of the state gather this long before the next plan.
    private static final Duration GATHER = Duration.ofMillis(20);
    /// A plan that took a tenth of a second is followed by nine of rest: a tenth of a core at most. A second of rest is
    /// the most anybody waits for.
    private static final int REST_PER_WORK = 9;
    private static final Duration REST_MAX = Duration.ofSeconds(1);
    /// A refused order is not given again for this long, doubled with each refusal.
    private static final Duration REFUSED_FIRST = Duration.ofSeconds(1);
    private static final int REFUSED_DOUBLINGS = 5;
    private static final int REFUSALS_MAX = 2_000;

    private static final Logger LOG = LoggerFactory.getLogger(LeaderLoop.class);

    /// The planners.
    interface Decider {
        Plan decide(ClusterState state, Soft soft, Instant now);
    }

    /// Looks whether anything is wrong.
    interface Looker {
        Alerting look(ClusterState state, Soft soft, Instant now);
    }

    /// Raft's configuration.
    interface Membership {
        /// Blocks until done or given up.
        void set(List<NodeId> voters) throws InterruptedException;

        /// Takes a voter that lost its log out and in again. Blocks until done or given up.
        void readmit(NodeId voter) throws InterruptedException;
    }

    /// A voter that gets its log back does so within a second or two, or not at all. Readmitted once in a while, since a
    /// leader counts its answers meanwhile.
    private static final Duration REFILL_MAX = Duration.ofSeconds(5);
    private static final Duration READMIT_EVERY = Duration.ofSeconds(20);

    private record Refusal(int times, long untilNanos) {}

    private final NodeId self;
    private final Replica replica;
    private final Decider decider;
    private final Looker lookout;
    private final Errands errands;
    private final Telling telling;
    private final InstantSource clock;
    private final AtomicReference<Reign> reign = new AtomicReference<>();

    LeaderLoop(
            NodeId self,
            Replica replica,
            Decider decider,
            Looker lookout,
            Errands errands,
            Telling telling,
            InstantSource clock) {
        this.self = self;
        this.replica = replica;
        this.decider = decider;
        this.lookout = lookout;
        this.errands = errands;
        this.telling = telling;
        this.clock = clock;
    }

    /// This node leads in this term. Asking again changes nothing.
    void lead(long term, Proposer proposer, Membership membership) {
        Reign now = reign.get();
        if (now != null && now.term == term) return;
        resign();
        Reign next = new Reign(term, proposer, membership);
        reign.set(next);
        LOG.info("lead.started node={} term={}", self, term);
        next.thread.start();
    }

    /// It no longer leads, or never did.
    void resign() {
        Reign last = reign.getAndSet(null);
        if (last == null) return;
        last.end();
        LOG.info("lead.ended node={} term={}", self, last.term);
    }

    Optional<Soft> soft() {
        return Optional.ofNullable(reign.get()).map(now -> now.soft.get());
    }

    Optional<List<Wait>> waits() {
        return Optional.ofNullable(reign.get()).map(now -> now.waits);
    }

    /// What a node says of its checks, for as long as this node leads.
    void checked(NodeId node, Alerting.Checked news) {
        Reign now = reign.get();
        if (now != null) now.alerting(known -> known.with(known.checks().with(node, news)));
    }

    /// @return whether this node leads and knows the node under this identity
    boolean heard(PeerService.Heartbeat heartbeat) {
        Reign now = reign.get();
        if (now == null) return false;
        boolean known = replica.state()
                .fleet()
                .nodes()
                .find(heartbeat.node())
                .filter(node -> node.identity().equals(heartbeat.identity()))
                .isPresent();
        if (known) {
            Soft.Heard heard = new Soft.Heard(
                    clock.instant(),
                    heartbeat.revision(),
                    heartbeat.attempts(),
                    heartbeat.telemetry(),
                    heartbeat.awaited(),
                    heartbeat.presence());
            now.soft.updateAndGet(soft -> soft.withHeard(heartbeat.node(), heard));
            now.refilling(heartbeat.node(), heartbeat.refilling());
        }
        return true;
    }

    /// One term's leadership.
    private final class Reign implements Errands.Lead, Telling.Lead {
        private final long term;
        private final Proposer proposer;
        private final Membership membership;
        private final AtomicReference<Soft> soft = new AtomicReference<>(Soft.leadingSince(clock.instant()));
        private final Set<Command> underWay = ConcurrentHashMap.newKeySet();
        private final Map<Command, Refusal> refusals = new ConcurrentHashMap<>();
        private final AtomicBoolean changingVoters = new AtomicBoolean();
        private final Map<NodeId, Long> readmitAtNanos = new ConcurrentHashMap<>();
        private final Thread thread =
                Thread.ofPlatform().daemon().name("leader-" + self).unstarted(this::run);
        private volatile List<Wait> waits = List.of();

        Reign(long term, Proposer proposer, Membership membership) {
            this.term = term;
            this.proposer = proposer;
            this.membership = membership;
        }

        void end() {
            thread.interrupt();
        }

        private void run() {
            try {
                announce();
                while (!Thread.currentThread().isInterrupted()) {
                    ClusterState seen = replica.state();
                    Duration took = decideAndDo();
                    Duration rest = took.multipliedBy(REST_PER_WORK);
                    TimeUnit.NANOSECONDS.sleep(Math.clamp(rest.toNanos(), GATHER.toNanos(), REST_MAX.toNanos()));
                    replica.awaitChange(seen, TICK);
                }
            } catch (InterruptedException e) {
                LOG.debug("no longer leading", e);
            }
        }

        private void announce() throws InterruptedException {
            Command order = new Command.AnnounceLeader(self, term);
            while (true) {
                Member.Answer answer = answer(order, "won the election of term " + term);
                if (!(answer instanceof Member.Answer.Unavailable)) return;
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }

        private Member.Answer answer(Command order, String why) throws InterruptedException {
            try {
                return proposer.propose(envelope(order, why)).get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("an answer never fails, but found " + e.getCause(), e);
            }
        }

        private Duration decideAndDo() {
            long start = System.nanoTime();
            try {
                // What is under way is noted before the state is read: its effect is in the state, or it is skipped.
                Set<Command> before = Set.copyOf(underWay);
                ClusterState state = replica.state();
                forgetRemoved(state);
                enableRenting(state);
                lookOut(state);
                Plan plan = decider.decide(state, soft.get(), clock.instant());
                waits = plan.waits();
                for (Action action : plan.actions()) attempt(action, before);
            } catch (RuntimeException e) {
                LOG.error("plan.broken term={}", term, e);
            }
            return Duration.ofNanos(System.nanoTime() - start);
        }

        private void forgetRemoved(ClusterState state) {
            for (NodeId node : soft.get().heard().keys()) {
                if (!state.fleet().nodes().has(node)) soft.updateAndGet(known -> known.without(node));
            }
        }

        /// Without a key nobody asks providers, unless there are machines that somebody has to look after.
        private void enableRenting(ClusterState state) {
            boolean enabled = errands.able() || !state.rentals().open().isEmpty();
            if (soft.get().renting().enabled() != enabled) tell(renting -> renting.enabled(enabled));
        }

        private void lookOut(ClusterState state) {
            List<Alerting.Way> ways = telling.ways();
            Alerting before = soft.get().alerting();
            List<String> problems = telling.problems();
            if (!before.ways().equals(ways) || !before.problems().equals(problems))
                alerting(known -> known.with(ways, problems));
            Alerting looked = lookout.look(state, soft.get(), clock.instant());
            if (looked.lookedAt().equals(before.lookedAt())) return;
            alerting(known -> known.looked(
                    looked.lookedAt(), looked.turns(), state.alerts().outbox()));
            telling.calm(state.alerts());
        }

        /// One action that cannot be done must not keep the others from being done.
        private void attempt(Action action, Set<Command> before) {
            try {
                perform(action, before);
            } catch (RuntimeException e) {
                LOG.error("action.broken term={} action={}", term, action, e);
            }
        }

        private void perform(Action action, Set<Command> before) {
            switch (action) {
                case Action.Propose(Command command, String why) -> {
                    if (!before.contains(command) && !refusedLately(command)) propose(command, why);
                }
                case Action.Run(Errand errand, String why) -> errands.run(errand, why, this);
                case Action.SetVoters(List<NodeId> voters, String why) -> setVoters(voters, why);
                case Action.Tell(Bulletin bulletin, String way, String why) -> telling.give(bulletin, way, this);
            }
        }

        // ---- what errands need

        @Override
        public long term() {
            return term;
        }

        @Override
        public boolean leads() {
            return reign.get() == this;
        }

        @Override
        public boolean confirmed() throws InterruptedException {
            return leads()
                    && answer(new Command.AnnounceLeader(self, term), "still leads") instanceof Member.Answer.Done;
        }

        @Override
        public ClusterState state() {
            return replica.state();
        }

        @Override
        public Soft soft() {
            return soft.get();
        }

        @Override
        public void tell(UnaryOperator<Renting> news) {
            soft.updateAndGet(known -> known.withRenting(news.apply(known.renting())));
        }

        @Override
        public void alerting(UnaryOperator<Alerting> news) {
            soft.updateAndGet(known -> known.withAlerting(news.apply(known.alerting())));
        }

        @Override
        public Member.Answer order(Command order, String why) throws InterruptedException {
            return answer(order, why);
        }

        // ---- orders

        private boolean refusedLately(Command command) {
            Refusal refusal = refusals.get(command);
            return refusal != null && refusal.untilNanos() - System.nanoTime() > 0;
        }

        private void propose(Command command, String why) {
            if (!underWay.add(command)) return;
            proposer.propose(envelope(command, why)).whenComplete((answer, thrown) -> {
                underWay.remove(command);
                if (answer instanceof Member.Answer.Done) done(command);
                if (answer instanceof Member.Answer.Refused(String code, String message))
                    refused(command, code, message);
            });
        }

        private void done(Command command) {
            refusals.remove(command);
            if (command instanceof Command.FenceNode(NodeId node)) {
                LOG.warn("node.fenced node={}", node);
                soft.updateAndGet(known -> known.withFence(node, clock.instant()));
            }
        }

        private void refused(Command command, String code, String message) {
            if (refusals.size() > REFUSALS_MAX) refusals.clear();
            Refusal refusal = refusals.compute(command, (same, last) -> {
                int times = last == null ? 1 : last.times() + 1;
                long wait = REFUSED_FIRST.toNanos() << Math.min(times - 1, REFUSED_DOUBLINGS);
                return new Refusal(times, System.nanoTime() + wait);
            });
            if (refusal.times() == 1) LOG.debug("plan.refused order={} code={} reason=\"{}\"", command, code, message);
            if (refusal.times() == 3)
                LOG.warn("plan.refused-again order={} code={} reason=\"{}\"", command, code, message);
        }

        private Envelope envelope(Command command, String why) {
            return Envelope.of(Actor.leader(self), why, command);
        }

        private void setVoters(List<NodeId> voters, String why) {
            if (!changingVoters.compareAndSet(false, true)) return;
            LOG.info("voters.changing to={} why=\"{}\"", voters, why);
            change(() -> membership.set(voters));
        }

        /// The leader believes that a voter has what it once acknowledged, and sends only what comes after; one that
        /// lost it stays empty until it is taken out and in again.
        void refilling(NodeId voter, boolean refilling) {
            if (!refilling) {
                readmitAtNanos.remove(voter);
                return;
            }
            long now = System.nanoTime();
            long due = readmitAtNanos.computeIfAbsent(voter, first -> now + REFILL_MAX.toNanos());
            if (now - due < 0 || !changingVoters.compareAndSet(false, true)) return;
            readmitAtNanos.put(voter, now + READMIT_EVERY.toNanos());
            LOG.info("voter.readmitted node={} why=\"it lost its log, and is not filled by itself\"", voter);
            change(() -> membership.readmit(voter));
        }

        private interface Change {
            void make() throws InterruptedException;
        }

        private void change(Change change) {
            Thread.ofVirtual().name("voters").start(() -> {
                try {
                    change.make();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    LOG.error("voters.broken", e);
                } finally {
                    changingVoters.set(false);
                }
            });
        }
    }
}
