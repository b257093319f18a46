package dev.muster.edge.node;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Run;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Traces;
import dev.muster.edge.process.LogReader;
import dev.muster.edge.process.ProcessState;
import dev.muster.edge.process.Supervisor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What attempts print, from wherever it lies.
final class Outputs {
    private final NodeId self;
    private final Replica replica;
    private final Supervisor supervisor;
    private final Artifacts artifacts;
    private final PeerClient client;

    Outputs(NodeId self, Replica replica, Supervisor supervisor, Artifacts artifacts, PeerClient client) {
        this.self = self;
        this.replica = replica;
        this.supervisor = supervisor;
        this.artifacts = artifacts;
        this.client = client;
    }

    /// As [Member#logs]; where its node is gone, or keeps it no more, what was kept of it elsewhere.
    Member.LogPart anywhere(AttemptId id, long from, int max) throws IOException {
        try {
            return onItsNode(id, from, max);
        } catch (IOException e) {
            Optional<Attempt.Stored> kept = kept(id);
            if (kept.isEmpty()) throw e;
            return kept(kept.get().sha(), from, max, e);
        }
    }

    private Optional<Attempt.Stored> kept(AttemptId id) {
        ClusterState state = replica.state();
        Stream<Traces> traces = Stream.concat(
                state.work().attempts().find(id).map(Attempt::traces).stream(),
                state.runs().runs().values().stream()
                        .flatMap(run -> run.stages().stream())
                        .filter(stage ->
                                stage.job().equals(Optional.of(id.task().job())))
                        .map(Run.Stage::traces));
        return traces.flatMap(shown -> shown.log(id).stream()).findFirst();
    }

    /// It is small, and read from its beginning each time.
    private Member.LogPart kept(Sha256 sha, long from, int max, IOException why) throws IOException {
        IOException last = why;
        for (NodeId holder : holders(sha)) {
            try (InputStream in = open(holder, sha)) {
                in.skipNBytes(from);
                byte[] bytes = in.readNBytes(max);
                return new Member.LogPart(from, bytes, bytes.length < max || in.read() < 0);
            } catch (EOFException e) {
                return new Member.LogPart(from, new byte[0], true);
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    /// This node first.
    private List<NodeId> holders(Sha256 sha) {
        List<NodeId> holders = new ArrayList<>(Replicas.givers(replica.state(), sha));
        if (holders.remove(self)) holders.addFirst(self);
        return holders;
    }

    private InputStream open(NodeId holder, Sha256 sha) throws IOException {
        if (holder.equals(self)) return artifacts.open(sha);
        Node node = replica.state()
                .fleet()
                .nodes()
                .find(holder)
                .orElseThrow(() -> new IOException(holder + " was removed"));
        return client.artifact(node.endpoints().artifacts(), sha);
    }

    private Member.LogPart onItsNode(AttemptId id, long from, int max) throws IOException {
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
