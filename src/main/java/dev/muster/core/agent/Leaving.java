package dev.muster.core.agent;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Node;
import dev.muster.core.state.RunId;
import dev.muster.core.state.SecretBlanks;
import java.util.Optional;
import java.util.SortedSet;

/// What a machine that was rented for a run does before its provider stops it: its disk stays there, for whoever reads it.
final class Leaving {
    private Leaving() {}

    /// Once the machine is let go and its journal is empty, the secrets of its run go. It gets them again if it is started.
    static Optional<AgentAction> decide(ClusterState state, LocalView local) {
        Optional<RunId> run = state.fleet().nodes().find(local.self()).flatMap(Node::run);
        if (run.isEmpty() || !local.attempts().isEmpty()) return Optional.empty();
        boolean released =
                state.rentals().of(local.self()).flatMap(Instance::released).isPresent();
        Optional<SortedSet<String>> names =
                run.flatMap(state.runs().runs()::find).map(known -> SecretBlanks.names(known.spec()));
        return names.filter(some -> released && !some.isEmpty()).map(AgentAction.ForgetSecrets::new);
    }
}
