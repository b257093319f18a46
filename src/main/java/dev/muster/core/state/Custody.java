package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What would be lost with a node: attempts that run there, and files of which no other node in service verifiably holds
/// a copy.
public final class Custody {
    private Custody() {}

    /// What would be lost if a node vanished now.
    ///
    /// @param attempts that are to run or do run there
    /// @param files    that only it holds, with so many bytes in all
    public record Risk(List<Unsaved> attempts, int files, Bytes bytes) {
        static final Risk NONE = new Risk(List.of(), 0, Bytes.ZERO);

        public Risk {
            attempts = List.copyOf(attempts);
        }

        private Risk with(Artifact artifact) {
            return new Risk(attempts, files + 1, new Bytes(bytes.count() + artifact.size()));
        }
    }

    /// What an attempt has made since.
    ///
    /// @param since  its last save that brought something new, else its start; empty while it has not started
    /// @param saved  files that the next attempt would have
    /// @param saving whether its job says what is to be saved
    public record Unsaved(AttemptId attempt, Optional<Instant> since, int saved, boolean saving) {
        /// How long its work has not been saved.
        public Optional<Duration> time(Instant now) {
            return since.map(from -> Duration.between(from, now)).map(time -> time.isNegative() ? Duration.ZERO : time);
        }
    }

    /// Of one node.
    public static Risk risk(ClusterState state, NodeId node) {
        return risks(state, List.of(node)).getOrDefault(node, Risk.NONE);
    }

    /// Of several, each file looked at once. Who needs which file is asked only where that matters: it takes a look at
    /// every job there is.
    public static Map<NodeId, Risk> risks(ClusterState state, Collection<NodeId> nodes) {
        Map<NodeId, Risk> risks = new TreeMap<>();
        for (NodeId node : nodes) risks.put(node, new Risk(unsaved(state, node), 0, Bytes.ZERO));
        Optional<References> needed = Optional.empty();
        for (Artifact artifact : state.files().artifacts().values()) {
            List<NodeId> alone =
                    alone(state, artifact).stream().filter(risks::containsKey).toList();
            if (alone.isEmpty()) continue;
            if (artifact.progress() && needed.isEmpty()) needed = Optional.of(References.kept(state));
            if (needed.filter(known -> known.spent(artifact)).isPresent()) continue;
            for (NodeId holder : alone) risks.computeIfPresent(holder, (same, risk) -> risk.with(artifact));
        }
        return risks;
    }

    private static List<Unsaved> unsaved(ClusterState state, NodeId node) {
        List<Unsaved> unsaved = new ArrayList<>();
        for (AttemptId id : state.work().activeOn(node)) {
            Attempt attempt = state.work().attempts().require(id);
            boolean saving = state.work().specOf(id).sync().isPresent();
            Optional<Instant> since = attempt.saved().at().or(attempt::startedAt);
            unsaved.add(new Unsaved(id, since, attempt.saved().files().size(), saving));
        }
        return unsaved;
    }

    /// The holders of which each is the only one, but for others that are no longer in service: those may all be.
    private static Collection<NodeId> alone(ClusterState state, Artifact artifact) {
        List<NodeId> serving = new ArrayList<>();
        for (NodeId holder : artifact.receipts().keys()) {
            if (serves(state, holder)) serving.add(holder);
            if (serving.size() > 1) return List.of();
        }
        return serving.isEmpty() ? artifact.receipts().keys() : serving;
    }

    /// Files that only this node holds, of those that the cluster knows; a node that is leaving, fenced or retired is no
    /// other. What a later save has replaced is nothing to lose.
    public static List<Artifact> sole(ClusterState state, NodeId node) {
        List<Artifact> sole = new ArrayList<>();
        for (Artifact artifact : state.files().artifacts().values()) {
            if (artifact.receipts().has(node) && !elsewhere(state, artifact, node)) sole.add(artifact);
        }
        if (sole.stream().anyMatch(Artifact::progress)) sole.removeIf(References.kept(state)::spent);
        return sole;
    }

    /// Files that this leaving node and others in service hold, and no node of one's own yet that is to:
    /// [Replicas#homes].
    public static List<Artifact> abroad(ClusterState state, NodeId node) {
        List<Artifact> abroad = new ArrayList<>();
        for (Artifact artifact : state.files().artifacts().values()) {
            if (artifact.receipts().has(node)
                    && !Replicas.homes(state, artifact).isEmpty()) abroad.add(artifact);
        }
        if (abroad.stream().anyMatch(Artifact::progress)) abroad.removeIf(References.kept(state)::spent);
        return abroad;
    }

    private static boolean elsewhere(ClusterState state, Artifact artifact, NodeId node) {
        for (NodeId holder : artifact.receipts().keys()) {
            if (serves(state, holder) && !holder.equals(node)) return true;
        }
        return false;
    }

    private static boolean serves(ClusterState state, NodeId node) {
        return state.fleet().nodes().find(node).filter(Replicas::serves).isPresent();
    }

    /// Why the node cannot go yet, for people; empty when it can.
    ///
    /// @param told files that are named, at most
    public static Optional<String> holds(ClusterState state, NodeId node, int told) {
        List<AttemptId> running = state.work().activeOn(node);
        if (!running.isEmpty())
            return Optional.of(node + " runs " + running.getFirst()
                    + (running.size() > 1 ? " and " + (running.size() - 1) + " more" : ""));
        List<Artifact> sole = sole(state, node);
        if (sole.isEmpty()) return Optional.empty();
        Bytes bytes = new Bytes(sole.stream().mapToLong(Artifact::size).sum());
        List<String> names = sole.stream().limit(told).map(Custody::named).toList();
        String more = sole.size() > told ? " and " + (sole.size() - told) + " more" : "";
        return Optional.of("no other node in service holds " + String.join(", ", names) + more + " of " + node + ", "
                + bytes + " in all");
    }

    /// `9f12ab34cd56 (games.jsonl of j7)`.
    public static String named(Artifact artifact) {
        String job = artifact.producer()
                .map(attempt -> " of " + attempt.task().job())
                .orElse("");
        return artifact.sha().brief() + " (" + artifact.name() + job + ")";
    }
}
