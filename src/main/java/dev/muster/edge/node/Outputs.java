package dev.muster.edge.node;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.edge.process.LogReader;
import dev.muster.edge.process.ProcessState;
import dev.muster.edge.process.Supervisor;
import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;

/// What attempts print, from wherever it lies.
final class Outputs {
    private final NodeId self;
    private final Replica replica;
    private final Supervisor supervisor;
    private final PeerClient client;

    Outputs(NodeId self, Replica replica, Supervisor supervisor, PeerClient client) {
        this.self = self;
        this.replica = replica;
        this.supervisor = supervisor;
        this.client = client;
    }

    /// As [Member#logs].
    Member.LogPart anywhere(AttemptId id, long from, int max) throws IOException {
        if (key(id).isPresent()) return here(id, from, max);
        ClusterState state = replica.state();
        Attempt attempt = state.work()
                .attempts()
                .find(id)
                .orElseThrow(() -> new IOException(
                        "no attempt " + id + "; `muster job show " + id.task().job() + "` lists those there are"));
        if (attempt.node().equals(self)) return here(id, from, max);
        Node node = state.fleet()
                .nodes()
                .find(attempt.node())
                .orElseThrow(() ->
                        new IOException("the output of " + id + " was on " + attempt.node() + ", which was removed"));
        return client.logs(node.endpoints().api(), id, from, max);
    }

    /// As [PeerService#logs].
    Member.LogPart here(AttemptId id, long from, int max) throws IOException {
        Optional<String> key = key(id);
        if (key.isEmpty()) return nothing(id, from);
        boolean ended = supervisor.state(key.get()).map(ProcessState::ended).orElse(true); // before the read
        LogReader.Chunk chunk = supervisor.logs().read(key.get(), from, max);
        return new Member.LogPart(chunk.offset(), chunk.bytes(), ended && chunk.next() >= chunk.end());
    }

    private Member.LogPart nothing(AttemptId id, long from) throws IOException {
        Optional<Attempt> attempt = replica.state()
                .work()
                .attempts()
                .find(id)
                .filter(known -> known.node().equals(self));
        if (attempt.isEmpty()) throw new IOException("no output of " + id + " on " + self);
        if (attempt.get().status().isActive()) return new Member.LogPart(from, new byte[0], false);
        if (attempt.get().startedAt().isEmpty()) return new Member.LogPart(from, new byte[0], true);
        throw new IOException("the output of " + id + " is no longer kept on " + self);
    }

    private Optional<String> key(AttemptId id) {
        return supervisor.states().states().keySet().stream()
                .filter(key -> JobProcess.isOf(key, id))
                .max(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
    }
}
