package dev.muster.edge.raft;

import org.apache.ratis.util.ExitUtils;

/// What Ratis does to the whole process, undone.
final class RatisProcess {
    /// Netty sizes its pools by the number of cores; a voter moves little and must fit a small process.
    private static final String NETTY = "org.apache.ratis.thirdparty.io.netty.";

    private RatisProcess() {}

    /// Ratis ends the process when a port is taken, and takes over the uncaught exceptions of every thread in the program to end it
    /// for those as well.
    static synchronized void tame() {
        if (System.getProperty(NETTY + "allocator.numDirectArenas") == null) {
            System.setProperty(NETTY + "allocator.numDirectArenas", "2");
            System.setProperty(NETTY + "allocator.numHeapArenas", "1");
        }
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        ExitUtils.setTerminateOnUncaughtException(false);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }
}
