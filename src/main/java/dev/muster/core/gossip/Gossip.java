package dev.muster.core.gossip;

import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// One node's part in the gossip. Told of letters, lines and time, it says by [#take] what to send and what became known.
/// For one thread; times are milliseconds of one clock that never goes back.
///
/// Each interval one member is asked whether it is there, in an order shuffled anew each round. Without an answer others
/// are asked to ask; without theirs it is suspect, is told so first of all, and is dead unless it objects in time.
/// News goes along with every letter, and by itself while it is new. Now and then two whole tables are compared.
///
/// Letters go over streams, by an open line or a new one. A line that breaks is a reason to ask at once, and one that is
/// refused a reason to ask others at once, so a crash is seen in milliseconds; a machine that vanishes takes the interval.
public final class Gossip {
    /// This node did not run for so long: what it missed is not the others' silence.
    private static final long LATE_MS = 250;
    /// Members of a whole table in one letter.
    private static final int PART = 60;
    /// Nodes that only the cluster's state names are left alone for so long, unless somebody has told of the others.
    private static final long UNKNOWN_MS = 10_000;
    /// Who is told that this node goes.
    private static final int FAREWELLS = 8;

    private static final long CLEAN_MS = 60_000;

    private final NodeId self;
    private final Tuning tuning;
    private final RandomGenerator chance;
    private final Roster roster;
    private final Probes probes;
    private final Set<NodeId> lines = new TreeSet<>();
    private final List<NodeId> round = new ArrayList<>();
    private final List<Turn.Send> sends = new ArrayList<>();
    private final long startMs;
    private long nowMs;
    private long dueMs;
    private long probeAtMs;
    private long newsAtMs;
    private long compareAtMs;
    private long reviveAtMs;
    private long linesAtMs;
    private long cleanAtMs;
    private long metAtMs;
    private boolean met;
    private boolean left;

    /// @param incarnation larger than in any earlier life of this node: milliseconds since 1970 at its start. Where a
    ///                    clock went back all the same, the others' memory makes up for it
    public Gossip(NodeId self, Profile profile, long incarnation, Tuning tuning, RandomGenerator chance, long nowMs) {
        this.self = self;
        this.tuning = tuning;
        this.chance = chance;
        this.roster = new Roster(self, profile, incarnation, tuning, nowMs);
        this.probes = new Probes(tuning, new Around());
        this.startMs = nowMs;
        this.nowMs = nowMs;
        this.dueMs = nowMs;
        this.probeAtMs = nowMs + chance.nextInt(tuning.intervalMs());
        this.compareAtMs = nowMs;
        this.reviveAtMs = nowMs + chance.nextInt(tuning.reviveMs());
        this.linesAtMs = profile.dialable() ? Long.MAX_VALUE : nowMs;
        this.cleanAtMs = nowMs + CLEAN_MS;
        this.metAtMs = nowMs - tuning.intervalMs();
    }

    // ---- inputs

    /// The nodes that the cluster's state names, all of them each time. They are asked although nobody told of them.
    public void know(Map<NodeId, Profile> nodes, long now) {
        at(now);
        roster.know(nodes, now);
    }

    /// What this node says of itself has changed.
    public void profile(Profile changed, long now) {
        at(now);
        roster.profile(changed.withVia(roster.profile().via()), now);
    }

    /// A line to the member is open, whoever opened it.
    ///
    /// @return false when a living member of that name has another identity; the line must be closed
    public boolean connected(NodeId member, String identity, long now) {
        at(now);
        Optional<Roster.Entry> entry =
                roster.find(member).filter(Roster.Entry::known).filter(known -> known.opinion() == Opinion.ALIVE);
        boolean other = entry.filter(known -> !known.profile().identity().equals(identity))
                .isPresent();
        if (other || member.equals(self)) {
            roster.conflict(
                    member,
                    entry.map(known -> known.profile().identity())
                            .orElse(roster.profile().identity()),
                    identity);
            return false;
        }
        lines.add(member);
        if (entry.isEmpty() || !met) meet(member);
        return true;
    }

    /// No line to the member is open any more.
    ///
    /// @param told one side closed it on purpose; otherwise the member is asked at once whether it is there
    public void disconnected(NodeId member, boolean told, long now) {
        at(now);
        if (!lines.remove(member) || left) return;
        if (!told
                && roster.find(member)
                        .filter(entry -> entry.opinion() == Opinion.ALIVE)
                        .isPresent()) probes.start(member, now);
        if (roster.profile().via().contains(member)) lines(now);
    }

    /// No line could be opened: the member's host refuses, or another answers there. Not a mere lack of an answer.
    public void undeliverable(NodeId to, long now) {
        at(now);
        probes.undeliverable(to, now);
    }

    public void received(NodeId from, Letter letter, long now) {
        at(now);
        boolean stranger = roster.find(from).filter(Roster.Entry::known).isEmpty();
        boolean doubted = false;
        boolean old = letter instanceof Letter.Table;
        for (Rumor rumor : letter.rumors()) doubted |= roster.hear(rumor, old, now);
        if (doubted) {
            probes.doubt();
            news(now);
        }
        if (left) return;
        switch (letter) {
            case Letter.Ping(long number, var rumors) -> post(from, more -> new Letter.Ack(number, more));
            case Letter.Ack(long number, var rumors) -> probes.acked(number);
            case Letter.PingFor(long number, NodeId target, var rumors) -> probes.favour(from, number, target, now);
            case Letter.Nack(long number, var rumors) -> probes.nacked(number, from);
            case Letter.News news -> {}
            case Letter.Compare(long digest, var rumors) -> compared(from, digest);
            case Letter.Table(boolean last, boolean answer, var rumors) -> {
                if (last) met = true;
                if (last && answer) table(from, false);
            }
            case Letter.Same same -> met = true;
        }
        if (stranger && !(letter instanceof Letter.Table) && !(letter instanceof Letter.Compare)) meet(from);
    }

    /// Time has passed. Late calls are noticed by what was due: what a node missed while it did not run is not held
    /// against others. Hand in all letters that have arrived before.
    public void tick(long now) {
        at(now);
        if (left) return;
        long late = now - dueMs;
        if (late >= LATE_MS) {
            probes.postpone(late);
            roster.postpone(late);
            if (late >= tuning.ackMs()) probes.doubt();
        }
        roster.expire(now);
        probes.tick(now);
        if (now >= probeAtMs) {
            probeAtMs = now + (long) tuning.intervalMs() * probes.slowness();
            next().ifPresent(target -> probes.start(target, now));
        }
        if (now >= compareAtMs) {
            compareAtMs =
                    now + (met ? tuning.compareMs() / 2 + chance.nextInt(tuning.compareMs()) : tuning.intervalMs());
            any(entry -> entry.opinion() == Opinion.ALIVE && reachable(entry)).ifPresent(this::compare);
        }
        if (now >= reviveAtMs) {
            reviveAtMs = now + tuning.reviveMs();
            any(entry -> entry.opinion() == Opinion.DEAD && reachable(entry)).ifPresent(this::compare);
        }
        if (now >= linesAtMs) lines(now);
        if (now >= cleanAtMs) {
            cleanAtMs = now + CLEAN_MS;
            roster.forget(now);
        }
        if (roster.hasNews() && now >= newsAtMs) news(now);
        dueMs = nextMs();
    }

    /// This node goes on purpose. Take the last letters after this; nothing happens any more.
    public void leave(long now) {
        at(now);
        if (left) return;
        roster.leave(now);
        for (NodeId to : chosenOnLines(FAREWELLS, member -> true)) post(to, Letter.News::new);
        left = true;
    }

    // ---- outputs

    /// When [#tick] is wanted at the latest.
    public long nextMs() {
        if (left) return Long.MAX_VALUE;
        long next = Math.min(Math.min(probeAtMs, compareAtMs), Math.min(reviveAtMs, Math.min(linesAtMs, cleanAtMs)));
        if (roster.hasNews()) next = Math.min(next, newsAtMs);
        return Math.min(next, Math.min(probes.nextMs(), roster.expiresAtMs()));
    }

    /// What is to be sent and what became known since the last call.
    public Turn take() {
        Turn turn = new Turn(sends, roster.takeChanges());
        sends.clear();
        return turn;
    }

    /// Everyone this node holds something of, itself included.
    public List<Sighting> sightings() {
        return roster.sightings();
    }

    /// By how many times slower this node goes than usual since it does not trust itself; 1 is healthy.
    public int slowness() {
        return probes.slowness();
    }

    // ---- whom to ask

    private void at(long now) {
        nowMs = Math.max(nowMs, now);
    }

    private boolean reachable(Roster.Entry entry) {
        return lines.contains(entry.id) || entry.profile().dialable();
    }

    /// Of one that cannot be dialled and has not said how to reach it, no silence means anything.
    private boolean worthAsking(Roster.Entry entry) {
        boolean met = entry.known() || this.met || nowMs - startMs >= UNKNOWN_MS;
        return met
                && entry.opinion().present()
                && (reachable(entry) || !entry.profile().via().isEmpty());
    }

    private Optional<NodeId> next() {
        for (int tries = 0; tries < 2; tries++) {
            while (!round.isEmpty()) {
                NodeId candidate = round.removeLast();
                if (roster.find(candidate).filter(this::worthAsking).isPresent()) return Optional.of(candidate);
            }
            for (Roster.Entry entry : roster.entries()) if (worthAsking(entry)) round.add(entry.id);
            shuffle(round);
        }
        return Optional.empty();
    }

    private void shuffle(List<NodeId> names) {
        for (int i = names.size() - 1; i > 0; i--) {
            int other = chance.nextInt(i + 1);
            NodeId kept = names.get(i);
            names.set(i, names.get(other));
            names.set(other, kept);
        }
    }

    private Optional<NodeId> any(Predicate<Roster.Entry> which) {
        NodeId found = null;
        int seen = 0;
        for (Roster.Entry entry : roster.entries()) {
            if (which.test(entry) && chance.nextInt(++seen) == 0) found = entry.id;
        }
        return Optional.ofNullable(found);
    }

    /// Living members that can be reached, by chance.
    private List<NodeId> chosen(int count, Predicate<NodeId> which) {
        return chosen(count, roster.entries(), which);
    }

    /// The same of those that a line is open to.
    private List<NodeId> chosenOnLines(int count, Predicate<NodeId> which) {
        return chosen(
                count,
                lines.stream().map(roster::find).flatMap(Optional::stream).toList(),
                which);
    }

    private List<NodeId> chosen(int count, Collection<Roster.Entry> from, Predicate<NodeId> which) {
        List<NodeId> found = new ArrayList<>();
        int seen = 0;
        for (Roster.Entry entry : from) {
            if (!entry.known() || !entry.opinion().present() || !reachable(entry) || !which.test(entry.id)) continue;
            seen++;
            if (found.size() < count) {
                found.add(entry.id);
            } else {
                int place = chance.nextInt(seen);
                if (place < count) found.set(place, entry.id);
            }
        }
        return found;
    }

    // ---- letters

    private void post(NodeId to, Function<List<Rumor>, Letter> letter) {
        Optional<Endpoints> at = address(to);
        if (at.isEmpty() && !lines.contains(to)) return;
        sends.add(new Turn.Send(to, at, letter.apply(roster.rumorsFor(to, nowMs))));
    }

    private Optional<Endpoints> address(NodeId to) {
        return roster.find(to)
                .map(Roster.Entry::profile)
                .filter(Profile::dialable)
                .map(Profile::endpoints);
    }

    /// Open lines first: a new one costs a handshake.
    private void news(long now) {
        newsAtMs = now + tuning.newsMs();
        List<NodeId> to = chosenOnLines(tuning.fanout(), member -> true);
        if (to.size() < tuning.fanout()) {
            to.addAll(chosen(tuning.fanout() - to.size(), member -> !lines.contains(member)));
        }
        for (NodeId member : to) post(member, Letter.News::new);
    }

    /// Not with everyone at once: in a fleet that starts, all are strangers, and whole tables are large.
    private void meet(NodeId stranger) {
        if (nowMs - metAtMs < tuning.intervalMs()) return;
        metAtMs = nowMs;
        compare(stranger);
    }

    private void compare(NodeId with) {
        post(with, rumors -> new Letter.Compare(roster.digest(), rumors));
    }

    private void compared(NodeId from, long digest) {
        if (digest == roster.digest()) post(from, Letter.Same::new);
        else table(from, true);
    }

    private void table(NodeId to, boolean answer) {
        List<Rumor> all = roster.table(nowMs);
        for (int start = 0; start < all.size(); start += PART) {
            int end = Math.min(start + PART, all.size());
            List<Rumor> part = all.subList(start, end);
            boolean last = end == all.size();
            sends.add(new Turn.Send(to, address(to), new Letter.Table(last, answer, part)));
        }
    }

    /// A node that cannot be dialled keeps a few lines open, says over which ones, and shows life on them so that what
    /// lies between does not forget them.
    private void lines(long now) {
        if (roster.profile().dialable()) return;
        linesAtMs = now + tuning.lineMs();
        Predicate<NodeId> fit = member -> roster.find(member)
                .filter(entry ->
                        entry.opinion() == Opinion.ALIVE && entry.profile().dialable())
                .isPresent();
        List<NodeId> via = new ArrayList<>(roster.profile().via());
        via.removeIf(member -> !lines.contains(member) || !fit.test(member));
        int missing = Profile.VIA_MAX - via.size();
        List<NodeId> kept = List.copyOf(via);
        via.addAll(chosenOnLines(missing, member -> fit.test(member) && !kept.contains(member)));
        via.sort(null);
        roster.profile(roster.profile().withVia(via), now);
        for (NodeId member : via) probes.start(member, now);
        int wanted = Profile.VIA_MAX - via.size();
        if (wanted > 0)
            chosen(wanted, member -> !lines.contains(member) && fit.test(member))
                    .forEach(this::compare);
    }

    /// What probes need of this node.
    private final class Around implements Probes.Surroundings {
        @Override
        public boolean reachable(NodeId member) {
            return roster.find(member).filter(Gossip.this::reachable).isPresent();
        }

        /// Any others by chance; of one that cannot be dialled, those that it keeps lines to.
        @Override
        public List<NodeId> helpers(NodeId target) {
            Optional<Profile> profile = roster.find(target).map(Roster.Entry::profile);
            if (profile.filter(Profile::dialable).isPresent()) {
                return chosen(tuning.helpers(), member -> !member.equals(target));
            }
            return profile.map(Profile::via).orElse(List.of()).stream()
                    .filter(member -> !member.equals(self) && reachable(member))
                    .toList();
        }

        @Override
        public void ping(NodeId to, long number) {
            post(to, rumors -> new Letter.Ping(number, rumors));
        }

        @Override
        public void pingFor(NodeId helper, NodeId target, long number) {
            post(helper, rumors -> new Letter.PingFor(number, target, rumors));
        }

        @Override
        public void ack(NodeId to, long number) {
            post(to, rumors -> new Letter.Ack(number, rumors));
        }

        @Override
        public void nack(NodeId to, long number) {
            post(to, rumors -> new Letter.Nack(number, rumors));
        }

        @Override
        public void failed(NodeId target) {
            roster.accuse(target, nowMs);
            if (roster.hasNews()) news(nowMs);
        }
    }
}
