package dev.muster.core.gossip;

import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Who there is and what is held of each; merges what others hold. Of two pieces of news the one with the larger
/// incarnation counts; of the same incarnation, the worse. Only a member itself makes its incarnation larger.
final class Roster {
    /// Conflicts that were told; a limit, since any holder of the token can make them up.
    private static final int CONFLICTS_MAX = 100;

    /// Enough for a fleet that starts at once to find together, and no flood.
    private static final int TELLINGS_OF_OLD = 2;

    /// A member other than this node.
    static final class Entry {
        final NodeId id;
        private Profile profile;
        private long incarnation;
        private Opinion opinion = Opinion.ALIVE;
        private NodeId by;
        private long sinceMs;
        /// False while the cluster's state alone names it.
        private boolean known;
        private Optional<Suspicion> suspicion = Optional.empty();

        private Entry(NodeId id, Profile profile, long nowMs) {
            this.id = id;
            this.profile = profile;
            this.by = id;
            this.sinceMs = nowMs;
        }

        Profile profile() {
            return profile;
        }

        Opinion opinion() {
            return opinion;
        }

        boolean known() {
            return known;
        }

        private Sighting sighting() {
            return new Sighting(id, profile, opinion, incarnation, sinceMs);
        }

        private Rumor rumor(boolean whole, long nowMs) {
            boolean living = opinion == Opinion.ALIVE;
            return new Rumor(
                    id,
                    opinion,
                    incarnation,
                    by,
                    living ? 0 : Math.max(0, nowMs - sinceMs),
                    living || whole ? Optional.of(profile) : Optional.empty());
        }
    }

    private final NodeId self;
    private final Tuning tuning;
    private final Map<NodeId, Entry> entries = new TreeMap<>();
    private final Set<NodeId> suspects = new TreeSet<>();
    private final Rumors rumors = new Rumors();
    private final Set<String> conflicts = new TreeSet<>();
    private final List<Turn.Change> changes = new ArrayList<>();
    private final long startMs;
    private Profile profile;
    private long incarnation;
    private boolean leaving;
    private int present;
    /// How often what is heard just now was told already.
    private int told;

    Roster(NodeId self, Profile profile, long incarnation, Tuning tuning, long nowMs) {
        this.self = self;
        this.profile = profile;
        this.incarnation = Math.max(1, incarnation);
        this.tuning = tuning;
        this.startMs = nowMs;
        announce(nowMs);
    }

    // ---- looks

    Collection<Entry> entries() {
        return Collections.unmodifiableCollection(entries.values());
    }

    Optional<Entry> find(NodeId id) {
        return Optional.ofNullable(entries.get(id));
    }

    Profile profile() {
        return profile;
    }

    /// Members that are alive or suspect, and this node.
    int count() {
        return present + 1;
    }

    boolean hasNews() {
        return !rumors.isEmpty();
    }

    List<Turn.Change> takeChanges() {
        List<Turn.Change> taken = List.copyOf(changes);
        changes.clear();
        return taken;
    }

    List<Sighting> sightings() {
        List<Sighting> all = new ArrayList<>();
        all.add(new Sighting(self, profile, leaving ? Opinion.LEFT : Opinion.ALIVE, incarnation, startMs));
        for (Entry entry : entries.values()) if (entry.known) all.add(entry.sighting());
        return all;
    }

    /// Of this node and of everyone it has heard of; the order does not count.
    long digest() {
        long sum = mark(self, incarnation, leaving ? Opinion.LEFT : Opinion.ALIVE);
        for (Entry entry : entries.values()) {
            if (entry.known) sum ^= mark(entry.id, entry.incarnation, entry.opinion);
        }
        return sum;
    }

    private static long mark(NodeId id, long incarnation, Opinion opinion) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < id.name().length(); i++) hash = (hash ^ id.name().charAt(i)) * 0x100000001b3L;
        hash = (hash ^ incarnation) * 0x9e3779b97f4a7c15L + opinion.ordinal();
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        return hash ^ (hash >>> 27);
    }

    /// Everything, for a whole exchange.
    List<Rumor> table(long nowMs) {
        List<Rumor> all = new ArrayList<>();
        all.add(ownRumor());
        for (Entry entry : entries.values()) if (entry.known) all.add(entry.rumor(true, nowMs));
        return all;
    }

    /// What goes along with a letter. One that is not held alive hears that first, so that it can object at once.
    List<Rumor> rumorsFor(NodeId to, long nowMs) {
        Optional<Rumor> first = find(to).filter(entry -> entry.known && entry.opinion != Opinion.ALIVE)
                .map(entry -> entry.rumor(false, nowMs));
        return rumors.next(first, tuning.letterBytes(), tuning.transmissions(count()), nowMs);
    }

    // ---- this node

    private Rumor ownRumor() {
        Opinion own = leaving ? Opinion.LEFT : Opinion.ALIVE;
        return new Rumor(self, own, incarnation, self, 0, Optional.of(profile));
    }

    private void announce(long nowMs) {
        rumors.add(ownRumor(), 0, nowMs);
    }

    void profile(Profile changed, long nowMs) {
        if (profile.equals(changed)) return;
        profile = changed;
        incarnation++;
        announce(nowMs);
    }

    void leave(long nowMs) {
        leaving = true;
        announce(nowMs);
    }

    // ---- the cluster's state

    /// Nodes that the cluster's state names, to be asked although nobody has told of them; those it no longer names are
    /// forgotten unless somebody has.
    void know(Map<NodeId, Profile> nodes, long nowMs) {
        entries.values().removeIf(entry -> {
            boolean gone = !entry.known && !nodes.containsKey(entry.id);
            if (gone) present--;
            return gone;
        });
        nodes.forEach((id, there) -> {
            Entry entry = entries.get(id);
            if (id.equals(self) || !there.endpoints().gossips()) return;
            if (entry == null) room(new Entry(id, there, nowMs));
            else if (!entry.known) entry.profile = there;
        });
    }

    private boolean room(Entry entry) {
        if (entries.size() >= tuning.membersMax()) {
            Optional<Entry> oldest = entries.values().stream()
                    .filter(other -> !other.opinion.present())
                    .min(Comparator.comparingLong((Entry other) -> other.sinceMs));
            if (oldest.isEmpty()) return false;
            entries.remove(oldest.get().id);
        }
        entries.put(entry.id, entry);
        present++;
        return true;
    }

    // ---- news

    /// @param old part of a whole table: of members that are new to this node, others most likely know
    /// @return whether somebody doubted this node, which has objected
    boolean hear(Rumor rumor, boolean old, long nowMs) {
        if (rumor.about().equals(self)) return own(rumor, nowMs);
        Entry entry = entries.get(rumor.about());
        // Most of what is heard was heard before.
        if (entry != null && entry.known && rumor.incarnation() < entry.incarnation) return false;
        told = old && (entry == null || !entry.known)
                ? Math.max(0, tuning.transmissions(count()) - TELLINGS_OF_OLD)
                : 0;
        merge(rumor, nowMs);
        told = 0;
        return false;
    }

    private void merge(Rumor rumor, long nowMs) {
        switch (rumor.opinion()) {
            case ALIVE -> alive(rumor, rumor.profile().orElseThrow(), nowMs);
            case SUSPECT -> suspect(rumor, nowMs);
            case DEAD, LEFT -> gone(rumor, nowMs);
        }
    }

    private boolean own(Rumor rumor, long nowMs) {
        boolean other = rumor.profile()
                .filter(told -> !told.identity().equals(profile.identity()))
                .isPresent();
        if (other && rumor.opinion() == Opinion.ALIVE) {
            conflict(self, profile.identity(), rumor.profile().orElseThrow().identity());
            return false;
        }
        boolean doubted = rumor.opinion() != Opinion.ALIVE && rumor.incarnation() >= incarnation;
        // An earlier life of this node may have had a clock that was ahead.
        boolean outlived = rumor.incarnation() > incarnation;
        if (leaving || !(doubted || outlived)) return false;
        incarnation = rumor.incarnation() + 1;
        announce(nowMs);
        return doubted;
    }

    private void alive(Rumor rumor, Profile told, long nowMs) {
        Entry entry = entries.get(rumor.about());
        if (entry == null) {
            entry = new Entry(rumor.about(), told, nowMs);
            if (!room(entry)) return;
        } else if (entry.known && !entry.profile.identity().equals(told.identity())) {
            if (entry.opinion.present()) {
                conflict(entry.id, entry.profile.identity(), told.identity());
                return;
            }
        } else if (entry.known && rumor.incarnation() <= entry.incarnation) {
            return;
        }
        entry.profile = told;
        set(entry, rumor, nowMs);
    }

    void conflict(NodeId name, String known, String intruder) {
        if (conflicts.size() < CONFLICTS_MAX && conflicts.add(name + " " + known + " " + intruder)) {
            changes.add(new Turn.Change.Conflict(name, known, intruder));
        }
    }

    private void suspect(Rumor rumor, long nowMs) {
        Optional<Entry> found = found(rumor, nowMs);
        if (found.isEmpty()) return;
        Entry entry = found.get();
        if (rumor.incarnation() < entry.incarnation) return;
        boolean newer = rumor.incarnation() > entry.incarnation || !entry.known;
        if (entry.opinion == Opinion.ALIVE || newer) {
            set(entry, rumor, nowMs);
        } else if (entry.opinion == Opinion.SUSPECT
                && entry.suspicion.filter(known -> known.confirm(rumor.by())).isPresent()) {
            rumors.add(rumor, 0, nowMs);
        }
    }

    private void gone(Rumor rumor, long nowMs) {
        // Those who forgot it are not to be reminded until all have.
        if (rumor.forMs() >= tuning.forgetMs()) return;
        found(rumor, nowMs).ifPresent(entry -> {
            boolean newer = rumor.incarnation() > entry.incarnation || !entry.known;
            boolean worse = rumor.incarnation() == entry.incarnation && entry.opinion.present();
            if (newer || worse) set(entry, rumor, nowMs);
        });
    }

    /// Of somebody nobody has told of, only a whole exchange says enough.
    private Optional<Entry> found(Rumor rumor, long nowMs) {
        Entry known = entries.get(rumor.about());
        if (known != null || rumor.profile().isEmpty()) return Optional.ofNullable(known);
        Entry entry = new Entry(rumor.about(), rumor.profile().get(), nowMs);
        return room(entry) ? Optional.of(entry) : Optional.empty();
    }

    private void set(Entry entry, Rumor rumor, long nowMs) {
        boolean was = entry.opinion.present();
        boolean same = entry.known && entry.opinion == rumor.opinion();
        entry.opinion = rumor.opinion();
        entry.incarnation = rumor.incarnation();
        entry.by = rumor.by();
        entry.known = true;
        if (!same) entry.sinceMs = nowMs - rumor.forMs();
        present += (entry.opinion.present() ? 1 : 0) - (was ? 1 : 0);
        boolean doubted = entry.opinion == Opinion.SUSPECT;
        entry.suspicion = doubted ? Optional.of(new Suspicion(rumor.by(), tuning, count(), nowMs)) : Optional.empty();
        if (doubted) suspects.add(entry.id);
        else suspects.remove(entry.id);
        rumors.add(entry.rumor(false, nowMs), told, nowMs);
        changes.add(new Turn.Change.Changed(entry.sighting()));
    }

    // ---- time

    /// This node got no answer.
    void accuse(NodeId id, long nowMs) {
        Entry entry = entries.get(id);
        if (entry != null && entry.opinion.present())
            suspect(new Rumor(id, Opinion.SUSPECT, entry.incarnation, self, 0, Optional.empty()), nowMs);
    }

    /// Suspects that did not object in time are dead.
    void expire(long nowMs) {
        if (suspects.isEmpty()) return;
        for (NodeId id : List.copyOf(suspects)) {
            Entry entry = entries.get(id);
            if (entry != null
                    && entry.suspicion.filter(left -> left.endsAtMs() <= nowMs).isPresent()) {
                gone(new Rumor(id, Opinion.DEAD, entry.incarnation, self, 0, Optional.empty()), nowMs);
            }
        }
    }

    /// When the next suspicion ends.
    long expiresAtMs() {
        long next = Long.MAX_VALUE;
        for (NodeId id : suspects) {
            next = Math.min(
                    next,
                    find(id).flatMap(entry -> entry.suspicion)
                            .map(Suspicion::endsAtMs)
                            .orElse(Long.MAX_VALUE));
        }
        return next;
    }

    void postpone(long ms) {
        for (NodeId id : suspects) {
            find(id).flatMap(entry -> entry.suspicion).ifPresent(left -> left.postpone(ms));
        }
    }

    void forget(long nowMs) {
        entries.values().removeIf(entry -> !entry.opinion.present() && nowMs - entry.sinceMs >= tuning.forgetMs());
    }
}
