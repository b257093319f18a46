package dev.muster.edge.process;

import dev.muster.edge.process.ProcTable.Identity;
import dev.muster.edge.process.ProcTable.Proc;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends what an attempt started: SIGTERM once, to each process there is, and after the grace period SIGKILL until none is
/// left. What a job starts in order to clean up is left alone meanwhile: only what was there at the first look is asked, also
/// if it was known as the job's only later, because it was in the middle of an exec. The shim then keeps the status as it always
/// does.
final class Stop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Stop.class);

    /// How often we look for processes still there.
    private static final Duration LOOK = Duration.ofMillis(50);

    /// In the middle of an exec a process has no environment to know it by: one look that finds none may be wrong.
    private static final int LOOKS_WITHOUT = 2;

    /// A process that SIGKILL does not end in this time hangs in the kernel (a dead disk or GPU); a person must look.
    private static final Duration KILL_MAX = Duration.ofSeconds(30);

    private final Attempt attempt;
    private final String bootId;
    private volatile long killAtNanos;

    Stop(Attempt attempt, String bootId, Duration grace) {
        this.attempt = attempt;
        this.bootId = bootId;
        this.killAtNanos = System.nanoTime() + grace.toNanos();
    }

    /// Asking again can only shorten the grace.
    void hurry(Duration grace) {
        long sooner = System.nanoTime() + grace.toNanos();
        if (sooner - killAtNanos < 0) {
            killAtNanos = sooner;
        }
    }

    @Override
    public void run() {
        try {
            endAll();
        } catch (NoSuchFileException _) {
            // Forgotten meanwhile: there was nothing left to stop.
        } catch (IOException e) {
            LOG.warn("stop_failed key={}", attempt.dir().key(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void endAll() throws IOException, InterruptedException {
        attempt.preventStart();
        Set<Identity> unasked = new HashSet<>();
        boolean looked = false;
        int looksWithout = 0;
        while (looksWithout < LOOKS_WITHOUT) {
            Census census = Census.take();
            List<Proc> members = attempt.members(census, bootId);
            looksWithout = members.isEmpty() && !attempt.mayStartMore(bootId) ? looksWithout + 1 : 0;
            long late = System.nanoTime() - killAtNanos;
            if (late > KILL_MAX.toNanos()) {
                LOG.error("stop_gave_up key={} pids={}", attempt.dir().key(), pids(members));
                return;
            }
            if (!looked && !members.isEmpty()) {
                unasked = census.identities();
                looked = true;
            }
            for (Proc member : members) {
                if (late >= 0) {
                    signal(member, true);
                } else if (unasked.remove(member.identity())) {
                    signal(member, false);
                }
            }
            Thread.sleep(LOOK);
        }
    }

    private static List<Long> pids(List<Proc> procs) {
        return procs.stream().map(Proc::pid).toList();
    }

    /// The handle remembers when its process started and signals no other; we check that it is the one we mean.
    private static void signal(Proc proc, boolean kill) throws IOException {
        Optional<ProcessHandle> handle = ProcessHandle.of(proc.pid());
        boolean same = ProcTable.alive(proc.identity());
        if (handle.isPresent() && same) {
            if (kill) {
                handle.get().destroyForcibly();
            } else {
                handle.get().destroy();
            }
        }
    }
}
