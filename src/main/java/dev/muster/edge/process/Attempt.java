package dev.muster.edge.process;

import dev.muster.edge.process.AttemptDir.Claim;
import dev.muster.edge.process.ProcessState.Exited;
import dev.muster.edge.process.ProcessState.Lost;
import dev.muster.edge.process.ProcessState.Running;
import dev.muster.edge.process.ProcessState.Starting;
import dev.muster.edge.process.ProcessState.Why;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One attempt as this agent knows it: its files, and what it takes to tell its state from them.
final class Attempt {
    private final AttemptDir dir;
    private final AttemptDir.Entry entry;
    private final Duration drain;

    /// The shim where this agent started it; null where it found it again.
    private final @Nullable Process child;

    private volatile long exitSeenNanos;
    private volatile boolean exitSeen;
    private final AtomicBoolean complained = new AtomicBoolean();

    Attempt(AttemptDir dir, AttemptDir.Entry entry, Duration drain, @Nullable Process child) {
        this.dir = dir;
        this.entry = entry;
        this.drain = drain;
        this.child = child;
    }

    AttemptDir dir() {
        return dir;
    }

    /// True once: the first trouble with looking at it is worth a line in the log, the same one four times a second
    /// is not.
    boolean firstComplaint() {
        return complained.compareAndSet(false, true);
    }

    /// After a restart of the agent. No shim that still comes will start anything, unless it has already claimed.
    void settleStart(String bootId) throws IOException {
        if (entry.bootId().equals(bootId)) {
            preventStart();
        }
    }

    /// What the files and the process table say now.
    ProcessState look(String bootId) throws IOException {
        Optional<Claim> claim = dir.claim();
        if (claim.isEmpty()) {
            return lookUnclaimed(bootId);
        }
        return switch (claim.get()) {
            case Claim.Agent() ->
                new Lost(Why.NEVER_STARTED, "the agent stopped before " + entry.key() + " was started");
            case Claim.Shim shim -> lookClaimed(shim, bootId);
        };
    }

    private ProcessState lookUnclaimed(String bootId) throws IOException {
        if (!entry.bootId().equals(bootId)) {
            return rebooted();
        }
        if (child == null || child.isAlive()) {
            return new Starting();
        }
        dir.claimForAgent();
        return look(bootId);
    }

    private ProcessState lookClaimed(Claim.Shim shim, String bootId) throws IOException {
        Optional<Exited> exit = dir.exit();
        if (exit.isEmpty() && !shim.bootId().equals(bootId)) {
            return rebooted();
        }
        boolean shimAlive = ProcTable.alive(shim.process()) && shim.bootId().equals(bootId);
        if (exit.isEmpty() && !shimAlive) {
            // It may have written its status between our two looks.
            exit = dir.exit();
        }
        if (exit.isPresent()) {
            return shimAlive && draining() ? running(shim) : durable(exit.get());
        }
        // Without its shim the command goes on, only its status will not be known.
        if (shimAlive || !Census.take().members(session(shim)).isEmpty()) {
            return running(shim);
        }
        return new Lost(
                Why.VANISHED,
                "expected an exit status of " + entry.key() + " from its shim with pid "
                        + shim.process().pid()
                        + ", but found neither; it was killed from outside, or for want of memory");
    }

    /// The shim lives on while something holds the output open; for a moment that is the command's own last output.
    private boolean draining() {
        if (!exitSeen) {
            exitSeenNanos = System.nanoTime();
            exitSeen = true;
        }
        return System.nanoTime() - exitSeenNanos < drain.toNanos();
    }

    /// The shim renames the status into place; only a forced directory keeps that name through a power cut.
    private Exited durable(Exited exit) throws IOException {
        Disk.forceDirectory(dir.path());
        return exit;
    }

    private Lost rebooted() {
        return new Lost(Why.REBOOTED, "the machine started anew while " + entry.key() + " was starting or running");
    }

    private Running running(Claim.Shim shim) {
        return new Running(shim.process().pid(), shim.at());
    }

    /// What the command started and is still there; without shim and log writer.
    List<ProcTable.Proc> members(Census census, String bootId) throws IOException {
        return dir.claim().orElse(null) instanceof Claim.Shim shim
                        && shim.bootId().equals(bootId)
                ? census.members(session(shim))
                : List.of();
    }

    /// A shim that has not claimed its start will not.
    void preventStart() throws IOException {
        if (dir.claim().isEmpty()) {
            dir.claimForAgent();
        }
    }

    /// The shim lives and the command has not ended: it may be about to start it.
    boolean mayStartMore(String bootId) throws IOException {
        return dir.claim().orElse(null) instanceof Claim.Shim shim
                && shim.bootId().equals(bootId)
                && dir.exit().isEmpty()
                && ProcTable.alive(shim.process());
    }

    /// Is its shim there, or anything that the command started?
    boolean anythingAlive(String bootId) throws IOException {
        return dir.claim().orElse(null) instanceof Claim.Shim shim
                && shim.bootId().equals(bootId)
                && (ProcTable.alive(shim.process())
                        || !Census.take().members(session(shim)).isEmpty());
    }

    private Census.Session session(Claim.Shim shim) throws IOException {
        return new Census.Session(entry.marker(), shim.process(), dir.job());
    }
}
