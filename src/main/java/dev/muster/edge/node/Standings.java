package dev.muster.edge.node;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.NodeId;
import dev.muster.edge.raft.Leadership;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// Who this node is in the mesh: from Raft where it votes, from the followed voter's beats elsewhere.
final class Standings {
    /// How long a voter's own contact counts.
    private static final Duration CONTACT_KEPT = Duration.ofSeconds(5);

    private final NodeId self;
    private final Replica replica;
    private final Contacts contacts;
    private final PeerClient client;
    private final InstantSource clock;
    private final Instant startedAt;
    private final Map<NodeId, Long> reachedNanos = new ConcurrentHashMap<>();
    private final Map<NodeId, Instant> heardAt = new ConcurrentHashMap<>();
    private final Set<NodeId> probing = ConcurrentHashMap.newKeySet();
    private volatile List<NodeId> leaderHears = List.of();
    private volatile boolean reachedLeader;

    Standings(NodeId self, Replica replica, Contacts contacts, PeerClient client, InstantSource clock) {
        this.self = self;
        this.replica = replica;
        this.contacts = contacts;
        this.client = client;
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    /// The leader told whom it hears.
    void leaderHears(List<NodeId> voters) {
        leaderHears = voters;
        note(voters, clock.instant());
    }

    /// One record for all that is known of a voter's life, whoever told it.
    private void note(Iterable<NodeId> voters, Instant at) {
        for (NodeId voter : voters) heardAt.merge(voter, at, (one, other) -> one.isAfter(other) ? one : other);
    }

    /// By this node's own look alone: what a leader said that is gone says nothing of now.
    private Set<NodeId> reachedLately() {
        Set<NodeId> reached = new TreeSet<>();
        reachedNanos.forEach((voter, at) -> {
            if (System.nanoTime() - at < CONTACT_KEPT.toNanos()) reached.add(voter);
        });
        return reached;
    }

    Member.Standing voter(Leadership now, Optional<Soft> soft) {
        List<NodeId> heard = heard(now, soft);
        boolean silent = now.quorumSilence().compareTo(Voting.READ_ONLY_AFTER) > 0;
        boolean settled = now.leader().isPresent() && !silent;
        return new Member.Standing(
                true,
                now.leader().map(NodeId::new),
                now.term(),
                now.ready(),
                silent ? Optional.of(readOnly(heard, now.quorumSilence())) : Optional.empty(),
                settled ? clock.instant().minus(now.quorumSilence()) : earlier(now),
                heard,
                heardAt,
                startedAt);
    }

    /// Without a leader nothing newer than the state itself, or the last word of a majority, is known.
    private Instant earlier(Leadership now) {
        Instant state = replica.state().at();
        Instant word = clock.instant().minus(now.quorumSilence());
        return reachedLeader && word.isAfter(state) ? word : state;
    }

    private List<NodeId> heard(Leadership now, Optional<Soft> soft) {
        Set<NodeId> heard = new TreeSet<>();
        heard.add(self);
        if (now.leader().isPresent() && now.quorumSilence().compareTo(Voting.READ_ONLY_AFTER) <= 0) {
            reachedLeader = true;
            NodeId leader = new NodeId(now.leader().get());
            heard.add(leader);
            note(List.of(leader), clock.instant().minus(now.quorumSilence()));
            if (now.ready()) soft.ifPresent(known -> recent(known, heard));
            else heard.addAll(leaderHears);
        } else {
            heard.addAll(reachedLately());
        }
        note(List.of(self), clock.instant());
        heard.retainAll(votersAndSelf());
        return List.copyOf(heard);
    }

    private void recent(Soft soft, Set<NodeId> heard) {
        Instant since = clock.instant().minus(CONTACT_KEPT.multipliedBy(2));
        for (PeerService.Voter voter : contacts.voters()) {
            Instant at = soft.lastHeard(voter.id());
            note(List.of(voter.id()), at);
            if (at.isAfter(since)) heard.add(voter.id());
        }
    }

    private Set<NodeId> votersAndSelf() {
        Set<NodeId> voters = new TreeSet<>();
        contacts.voters().forEach(voter -> voters.add(voter.id()));
        return voters;
    }

    private String readOnly(List<NodeId> heard, Duration silence) {
        int voters = Math.max(contacts.voters().size(), 1);
        int needed = voters / 2 + 1;
        if (heard.size() < needed) return readOnly(heard.size(), voters, needed);
        return heard.size() + " of " + voters + " voters answer, but none has led for " + silence.toSeconds()
                + " s; running jobs go on; try again in some seconds";
    }

    private static String readOnly(int heard, int voters, int needed) {
        return heard + " of " + voters + (heard == 1 ? " voters answers, " : " voters answer, ")
                + needed
                + (needed == 1 ? " is" : " are")
                + " needed; running jobs go on; try again when `muster voter list` shows "
                + needed;
    }

    /// @param follower absent for the moment in which a voter becomes a follower
    /// @param votes    takes part in Raft all the same
    Member.Standing follower(Optional<Follower> follower, boolean votes) {
        Optional<Frame.Beat> beat = follower.flatMap(Follower::beat);
        List<NodeId> heard = heard(follower, beat);
        return new Member.Standing(
                votes,
                beat.flatMap(Frame.Beat::leader),
                beat.map(Frame.Beat::term).orElse(replica.state().fleet().term()),
                false,
                beat.isPresent() ? beat.get().readOnly() : Optional.of(nobody(follower, heard)),
                follower.map(Follower::asOf).orElse(replica.state().at()),
                heard,
                heardAt,
                startedAt);
    }

    /// By the word of the voter that is followed, and by this node's own look where that one knows no majority.
    private List<NodeId> heard(Optional<Follower> follower, Optional<Frame.Beat> beat) {
        beat.ifPresent(word ->
                note(word.votersHeard(), follower.flatMap(Follower::beatAt).orElse(startedAt)));
        if (beat.isPresent() && beat.get().readOnly().isEmpty())
            return beat.get().votersHeard();
        Set<NodeId> heard = reachedLately();
        beat.ifPresent(word -> heard.addAll(word.votersHeard()));
        heard.retainAll(votersAndSelf());
        return List.copyOf(heard);
    }

    private String nobody(Optional<Follower> follower, List<NodeId> heard) {
        Fleet fleet = replica.state().fleet();
        int voters = Math.max(contacts.voters().size(), fleet.voters().size());
        if (voters == 0)
            return "no voter was reached yet: "
                    + follower.map(Follower::trouble).orElse("just started");
        return heard.size() > voters / 2
                ? heard.size() + " of " + voters + " voters answer, but none could be followed yet: "
                        + follower.map(Follower::trouble).orElse("just started")
                : readOnly(heard.size(), voters, voters / 2 + 1);
    }

    /// Without a majority a node looks itself who is there. Returns at once.
    void probe() {
        for (PeerService.Voter voter : new ArrayList<>(contacts.otherVoters())) {
            if (!probing.add(voter.id())) continue;
            Thread.ofVirtual().name("probe-" + voter.id()).start(() -> {
                try {
                    if (client.alive(voter.api())) {
                        reachedNanos.put(voter.id(), System.nanoTime());
                        note(List.of(voter.id()), clock.instant());
                    }
                } finally {
                    probing.remove(voter.id());
                }
            });
        }
    }
}
