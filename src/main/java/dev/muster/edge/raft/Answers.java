package dev.muster.edge.raft;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The thread on which a voter's futures complete, in order. Ratis completes its own while it holds the locks of its
/// server, so that whoever goes on from there with another proposal may wait for himself.
final class Answers {
    private Answers() {}

    /// Ends by itself a second after its last answer, so nobody has to close it and lose one.
    static Executor thread(String voter) {
        ThreadPoolExecutor thread = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("raft-answers-" + voter).factory());
        thread.allowCoreThreadTimeOut(true);
        return thread;
    }
}
