package dev.muster.edge.raft;

import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One voter of the replicated log. Start it with the [ReplicatedMachine] that the log drives; propose on the leader.
///
/// An entry is acknowledged once it is on disk at a majority and applied here. Many proposals may be outstanding; those of one
/// thread are applied in the order in which it made them, as long as none of them fails.
public final class RaftVoter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftVoter.class);

    /// How long closing may take before the rest is left to daemon threads.
    private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

    private final RaftConfig config;
    private final RaftGroupId group;
    private final RaftPeerId self;
    private final Proposals proposals;
    private final FileChannel lock;
    private final AppliedMark mark;
    private final RaftServer server;
    private final AtomicReference<VoterFailure> failure = new AtomicReference<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private volatile RoleWatch watch;

    private RaftVoter(RaftConfig config, ReplicatedMachine machine, FileChannel lock) throws IOException, VoterFailure {
        this.config = config;
        this.lock = lock;
        this.group = RatisSettings.groupId(config.cluster());
        this.self = RaftPeerId.valueOf(config.self().id());
        this.proposals = new Proposals(self, group, config.timing().proposeTimeout());
        LogCheck.run(config.dir(), config.dir().resolve(group.getUuid().toString()));
        this.mark = AppliedMark.open(config.dir());
        RatisMachine ratisMachine = new RatisMachine(machine, config.dir(), mark, proposals, new MachineEvents());
        this.server = RaftServer.newBuilder()
                .setServerId(self)
                .setGroup(RatisSettings.group(config))
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStateMachineRegistry(any -> ratisMachine)
                .setThreadGroup(new Threads("raft-" + config.self().id()))
                .setProperties(RatisSettings.properties(config))
                .setParameters(RatisSettings.parameters(config))
                .build();
    }

    /// Starts a voter: checks its directory, restores the newest snapshot, listens, and takes part. Returns before there is a leader.
    ///
    /// @throws VoterFailure it cannot start; nothing is left open
    public static RaftVoter start(RaftConfig config, ReplicatedMachine machine) throws VoterFailure {
        RatisProcess.tame();
        FileChannel lock = lock(config.dir());
        RaftVoter voter = null;
        try {
            voter = new RaftVoter(config, machine, lock);
            voter.server.start();
            RaftServer.Division division = voter.server.getDivision(voter.group);
            voter.watch = new RoleWatch(division, config, machine);
            return voter;
        } catch (IOException | RuntimeException e) {
            VoterFailure known = voter == null ? null : voter.failure.get();
            closeAfter(voter, lock);
            throw known != null ? known : startFailure(config, e);
        } catch (VoterFailure e) {
            closeAfter(voter, lock);
            throw e;
        }
    }

    private static void closeAfter(RaftVoter voter, FileChannel lock) {
        if (voter != null) voter.close();
        else closeQuietly(lock);
    }

    /// Adds an entry to the log. Never blocks for the network.
    ///
    /// @param entry at most [RaftConfig#ENTRY_MAX_BYTES]; copied
    /// @return what became of it, within the propose timeout; never exceptionally
    public CompletableFuture<Fate> propose(byte[] entry) {
        if (entry.length > RaftConfig.ENTRY_MAX_BYTES)
            throw new IllegalArgumentException("an entry may have " + RaftConfig.ENTRY_MAX_BYTES + " bytes, not " + entry.length);
        Optional<Fate> refusal = refusal();
        if (refusal.isPresent()) return CompletableFuture.completedFuture(refusal.get());
        return proposals.propose(server::submitClientRequestAsync, entry);
    }

    /// Who leads, and whether this voter may propose. Cheap; always now.
    public Leadership leadership() {
        return watch.now();
    }

    /// The voters of the newest configuration in this voter's log.
    public List<VoterAddress> voters() {
        return watch.voters();
    }

    /// Replaces the set of voters. New ones must have been started with [RaftConfig#joining] and an empty directory; they are caught
    /// up first, by a snapshot if need be. Any number may be removed at once, but fewer may be added than there are. A voter that is
    /// not in the set any more stops by itself ([#stopped]). To take back a voter that has lost its directory, remove it and then
    /// add it: only so is what it had promised before forgotten in good order.
    public CompletableFuture<Fate> setVoters(List<VoterAddress> voters) {
        Optional<Fate> refusal = refusal();
        if (refusal.isPresent()) return CompletableFuture.completedFuture(refusal.get());
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setServersInNewConf(voters.stream().map(RatisSettings::peer).toList())
                .build();
        return administer(() -> server.setConfigurationAsync(
                new SetConfigurationRequest(proposals.client(), self, group, proposals.nextCall(), arguments)));
    }

    /// Makes another voter the leader.
    public CompletableFuture<Fate> transferLeadership(String voterId) {
        Optional<Fate> refusal = refusal();
        if (refusal.isPresent()) return CompletableFuture.completedFuture(refusal.get());
        long timeoutMs = config.timing().proposeTimeout().toMillis();
        return administer(() -> server.transferLeadershipAsync(new TransferLeadershipRequest(
                proposals.client(), self, group, proposals.nextCall(), RaftPeerId.valueOf(voterId), timeoutMs)));
    }

    private interface Administration {
        CompletableFuture<RaftClientReply> ask() throws IOException;
    }

    private CompletableFuture<Fate> administer(Administration administration) {
        CompletableFuture<RaftClientReply> reply;
        try {
            reply = administration.ask();
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.completedFuture(Proposals.refusal(e, String.valueOf(Causes.innermost(e).getMessage())));
        }
        return reply.copy()
                .orTimeout(config.timing().changeTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .handle((done, thrown) -> {
                    if (done != null && done.isSuccess()) return new Fate.Applied(done.getLogIndex(), new byte[0]);
                    Throwable cause = done != null ? done.getException() : Causes.innermost(thrown);
                    return new Fate.Unknown(String.valueOf(cause.getMessage()));
                });
    }

    /// What can be refused without asking Ratis.
    private Optional<Fate> refusal() {
        if (stopped.isDone() || closing.get()) return Optional.of(new Fate.Unavailable("this voter has stopped"));
        Leadership now = leadership();
        if (now.ready()) return Optional.empty();
        if (now.leader().isPresent() && !now.leader().get().equals(config.self().id()))
            return Optional.of(new Fate.NotLeader(now.leader()));
        return Optional.of(new Fate.Unavailable(
                "no leader is ready; a majority was last heard " + now.quorumSilence().toMillis() + " ms ago"));
    }

    /// Index of the last entry applied here; -1 if none.
    public long appliedIndex() {
        return watch.appliedIndex();
    }

    /// Index of the last entry in this voter's log, committed or not; -1 if none.
    public long lastLogIndex() {
        return watch.lastLogIndex();
    }

    /// Completes when this voter takes part no more: normally after [#close] or once it is no voter any more, exceptionally with a
    /// [VoterFailure] if it had to stop. By then its port and its threads are free.
    public CompletableFuture<Void> stopped() {
        return stopped.copy();
    }

    /// Stops taking part, and frees port, threads and directory; takes a second or two, at most ten. Does not leave the cluster.
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) Thread.ofPlatform().daemon().name("raft-close").start(this::closeAll);
        try {
            stopped.handle((done, thrown) -> null).get(CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            LOG.warn("raft.close-slow voter={} after={}", config.self().id(), CLOSE_MAX);
        }
    }

    private void closeAll() {
        if (watch != null) watch.close();
        try {
            server.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("raft.close-failed voter={} reason=\"{}\"", config.self().id(), e.toString());
        }
        closeQuietly(mark);
        closeQuietly(lock);
        VoterFailure why = failure.get();
        if (why == null) stopped.complete(null);
        else stopped.completeExceptionally(why);
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn("raft.close-failed resource={} reason=\"{}\"", resource, e.toString());
        }
    }

    private final class MachineEvents implements RatisMachine.Events {
        @Override
        public void failed(VoterFailure found) {
            if (!failure.compareAndSet(null, found)) return;
            LOG.error("raft.voter-failed voter={} kind={} reason=\"{}\"", config.self().id(), found.kind(), found.getMessage());
            stop();
        }

        @Override
        public void rolesChanged() {
            if (watch != null) watch.look();
        }

        @Override
        public void divisionClosed() {
            stop(); // after a failure, or because this voter was removed
        }

        private void stop() {
            if (closing.compareAndSet(false, true)) Thread.ofPlatform().daemon().name("raft-stop").start(RaftVoter.this::closeAll);
        }
    }

    /// Ratis's threads: one that dies of an unexpected exception would leave a voter that looks alive.
    private final class Threads extends ThreadGroup {
        Threads(String name) {
            super(name);
        }

        @Override
        public void uncaughtException(Thread thread, Throwable thrown) {
            if (closing.get()) return;
            new MachineEvents().failed(new VoterFailure(
                    VoterFailure.Kind.INTERNAL, "thread " + thread.getName() + " died of " + thrown + "; start the voter again", config.dir(), thrown));
        }
    }

    private static FileChannel lock(Path dir) throws VoterFailure {
        Path file = dir.resolve("lock");
        try {
            Files.createDirectories(dir);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                FileLock held = channel.tryLock();
                if (held != null) return channel;
            } catch (OverlappingFileLockException e) {
                LOG.debug("{} is locked in this process", file);
            }
            channel.close();
        } catch (IOException e) {
            throw new VoterFailure(
                    VoterFailure.Kind.DIRECTORY, "expected to write in " + dir + ", found " + e + "; make it writable for this user or choose another one", dir, e);
        }
        throw new VoterFailure(
                VoterFailure.Kind.DIRECTORY, "expected " + dir + " to be free, found that another voter is using it; stop that one or choose another directory", dir, null);
    }

    private static VoterFailure startFailure(RaftConfig config, Exception thrown) {
        Throwable cause = Causes.innermost(thrown);
        String at = config.bindHost() + ":" + config.self().port();
        if (Causes.find(thrown, BindException.class).isPresent() || cause instanceof UnknownHostException || Causes.find(thrown, ExitUtils.ExitException.class).isPresent())
            return new VoterFailure(
                    VoterFailure.Kind.PORT, "expected to listen on " + at + ", found: " + cause.getMessage() + "; stop the program that has the port or choose another one", null, thrown);
        if (thrown instanceof IOException || cause instanceof IOException)
            return new VoterFailure(VoterFailure.Kind.DIRECTORY, "the voter cannot start from " + config.dir() + ": " + cause, config.dir(), thrown);
        return new VoterFailure(VoterFailure.Kind.INTERNAL, "the voter cannot start: " + cause, config.dir(), thrown);
    }
}
