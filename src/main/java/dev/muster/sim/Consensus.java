package dev.muster.sim;

import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// What Raft promises, with its ugly parts, by simpler means: who wins an election is decided by looking at who can
/// reach whom, while entries really travel from log to log, batched, late, lost and sent again.
///
/// A leader that is cut off goes on believing for a lease; what it then takes is never committed. An answer can be lost
/// though its order was committed. A voter that lost its disk comes back by a snapshot and has no say until then.
final class Consensus {
    static final int TICK_MS = 250;
    /// A leader that has not heard a majority for this long steps down.
    static final int LEASE_MS = 3_000;
    /// A voter that has not heard its leader for this long wants an election.
    private static final int PATIENCE_MIN_MS = 1_500;
    private static final int PATIENCE_MAX_MS = 3_000;
    private static final int BATCH_MAX = 512;
    /// Entries applied between two snapshots of a voter; small, so that runs of minutes meet them.
    private static final int SNAPSHOT_EVERY = 1_000;

    /// Whom to tell.
    interface Listener {
        void committed(int index, Entry entry, ClusterState before, Handler.Step step);

        void applied(Voter voter, Entry entry, Handler.Step step);

        void elected(Reign reign, int votes);

        void reignEnded(Reign reign, String why);

        /// A machine's own idea of the time.
        Instant clockOf(NodeId node);
    }

    private final Agenda agenda;
    private final Chance chance;
    private final Network network;
    private final Listener listener;
    private final Checks checks;
    private final Mutation mutation;
    private final Map<NodeId, Voter> voters = new TreeMap<>();
    private final Map<NodeId, Reign> reigns = new TreeMap<>();

    // ---- what is true, whoever knows it
    private final Truth truth = new Truth();
    private List<NodeId> configured;

    Consensus(
            Agenda agenda,
            Chance chance,
            Network network,
            Checks checks,
            List<NodeId> first,
            Mutation mutation,
            Listener listener) {
        this.agenda = agenda;
        this.chance = chance;
        this.network = network;
        this.checks = checks;
        this.mutation = mutation;
        this.listener = listener;
        this.configured = List.copyOf(first);
        for (NodeId id : first) voters.put(id, newVoter(id));
    }

    private Voter newVoter(NodeId id) {
        Voter voter = new Voter(id);
        voter.heardAtMs = agenda.nowMs();
        voter.patienceMs = chance.between(PATIENCE_MIN_MS, PATIENCE_MAX_MS);
        return voter;
    }

    // ---- looks

    ClusterState truth() {
        return truth.state();
    }

    List<Entry> committed() {
        return truth.entries();
    }

    List<NodeId> configured() {
        return configured;
    }

    Optional<Voter> voter(NodeId id) {
        return Optional.ofNullable(voters.get(id));
    }

    /// Whoever believes to lead; for a while there can be two.
    List<Reign> reigns() {
        return List.copyOf(reigns.values());
    }

    Optional<Reign> reignOf(NodeId id) {
        return Optional.ofNullable(reigns.get(id));
    }

    int quorum() {
        return electorate(configured).size() / 2 + 1;
    }

    // ---- faults

    void crashed(NodeId id) {
        Optional.ofNullable(reigns.get(id)).ifPresent(reign -> end(reign, "its program ended"));
        voter(id).ifPresent(Voter::crash);
    }

    void started(NodeId id) {
        voter(id).ifPresent(voter -> voter.heardAtMs = agenda.nowMs());
    }

    void lostDisk(NodeId id) {
        voter(id).ifPresent(Voter::loseDisk);
        if (mutation == Mutation.VOTES_WITHOUT_DISK) voter(id).ifPresent(voter -> voter.recovering = false);
    }

    // ---- the clock

    void tick() {
        for (Reign reign : reigns()) hold(reign);
        for (Voter voter : List.copyOf(voters.values())) stand(voter);
    }

    private void hold(Reign reign) {
        NodeId self = reign.voter.id;
        int reached = 0;
        for (NodeId peer : peers(reign)) {
            Voter other = voters.get(peer);
            if (other == null) continue;
            boolean there = network.heard(self, peer);
            boolean back = there && network.heard(peer, self);
            if (back && other.term > reign.term) {
                end(reign, peer + " is in term " + other.term);
                return;
            }
            if (there) heartbeat(reign, other);
            if (back && configured.contains(peer)) reached++;
            if (back && other.recovering) reign.match.remove(peer);
            if (back && !peer.equals(self)) catchUp(reign, peer);
        }
        if (reached >= quorum()) reign.majorityAtMs = agenda.nowMs();
        else if (agenda.nowMs() - reign.majorityAtMs > LEASE_MS) {
            end(reign, "it reaches " + reached + " of " + configured.size() + " voters");
            return;
        }
        changeVoters(reign);
    }

    private void heartbeat(Reign reign, Voter other) {
        if (other.term > reign.term) return;
        follow(other, reign.term, reign.voter.id);
        learnCommit(other, Math.min(reign.voter.commit, reign.matchOf(other.id)));
    }

    private void follow(Voter voter, long term, NodeId leader) {
        Reign own = reigns.get(voter.id);
        if (own != null && own.term < term) end(own, leader + " leads term " + term);
        voter.term = term;
        voter.leader = Optional.of(leader);
        voter.heardAtMs = agenda.nowMs();
    }

    private void catchUp(Reign reign, NodeId peer) {
        int match = reign.matchOf(peer);
        if (match >= reign.voter.last()) return;
        if (match > 0) reign.next.put(peer, match + 1);
        replicate(reign, peer);
    }

    private void end(Reign reign, String why) {
        reigns.remove(reign.voter.id);
        reign.voter.leader = Optional.empty();
        reign.voter.heardAtMs = agenda.nowMs();
        listener.reignEnded(reign, why);
    }

    // ---- elections

    private void stand(Voter candidate) {
        boolean may = configured.contains(candidate.id)
                && network.heard(candidate.id, candidate.id)
                && !reigns.containsKey(candidate.id)
                && !candidate.recovering;
        if (!may || agenda.nowMs() - candidate.heardAtMs < candidate.patienceMs) return;
        List<Voter> votes = new ArrayList<>();
        for (NodeId id : configured) {
            Voter other = voters.get(id);
            boolean free = other == candidate || !heardLately(other);
            if (free && !other.recovering && network.mutual(candidate.id, id) && candidate.upToDateWith(other)) {
                votes.add(other);
            }
        }
        candidate.leader = Optional.empty();
        candidate.heardAtMs = agenda.nowMs();
        candidate.patienceMs = chance.between(PATIENCE_MIN_MS, PATIENCE_MAX_MS);
        if (votes.size() >= quorum() && !chance.of(0.2)) win(candidate, votes);
    }

    private boolean heardLately(Voter voter) {
        return reigns.containsKey(voter.id)
                || agenda.nowMs() - voter.heardAtMs < PATIENCE_MIN_MS && voter.leader.isPresent();
    }

    private void win(Voter winner, List<Voter> votes) {
        long term = votes.stream().mapToLong(voter -> voter.term).max().orElseThrow() + 1;
        for (Voter voter : votes) follow(voter, term, winner.id);
        Reign reign = new Reign(winner, agenda.nowMs());
        for (NodeId peer : configured) reign.next.put(peer, winner.last() + 1);
        reign.match.put(winner.id, winner.last());
        reigns.put(winner.id, reign);
        if (winner.last() == 0) {
            add(reign, new Logged.Body.Voters(configured, Actor.leader(winner.id)), outcome -> {});
        }
        reign.opening = winner.last() + reign.queue.size() + 1;
        Command announce = new Command.AnnounceLeader(winner.id, term);
        String why = "elected by " + votes.size() + " of " + configured.size() + " voters";
        add(reign, new Logged.Body.Order(Envelope.of(Actor.leader(winner.id), why, announce)), outcome -> {});
        listener.elected(reign, votes.size());
    }

    // ---- proposals

    /// @param answer called if and when the order is applied while this voter still leads; perhaps never
    /// @return false when it knows that it does not lead
    boolean propose(NodeId at, Envelope envelope, Consumer<Outcome> answer) {
        Reign reign = reigns.get(at);
        if (reign == null) return false;
        add(reign, new Logged.Body.Order(envelope), answer);
        return true;
    }

    /// One step of the configuration; nothing while an earlier one is on its way.
    void setVoters(NodeId at, List<NodeId> wanted, String why) {
        Reign reign = reigns.get(at);
        if (reign == null || reign.target.isPresent()) return;
        reign.target = Optional.of(List.copyOf(wanted));
        reign.targetWhy = why;
        for (NodeId id : wanted) {
            if (voters.putIfAbsent(id, newVoter(id)) == null) reign.next.put(id, 1);
        }
    }

    private void changeVoters(Reign reign) {
        if (reign.target.isEmpty() || pendingChange(reign).isPresent()) return;
        List<NodeId> wanted = reign.target.get();
        if (wanted.equals(configured)) {
            reign.target = Optional.empty();
            return;
        }
        boolean caughtUp = wanted.stream().allMatch(id -> reign.matchOf(id) >= reign.voter.commit - 10);
        if (caughtUp && reign.queue.isEmpty()) {
            add(reign, new Logged.Body.Voters(wanted, Actor.leader(reign.voter.id)), outcome -> {});
        }
    }

    private Optional<Logged.Body.Voters> pendingChange(Reign reign) {
        for (int index = reign.voter.last(); index > reign.voter.commit && reign.voter.has(index); index--) {
            if (reign.voter.entry(index).logged.body() instanceof Logged.Body.Voters change) return Optional.of(change);
        }
        return Optional.empty();
    }

    private void add(Reign reign, Logged.Body body, Consumer<Outcome> answer) {
        reign.queue.add(new Reign.Proposal(new Logged(listener.clockOf(reign.voter.id), body), answer));
        if (reign.flushing) return;
        reign.flushing = true;
        agenda.in(chance.between(2, 10), () -> flush(reign));
    }

    private void flush(Reign reign) {
        reign.flushing = false;
        if (reigns.get(reign.voter.id) != reign) return;
        for (int count = 0; count < BATCH_MAX && !reign.queue.isEmpty(); count++) {
            Reign.Proposal proposal = reign.queue.poll();
            reign.voter.append(new Entry(reign.term, proposal.logged()));
            reign.waiters.put(reign.voter.last(), proposal.answer());
        }
        reign.match.put(reign.voter.id, reign.voter.last());
        for (NodeId peer : peers(reign)) if (!peer.equals(reign.voter.id)) replicate(reign, peer);
        advance(reign);
        if (!reign.queue.isEmpty()) {
            reign.flushing = true;
            agenda.in(1, () -> flush(reign));
        }
    }

    private List<NodeId> peers(Reign reign) {
        List<NodeId> all = new ArrayList<>(configured);
        reign.target.ifPresent(
                wanted -> wanted.stream().filter(id -> !all.contains(id)).forEach(all::add));
        pendingChange(reign)
                .ifPresent(change ->
                        change.voters().stream().filter(id -> !all.contains(id)).forEach(all::add));
        return all;
    }

    // ---- replication

    private void replicate(Reign reign, NodeId peer) {
        Voter leader = reign.voter;
        int next = reign.next.getOrDefault(peer, 1);
        List<NodeId> path = List.of(leader.id, peer);
        if (next < leader.first() || leader.termAt(next - 1) < 0) {
            ClusterState value = leader.snapshot;
            int index = leader.snapshotIndex;
            long term = leader.snapshotTerm;
            reign.next.put(peer, index + 1);
            network.send(path, () -> installed(reign, peer, value, index, term));
            return;
        }
        List<Entry> entries = leader.entries(next, BATCH_MAX);
        int previous = next - 1;
        long previousTerm = leader.termAt(previous);
        int commit = leader.commit;
        reign.next.put(peer, next + entries.size());
        network.send(path, () -> appended(reign, peer, previous, previousTerm, entries, commit));
    }

    private boolean heeds(Reign reign, Voter follower) {
        if (follower == null || follower.term > reign.term) return false;
        follow(follower, reign.term, reign.voter.id);
        if (follower.recovering && follower.recoverTo == Integer.MAX_VALUE && reignsWithout(reign, follower)) {
            follower.recoverTo = reign.voter.last();
        }
        return true;
    }

    /// A voter without its disk has forgotten which term it was in, so it must not help an old leader: it takes one at
    /// its word only when a majority of the configured voters, itself not counted, is in that leader's term.
    private boolean reignsWithout(Reign reign, Voter forgetful) {
        long followers = configured.stream()
                .map(voters::get)
                .filter(voter -> voter != forgetful && voter.term == reign.term)
                .count();
        return followers >= quorum();
    }

    private void installed(Reign reign, NodeId peer, ClusterState value, int index, long term) {
        Voter follower = voters.get(peer);
        if (!heeds(reign, follower)) return;
        if (index > follower.applied) follower.install(value, index, term);
        acknowledge(reign, follower, index);
    }

    private void appended(Reign reign, NodeId peer, int previous, long previousTerm, List<Entry> entries, int commit) {
        Voter follower = voters.get(peer);
        if (!heeds(reign, follower)) return;
        if (previous > follower.last() || follower.has(previous) && follower.termAt(previous) != previousTerm) {
            int from = Math.min(follower.last(), Math.max(follower.commit, previous - 1)) + 1;
            reply(reign, peer, () -> reign.next.put(peer, Math.min(from, previous)));
            return;
        }
        int index = previous;
        for (Entry entry : entries) {
            index++;
            if (index < follower.first() || follower.has(index) && follower.entry(index) == entry) continue;
            if (follower.has(index)) {
                checks.truncated(peer, index, follower.commit);
                follower.truncateFrom(index);
            }
            follower.append(entry);
        }
        acknowledge(reign, follower, index);
        learnCommit(follower, Math.min(commit, index));
    }

    private void acknowledge(Reign reign, Voter follower, int index) {
        if (follower.recovering && follower.last() >= follower.recoverTo) follower.recovering = false;
        if (follower.recovering) {
            reply(reign, follower.id, () -> reign.next.put(follower.id, index + 1));
            return;
        }
        reply(reign, follower.id, () -> {
            reign.match.merge(follower.id, index, Math::max);
            reign.next.merge(follower.id, index + 1, Math::max);
            advance(reign);
        });
    }

    private void reply(Reign reign, NodeId from, Runnable arrive) {
        network.send(List.of(from, reign.voter.id), () -> {
            if (reigns.get(reign.voter.id) == reign) arrive.run();
        });
    }

    private void advance(Reign reign) {
        int index = majority(reign, configured);
        Optional<Logged.Body.Voters> change = pendingChange(reign);
        if (change.isPresent())
            index = Math.min(index, majority(reign, change.get().voters()));
        if (index > reign.voter.commit && reign.voter.termAt(index) == reign.term) {
            for (int next = truth.size() + 1; next <= index; next++) commit(reign, next);
            learnCommit(reign.voter, index);
        }
    }

    /// Always all of them.
    private List<NodeId> electorate(List<NodeId> voting) {
        if (mutation != Mutation.QUORUM_OF_THE_LIVING) return voting;
        return voting.stream().filter(id -> network.heard(id, id)).toList();
    }

    private int majority(Reign reign, List<NodeId> voting) {
        List<NodeId> among = electorate(voting);
        List<Integer> held = new ArrayList<>();
        for (NodeId id : among) held.add(reign.matchOf(id));
        held.sort(Collections.reverseOrder());
        return held.get(among.size() / 2);
    }

    // ---- what became true

    private void commit(Reign reign, int index) {
        Entry entry = reign.voter.entry(index);
        checks.committed(reign.voter.id, reign.term, holders(index, entry), configured);
        ClusterState before = truth.state();
        Handler.Step step = truth.add(entry);
        if (entry.logged.body() instanceof Logged.Body.Voters change) reconfigure(change.voters());
        listener.committed(index, entry, before, step);
    }

    private List<NodeId> holders(int index, Entry entry) {
        return configured.stream()
                .filter(id -> voters.get(id).recovering
                        || voters.get(id).has(index) && voters.get(id).entry(index) == entry)
                .toList();
    }

    private void reconfigure(List<NodeId> now) {
        for (NodeId id : configured) {
            if (now.contains(id)) continue;
            Reign reign = reigns.get(id);
            if (reign != null) agenda.in(LEASE_MS, () -> leave(id));
            else leave(id);
        }
        configured = List.copyOf(now);
        for (Reign reign : reigns()) reign.target = Optional.empty();
    }

    private void leave(NodeId id) {
        if (configured.contains(id)) return;
        Reign reign = reigns.get(id);
        if (reign != null) end(reign, "it is no longer a voter");
        voters.remove(id);
    }

    private void learnCommit(Voter voter, int index) {
        voter.commit = Math.max(voter.commit, Math.min(index, voter.last()));
        if (voter.applying || voter.commit <= voter.applied) return;
        voter.applying = true;
        agenda.in(voter.lagMs + chance.between(1, 5), () -> apply(voter));
    }

    private void apply(Voter voter) {
        if (!voter.applying) return;
        voter.applying = false;
        while (voter.applied < voter.commit) {
            Entry entry = voter.entry(voter.applied + 1);
            checks.sameEntry(voter.id, voter.applied + 1, entry, truth.entries());
            Handler.Step step = entry.applyTo(voter.state);
            voter.applied++;
            voter.state = step.state();
            answer(voter, step.outcome());
            listener.applied(voter, entry, step);
        }
        if (voter.applied - voter.snapshotIndex >= SNAPSHOT_EVERY) voter.takeSnapshot();
        if (voter.applied == truth.size()) adopt(voter);
    }

    private void answer(Voter voter, Outcome outcome) {
        Reign reign = reigns.get(voter.id);
        if (reign == null) return;
        Consumer<Outcome> waiter = reign.waiters.remove(voter.applied);
        if (waiter != null) waiter.accept(outcome);
    }

    /// A voter that replayed its log for itself must have come to the very same state; from here on it shares it.
    private void adopt(Voter voter) {
        if (voter.state != truth.state()) checks.sameState(voter.id, voter.state, truth.state());
        voter.state = truth.state();
    }
}
