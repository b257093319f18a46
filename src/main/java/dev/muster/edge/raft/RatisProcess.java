package dev.muster.edge.raft;

import org.apache.ratis.util.ExitUtils;

/// What Ratis does to the whole process, undone.
final class RatisProcess {
    /// Netty sizes its pools by the number of cores; a voter moves little and must fit a small process.
    private static final String NETTY = "org.apache.ratis.thirdparty.io.netty.";

    private RatisProcess() {}

    /// Ratis ends the process when a port is taken, and takes over the uncaught exceptions of every thread in the
    /// program to end it for those as well.
    static synchronized void tame() {
        // Event loops shared by the process, not the voter's own: those take two seconds to close.
        suggest("eventLoopThreads", "2");
        suggest("allocator.numDirectArenas", "2");
        suggest("allocator.numHeapArenas", "1");
        Redirects.install();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        ExitUtils.setTerminateOnUncaughtException(false);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    private static void suggest(String setting, String value) {
        if (System.getProperty(NETTY + setting) == null) System.setProperty(NETTY + setting, value);
    }
}
