package dev.muster.edge.raft;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/// What Ratis, its gRPC and its Netty write into `java.util.logging`.
public final class RaftLogging {
    /// Held so that the level stays: the JDK forgets loggers that nobody refers to.
    private static final Logger RATIS = Logger.getLogger("org.apache.ratis");

    /// These print stack traces of what a [VoterFailure] says in one line: a taken port, an entry that cannot be
    /// applied, a full disk.
    private static final List<Logger> SAID_BETTER = List.of(
            Logger.getLogger("org.apache.ratis.client"),
            Logger.getLogger("org.apache.ratis.grpc.server.GrpcServicesImpl"),
            Logger.getLogger("org.apache.ratis.server.RaftServer$Division"),
            Logger.getLogger("org.apache.ratis.util.LifeCycle"),
            Logger.getLogger("org.apache.ratis.server.impl.StateMachineUpdater"),
            Logger.getLogger("org.apache.ratis.server.raftlog.RaftLog"),
            Logger.getLogger("org.apache.ratis.server.raftlog.segmented.SegmentedRaftLogWorker"),
            Logger.getLogger("org.apache.ratis.server.raftlog.segmented.SegmentedRaftLogOutputStream"));

    private RaftLogging() {}

    /// Errors only. Ratis warns with a stack trace whenever a voter is down or closing; [Leadership] and
    /// [VoterFailure] say what matters of it.
    public static void quiet() {
        RATIS.setLevel(Level.SEVERE);
        SAID_BETTER.forEach(logger -> logger.setLevel(Level.OFF));
    }

    /// Everything Ratis tells by itself: elections, segments, configuration. For tracing one problem.
    public static void verbose() {
        RATIS.setLevel(Level.INFO);
        SAID_BETTER.forEach(logger -> logger.setLevel(Level.INFO));
    }
}
