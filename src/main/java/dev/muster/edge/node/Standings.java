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
            heard.add(new NodeId(now.leader().get()));
            if (now.ready()) soft.ifPresent(known -> recent(known, heard));
            else heard.addAll(leaderHears);
        } else {
            reachedNanos.forEach((node, at) -> {
                if (System.nanoTime() - at < CONTACT_KEPT.toNanos()) heard.add(node);
            });
        }
        heard.retainAll(votersAndSelf());
        return List.copyOf(heard);
    }

    private void recent(Soft soft, Set<NodeId> heard) {
        Instant since = clock.instant().minus(CONTACT_KEPT.multipliedBy(2));
        for (PeerService.Voter voter : contacts.voters()) {
            if (soft.lastHeard(voter.id()).isAfter(since)) heard.add(voter.id());
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
        return "read-only: " + heard.size() + " of " + voters + " voters answer, but none has led for "
                + silence.toSeconds() + " s; running jobs go on; try again in some seconds";
    }

    private static String readOnly(int heard, int voters, int needed) {
        return "read-only: " + heard + " of " + voters + (heard == 1 ? " voters answers, " : " voters answer, ")
                + needed
                + (needed == 1 ? " is" : " are")
                + " needed; running jobs go on; try again when `muster voter list` shows "
                + needed;
    }

    /// @param follower absent for the moment in which a voter becomes a follower
    /// @param votes    takes part in Raft all the same
    Member.Standing follower(Optional<Follower> follower, boolean votes) {
        Optional<Frame.Beat> beat = follower.flatMap(Follower::beat);
        return new Member.Standing(
                votes,
                beat.flatMap(Frame.Beat::leader),
                beat.map(Frame.Beat::term).orElse(replica.state().fleet().term()),
                false,
                beat.isPresent() ? beat.get().readOnly() : Optional.of(nobody(follower)),
                follower.map(Follower::asOf).orElse(replica.state().at()),
                beat.map(Frame.Beat::votersHeard).orElse(List.of()),
                startedAt);
    }

    private String nobody(Optional<Follower> follower) {
        Fleet fleet = replica.state().fleet();
        int voters = Math.max(contacts.voters().size(), fleet.voters().size());
        if (voters == 0)
            return "read-only: no voter was reached yet: "
                    + follower.map(Follower::trouble).orElse("just started");
        return readOnly(0, voters, voters / 2 + 1);
    }

    /// Without a leader a voter looks itself who is there. Returns at once.
    void probe() {
        for (PeerService.Voter voter : new ArrayList<>(contacts.otherVoters())) {
            if (!probing.add(voter.id())) continue;
            Thread.ofVirtual().name("probe-" + voter.id()).start(() -> {
                try {
                    if (client.alive(voter.api())) reachedNanos.put(voter.id(), System.nanoTime());
                } finally {
                    probing.remove(voter.id());
                }
            });
        }
    }
}
