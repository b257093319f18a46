package dev.muster.edge.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The test speaks Raft's own protocol to one voter, as its leader, and sends what a leader sends when a line comes back:
/// what it had sent before, and then from the same entry on all there is by now, while the voter still writes the first.
@Tag("slow")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AcknowledgedTest {
    private static final long TERM = 100;
    private static final int ROUNDS = 50;
    private static final int MORE = 15;

    @TempDir
    Path dir;

    @Test
    void whatAFollowerAcknowledgesIsInItsLog() throws Exception {
        try (Voters voters = Voters.of(dir, 3, 1000)) {
            VoterAddress self = voters.founders().getFirst();
            RaftVoter voter = voters.start(self);
            ManagedChannel channel = NettyChannelBuilder.forAddress(self.host(), self.port())
                    .usePlaintext()
                    .build();
            try {
                BlockingQueue<AppendEntriesReplyProto> replies = new LinkedBlockingQueue<>();
                StreamObserver<AppendEntriesRequestProto> line =
                        RaftServerProtocolServiceGrpc.newStub(channel).appendEntries(into(replies));
                for (int round = 0, next = 0, call = 0; round < ROUNDS; round++, next += 1 + MORE) {
                    line.onNext(request(call++, next, 1));
                    line.onNext(request(call++, next, 1 + MORE));
                    for (int reply = 0; reply < 2; reply++) acknowledged(voter, replies.poll(30, TimeUnit.SECONDS));
                }
                line.onCompleted();
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static void acknowledged(RaftVoter voter, AppendEntriesReplyProto reply) {
        assertThat(reply).as("a reply in time").isNotNull();
        assertThat(reply.getResult()).isEqualTo(AppendResult.SUCCESS);
        assertThat(voter.lastLogIndex())
                .as("entry %d was acknowledged", reply.getMatchIndex())
                .isGreaterThanOrEqualTo(reply.getMatchIndex());
    }

    private static AppendEntriesRequestProto request(long call, long from, int count) {
        List<LogEntryProto> entries = new ArrayList<>();
        for (long index = from; index < from + count; index++) {
            entries.add(LogEntryProto.newBuilder()
                    .setTerm(TERM)
                    .setIndex(index)
                    .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                            .setLogData(ByteString.copyFromUtf8("entry " + index)))
                    .build());
        }
        AppendEntriesRequestProto.Builder request = AppendEntriesRequestProto.newBuilder()
                .setServerRequest(RaftRpcRequestProto.newBuilder()
                        .setRequestorId(RaftPeerId.valueOf("n1").toByteString())
                        .setReplyId(RaftPeerId.valueOf("n0").toByteString())
                        .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(RatisSettings.groupId("test")))
                        .setCallId(call))
                .setLeaderTerm(TERM)
                .setLeaderCommit(-1)
                .addAllEntries(entries);
        if (from > 0)
            request.setPreviousLog(TermIndexProto.newBuilder().setTerm(TERM).setIndex(from - 1));
        return request.build();
    }

    private static StreamObserver<AppendEntriesReplyProto> into(BlockingQueue<AppendEntriesReplyProto> replies) {
        return new StreamObserver<>() {
            @Override
            public void onNext(AppendEntriesReplyProto reply) {
                replies.add(reply);
            }

            @Override
            public void onError(Throwable error) {
                // no reply comes any more, which the test sees
            }

            @Override
            public void onCompleted() {}
        };
    }
}
