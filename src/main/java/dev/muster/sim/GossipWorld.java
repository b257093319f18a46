package dev.muster.sim;

import dev.muster.core.gossip.Gossip;
import dev.muster.core.gossip.Letter;
import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.gossip.Sighting;
import dev.muster.core.gossip.Tuning;
import dev.muster.core.gossip.Turn;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The real [Gossip] of many nodes over lines that take time, break, and lead nowhere; on machines that stand still now
/// and then. Apart from [World], since its thousands of letters per second would make every seed slow.
public final class GossipWorld {
    private static final int DELAY_MIN_MS = 1;
    private static final int DELAY_MAX_MS = 15;
    /// After a pause, letters are there that much later than the time at most.
    private static final int READERS_MS = 400;
    /// A dial that nobody answers.
    private static final int DIAL_MS = 2_000;

    private final Agenda agenda = new Agenda();
    private final SplittableRandom dice;
    private final Tuning tuning;
    private final Map<NodeId, Machine> machines = new TreeMap<>();
    private final List<Seen> seen = new ArrayList<>();
    private final Set<String> cuts = new TreeSet<>();
    private double loss;
    private long letters;

    /// What one node learned, and when.
    public record Seen(long atMs, NodeId observer, Turn.Change change) {}

    public GossipWorld(long seed, Tuning tuning) {
        this.dice = new SplittableRandom(seed);
        this.tuning = tuning;
    }

    private final class Machine {
        private final NodeId id;
        private final boolean dialable;
        private String identity;
        private Optional<Gossip> gossip = Optional.empty();
        /// False once the machine itself is gone: then nothing refuses, and lines stay as they are.
        private boolean powered = true;
        private long frozenUntilMs;
        private int starvedMs;
        private long busyUntilMs;
        private int life;
        private long plannedMs = Long.MAX_VALUE;
        private final Set<NodeId> lines = new TreeSet<>();
        private final Map<NodeId, List<Letter>> dialling = new HashMap<>();

        private Machine(NodeId id, boolean dialable) {
            this.id = id;
            this.dialable = dialable;
            this.identity = id + "-identity";
        }

        private Profile profile() {
            Endpoints at = new Endpoints(id.name(), 8770, 8767, 8771, OptionalInt.of(8765));
            return new Profile(identity, "1", Role.MIXED, at, false, dialable, List.of());
        }

        private void start(Collection<NodeId> known) {
            life++;
            powered = true;
            lines.clear();
            dialling.clear();
            busyUntilMs = 0;
            plannedMs = Long.MAX_VALUE;
            // Also a clock that went back since the last life.
            long incarnation = 1_000 + agenda.nowMs() - 10 * life;
            gossip = Optional.of(new Gossip(id, profile(), incarnation, tuning, dice.split(), agenda.nowMs()));
            Map<NodeId, Profile> book = new TreeMap<>();
            for (NodeId other : known) {
                if (!other.equals(id)) book.put(other, machines.get(other).profile());
            }
            input(node -> node.know(book, agenda.nowMs()));
        }

        /// The node gets to it when it runs.
        private void input(Consumer<Gossip> what) {
            int mine = life;
            boolean frozen = frozenUntilMs > agenda.nowMs();
            // Who reads the lines has to run again, too.
            long wait = turn() + (frozen ? dice.nextInt(READERS_MS) : 0);
            if (wait == 0) now(what);
            else
                agenda.in(wait, () -> {
                    if (life == mine) now(what);
                });
        }

        /// How long what comes now has to wait.
        private long turn() {
            long free = Math.max(agenda.nowMs() + (starvedMs == 0 ? 0 : dice.nextInt(starvedMs)), frozenUntilMs);
            busyUntilMs = Math.max(busyUntilMs, free);
            return busyUntilMs - agenda.nowMs();
        }

        private void now(Consumer<Gossip> what) {
            if (gossip.isEmpty()) return;
            what.accept(gossip.get());
            Turn turn = gossip.get().take();
            for (Turn.Change change : turn.changes()) seen.add(new Seen(agenda.nowMs(), id, change));
            for (Turn.Send send : turn.sends()) send(this, send);
            plan();
        }

        private void plan() {
            long due = Math.max(gossip.orElseThrow().nextMs(), agenda.nowMs() + 1);
            if (due >= plannedMs || due == Long.MAX_VALUE) return;
            plannedMs = due;
            int mine = life;
            agenda.in(due - agenda.nowMs(), () -> tick(mine, due));
        }

        private void tick(int mine, long due) {
            if (life != mine || plannedMs != due || gossip.isEmpty()) return;
            plannedMs = Long.MAX_VALUE;
            long wait = turn();
            agenda.in(wait == 0 ? 0 : wait + 1, () -> {
                if (life == mine) now(node -> node.tick(agenda.nowMs()));
            });
        }
    }

    // ---- machines

    /// A node that is started by [#start].
    ///
    /// @param dialable others can open lines to it
    public NodeId add(String name, boolean dialable) {
        NodeId id = new NodeId(name);
        machines.put(id, new Machine(id, dialable));
        return id;
    }

    /// @param known nodes that the cluster's state names to it
    public void start(NodeId node, Collection<NodeId> known) {
        machines.get(node).start(known);
    }

    /// `kill -9`: its lines break, its host refuses new ones.
    public void kill(NodeId node) {
        Machine machine = machines.get(node);
        machine.life++;
        machine.gossip = Optional.empty();
        for (NodeId peer : List.copyOf(machine.lines)) {
            hangUp(machines.get(peer), node, false, delay());
        }
        machine.lines.clear();
    }

    /// The power goes: nothing answers, nothing refuses.
    public void vanish(NodeId node) {
        Machine machine = machines.get(node);
        machine.life++;
        machine.gossip = Optional.empty();
        machine.powered = false;
    }

    public void leave(NodeId node) {
        Machine machine = machines.get(node);
        machine.input(gossip -> gossip.leave(agenda.nowMs()));
        agenda.in(300, () -> {
            machine.gossip = Optional.empty();
            machine.life++;
            for (NodeId peer : List.copyOf(machine.lines)) hangUp(machines.get(peer), node, true, delay());
            machine.lines.clear();
        });
    }

    /// Another machine under the same name from the next start on.
    public void replace(NodeId node, String identity) {
        machines.get(node).identity = identity;
    }

    /// A collector's pause, a suspended laptop.
    public void freeze(NodeId node, long ms) {
        machines.get(node).frozenUntilMs = agenda.nowMs() + ms;
    }

    /// Everything the node does waits up to so long for a processor.
    public void starve(NodeId node, int ms) {
        machines.get(node).starvedMs = ms;
    }

    // ---- the network

    public void lose(double share) {
        loss = share;
    }

    /// Letters in this direction no longer arrive.
    public void cut(NodeId from, NodeId to) {
        cuts.add(from + " " + to);
    }

    public void heal() {
        cuts.clear();
        loss = 0;
    }

    private boolean open(NodeId from, NodeId to) {
        return cuts.isEmpty() || !cuts.contains(from + " " + to);
    }

    private int delay() {
        return dice.nextInt(DELAY_MIN_MS, DELAY_MAX_MS + 1);
    }

    private void hangUp(Machine machine, NodeId peer, boolean told, int delay) {
        agenda.in(delay, () -> {
            if (machine.lines.remove(peer)) machine.input(node -> node.disconnected(peer, told, agenda.nowMs()));
        });
    }

    private void send(Machine from, Turn.Send send) {
        letters++;
        Machine to = machines.get(send.to());
        if (from.lines.contains(to.id)) carry(from, to, send.letter());
        else if (send.at().isPresent()) dial(from, to, send.letter());
    }

    private void carry(Machine from, Machine to, Letter letter) {
        if (!open(from.id, to.id) || (loss > 0 && dice.nextDouble() < loss)) return;
        agenda.in(delay(), () -> {
            if (!to.powered) return;
            boolean known = to.gossip.isPresent() && to.lines.contains(from.id);
            if (known) to.input(node -> node.received(from.id, letter, agenda.nowMs()));
            else hangUp(from, to.id, false, delay());
        });
    }

    private void dial(Machine from, Machine to, Letter letter) {
        List<Letter> waiting = from.dialling.get(to.id);
        if (waiting != null) {
            waiting.add(letter);
            return;
        }
        from.dialling.put(to.id, new ArrayList<>(List.of(letter)));
        int mine = from.life;
        boolean road = open(from.id, to.id) && open(to.id, from.id) && to.powered && to.dialable;
        int took = road ? 3 * delay() : DIAL_MS;
        agenda.in(took, () -> {
            if (from.life == mine) answered(from, to, road);
        });
    }

    private void answered(Machine from, Machine to, boolean road) {
        List<Letter> waiting = Optional.ofNullable(from.dialling.remove(to.id)).orElse(List.of());
        if (!road) return;
        if (to.gossip.isEmpty()) {
            from.input(node -> node.undeliverable(to.id, agenda.nowMs()));
            return;
        }
        from.lines.add(to.id);
        to.lines.add(from.id);
        from.input(node -> greet(node, from, to));
        to.input(node -> greet(node, to, from));
        for (Letter letter : waiting) carry(from, to, letter);
    }

    private void greet(Gossip node, Machine mine, Machine peer) {
        if (node.connected(peer.id, peer.identity, agenda.nowMs())) return;
        mine.lines.remove(peer.id);
        hangUp(peer, mine.id, true, delay());
    }

    // ---- running and looking

    public void run(long ms) {
        agenda.runUntil(agenda.nowMs() + ms);
    }

    public long nowMs() {
        return agenda.nowMs();
    }

    public long letters() {
        return letters;
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    public List<NodeId> running() {
        return machines.values().stream()
                .filter(machine -> machine.gossip.isPresent())
                .map(machine -> machine.id)
                .toList();
    }

    public Optional<Sighting> sighting(NodeId observer, NodeId of) {
        return machines.get(observer)
                .gossip
                .flatMap(node -> node.sightings().stream()
                        .filter(sighting -> sighting.member().equals(of))
                        .findFirst());
    }

    /// How many of the running nodes hold so of the member.
    public long holding(NodeId member, Opinion opinion) {
        return running().stream()
                .filter(observer -> !observer.equals(member))
                .filter(observer -> sighting(observer, member)
                        .filter(it -> it.opinion() == opinion)
                        .isPresent())
                .count();
    }

    /// Does every running node hold exactly the running ones alive?
    public boolean agreed() {
        List<NodeId> running = running();
        return running.stream()
                .allMatch(observer -> machines.get(observer).gossip.orElseThrow().sightings().stream()
                        .filter(sighting -> sighting.opinion() == Opinion.ALIVE)
                        .map(Sighting::member)
                        .toList()
                        .equals(ordered(observer, running)));
    }

    /// A node names itself first.
    private static List<NodeId> ordered(NodeId self, List<NodeId> nodes) {
        List<NodeId> order = new ArrayList<>(List.of(self));
        for (NodeId node : nodes) if (!node.equals(self)) order.add(node);
        return order;
    }

    /// When each running node first held the member for something else than alive since `fromMs`.
    public Map<NodeId, Long> noticed(NodeId member, long fromMs, Set<Opinion> as) {
        Map<NodeId, Long> first = new TreeMap<>();
        for (Seen one : seen) {
            if (one.atMs() >= fromMs
                    && one.change() instanceof Turn.Change.Changed(Sighting sighting)
                    && sighting.member().equals(member)
                    && as.contains(sighting.opinion())) {
                first.putIfAbsent(one.observer(), one.atMs());
            }
        }
        return first;
    }

    /// How often somebody began to hold this of a node that runs and was left in peace.
    public long mistakes(Opinion opinion) {
        return seen.stream()
                .filter(one ->
                        one.change() instanceof Turn.Change.Changed(Sighting sighting) && sighting.opinion() == opinion)
                .count();
    }
}
