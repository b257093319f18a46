package dev.muster.core.agent;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Generation;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Model;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What a node must do at once about its copies of files: current models to fetch and to point at, and receipts that work
/// waits for. The rest can wait for [Repairs].
final class Copies {
    /// Receipts reported at once; the next decision goes on. A node that rejoins may have thousands to tell.
    private static final int REPORTS_MAX = 200;

    private final ClusterState state;
    private final LocalView local;
    private final List<AgentAction> actions = new ArrayList<>();

    private Copies(ClusterState state, LocalView local) {
        this.state = state;
        this.local = local;
    }

    /// Nothing for a node that the state does not know: it has to join first.
    static List<AgentAction> decide(ClusterState state, LocalView local) {
        Node self = state.fleet().nodes().find(local.self()).orElse(null);
        if (self == null) return List.of();
        Copies copies = new Copies(state, local);
        for (Model model : state.models().models().values()) copies.current(model, self);
        copies.receipts();
        return copies.actions;
    }

    private void current(Model model, Node self) {
        Sha256 sha = model.current().sha();
        boolean here = local.held().contains(sha);
        if (here && !local.pointers().find(model.config()).equals(Optional.of(sha))) {
            actions.add(new AgentAction.Point(model.config(), sha));
        }
        if (self.desired() != Desired.RETIRED) fetch(sha, model.current().size());
    }

    private void fetch(Sha256 sha, long size) {
        if (local.held().contains(sha) || local.fetching().contains(sha)) return;
        AgentAction.Fetch fetch = new AgentAction.Fetch(sha, size, givers(sha));
        if (!actions.contains(fetch)) actions.add(fetch);
    }

    /// Rotated by this node's name, so that nodes that fetch at the same moment begin at different ones.
    private List<NodeId> givers(Sha256 sha) {
        List<NodeId> givers = new ArrayList<>(Replicas.givers(state, sha));
        givers.remove(local.self());
        Collections.rotate(
                givers,
                -(givers.isEmpty() ? 0 : Math.floorMod(local.self().name().hashCode(), givers.size())));
        givers.sort(Replicas.retiredLast(state));
        return givers;
    }

    private void receipts() {
        List<Command> reports = new ArrayList<>();
        for (Sha256 sha : expected()) {
            if (!local.held().contains(sha) && receipt(sha)) reports.add(new Command.DropReplica(sha, local.self()));
        }
        for (Sha256 sha : new TreeSet<>(local.held())) {
            // How it came is known once the fetching has ended, and is told with the receipt.
            if (state.files().artifacts().has(sha)
                    && !receipt(sha)
                    && !local.fetching().contains(sha)) {
                reports.add(new Command.ConfirmReplica(
                        sha, local.self(), local.came().find(sha)));
            }
        }
        reports.stream().limit(REPORTS_MAX).map(AgentAction.Report::new).forEach(actions::add);
    }

    private boolean receipt(Sha256 sha) {
        return state.files()
                .artifacts()
                .find(sha)
                .map(artifact -> artifact.receipts().has(local.self()))
                .orElse(false);
    }

    /// The files that work is waiting for. Others that went missing are found when they are next read.
    private Set<Sha256> expected() {
        Set<Sha256> files = new TreeSet<>();
        for (Model model : state.models().models().values())
            files.add(model.current().sha());
        for (AttemptId id : state.work().activeOn(local.self())) {
            for (JobSpec.Input input : state.work().specOf(id).inputs()) files.add(input.artifact());
        }
        for (Loop loop : state.loops().loops().values()) {
            if (loop.running()) played(loop, files);
        }
        return files;
    }

    private void played(Loop loop, Set<Sha256> files) {
        int oldest = loop.generation() - loop.spec().gamesWindow() + 1;
        GenerationId from = new GenerationId(loop.config(), oldest);
        for (Generation generation : state.loops().of(loop.config()).from(from).values()) {
            files.addAll(generation.games());
            generation.candidate().ifPresent(candidate -> files.add(candidate.sha()));
        }
    }
}
