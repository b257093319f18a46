package dev.muster.core.gossip;

import dev.muster.core.state.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Questions on their way: this node's own, and those it asks for others. Knows how far this node can trust itself: the
/// more of its questions fail while nobody else answers either, the longer it waits (Lifeguard, local health).
final class Probes {
    /// Eight times slower than usual is the slowest, as in Lifeguard.
    private static final int AWARENESS_MAX = 8;
    /// Own questions at once; a network that fails breaks all lines at the same moment.
    private static final int PROBES_MAX = 16;
    /// Questions for others at once.
    private static final int FAVOURS_MAX = 256;

    /// What probes need of their node.
    interface Surroundings {
        /// Can a letter be sent to it, by an open line or a new one?
        boolean reachable(NodeId member);

        List<NodeId> helpers(NodeId target);

        void ping(NodeId to, long number);

        void pingFor(NodeId helper, NodeId target, long number);

        void ack(NodeId to, long number);

        void nack(NodeId to, long number);

        /// Nobody got an answer of it.
        void failed(NodeId target);
    }

    private static final class Probe {
        private final NodeId target;
        private long helpAtMs;
        private long endsAtMs;
        private Optional<Set<NodeId>> helpers = Optional.empty();
        private int refusals;
        private boolean refused;

        private Probe(NodeId target) {
            this.target = target;
        }
    }

    private record Favour(NodeId asker, long number, NodeId target, long endsAtMs) {}

    private final Tuning tuning;
    private final Surroundings surroundings;
    private final Map<Long, Probe> probes = new TreeMap<>();
    private final Map<Long, Favour> favours = new TreeMap<>();
    private long numbers;
    private int awareness;

    Probes(Tuning tuning, Surroundings surroundings) {
        this.tuning = tuning;
        this.surroundings = surroundings;
    }

    /// By how much slower this node goes than it should.
    int slowness() {
        return awareness + 1;
    }

    void doubt() {
        awareness = Math.min(AWARENESS_MAX, awareness + 1);
    }

    private void trust() {
        awareness = Math.max(0, awareness - 1);
    }

    boolean asking(NodeId target) {
        return probes.values().stream().anyMatch(probe -> probe.target.equals(target));
    }

    void start(NodeId target, long nowMs) {
        if (probes.size() >= PROBES_MAX || asking(target)) return;
        long number = ++numbers;
        Probe probe = new Probe(target);
        probe.helpAtMs = nowMs + (long) tuning.ackMs() * slowness();
        probe.endsAtMs = nowMs + (long) tuning.intervalMs() * slowness();
        probes.put(number, probe);
        if (surroundings.reachable(target)) surroundings.ping(target, number);
        else help(number, probe, nowMs);
    }

    private void help(long number, Probe probe, long nowMs) {
        List<NodeId> helpers = surroundings.helpers(probe.target);
        probe.helpers = Optional.of(new TreeSet<>(helpers));
        for (NodeId helper : helpers) surroundings.pingFor(helper, probe.target, number);
        if (!helpers.isEmpty()) return;
        if (probe.refused) fail(number, probe);
        // With no way to the target at all there is nothing to be said of it.
        else if (!surroundings.reachable(probe.target)) probes.remove(number);
    }

    /// Somebody wants to know.
    void favour(NodeId asker, long number, NodeId target, long nowMs) {
        if (favours.size() >= FAVOURS_MAX || !surroundings.reachable(target)) {
            surroundings.nack(asker, number);
            return;
        }
        long own = ++numbers;
        favours.put(own, new Favour(asker, number, target, nowMs + tuning.ackMs()));
        surroundings.ping(target, own);
    }

    void acked(long number) {
        if (probes.remove(number) != null) trust();
        Favour favour = favours.remove(number);
        if (favour != null) surroundings.ack(favour.asker(), favour.number());
    }

    void nacked(long number, NodeId helper) {
        Probe probe = probes.get(number);
        if (probe == null || probe.helpers.isEmpty()) return;
        if (!probe.helpers.get().remove(helper)) return;
        probe.refusals++;
        if (probe.refused && probe.helpers.get().isEmpty()) fail(number, probe);
    }

    /// A letter did not get there: nobody listens.
    void undeliverable(NodeId to, long nowMs) {
        for (Map.Entry<Long, Probe> entry : List.copyOf(probes.entrySet())) {
            Probe probe = entry.getValue();
            if (!probe.target.equals(to)) continue;
            boolean first = !probe.refused;
            probe.refused = true;
            if (first && probe.helpers.isEmpty()) help(entry.getKey(), probe, nowMs);
            else if (probe.refusals > 0 && probe.helpers.filter(Set::isEmpty).isPresent()) fail(entry.getKey(), probe);
        }
        for (Map.Entry<Long, Favour> entry : List.copyOf(favours.entrySet())) {
            if (entry.getValue().target().equals(to)) decline(entry.getKey(), entry.getValue());
        }
    }

    private void decline(long own, Favour favour) {
        favours.remove(own);
        surroundings.nack(favour.asker(), favour.number());
    }

    void tick(long nowMs) {
        for (Map.Entry<Long, Favour> entry : List.copyOf(favours.entrySet())) {
            if (entry.getValue().endsAtMs() <= nowMs) decline(entry.getKey(), entry.getValue());
        }
        for (Map.Entry<Long, Probe> entry : List.copyOf(probes.entrySet())) {
            Probe probe = entry.getValue();
            if (probe.endsAtMs <= nowMs) fail(entry.getKey(), probe);
            else if (probe.helpers.isEmpty() && probe.helpAtMs <= nowMs) help(entry.getKey(), probe, nowMs);
        }
    }

    /// Helpers that keep silent too, or none, make it likely that the fault is here.
    private void fail(long number, Probe probe) {
        probes.remove(number);
        boolean confirmed = probe.helpers
                .filter(silent -> silent.isEmpty() && (probe.refusals > 0 || probe.refused))
                .isPresent();
        if (!confirmed) doubt();
        surroundings.failed(probe.target);
    }

    /// The time in which this node itself did not run does not count.
    void postpone(long ms) {
        for (Probe probe : probes.values()) {
            probe.helpAtMs += ms;
            probe.endsAtMs += ms;
        }
    }

    long nextMs() {
        long next = Long.MAX_VALUE;
        for (Favour favour : favours.values()) next = Math.min(next, favour.endsAtMs());
        for (Probe probe : probes.values()) {
            next = Math.min(next, probe.helpers.isEmpty() ? probe.helpAtMs : probe.endsAtMs);
        }
        return next;
    }
}
