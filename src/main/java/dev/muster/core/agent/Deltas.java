package dev.muster.core.agent;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.DeltaOf;
import dev.muster.core.state.MadeDelta;
import dev.muster.core.state.Model;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What is sent instead of a new generation of a model, to nodes that hold the current one: a candidate's delta is made while
/// it is evaluated, by the node that has held it the longest, and is there when it is promoted. Everybody decides by the
/// same state, so nobody has to be told to.
public final class Deltas {
    /// A smaller file is sent sooner than a delta is made.
    private static final long BYTES_MIN = 1 << 20;
    /// Of each config key, the newest: no more deltas than that lie around for models that may never be promoted.
    private static final int CANDIDATES_MAX = 4;

    /// Below, a copy of the whole file is made as quickly.
    private static final long AWAITED_BYTES_MIN = 16 << 20;
    /// Until the maker looks and has told, and its work: half of what it was measured to do alone on a processor.
    private static final Duration AWAITED_FIRST = Duration.ofSeconds(2);
    private static final long AWAITED_BYTES_PER_SECOND = 50_000_000;
    private static final Duration AWAITED_MAX = Duration.ofSeconds(6);

    private Deltas() {}

    /// How a node may come by a file for less than its size.
    ///
    /// @param base  a file that the node holds
    /// @param delta its name, and the bytes to be sent
    public record Way(Sha256 base, Sha256 delta, long size, NodeId maker) {}

    /// What a node is to do about deltas.
    ///
    /// @param make  the next one; asked for again until the state shows it
    /// @param spent deltas in its store that nobody will ask for
    public record Chores(Optional<DeltaOf> make, Set<Sha256> spent) {
        public static final Chores NONE = new Chores(Optional.empty(), new TreeSet<>());

        public Chores {
            spent = Collections.unmodifiableSortedSet(new TreeSet<>(spent));
        }

        public boolean isEmpty() {
            return make.isEmpty() && spent.isEmpty();
        }
    }

    /// Looks at all files: asked every second or two, as [Repairs].
    public static Chores decide(ClusterState state, LocalView local) {
        Node self = state.fleet().nodes().find(local.self()).orElse(null);
        if (self == null || self.fenced()) return Chores.NONE;
        List<Artifact> candidates = candidates(state);
        Optional<DeltaOf> make = candidates.stream()
                .map(candidate -> new DeltaOf(
                        candidate.sha(), base(state, candidate).orElseThrow().sha()))
                .filter(of -> isToMake(state, local, of))
                .findFirst();
        return new Chores(make, spent(state, local, candidates));
    }

    /// Models that may be the next current ones, the newest of each config key.
    private static List<Artifact> candidates(ClusterState state) {
        Map<ConfigKey, List<Artifact>> found = new TreeMap<>();
        for (Artifact artifact : state.files().artifacts().values()) {
            if (base(state, artifact).isPresent()) {
                found.computeIfAbsent(artifact.config().orElseThrow(), any -> new ArrayList<>())
                        .add(artifact);
            }
        }
        return found.values().stream()
                .flatMap(artifacts -> artifacts.stream()
                        .sorted(Comparator.comparing(Artifact::storedAt)
                                .reversed()
                                .thenComparing(Artifact::sha))
                        .limit(CANDIDATES_MAX))
                .toList();
    }

    /// The current model of the file's config key, when the file came after it and may follow it.
    private static Optional<Model.Version> base(ClusterState state, Artifact artifact) {
        if (artifact.config().isEmpty() || artifact.size() < BYTES_MIN) return Optional.empty();
        return state.models()
                .models()
                .find(artifact.config().get())
                .map(Model::current)
                .filter(current -> !current.sha().equals(artifact.sha())
                        && !artifact.storedAt().isBefore(current.at()))
                .filter(current -> ArtifactKind.of(state, artifact) == ArtifactKind.MODEL);
    }

    private static boolean isToMake(ClusterState state, LocalView local, DeltaOf of) {
        Artifact artifact = state.files().artifacts().require(of.artifact());
        boolean here = local.held().contains(of.artifact()) && local.held().contains(of.base());
        boolean mine = here && maker(state, of).equals(Optional.of(local.self()));
        return mine && isOpen(state, artifact.deltas().find(of.base()), local) && isNeeded(state, of);
    }

    /// Was it never tried, or lost?
    private static boolean isOpen(ClusterState state, Optional<MadeDelta> known, LocalView local) {
        if (known.isEmpty()) return true;
        MadeDelta delta = known.get();
        if (delta.sha().isEmpty()) return false;
        return delta.maker().equals(local.self())
                ? !local.held().contains(delta.sha().get())
                : !serves(state, delta.maker());
    }

    /// Who has held both files the longest: it does not change when others get them.
    private static Optional<NodeId> maker(ClusterState state, DeltaOf of) {
        Optional<Artifact> artifact = state.files().artifacts().find(of.artifact());
        Optional<Artifact> base = state.files().artifacts().find(of.base());
        if (artifact.isEmpty() || base.isEmpty()) return Optional.empty();
        Comparator<Map.Entry<NodeId, Instant>> oldest = Map.Entry.comparingByValue();
        return artifact.get().receipts().asMap().entrySet().stream()
                .filter(receipt -> base.get().receipts().has(receipt.getKey()) && serves(state, receipt.getKey()))
                .min(oldest.thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey);
    }

    /// Is there a node in service that could use it?
    private static boolean isNeeded(ClusterState state, DeltaOf of) {
        return state.fleet().nodes().values().stream()
                .anyMatch(node ->
                        Replicas.serves(node) && holds(state, of.base(), node) && !holds(state, of.artifact(), node));
    }

    private static boolean holds(ClusterState state, Sha256 sha, Node node) {
        return state.files()
                .artifacts()
                .find(sha)
                .filter(artifact -> artifact.receipts().has(node.id()))
                .isPresent();
    }

    private static boolean serves(ClusterState state, NodeId node) {
        return state.fleet().nodes().find(node).filter(Replicas::serves).isPresent();
    }

    private static Set<Sha256> spent(ClusterState state, LocalView local, List<Artifact> candidates) {
        Set<Sha256> wanted = new TreeSet<>();
        for (Artifact candidate : candidates) wanted.add(candidate.sha());
        Set<Sha256> spent = new TreeSet<>();
        for (Map.Entry<Sha256, DeltaOf> entry : state.files().deltas()) {
            if (!local.held().contains(entry.getKey())) continue;
            DeltaOf of = entry.getValue();
            boolean next = wanted.contains(of.artifact())
                    && base(state, state.files().artifacts().require(of.artifact()))
                            .filter(current -> current.sha().equals(of.base()))
                            .isPresent();
            if (!next && !isAwaitedByAnybody(state, of)) spent.add(entry.getKey());
        }
        return spent;
    }

    /// Of a current model: a node that is away for now may come back for it.
    private static boolean isAwaitedByAnybody(ClusterState state, DeltaOf of) {
        boolean current = state.files()
                .artifacts()
                .find(of.artifact())
                .flatMap(Artifact::config)
                .flatMap(config -> state.models().models().find(config))
                .filter(model -> model.current().sha().equals(of.artifact()))
                .isPresent();
        return current
                && state.fleet().nodes().values().stream()
                        .filter(node -> Replicas.serves(node) || node.fenced())
                        .anyMatch(node -> holds(state, of.base(), node) && !holds(state, of.artifact(), node));
    }

    /// The least that can be sent to a node that holds these files; empty when that is the whole file.
    public static Optional<Way> way(ClusterState state, NodeId self, Set<Sha256> held, Sha256 sha) {
        Artifact artifact = state.files().artifacts().find(sha).orElse(null);
        if (artifact == null) return Optional.empty();
        return artifact.deltas().asMap().entrySet().stream()
                .filter(entry -> entry.getValue().sha().isPresent() && held.contains(entry.getKey()))
                .map(entry -> new Way(
                        entry.getKey(),
                        entry.getValue().sha().orElseThrow(),
                        entry.getValue().size(),
                        entry.getValue().maker()))
                .filter(way -> held.contains(way.delta()) || !way.maker().equals(self) && serves(state, way.maker()))
                .min(Comparator.comparingLong(Way::size).thenComparing(Way::base));
    }

    /// How long a node that is to have a copy of the file waits for its delta at most; zero when none is to be expected. A file
    /// that is current already is never waited for.
    public static Duration patience(ClusterState state, NodeId self, Set<Sha256> held, Sha256 sha) {
        Artifact artifact = state.files().artifacts().find(sha).orElse(null);
        if (artifact == null || artifact.size() < AWAITED_BYTES_MIN) return Duration.ZERO;
        boolean expected = base(state, artifact)
                .map(current -> new DeltaOf(sha, current.sha()))
                .filter(of -> held.contains(of.base()) && !artifact.deltas().has(of.base()))
                .flatMap(of -> maker(state, of))
                .filter(maker -> !maker.equals(self))
                .isPresent();
        if (!expected) return Duration.ZERO;
        Duration most = AWAITED_FIRST.plusSeconds(artifact.size() / AWAITED_BYTES_PER_SECOND);
        return most.compareTo(AWAITED_MAX) < 0 ? most : AWAITED_MAX;
    }
}
