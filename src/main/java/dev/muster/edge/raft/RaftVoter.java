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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One voter of the replicated log. Start it with the [ReplicatedMachine] that the log drives; propose on the leader.
///
/// An entry is acknowledged once it is on disk at a majority and applied here. Many proposals may be outstanding;
/// those of one thread are applied in the order in which it made them, as long as none of them fails. All futures of
/// a voter complete on one thread of its own, in order; what goes on from there may propose again, but must not wait
/// long.
public final class RaftVoter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftVoter.class);

    /// How long closing may take before the rest is left to daemon threads.
    private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

    /// With these a change has certainly not begun: too many at once, another one is on its way, or a new voter could
    /// not be caught up.
    private static final List<Class<? extends Exception>> REFUSED = List.of(
            SetConfigurationException.class,
            ReconfigurationInProgressException.class,
            ReconfigurationTimeoutException.class);

    private final RaftConfig config;
    private final RaftGroupId group;
    private final RaftPeerId self;
    private final Executor answers;
    private final Proposals proposals;
    private final Refill refill;
    private final FileChannel lock;
    private final AppliedMark mark;
    private final Promise promise;
    private final RaftServer server;
    private final AtomicReference<VoterFailure> failure = new AtomicReference<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private volatile RoleWatch watch;
    private volatile RaftServer.Division division;

    private RaftVoter(RaftConfig config, ReplicatedMachine machine, FileChannel lock) throws IOException, VoterFailure {
        this.config = config;
        this.lock = lock;
        this.group = RatisSettings.groupId(config.cluster());
        this.self = RaftPeerId.valueOf(config.self().id());
        this.answers = Answers.thread(config.self().id());
        this.proposals = new Proposals(self, group, config.timing().proposeTimeout(), answers);
        Path groupDir = config.dir().resolve(group.getUuid().toString());
        LogCheck.run(config.dir(), groupDir);
        this.refill = Refill.of(config, groupDir.resolve("current"));
        this.promise = Promise.open(
                config.dir(), groupDir.resolve("current"), config.self().id());
        ConfigurationCopy configuration = ConfigurationCopy.open(config.dir(), groupDir);
        this.mark = AppliedMark.open(config.dir());
        RatisMachine ratisMachine =
                new RatisMachine(machine, config.dir(), mark, configuration, proposals, refill, new MachineEvents());
        Parameters parameters = RatisSettings.parameters(config);
        refill.refuseElections(parameters);
        try {
            this.server = RaftServer.newBuilder()
                    .setServerId(self)
                    .setGroup(RatisSettings.group(config))
                    .setOption(RaftStorage.StartupOption.RECOVER)
                    .setStateMachineRegistry(any -> ratisMachine)
                    .setThreadGroup(new Threads("raft-" + config.self().id()))
                    .setProperties(RatisSettings.properties(config))
                    .setParameters(parameters)
                    .build();
        } catch (IOException | RuntimeException e) {
            mark.close();
            throw e;
        }
    }

    /// Starts a voter: checks its directory, restores the newest snapshot, listens, and takes part. Returns before
    /// there is a leader.
    ///
    /// @throws VoterFailure it cannot start; nothing is left open
    public static RaftVoter start(RaftConfig config, ReplicatedMachine machine) throws VoterFailure {
        RatisProcess.tame();
        FileChannel lock = lock(config.dir());
        RaftVoter voter;
        try {
            voter = new RaftVoter(config, machine, lock);
        } catch (IOException | RuntimeException e) {
            closeQuietly(lock);
            throw startFailure(config, e);
        } catch (VoterFailure e) {
            closeQuietly(lock);
            throw e;
        }
        try {
            voter.takePart(machine);
            return voter;
        } catch (IOException | RuntimeException e) {
            voter.close();
            VoterFailure known = voter.failure.get();
            throw known != null ? known : startFailure(config, e);
        }
    }

    private void takePart(ReplicatedMachine machine) throws IOException {
        server.start();
        RaftServer.Division mine = server.getDivision(group);
        division = mine;
        watch = new RoleWatch(mine, config, machine, () -> refill.look(server, mine));
    }

    /// Adds an entry to the log. Never blocks for the network.
    ///
    /// @param entry 1 to [RaftConfig#ENTRY_MAX_BYTES] bytes; copied
    /// @return what became of it, within the propose timeout; never exceptionally
    public CompletableFuture<Fate> propose(byte[] entry) {
        if (entry.length < 1 || entry.length > RaftConfig.ENTRY_MAX_BYTES)
            throw new IllegalArgumentException(
                    "an entry has 1 to " + RaftConfig.ENTRY_MAX_BYTES + " bytes, not " + entry.length);
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

    /// Replaces the set of voters. New ones must have been started with [RaftConfig#joining] and an empty directory;
    /// they are caught up first, by a snapshot if need be. Any number may be removed at once, but fewer may be added
    /// than there are. A voter that is not in the set any more stops by itself ([#stopped]).
    public CompletableFuture<Fate> setVoters(List<VoterAddress> voters) {
        Optional<Fate> refusal = refusal();
        if (refusal.isPresent()) return CompletableFuture.completedFuture(refusal.get());
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setServersInNewConf(voters.stream().map(RatisSettings::peer).toList())
                .build();
        return administer(() -> server.setConfigurationAsync(
                new SetConfigurationRequest(proposals.client(), self, group, proposals.nextCall(), arguments)));
    }

    /// Takes back a voter that has lost its directory and runs again ([RaftConfig#joining], [#refilling]): removes it
    /// and adds it, for otherwise the leader believes that it still has what it once acknowledged. With two voters
    /// there is no majority without it.
    public CompletableFuture<Fate> readmit(String voterId) {
        List<VoterAddress> all = voters();
        List<VoterAddress> others =
                all.stream().filter(voter -> !voter.id().equals(voterId)).toList();
        if (voterId.equals(config.self().id()) || others.size() == all.size())
            throw new IllegalArgumentException("expected one of the other voters of " + all + ", found " + voterId);
        return setVoters(others)
                .thenCompose(fate ->
                        fate instanceof Fate.Applied ? setVoters(all) : CompletableFuture.completedFuture(fate));
    }

    /// This voter began with an empty directory in a cluster that may have known it before, and has not yet got
    /// everything back. Until then it neither votes nor leads. If that takes longer than a few seconds, the leader
    /// must [#readmit] it.
    public boolean refilling() {
        return !refill.full();
    }

    /// Since another voter last answered, as far as this one can know: where it leads since that one answered, without a
    /// leader since a majority did. Empty where somebody else leads, and hears it or not.
    public Optional<Duration> silence(String voterId) {
        Leadership now = leadership();
        if (now.leader().isEmpty()) return Optional.of(now.quorumSilence());
        return watch.silence(voterId);
    }

    /// Asks a voter at another address than the log has for it. Ends with the process, or with the next call; the log
    /// keeps the address that it has.
    public void ask(VoterAddress voter, VoterAddress at) {
        Redirects.set(voter.host() + ":" + voter.port(), at.host() + ":" + at.port());
    }

    /// Makes this voter's connections to another one anew. TCP tries a line that was broken again only after as long as it
    /// was broken, up to two minutes: whoever hears of that voter by another way knows sooner. Returns at once; what was
    /// under way is sent again within some seconds.
    public void reconnect(String voterId) {
        Thread.ofPlatform().daemon().name("raft-reconnect-" + voterId).start(() -> {
            try {
                server.getServerRpc().handleException(RaftPeerId.valueOf(voterId), new IOException("it is back"), true);
            } catch (RuntimeException e) {
                LOG.warn("raft.not-reconnected voter={} reason=\"{}\"", voterId, e.toString());
            }
        });
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
            return CompletableFuture.completedFuture(
                    Proposals.refusal(e, String.valueOf(Causes.innermost(e).getMessage())));
        }
        return reply.copy()
                .orTimeout(config.timing().changeTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .handleAsync((done, thrown) -> changed(done, thrown), answers);
    }

    private static Fate changed(RaftClientReply done, Throwable thrown) {
        if (done != null && done.isSuccess()) return new Fate.Applied(done.getLogIndex(), new byte[0]);
        Throwable cause = done != null ? done.getException() : Causes.innermost(thrown);
        String why = cause instanceof TimeoutException ? "no answer in time" : String.valueOf(cause.getMessage());
        return REFUSED.stream().anyMatch(type -> type.isInstance(cause))
                ? new Fate.Unavailable(why)
                : new Fate.Unknown(why);
    }

    /// What can be refused without asking Ratis.
    private Optional<Fate> refusal() {
        if (stopped.isDone() || closing.get()) return Optional.of(new Fate.Unavailable("this voter has stopped"));
        Leadership now = leadership();
        if (now.ready()) return Optional.empty();
        if (now.leader().isPresent() && !now.leader().get().equals(config.self().id()))
            return Optional.of(new Fate.NotLeader(now.leader()));
        return Optional.of(new Fate.Unavailable("no leader is ready; a majority was last heard "
                + now.quorumSilence().toMillis() + " ms ago"));
    }

    /// Index of the last entry applied here; -1 if none.
    public long appliedIndex() {
        return watch.appliedIndex();
    }

    /// Index of the last entry in this voter's log, committed or not; -1 if none.
    public long lastLogIndex() {
        return watch.lastLogIndex();
    }

    /// Completes when this voter takes part no more: normally after [#close] or once it is no voter any more,
    /// exceptionally with a [VoterFailure] if it had to stop. By then its port and its threads are free.
    public CompletableFuture<Void> stopped() {
        return stopped.copy();
    }

    /// Stops taking part, and frees port, threads and directory; takes a second or two, at most ten. Does not leave
    /// the cluster.
    @Override
    public void close() {
        if (closing.compareAndSet(false, true))
            Thread.ofPlatform().daemon().name("raft-close").start(this::closeAll);
        try {
            stopped.handle((done, thrown) -> null).get(CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
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
        keepPromise();
        closeQuietly(mark);
        closeQuietly(lock);
        VoterFailure why = failure.get();
        if (why == null) stopped.complete(null);
        else stopped.completeExceptionally(why);
    }

    private void keepPromise() {
        RaftServer.Division mine = division;
        if (mine == null) return;
        try {
            promise.keep(mine.getInfo().getCurrentTerm());
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "raft.promise-not-kept voter={} reason=\"{}\"",
                    config.self().id(),
                    e.toString());
        }
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
            LOG.debug("{} stops, and whoever waits for that is told why", config.self(), found);
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
            if (closing.compareAndSet(false, true))
                Thread.ofPlatform().daemon().name("raft-stop").start(RaftVoter.this::closeAll);
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
            new MachineEvents()
                    .failed(new VoterFailure(
                            VoterFailure.Kind.INTERNAL,
                            "thread " + thread.getName() + " died of " + thrown + "; start the voter again",
                            config.dir(),
                            thrown));
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
            if (Causes.noRoom(e)) throw VoterFailure.disk(dir, e);
            throw new VoterFailure(
                    VoterFailure.Kind.DIRECTORY,
                    "expected to write in " + dir + ", found " + e
                            + "; make it writable for this user or choose another one",
                    dir,
                    e);
        }
        throw new VoterFailure(
                VoterFailure.Kind.DIRECTORY,
                "expected " + dir + " to be free, found another voter using it; stop it or choose another directory",
                dir,
                null);
    }

    private static VoterFailure startFailure(RaftConfig config, Exception thrown) {
        if (Causes.noRoom(thrown)) return VoterFailure.disk(config.dir(), thrown);
        Throwable cause = Causes.innermost(thrown);
        String at = config.bindHost() + ":" + config.self().port();
        if (Causes.find(thrown, BindException.class).isPresent()
                || cause instanceof UnknownHostException
                || Causes.find(thrown, ExitUtils.ExitException.class).isPresent())
            return new VoterFailure(
                    VoterFailure.Kind.PORT,
                    "expected to listen on " + at + ", found: " + cause.getMessage()
                            + "; stop the program that has the port or choose another one",
                    null,
                    thrown);
        if (thrown instanceof IOException || cause instanceof IOException)
            return new VoterFailure(
                    VoterFailure.Kind.DIRECTORY,
                    "the voter cannot start from " + config.dir() + ": " + cause,
                    config.dir(),
                    thrown);
        return new VoterFailure(VoterFailure.Kind.INTERNAL, "the voter cannot start: " + cause, config.dir(), thrown);
    }
}
