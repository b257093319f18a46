package dev.muster.core.code;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// One change on many hosts: the canary alone, then the others in batches, each only when all before it are well.
///
/// A value; the caller changes who is named, tells what became of each, and asks again.
///
/// @param waiting  in order; the canary first
/// @param underway told by [#next] and not yet heard of
/// @param failed   by host, with the reason
public record Rollout(
        List<String> waiting,
        List<String> underway,
        List<String> done,
        SortedMap<String, String> failed,
        int batchMax) {
    public Rollout {
        if (batchMax < 1) throw new IllegalArgumentException("expected batches of 1 or more, but found " + batchMax);
        waiting = List.copyOf(waiting);
        underway = List.copyOf(underway);
        done = List.copyOf(done);
        failed = Collections.unmodifiableSortedMap(new TreeMap<>(failed));
    }

    /// @param hosts  to be changed, in the file's order
    /// @param canary who goes first; the first of them unless told
    /// @throws IllegalArgumentException when the canary is none of them
    public static Rollout of(List<String> hosts, Optional<String> canary, int batchMax) {
        List<String> order = new ArrayList<>(hosts);
        if (canary.isPresent()) {
            if (!order.remove(canary.get()))
                throw new IllegalArgumentException(
                        "expected the canary to be one of the hosts, but found " + canary.get());
            order.addFirst(canary.get());
        }
        return new Rollout(order, List.of(), List.of(), new TreeMap<>(), batchMax);
    }

    /// Who is next; nobody while somebody is underway, when somebody failed, and when all are done.
    public List<String> next() {
        if (!underway.isEmpty() || !failed.isEmpty() || waiting.isEmpty()) return List.of();
        return waiting.subList(0, done.isEmpty() ? 1 : Math.min(batchMax, waiting.size()));
    }

    public Rollout begun(List<String> hosts) {
        List<String> left = new ArrayList<>(waiting);
        left.removeAll(hosts);
        return new Rollout(left, hosts, done, failed, batchMax);
    }

    public Rollout done(String host) {
        List<String> more = new ArrayList<>(done);
        more.add(host);
        return new Rollout(waiting, without(host), more, failed, batchMax);
    }

    public Rollout failed(String host, String why) {
        TreeMap<String, String> more = new TreeMap<>(failed);
        more.put(host, why);
        return new Rollout(waiting, without(host), done, more, batchMax);
    }

    private List<String> without(String host) {
        return underway.stream().filter(other -> !other.equals(host)).toList();
    }

    /// Those that were not begun because somebody failed before them.
    public List<String> halted() {
        return failed.isEmpty() ? List.of() : waiting;
    }
}
