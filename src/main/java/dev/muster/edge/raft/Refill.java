package dev.muster.edge.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.LeaderElectionManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a voter with an empty directory from voting until it is full again.
///
/// It may have been a voter before, and have acknowledged entries that it now knows nothing of. If it voted, it could
/// help somebody to the leadership who does not have them either, and acknowledged entries would be gone. So it
/// neither votes nor campaigns until it has applied an entry that was proposed after its start, by itself: then it
/// has everything before that one too. A file in its directory remembers this over a restart. (Ratis lets it vote as
/// soon as a leader has spoken to it.)
///
/// Ratis fills a voter that is new to the leader. To one that the leader knows from before it keeps sending only what
/// comes after the entries it once acknowledged, and so it stays empty until the leader changes or readmits it
/// ([RaftVoter#readmit]).
final class Refill {
    private static final Logger LOG = LoggerFactory.getLogger(Refill.class);
    private static final String FILE = "refilling";
    private static final Duration ASK_EVERY = Duration.ofSeconds(1);
    private static final List<String> ELECTION_CALLS = List.of("requestVote", "startLeaderElection");

    private final RaftConfig config;
    private final Path file;
    private final ClientId client = ClientId.randomId();
    private volatile boolean full;
    private volatile boolean resting;
    private long askedNanos = System.nanoTime() - ASK_EVERY.toNanos();
    private CompletableFuture<Void> attempt = CompletableFuture.completedFuture(null);

    private Refill(RaftConfig config, Path file, boolean full) {
        this.config = config;
        this.file = file;
        this.full = full;
    }

    /// @param log the directory of the log; a voter that founds a cluster has promised nothing yet, any other without
    ///     a log may have
    static Refill of(RaftConfig config, Path log) throws IOException {
        Path file = config.dir().resolve(FILE);
        if (config.initialVoters().isEmpty() && !Files.exists(log) && !Files.exists(file)) {
            Files.createFile(file);
            SnapshotFile.sync(config.dir());
        }
        return new Refill(config, file, !Files.exists(file));
    }

    boolean full() {
        return full;
    }

    /// An entry without content: made by some voter that is being refilled.
    void applied(ClientId proposer) throws IOException {
        if (full || !proposer.equals(client)) return;
        Files.deleteIfExists(file);
        full = true;
        LOG.info("raft.refilled voter={}", config.self().id());
    }

    /// Called every few milliseconds by one thread, for as long as the voter runs.
    void look(RaftServer server, RaftServer.Division division) {
        if (full == resting) rest(server, division, !full);
        if (full) return;
        RaftPeer leader = division.getRaftConf().getPeer(division.getInfo().getLeaderId());
        if (leader == null || !attempt.isDone() || System.nanoTime() - askedNanos < ASK_EVERY.toNanos()) return;
        askedNanos = System.nanoTime();
        attempt = propose(leader, division);
    }

    private void rest(RaftServer server, RaftServer.Division division, boolean rest) {
        RaftPeerId self = division.getId();
        LeaderElectionManagementRequest request = rest
                ? LeaderElectionManagementRequest.newPause(
                        client, self, division.getMemberId().getGroupId(), 0)
                : LeaderElectionManagementRequest.newResume(
                        client, self, division.getMemberId().getGroupId(), 0);
        server.leaderElectionManagementAsync(request)
                .thenAccept(
                        reply -> { // fails until it takes part; then there is nothing to pause
                            if (reply.isSuccess()) resting = rest;
                        });
    }

    /// On a thread of its own, since the client waits in several places, even to be closed.
    private CompletableFuture<Void> propose(RaftPeer leader, RaftServer.Division division) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().name("raft-refill").start(() -> {
            try (RaftClient sender = sender(leader, division)) {
                sender.io().send(Message.EMPTY);
            } catch (IOException | RuntimeException e) {
                LOG.debug("asked {} in vain", leader, e);
            } finally {
                done.complete(null);
            }
        });
        return done;
    }

    private RaftClient sender(RaftPeer leader, RaftServer.Division division) {
        return RaftClient.newBuilder()
                .setClientId(client)
                .setProperties(new RaftProperties())
                .setParameters(RatisSettings.parameters(config))
                .setRaftGroup(RaftGroup.valueOf(
                        division.getMemberId().getGroupId(),
                        division.getRaftConf().getAllPeers()))
                .setLeaderId(leader.getId())
                .setRetryPolicy(RetryPolicies.noRetry())
                .build();
    }

    void refuseElections(Parameters parameters) {
        ServerInterceptor gate = new ServerInterceptor() {
            @Override
            public <A, B> ServerCall.Listener<A> interceptCall(
                    ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
                if (full || !ELECTION_CALLS.contains(call.getMethodDescriptor().getBareMethodName()))
                    return next.startCall(call, headers);
                call.close(
                        Status.UNAVAILABLE.withDescription(config.self().id() + " is being refilled"), new Metadata());
                return new ServerCall.Listener<>() {};
            }
        };
        GrpcConfigKeys.Server.setServicesCustomizer(parameters, (builder, types) -> builder.intercept(gate));
    }
}
