package dev.muster.core.agent;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Saved;
import dev.muster.core.state.Sha256;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// Something the node does.
public sealed interface AgentAction {
    /// Write the journal, lay the inputs and what earlier attempts have saved, start the process.
    record Begin(AttemptId attempt, long token, JobSpec spec, Saved saved) implements AgentAction {
        public Begin(AttemptId attempt, long token, JobSpec spec) {
            this(attempt, token, spec, Saved.NOTHING);
        }
    }

    /// SIGTERM, and SIGKILL after the spec's grace period.
    record Stop(AttemptId attempt, String why) implements AgentAction {}

    /// Tell the cluster; repeated until the state shows it.
    record Report(Command command) implements AgentAction {}

    /// The cluster knows how the attempt ended, or no longer wants to: its journal entry and directory may go.
    record Discard(AttemptId attempt) implements AgentAction {}

    /// Get a file that this node is to hold.
    ///
    /// @param holders who verifiably holds it, self excluded; may be empty for now
    record Fetch(Sha256 artifact, long size, List<NodeId> holders) implements AgentAction {
        public Fetch {
            holders = List.copyOf(holders);
        }
    }

    /// Delete these secrets, as far as they are still there.
    record ForgetSecrets(SortedSet<String> names) implements AgentAction {
        public ForgetSecrets {
            names = Collections.unmodifiableSortedSet(new TreeSet<>(names));
        }
    }

    /// Point a config key at a file this node holds, atomically.
    record Point(ConfigKey config, Sha256 artifact) implements AgentAction {}
}
