package dev.muster.edge.raft;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/// The proposals in flight, and whether each has entered the log: that is what tells "certainly not applied" from
/// "unknown".
final class Proposals {
    /// Sends a request to this process's own Raft server.
    interface Server {
        CompletableFuture<RaftClientReply> submit(RaftClientRequest request) throws IOException;
    }

    /// One proposal. Enters the log at most once, and not after its proposer has given up.
    static final class InFlight {
        private enum Stage {
            SENT,
            APPENDED,
            GIVEN_UP
        }

        private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.SENT);

        boolean append() {
            return stage.compareAndSet(Stage.SENT, Stage.APPENDED);
        }

        /// @return false if it is in the log already
        boolean giveUp() {
            return stage.compareAndSet(Stage.SENT, Stage.GIVEN_UP) || stage.get() == Stage.GIVEN_UP;
        }
    }

    private final ClientId client = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();
    private final Map<Long, InFlight> inFlight = new ConcurrentHashMap<>();
    private final RaftPeerId self;
    private final RaftGroupId group;
    private final Duration timeout;
    private final Executor answers;

    Proposals(RaftPeerId self, RaftGroupId group, Duration timeout, Executor answers) {
        this.self = self;
        this.group = group;
        this.timeout = timeout;
        this.answers = answers;
    }

    ClientId client() {
        return client;
    }

    long nextCall() {
        return calls.incrementAndGet();
    }

    Optional<InFlight> inFlight(RaftClientRequest request) {
        return request.getClientId().equals(client)
                ? Optional.ofNullable(inFlight.get(request.getCallId()))
                : Optional.empty();
    }

    CompletableFuture<Fate> propose(Server server, byte[] entry) {
        long call = nextCall();
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(client)
                .setServerId(self)
                .setGroupId(group)
                .setCallId(call)
                .setMessage(Message.valueOf(ByteString.copyFrom(entry)))
                .setType(RaftClientRequest.writeRequestType())
                .build();
        InFlight proposal = new InFlight();
        inFlight.put(call, proposal);
        return submit(server, request)
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .handleAsync(
                        (reply, thrown) -> {
                            inFlight.remove(call);
                            return fate(proposal, reply, thrown);
                        },
                        answers);
    }

    private static CompletableFuture<RaftClientReply> submit(Server server, RaftClientRequest request) {
        try {
            return server.submit(request).copy(); // the copy times out; Ratis's own future must not
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Fate fate(InFlight proposal, RaftClientReply reply, Throwable thrown) {
        if (reply != null && reply.isSuccess())
            return new Fate.Applied(
                    reply.getLogIndex(), reply.getMessage().getContent().toByteArray());
        Throwable cause = reply != null
                ? reply.getException()
                : Causes.find(thrown, TimeoutException.class)
                        .<Throwable>map(t -> t)
                        .orElse(thrown);
        String why = cause instanceof TimeoutException
                ? "no answer within " + timeout.toMillis() + " ms"
                : String.valueOf(cause.getMessage());
        if (!proposal.giveUp()) return new Fate.Unknown(why);
        return refusal(cause, why);
    }

    /// The fate of what has certainly not entered the log.
    static Fate refusal(Throwable cause, String why) {
        return Causes.find(cause, NotLeaderException.class)
                .<Fate>map(not -> new Fate.NotLeader(Optional.ofNullable(not.getSuggestedLeader())
                        .map(peer -> peer.getId().toString())))
                .orElseGet(() -> new Fate.Unavailable(why));
    }
}
