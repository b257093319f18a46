package dev.muster.edge.raft;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ratis's side of a [ReplicatedMachine]: hands entries over in log order, keeps the snapshots, and tells the voter
/// what happens.
///
/// Ratis calls `applyTransaction`, `notifyTermIndexUpdated`, `takeSnapshot` and `reinitialize` on its one updater
/// thread, and `initialize` before that thread starts. Everything else comes from other threads and touches no state
/// of the machine.
final class RatisMachine extends BaseStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(RatisMachine.class);

    /// Pause between two tries to write a snapshot, in entries: Ratis would try again after each entry, and the disk
    /// is probably full.
    private static final long SNAPSHOT_RETRY_ENTRIES = 1_000;

    /// What the machine reports to its voter.
    interface Events {
        void failed(VoterFailure failure);

        void rolesChanged();

        void divisionClosed();
    }

    private final ReplicatedMachine machine;
    private final Path voterDir;
    private final AppliedMark mark;
    private final ConfigurationCopy configuration;
    private final Proposals proposals;
    private final Refill refill;
    private final Events events;
    private final SnapshotStore snapshots = new SnapshotStore();
    private final Map<Long, List<VoterAddress>> votersToReport = new ConcurrentHashMap<>();
    private long snapshotNotBefore;

    RatisMachine(
            ReplicatedMachine machine,
            Path voterDir,
            AppliedMark mark,
            ConfigurationCopy configuration,
            Proposals proposals,
            Refill refill,
            Events events) {
        this.machine = machine;
        this.voterDir = voterDir;
        this.mark = mark;
        this.configuration = configuration;
        this.proposals = proposals;
        this.refill = refill;
        this.events = events;
    }

    // --- start, and a snapshot from the leader. Without these states Ratis never finishes installing one. ---

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage) throws IOException {
        super.initialize(server, group, storage);
        getLifeCycle()
                .startAndTransition(
                        () -> {
                            snapshots.init(storage);
                            load();
                        },
                        IOException.class);
    }

    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        getLifeCycle().transition(LifeCycle.State.STARTING);
        load();
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    private void load() throws IOException {
        try {
            Optional<SnapshotFile> found = snapshots.load();
            if (found.isEmpty()) return;
            SnapshotFile snapshot = found.get();
            SnapshotFile.sync(snapshot.path()); // one that came from the leader was not synced by Ratis
            SnapshotFile.sync(snapshot.path().getParent());
            try (InputStream in = snapshot.open()) {
                machine.restore(in);
            }
            setLastAppliedTermIndex(TermIndex.valueOf(snapshot.term(), snapshot.index()));
            mark.write(snapshot.index());
            LOG.info("raft.restored term={} index={} file={}", snapshot.term(), snapshot.index(), snapshot.path());
        } catch (IOException | RuntimeException e) {
            events.failed(
                    Causes.noRoom(e)
                            ? VoterFailure.disk(voterDir, e)
                            : VoterFailure.damaged(
                                    voterDir, voterDir, "the snapshot cannot be restored: " + e.getMessage(), e));
            throw e;
        }
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return snapshots;
    }

    @Override
    public long takeSnapshot() {
        TermIndex applied = getLastAppliedTermIndex();
        if (applied.getIndex() < snapshotNotBefore) return snapshotIndex();
        try {
            configuration.cover(applied.getIndex());
            snapshots.write(applied.getTerm(), applied.getIndex(), machine::save);
        } catch (IOException e) {
            snapshotNotBefore = applied.getIndex() + SNAPSHOT_RETRY_ENTRIES;
            LOG.error(
                    "raft.snapshot-failed index={} retryAt={} reason=\"{}\"",
                    applied.getIndex(),
                    snapshotNotBefore,
                    e.toString());
        }
        return snapshotIndex();
    }

    private long snapshotIndex() {
        return snapshots.getLatestSnapshot() == null
                ? -1
                : snapshots.getLatestSnapshot().getIndex();
    }

    // --- proposals ---

    @Override
    public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
        TransactionContext transaction = super.startTransaction(request);
        proposals.inFlight(request).ifPresent(transaction::setStateMachineContext);
        return transaction;
    }

    /// The last moment at which nothing is in the log yet. The exception says `false` to "should the leader step down
    /// for this?".
    @Override
    public TransactionContext preAppendTransaction(TransactionContext transaction) throws IOException {
        if (transaction.getStateMachineContext() instanceof Proposals.InFlight proposal && !proposal.append())
            throw new StateMachineException("the proposal was given up before it was appended", false);
        return transaction;
    }

    // --- entries, in log order ---

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        try {
            byte[] result = apply(entry.getTerm(), entry.getIndex(), entry.getStateMachineLogEntry());
            applied(entry.getTerm(), entry.getIndex());
            return CompletableFuture.completedFuture(Message.valueOf(UnsafeByteOperations.unsafeWrap(result)));
        } catch (IOException | RuntimeException | Error e) {
            // Thrown, not returned: a failed future would only be logged, and the next entry applied.
            throw stop(entry.getIndex(), e);
        }
    }

    private byte[] apply(long term, long index, StateMachineLogEntryProto entry) throws IOException {
        if (!entry.getLogData().isEmpty())
            return machine.apply(term, index, entry.getLogData().toByteArray());
        refill.applied(ClientId.valueOf(entry.getClientId()));
        return new byte[0];
    }

    /// Comes on the updater thread for each entry of Ratis's own, after [#notifyConfigurationChanged] of the same
    /// entry.
    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        try {
            List<VoterAddress> voters = votersToReport.remove(index);
            votersToReport.keySet().removeIf(older -> older < index);
            if (voters != null) machine.votersChanged(term, index, voters);
            applied(term, index);
        } catch (IOException | RuntimeException | Error e) {
            throw stop(index, e);
        }
    }

    /// Comes on the updater thread, but also on another one while the leader sends a snapshot, and for the half-way
    /// configuration with old and new voters. So it is only noted here.
    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto changed) {
        configuration.changed(term, index, snapshotIndex(), changed);
        if (changed.getOldPeersCount() == 0)
            votersToReport.put(
                    index,
                    changed.getPeersList().stream().map(RatisMachine::voter).toList());
        events.rolesChanged();
    }

    private static VoterAddress voter(RaftPeerProto peer) {
        int colon = peer.getAddress().lastIndexOf(':');
        return new VoterAddress(
                peer.getId().toStringUtf8(),
                peer.getAddress().substring(0, colon),
                Integer.parseInt(peer.getAddress().substring(colon + 1)));
    }

    private void applied(long term, long index) throws IOException {
        updateLastAppliedTermIndex(term, index);
        mark.write(index);
    }

    private IllegalStateException stop(long index, Throwable cause) {
        VoterFailure failure = Causes.noRoom(cause)
                ? VoterFailure.disk(voterDir, cause)
                : new VoterFailure(
                        VoterFailure.Kind.MACHINE,
                        "entry " + index + " cannot be applied: " + cause
                                + "; this voter stops, since going on would make its state differ from the others'. Keep "
                                + voterDir + " for a look, and report it",
                        voterDir,
                        cause);
        events.failed(failure);
        return new IllegalStateException(failure.getMessage(), cause);
    }

    // --- what Ratis reports ---

    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
        events.failed(VoterFailure.disk(voterDir, cause));
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        events.rolesChanged();
    }

    @Override
    public void notifyLeaderReady() {
        events.rolesChanged();
    }

    @Override
    public void close() {
        events.divisionClosed();
    }
}
