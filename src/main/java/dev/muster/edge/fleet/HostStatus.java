package dev.muster.edge.fleet;

import dev.muster.core.state.NodeId;
import java.util.Optional;

/// A host's node and its agent.
///
/// @param current       release that the agent is started from
/// @param previous      release that `rollback` goes to
/// @param node          whose data directory it is
/// @param init          what starts the agent
/// @param supervised    somebody starts the agent again when it ends
/// @param pid           of the process that holds the data directory
/// @param healthNode    node that answers `/health` where the agent listens
/// @param healthVersion version that it answers with
public record HostStatus(
        Optional<String> current,
        Optional<String> previous,
        Optional<NodeId> node,
        Init init,
        boolean supervised,
        Agent agent,
        Optional<Long> pid,
        Optional<NodeId> healthNode,
        Optional<String> healthVersion) {
    /// What starts the agent.
    public enum Init {
        /// The system's systemd; the caller is root.
        SYSTEMD,
        /// The systemd of a user with lingering.
        USER,
        /// None, as in a container: a supervisor of our own.
        NONE
    }

    /// The agent's process, and whether it answers.
    public enum Agent {
        /// It answers `/health`.
        RUNNING,
        /// It runs and does not answer, or not yet.
        SILENT,
        /// No process holds the data directory.
        STOPPED
    }

    /// The agent answers as this very node: the only proof that it runs.
    public boolean well() {
        return agent == Agent.RUNNING && node.isPresent() && node.equals(healthNode);
    }

    static HostStatus of(KeyValues said) {
        return new HostStatus(
                said.text("current"),
                said.text("previous"),
                said.text("node").map(NodeId::new),
                said.word("init", Init.class),
                said.yes("supervised"),
                said.word("agent", Agent.class),
                said.text("pid").map(Long::valueOf),
                said.text("health_node").map(NodeId::new),
                said.text("health_version"));
    }
}
