package dev.muster.edge.node;

import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.edge.raft.Leadership;
import dev.muster.edge.raft.ReplicatedMachine;
import dev.muster.edge.raft.VoterAddress;
import dev.muster.edge.wire.Batch;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the log drives: each entry is a [Batch] of orders, each order a [Handler#step]. One thread applies; readers take
/// the newest state from the [Replica].
final class ClusterMachine implements ReplicatedMachine {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterMachine.class);
    private static final int BUFFER_BYTES = 64 << 10;

    private final Replica replica;
    private final Consumer<Leadership> roles;
    private volatile ClusterState state = ClusterState.EMPTY;

    ClusterMachine(Replica replica, Consumer<Leadership> roles) {
        this.replica = replica;
        this.roles = roles;
    }

    /// What this voter has applied; the replica may be further while the voter catches up.
    ClusterState state() {
        return state;
    }

    @Override
    public byte[] apply(long term, long index, byte[] entry) {
        Batch batch = Wire.read(entry, Batch.class);
        List<Member.Answer> answers = new ArrayList<>(batch.orders().size());
        for (Envelope order : batch.orders()) answers.add(apply(index, batch.at(), order));
        return Answers.bytes(answers);
    }

    private Member.Answer apply(long index, Instant at, Envelope order) {
        Handler.Step step;
        try {
            step = Handler.step(state, at, order);
        } catch (RuntimeException e) {
            // A bug, but the same one on every voter: the state stays as it was everywhere.
            LOG.error("order.broken index={} order={}", index, order, e);
            return new Member.Answer.Refused(
                    Outcome.Code.INVALID.name(),
                    "internal error: " + e + "; the order was not applied, please report it with the log of entry "
                            + index);
        }
        take(step);
        return switch (step.outcome()) {
            case Outcome.Accepted(var events, String created) -> new Member.Answer.Done(state.revision(), created);
            case Outcome.Refused(Outcome.Code code, String message) -> new Member.Answer.Refused(code.name(), message);
        };
    }

    private void take(Handler.Step step) {
        state = step.state();
        step.transition().ifPresent(moved -> replica.advanced(state, moved));
    }

    @Override
    public void votersChanged(long term, long index, List<VoterAddress> voters) {
        List<NodeId> ids = voters.stream().map(voter -> new NodeId(voter.id())).toList();
        LOG.info("voters.changed term={} index={} voters={}", term, index, ids);
        take(Handler.votersChanged(state, ids, new Actor(Actor.Kind.LEADER, "raft")));
    }

    @Override
    public void save(OutputStream out) throws IOException {
        GZIPOutputStream zip = new Fast(out);
        Wire.write(zip, state);
        zip.finish();
    }

    @Override
    public void restore(InputStream in) throws IOException {
        state = Wire.readState(new GZIPInputStream(in, BUFFER_BYTES));
        replica.replace(state);
    }

    @Override
    public void leadershipChanged(Leadership leadership) {
        roles.accept(leadership);
    }

    /// Applying waits while a snapshot is written: the fastest level halves that.
    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream out) throws IOException {
            super(out, BUFFER_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
