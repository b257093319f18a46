package dev.muster.core.agent;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Retention;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// Which files of a node's store make room: those not asked for the longest, never one that something needs. The handler
/// decides again when the node asks to release its copy, so two nodes that choose at once do no harm.
public final class Evictions {
    /// A file that the cluster does not know may be one that a job or a person has just stored.
    private static final Duration UNKNOWN_KEPT = Duration.ofHours(1);

    private Evictions() {}

    /// A file in the store.
    public record Candidate(Sha256 sha, long size, Instant lastUsed) {}

    /// @param own  files that this node's own attempts read or have left, whatever the cluster knows of them
    /// @param need bytes to be freed
    /// @return as many as it takes, the least lately used first; fewer when no more may go
    public static List<Candidate> decide(
            ClusterState state, NodeId self, List<Candidate> files, Set<Sha256> own, long need, Instant now) {
        if (need <= 0 || state.revision() == 0) return List.of();
        Retention retention = Retention.of(state);
        List<Candidate> going = new ArrayList<>();
        long freed = 0;
        List<Candidate> oldest = new ArrayList<>(files);
        oldest.sort(Comparator.comparing(Candidate::lastUsed).thenComparing(Candidate::sha));
        for (Candidate file : oldest) {
            if (freed >= need) break;
            if (own.contains(file.sha()) || !mayGo(state, self, retention, file, now)) continue;
            going.add(file);
            freed += file.size();
        }
        return List.copyOf(going);
    }

    private static boolean mayGo(ClusterState state, NodeId self, Retention retention, Candidate file, Instant now) {
        Artifact artifact = state.files().artifacts().find(file.sha()).orElse(null);
        if (artifact == null) return Duration.between(file.lastUsed(), now).compareTo(UNKNOWN_KEPT) > 0;
        return retention.keeps(artifact, self).isEmpty();
    }
}
