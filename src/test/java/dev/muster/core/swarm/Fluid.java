package dev.muster.core.swarm;

import dev.muster.core.state.NodeId;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A swarm in virtual time: bytes flow as a fluid, each node's uplink and downlink is shared by its transfers, and the
/// real planner is asked every few milliseconds, as a leader would be. What a transfer cannot use is given to others in
/// a few passes, which is close to what TCP does.
final class Fluid {
    /// Passes that share out what is left of the links.
    private static final int PASSES = 3;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /// Virtual seconds after which a swarm that has not finished has failed.
    private static final double SECONDS_MAX = 600;

    /// One machine. Rates in bytes per second.
    static final class Machine {
        final NodeId id;
        double up;
        double down;
        boolean natted;
        boolean told;
        boolean corrupt;
        boolean dead;

        /// Dead, and nobody is told: no connection is refused or closed.
        boolean dark;

        /// Not there yet.
        boolean away;
        final boolean source;
        ChunkSet has;
        double finishedAt = -1;

        /// Chunks that it was told to get.
        int asked;

        private double ups;
        private double downs;
        private double upShare;
        private double downShare;
        private double upLeft;
        private double downLeft;

        Machine(String name, double rate, ChunkSet has) {
            this.id = new NodeId(name);
            this.up = rate;
            this.down = rate;
            this.has = has;
            this.source = has.complete();
        }

        Traits traits(int nodes) {
            var traits = Traits.among(nodes).withDialable(!natted);
            return told ? traits.withRates((long) up, (long) down) : traits;
        }
    }

    private record Event(double at, Consumer<Fluid> what) {}

    private static final class Transfer {
        final Machine to;
        final Machine from;
        final int chunk;
        double left;
        double rate;

        /// Its share by that of others: no two connections get the same.
        final double weight;

        Transfer(Machine to, Machine from, int chunk, double left, double weight) {
            this.to = to;
            this.from = from;
            this.chunk = chunk;
            this.left = left;
            this.weight = weight;
        }
    }

    final int chunks;
    final int chunkBytes;
    final List<Machine> machines = new ArrayList<>();
    SwarmPlanner planner;
    double now;

    /// Processor time of the planner.
    long plannerNanos;

    /// Seconds between two times that the planner is asked.
    double tick = 0.02;

    /// Least seconds of a step: the grain of time.
    double grain = 0.0002;

    /// By how much the shares of connections differ, of the whole.
    double jitter = 0.2;

    private final SplittableRandom random = new SplittableRandom(1);
    private final Map<NodeId, Machine> byId = new TreeMap<>();
    private final List<Event> events = new ArrayList<>();
    private List<Transfer> transfers = new ArrayList<>();

    Fluid(int chunks, int chunkBytes) {
        this.chunks = chunks;
        this.chunkBytes = chunkBytes;
        this.planner = new SwarmPlanner(chunks, chunkBytes);
    }

    Machine source(String name, double rate) {
        return add(new Machine(name, rate, ChunkSet.all(chunks)));
    }

    Machine receiver(String name, double rate) {
        return add(new Machine(name, rate, ChunkSet.none(chunks)));
    }

    void at(double seconds, Consumer<Fluid> what) {
        events.add(new Event(seconds, what));
    }

    /// Lets a machine take part, from now on or again.
    void join(Machine machine) {
        machine.away = false;
        machine.dead = false;
        machine.dark = false;
        planner.join(machine.id, machine.has, machine.traits(machines.size()), nanos());
    }

    /// The process ends: its peers see closed connections at once, the planner hears of it only from them.
    void kill(Machine machine) {
        machine.dead = true;
        for (Transfer transfer : List.copyOf(transfers)) {
            if (transfer.to == machine || transfer.from == machine) fail(transfer);
        }
    }

    /// The cable is pulled: nothing moves, and nobody is told.
    void darken(Machine machine) {
        machine.dead = true;
        machine.dark = true;
    }

    /// The leader dies with all its knowledge; a new one learns from the peers what they have.
    void losePlanner() {
        planner = new SwarmPlanner(chunks, chunkBytes);
        transfers.clear();
        for (Machine machine : machines) if (!machine.dead && !machine.away) join(machine);
    }

    /// Runs until every machine that is alive has everything; returns the seconds of the last one.
    double run() {
        for (Machine machine : machines) if (!machine.away) join(machine);
        double asked = Double.NEGATIVE_INFINITY;
        while (!done()) {
            for (Event event : List.copyOf(events)) {
                if (event.at() > now) continue;
                events.remove(event);
                event.what().accept(this);
            }
            if (now >= asked + tick - 1e-9) {
                asked = now;
                ask();
            }
            step(asked + tick - now);
            if (now > SECONDS_MAX) throw new AssertionError("not finished after " + now + " s");
        }
        return machines.stream()
                .filter(m -> !m.dead)
                .mapToDouble(m -> m.finishedAt)
                .max()
                .orElseThrow();
    }

    /// The time of the last machine by the bound.
    double ratio() {
        double seconds = run();
        return seconds / bound();
    }

    /// Chunks that machines were told to get and that they had, or got from somebody else.
    int askedInVain() {
        return machines.stream()
                .filter(machine -> !machine.source && !machine.dead)
                .mapToInt(machine -> machine.asked - chunks)
                .sum();
    }

    /// Chunks on their way.
    int underWay() {
        return transfers.size();
    }

    /// The receivers from one to another, counted from 1; both are among them.
    List<Machine> receivers(int first, int last) {
        return machines.stream().filter(machine -> !machine.source).toList().subList(first - 1, last);
    }

    /// Kumar and Ross: no schedule whatever is faster.
    double bound() {
        double bytes = (double) chunks * chunkBytes;
        double sources = 0;
        double all = 0;
        double slowest = Double.MAX_VALUE;
        int receivers = 0;
        for (Machine machine : machines) {
            if (machine.dead) continue;
            all += machine.up;
            if (machine.source) {
                sources += machine.up;
            } else {
                receivers++;
                slowest = Math.min(slowest, machine.down);
            }
        }
        return Math.max(bytes / sources, Math.max(bytes / slowest, receivers * bytes / all));
    }

    long nanos() {
        return (long) (now * 1e9);
    }

    private Machine add(Machine machine) {
        machines.add(machine);
        byId.put(machine.id, machine);
        return machine;
    }

    private boolean done() {
        if (!events.isEmpty()) return false;
        for (Machine machine : machines) if (!machine.dead && !machine.has.complete()) return false;
        return true;
    }

    private void ask() {
        long began = THREADS.getCurrentThreadCpuTime();
        List<SwarmPlanner.Assignment> made = planner.assign(nanos());
        plannerNanos += THREADS.getCurrentThreadCpuTime() - began;
        for (var assignment : made) {
            Machine to = byId.get(assignment.receiver());
            Machine from = byId.get(assignment.source());
            if (to.natted && from.natted) throw new AssertionError("two peers that nobody can dial: " + assignment);
            if (!from.has.has(assignment.chunk()))
                throw new AssertionError("the source has no such chunk: " + assignment);
            if (to.has.has(assignment.chunk())) throw new AssertionError("the receiver has it: " + assignment);
            to.asked++;
            transfers.add(new Transfer(to, from, assignment.chunk(), chunkBytes, weight()));
        }
        for (Transfer transfer : List.copyOf(transfers)) {
            boolean refused = transfer.from.dead && !transfer.from.dark || transfer.to.dead && !transfer.to.dark;
            if (refused) fail(transfer);
        }
    }

    private double weight() {
        return 1 + jitter * (2 * random.nextDouble() - 1);
    }

    private void fail(Transfer transfer) {
        transfers.remove(transfer);
        if (transfer.to.dead) return;
        planner.failed(transfer.to.id, transfer.from.id, transfer.chunk, SwarmPlanner.Failure.UNREACHABLE, nanos());
    }

    private void step(double most) {
        share();
        double seconds = most;
        for (Transfer t : transfers) if (t.rate > 0) seconds = Math.min(seconds, t.left / t.rate);
        seconds = Math.min(most, Math.max(seconds, grain));
        now += seconds;
        List<Transfer> going = new ArrayList<>(transfers.size());
        List<Transfer> ended = new ArrayList<>();
        for (Transfer t : transfers) {
            t.left -= t.rate * seconds;
            if (t.left <= 1e-6) ended.add(t);
            else going.add(t);
        }
        transfers = going;
        long began = THREADS.getCurrentThreadCpuTime();
        for (Transfer t : ended) arrive(t);
        plannerNanos += THREADS.getCurrentThreadCpuTime() - began;
        if (!ended.isEmpty()) transfers.removeIf(t -> t.to.has.has(t.chunk));
    }

    private void arrive(Transfer t) {
        if (t.from.corrupt) {
            planner.failed(t.to.id, t.from.id, t.chunk, SwarmPlanner.Failure.CORRUPT, nanos());
            return;
        }
        if (!t.to.has.add(t.chunk)) return;
        planner.got(t.to.id, t.from.id, t.chunk, nanos());
        if (t.to.has.complete()) t.to.finishedAt = now;
    }

    private void share() {
        for (Machine machine : machines) {
            machine.upLeft = machine.dead ? 0 : machine.up;
            machine.downLeft = machine.dead ? 0 : machine.down;
        }
        for (Transfer t : transfers) t.rate = 0;
        List<Transfer> open = transfers;
        for (int pass = 0; pass < PASSES && !open.isEmpty(); pass++) {
            shareAmong(open);
            List<Transfer> more = new ArrayList<>();
            for (Transfer t : open) {
                if (t.from.upLeft > 0.01 * t.from.up && t.to.downLeft > 0.01 * t.to.down) more.add(t);
            }
            open = more;
        }
    }

    /// Everybody gets the smaller of its shares of what is left of the two links.
    private void shareAmong(List<Transfer> open) {
        for (Machine machine : machines) machine.ups = machine.downs = 0;
        for (Transfer t : open) {
            if (t.from.dead || t.to.dead) continue;
            t.from.ups += t.weight;
            t.to.downs += t.weight;
        }
        for (Machine machine : machines) {
            machine.upShare = machine.upLeft / Math.max(1e-9, machine.ups);
            machine.downShare = machine.downLeft / Math.max(1e-9, machine.downs);
        }
        for (Transfer t : open) {
            if (t.from.dead || t.to.dead) continue;
            double part = t.weight * Math.min(t.from.upShare, t.to.downShare);
            t.rate += part;
            t.from.upLeft -= part;
            t.to.downLeft -= part;
        }
    }
}
