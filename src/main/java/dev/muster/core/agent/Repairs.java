package dev.muster.core.agent;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Model;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.References;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The copies that every file is to have: each node sees by itself which ones it is to fetch, and all of them see the
/// same. Asked every second or two rather than at each change: it looks at all files.
public final class Repairs {
    /// Receipts taken back at once; the next decision goes on.
    private static final int REPORTS_MAX = 200;

    private Repairs() {}

    /// @param most    files to begin to fetch now
    /// @param resting files that were tried just now in vain: they must not hold up the others
    public static List<AgentAction> decide(ClusterState state, LocalView local, int most, Set<Sha256> resting) {
        Node self = state.fleet().nodes().find(local.self()).orElse(null);
        if (self == null || self.fenced()) return List.of();
        List<AgentAction> actions = new ArrayList<>();
        gone(state, local, actions);
        if (most > 0) missing(state, local, most, resting, actions);
        return List.copyOf(actions);
    }

    /// Receipts for files that are not here any more.
    ///
    /// Not for those that were saved on the way of a job and replaced: the leader forgets them with all their receipts.
    private static void gone(ClusterState state, LocalView local, List<AgentAction> actions) {
        Optional<References> needed = Optional.empty();
        for (Artifact artifact : state.files().artifacts().values()) {
            if (actions.size() == REPORTS_MAX) return;
            if (!artifact.receipts().has(local.self()) || local.held().contains(artifact.sha())) continue;
            if (artifact.progress()) needed = needed.or(() -> Optional.of(References.kept(state)));
            if (!artifact.progress() || !needed.get().spent(artifact))
                actions.add(new AgentAction.Report(new Command.DropReplica(artifact.sha(), local.self())));
        }
    }

    private static void missing(
            ClusterState state, LocalView local, int most, Set<Sha256> resting, List<AgentAction> actions) {
        TreeSet<Sha256> current = new TreeSet<>();
        for (Model model : state.models().models().values())
            current.add(model.current().sha());
        Set<NodeId> serving = serving(state);
        Set<NodeId> leaving = leaving(state);
        List<Artifact> files = new ArrayList<>(state.files().artifacts().values());
        // What a rented machine waits for costs money until it is here.
        if (!leaving.isEmpty()) files.sort(Comparator.comparing(file -> holds(file, leaving) ? 0 : 1));
        Optional<References> needed = Optional.empty();
        int begun = 0;
        for (Artifact artifact : files) {
            if (begun == most) return;
            Sha256 sha = artifact.sha();
            boolean cared = current.contains(sha)
                    || local.held().contains(sha)
                    || local.fetching().contains(sha)
                    || resting.contains(sha);
            if (cared || artifact.receipts().isEmpty()) continue;
            Optional<List<NodeId>> from = giversIfWanted(state, artifact, serving, !leaving.isEmpty(), local.self());
            if (from.isEmpty()) continue;
            if (artifact.progress()) {
                needed = needed.or(() -> Optional.of(References.kept(state)));
                if (needed.get().spent(artifact)) continue;
            }
            actions.add(new AgentAction.Fetch(sha, artifact.size(), from.get()));
            begun++;
        }
    }

    private static Set<NodeId> leaving(ClusterState state) {
        Set<NodeId> leaving = new TreeSet<>();
        for (Node node : state.fleet().nodes().values()) if (node.leaving()) leaving.add(node.id());
        return leaving;
    }

    private static boolean holds(Artifact file, Set<NodeId> nodes) {
        for (NodeId holder : file.receipts().keys()) if (nodes.contains(holder)) return true;
        return false;
    }

    /// Who gives a file that `self` is to fetch; empty when it is not, and when nobody does. Most files have all their
    /// copies, and are passed quickly.
    private static Optional<List<NodeId>> giversIfWanted(
            ClusterState state, Artifact artifact, Set<NodeId> serving, boolean leaving, NodeId self) {
        int copies = 0;
        for (NodeId holder : artifact.receipts().keys()) if (serving.contains(holder)) copies++;
        boolean enough = copies >= serving.size()
                || copies >= ArtifactKind.of(state, artifact).copies();
        boolean fetches = !enough && fetchers(state, artifact).contains(self);
        if (!fetches && !(leaving && Replicas.homes(state, artifact).contains(self))) return Optional.empty();
        return Optional.of(Replicas.givers(state, artifact)).filter(givers -> !givers.isEmpty());
    }

    private static List<NodeId> fetchers(ClusterState state, Artifact artifact) {
        return Replicas.of(state, artifact.sha()).fetchers(Replicas.target(state, artifact));
    }

    /// Is the node to hold the file, or does something there read it? What is not wanted any more need not be missed.
    public static boolean wanted(ClusterState state, LocalView local, Sha256 sha) {
        boolean current = state.models().models().values().stream()
                .anyMatch(model -> model.current().sha().equals(sha));
        boolean read = local.attempts().values().stream().anyMatch(attempt -> reads(attempt, sha));
        return current
                || read
                || state.files()
                        .artifacts()
                        .find(sha)
                        .filter(file -> fetchers(state, file).contains(local.self())
                                || Replicas.homes(state, file).contains(local.self()))
                        .isPresent();
    }

    private static boolean reads(LocalAttempt attempt, Sha256 sha) {
        return attempt.spec().inputs().stream()
                        .anyMatch(input -> input.artifact().equals(sha))
                || attempt.saved().files().values().stream()
                        .anyMatch(file -> file.sha().equals(sha));
    }

    /// Files here that jobs saved on their way and have replaced since: they may be deleted at once, wherever they lie.
    public static List<Sha256> spent(ClusterState state, LocalView local) {
        List<Artifact> saved = new ArrayList<>();
        for (Artifact artifact : state.files().artifacts().values())
            if (artifact.progress() && local.held().contains(artifact.sha())) saved.add(artifact);
        if (saved.isEmpty()) return List.of();
        References needed = References.kept(state);
        return saved.stream()
                .filter(needed::spent)
                .map(Artifact::sha)
                .filter(sha -> local.attempts().values().stream().noneMatch(attempt -> reads(attempt, sha)))
                .toList();
    }

    private static Set<NodeId> serving(ClusterState state) {
        Set<NodeId> serving = new HashSet<>();
        for (Node node : state.fleet().nodes().values()) if (Replicas.serves(node)) serving.add(node.id());
        return serving;
    }
}
