package dev.muster.edge.raft;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/// What Ratis, its gRPC and its Netty write into `java.util.logging`.
public final class RaftLogging {
    /// Held so that the levels stay: the JDK forgets loggers that nobody refers to.
    private static final List<Logger> RATIS = List.of(
            Logger.getLogger("org.apache.ratis"),
            Logger.getLogger("org.apache.ratis.thirdparty"),
            // Complain with a stack trace for each try to reach a voter that is down.
            Logger.getLogger("org.apache.ratis.grpc.server.GrpcLogAppender"),
            Logger.getLogger("org.apache.ratis.grpc.server.GrpcServerProtocolService"),
            Logger.getLogger("org.apache.ratis.server.impl.LeaderElection"),
            // Counts each closing of a follower's stream as an error.
            Logger.getLogger("org.apache.ratis.util.FileUtils"));

    private RaftLogging() {}

    /// Warnings and errors that somebody can act on; nothing about peers being down, which [Leadership] says better.
    public static void quiet() {
        RATIS.forEach(logger -> logger.setLevel(Level.SEVERE));
        RATIS.getFirst().setLevel(Level.WARNING);
    }

    /// Everything Ratis tells by itself: elections, segments, configuration. For tracing one problem.
    public static void verbose() {
        RATIS.forEach(logger -> logger.setLevel(Level.INFO));
    }
}
