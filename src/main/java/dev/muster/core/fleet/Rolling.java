package dev.muster.core.fleet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// A restart of many nodes, one batch after the other: a single worker, then the others, then the voters one at a time and the leader last. The
/// next ones are taken only when those before are heard again and hold the attempts that they had, and a voter only while the
/// others are a majority without it.
///
/// A value; the caller restarts who is named, tells what became of it, looks at the cluster, and asks again.
public record Rolling(
        List<String> waiting,
        SortedMap<String, Underway> underway,
        List<String> done,
        SortedMap<String, String> failed,
        Bounds bounds) {

    /// @param attempts  that the cluster believed to run there before
    /// @param restarted its agent answers again; otherwise it is being restarted
    public record Underway(Set<String> attempts, boolean restarted) {
        public Underway {
            attempts = Collections.unmodifiableSortedSet(new TreeSet<>(attempts));
        }
    }

    /// @param batchMax    workers at once
    /// @param failuresMax workers that may fail before it stops
    public record Bounds(int batchMax, int failuresMax) {
        public Bounds {
            if (batchMax < 1)
                throw new IllegalArgumentException("expected batches of 1 or more, but found " + batchMax);
            if (failuresMax < 0)
                throw new IllegalArgumentException("expected 0 or more failures, but found " + failuresMax);
        }

        /// A tenth of the nodes at once, at most 16.
        public static Bounds of(int nodes) {
            return new Bounds(Math.clamp(nodes / 10, 1, 16), 0);
        }
    }

    /// The cluster at one moment.
    ///
    /// @param leader empty when nobody leads
    /// @param lost   attempts that were replaced
    public record Cluster(String leader, SortedMap<String, Member> members, Set<String> lost) {
        public Cluster {
            members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
            lost = Collections.unmodifiableSortedSet(new TreeSet<>(lost));
        }

        List<String> voters() {
            return members.entrySet().stream()
                    .filter(member -> member.getValue().voter())
                    .map(Map.Entry::getKey)
                    .toList();
        }

        /// What it costs when these end: a sentence, when those that are left are no majority of the voters.
        public Optional<String> lostWithout(Set<String> ending) {
            List<String> voters = voters();
            if (voters.stream().noneMatch(ending::contains)) return Optional.empty();
            long left = voters.stream()
                    .filter(voter -> heard(voter) && !ending.contains(voter))
                    .count();
            int majority = majority(voters);
            if (left >= majority) return Optional.empty();
            return Optional.of("That leaves " + left + " of " + voters.size() + " voters, and " + majority
                    + " are needed: the cluster takes no orders and places no work until they are back.");
        }

        boolean heard(String name) {
            Member member = members.get(name);
            return member != null && member.heard();
        }
    }

    /// @param heard    lately by the leader; for one whose agent was restarted, since then
    /// @param attempts that the cluster believes to run there
    public record Member(boolean voter, boolean heard, Set<String> attempts) {
        public Member {
            attempts = Collections.unmodifiableSortedSet(new TreeSet<>(attempts));
        }
    }

    /// What to do now.
    public sealed interface Next {
        /// Restart these, at once.
        record Go(List<String> nodes) implements Next {}

        /// Ask again a little later.
        record Hold(String why) implements Next {}

        /// No more is restarted.
        record Stop(String why) implements Next {}

        record Finished() implements Next {}
    }

    public Rolling {
        waiting = List.copyOf(waiting);
        underway = Collections.unmodifiableSortedMap(new TreeMap<>(underway));
        done = List.copyOf(done);
        failed = Collections.unmodifiableSortedMap(new TreeMap<>(failed));
    }

    /// @param nodes to restart; their order does not matter
    public static Rolling of(Set<String> nodes, Bounds bounds) {
        return new Rolling(List.copyOf(new TreeSet<>(nodes)), new TreeMap<>(), List.of(), new TreeMap<>(), bounds);
    }

    /// Why this restart cannot be done without losing the quorum, before anything is touched; empty when it can.
    public String refusal(Cluster cluster) {
        List<String> voters = cluster.voters();
        List<String> silent =
                voters.stream().filter(voter -> !cluster.heard(voter)).toList();
        if (waiting.stream().noneMatch(node -> voters.contains(node) && cluster.heard(node))) return "";
        // Silent ones that are restarted too come first, and may be heard again.
        long stay = silent.stream().filter(voter -> !waiting.contains(voter)).count();
        int majority = majority(voters);
        if (voters.size() - stay - 1 >= majority) return "";
        return "expected " + majority + " of " + voters.size() + " voters to be heard while one of them restarts, but "
                + (silent.isEmpty()
                        ? "there are no more than " + voters.size()
                        : String.join(", ", silent) + (silent.size() == 1 ? " is" : " are") + " silent");
    }

    private static int majority(List<String> voters) {
        return voters.size() / 2 + 1;
    }

    /// These are being restarted now.
    public Rolling begun(List<String> nodes, Cluster cluster) {
        List<String> left = new ArrayList<>(waiting);
        left.removeAll(nodes);
        TreeMap<String, Underway> more = new TreeMap<>(underway);
        for (String node : nodes) {
            Member member = cluster.members().get(node);
            more.put(node, new Underway(member == null ? Set.of() : member.attempts(), false));
        }
        return new Rolling(left, more, done, failed, bounds);
    }

    /// Its agent answers again.
    public Rolling restarted(String node) {
        TreeMap<String, Underway> same = new TreeMap<>(underway);
        same.computeIfPresent(node, (name, before) -> new Underway(before.attempts(), true));
        return new Rolling(waiting, same, done, failed, bounds);
    }

    /// The restart of one did not work.
    public Rolling failed(String node, String why) {
        TreeMap<String, Underway> left = new TreeMap<>(underway);
        left.remove(node);
        TreeMap<String, String> broken = new TreeMap<>(failed);
        broken.put(node, why);
        return new Rolling(waiting, left, done, broken, bounds);
    }

    /// Those that were restarted and are heard again leave [#underway]: well, or with what they lost.
    public Rolling seen(Cluster cluster) {
        Rolling seen = this;
        for (Map.Entry<String, Underway> one : underway.entrySet()) {
            if (!one.getValue().restarted() || !cluster.heard(one.getKey())) continue;
            List<String> lost = one.getValue().attempts().stream()
                    .filter(cluster.lost()::contains)
                    .toList();
            seen = lost.isEmpty()
                    ? seen.back(one.getKey())
                    : seen.failed(one.getKey(), "it came back without " + String.join(", ", lost));
        }
        return seen;
    }

    private Rolling back(String node) {
        TreeMap<String, Underway> left = new TreeMap<>(underway);
        left.remove(node);
        List<String> more = new ArrayList<>(done);
        more.add(node);
        return new Rolling(waiting, left, more, failed, bounds);
    }

    /// What is to be done now; [#seen] first takes note of the same cluster.
    public Next next(Cluster cluster) {
        List<String> voters = cluster.voters();
        Optional<String> broken =
                failed.keySet().stream().filter(voters::contains).findFirst();
        if (broken.isPresent()) return new Next.Stop(broken.get() + ", a voter, failed: " + failed.get(broken.get()));
        if (failed.size() > bounds.failuresMax())
            return new Next.Stop(failed.firstKey() + " failed: " + failed.get(failed.firstKey()));
        if (!underway.isEmpty()) return new Next.Hold("until " + String.join(", ", underway.keySet()) + " is back");
        if (waiting.isEmpty()) return new Next.Finished();
        if (cluster.leader().isEmpty()) return new Next.Hold("until somebody leads");
        List<String> workers =
                waiting.stream().filter(node -> !voters.contains(node)).toList();
        if (workers.isEmpty()) return voter(cluster, voters);
        int batch = done.isEmpty() && failed.isEmpty()
                ? 1
                : bounds.batchMax(); // the first one alone shows whether it works
        return new Next.Go(workers.subList(0, Math.min(batch, workers.size())));
    }

    /// One that is silent costs nothing; the leader costs an election, and comes last.
    private Next voter(Cluster cluster, List<String> voters) {
        String next = waiting.stream()
                .min(Comparator.comparing(cluster::heard)
                        .thenComparing(node -> node.equals(cluster.leader()))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
        long others = voters.stream()
                .filter(voter -> !voter.equals(next) && cluster.heard(voter))
                .count();
        if (others >= majority(voters) || !cluster.heard(next)) return new Next.Go(List.of(next));
        return new Next.Hold(
                "until " + majority(voters) + " voters besides " + next + " are heard; " + others + " are");
    }
}
