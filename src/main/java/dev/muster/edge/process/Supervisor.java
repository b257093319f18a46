package dev.muster.edge.process;

import dev.muster.edge.process.ProcessState.Lost;
import dev.muster.edge.process.ProcessState.Starting;
import dev.muster.edge.process.ProcessState.Why;
import dev.muster.edge.process.StartResult.Refused;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts processes that outlive this JVM, finds them again, stops them, and tells how they ended.
///
/// The journal is on the disk before a process starts, so after `kill -9` of the agent at any moment the next
/// [#open(Path)] knows each attempt: running as before, ended with its status, or certainly never started. Nothing is
/// started twice. One supervisor at a time per directory: hold a [DataDirLock].
///
/// Thread-safe. Closing leaves all processes running.
public final class Supervisor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    private final Path attempts;
    private final ProcessLimits limits;
    private final Starter starter;
    private final String bootId;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition woken = lock.newCondition();
    private final SortedMap<String, Known> known = new TreeMap<>();
    private long revision;
    private boolean closed;
    private @Nullable Thread poller;

    /// All states at one moment.
    ///
    /// @param revision grows with each change of any state
    public record Snapshot(long revision, SortedMap<String, ProcessState> states) {}

    /// Guarded by `lock`. `attempt` is null where the journal entry cannot be read.
    private static final class Known {
        private final @Nullable Attempt attempt;
        private ProcessState state;
        private @Nullable Stop stop;

        private Known(@Nullable Attempt attempt, ProcessState state) {
            this.attempt = attempt;
            this.state = state;
        }
    }

    private Supervisor(Path attempts, ProcessLimits limits, Starter starter, String bootId) {
        this.attempts = attempts;
        this.limits = limits;
        this.starter = starter;
        this.bootId = bootId;
    }

    /// As [#open(Path, ProcessLimits)] with [ProcessLimits#defaults()].
    public static Supervisor open(Path dir) throws IOException {
        return open(dir, ProcessLimits.defaults());
    }

    /// Makes the directory if needed and finds again what it holds. When this returns, all states are known.
    ///
    /// @throws IOException the directory cannot be made or read
    public static Supervisor open(Path dir, ProcessLimits limits) throws IOException {
        return open(dir, limits, Tools.defaultPath());
    }

    static Supervisor open(Path dir, ProcessLimits limits, String toolsPath) throws IOException {
        Path attempts = Files.createDirectories(dir.toAbsolutePath()).resolve("attempts");
        makePrivate(attempts);
        Disk.forceDirectory(dir);
        Tools tools = Tools.install(dir.toAbsolutePath(), toolsPath);
        String bootId = tools.missing().isEmpty() ? ProcTable.bootId() : "unknown";
        Supervisor supervisor = new Supervisor(attempts, limits, new Starter(attempts, limits, tools, bootId), bootId);
        supervisor.findAgain();
        supervisor.poller = Thread.ofVirtual().name("muster-processes").start(supervisor::poll);
        return supervisor;
    }

    /// Output and command lines are nobody else's business.
    private static void makePrivate(Path dir) throws IOException {
        Files.createDirectories(dir);
        if (Files.getFileStore(dir).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private void findAgain() throws IOException {
        try (DirectoryStream<Path> dirs = Files.newDirectoryStream(attempts)) {
            for (Path dir : dirs) {
                if (dir.getFileName().toString().startsWith(".")) {
                    Disk.deleteTree(dir);
                } else {
                    known.put(dir.getFileName().toString(), findAgain(new AttemptDir(dir)));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private Known findAgain(AttemptDir dir) {
        try {
            Attempt attempt = new Attempt(dir, dir.entry(), limits.drain(), null);
            attempt.settleStart(bootId);
            return new Known(attempt, attempt.look(bootId));
        } catch (IOException | RuntimeException e) {
            LOG.warn("journal_unreadable key={}", dir.key(), e);
            return new Known(null, new Lost(Why.UNREADABLE, String.valueOf(e.getMessage())));
        }
    }

    /// Starts the command in a session of its own, once per key. Blocks for the milliseconds until its shim reports,
    /// at most [ProcessLimits#claim()].
    ///
    /// @throws InterruptedException the start itself goes on
    public StartResult start(ProcessSpec spec) throws InterruptedException {
        String key = spec.key();
        Optional<Refused> refusal = starter.refusal(spec);
        lock.lock();
        try {
            Known before = known.get(key);
            if (before != null) {
                return new StartResult.AlreadyKnown(before.state);
            }
            if (refusal.isPresent()) {
                return refusal.get();
            }
            known.put(key, new Known(null, new Starting()));
        } finally {
            lock.unlock();
        }
        boolean entered = false;
        try {
            StartResult result = startReserved(spec);
            entered = !(result instanceof Refused);
            return result;
        } catch (InterruptedException e) {
            entered = true;
            throw e;
        } finally {
            if (!entered) {
                withdraw(key);
            }
        }
    }

    private StartResult startReserved(ProcessSpec spec) throws InterruptedException {
        return switch (starter.start(spec, this::wake)) {
            case Starter.Spawn.No no -> no.refusal();
            case Starter.Spawn.Shim shim -> {
                enter(spec.key(), shim.attempt());
                yield awaitStart(shim.attempt());
            }
        };
    }

    private void enter(String key, Attempt attempt) {
        lock.lock();
        try {
            known.put(key, new Known(attempt, new Starting()));
            publish();
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Looks often: a shim reports within milliseconds.
    private StartResult awaitStart(Attempt attempt) throws InterruptedException {
        long giveUpAt = System.nanoTime() + limits.claim().toNanos();
        ProcessState state = look(attempt);
        while (state instanceof Starting && System.nanoTime() < giveUpAt) {
            TimeUnit.MILLISECONDS.sleep(2);
            state = look(attempt);
        }
        return state instanceof Lost lost && lost.why() == Why.NEVER_STARTED
                ? starter.spawnRefusal(attempt.dir(), "its shim ended before it claimed the start")
                : new StartResult.Started(state);
    }

    private void withdraw(String key) {
        lock.lock();
        try {
            known.remove(key);
            publish();
        } finally {
            lock.unlock();
        }
    }

    /// Ends all processes of the attempt: SIGTERM now, SIGKILL after `grace`. Returns at once; the state tells when
    /// it is done. Asking again is harmless and can shorten the grace. Also ends what a command left behind after
    /// its own end. A stop is not remembered through a restart of the agent: ask again.
    ///
    /// @return false if there is no such attempt, or its [#start(ProcessSpec)] has not got as far as its journal
    ///         entry
    public boolean stop(String key, Duration grace) {
        lock.lock();
        try {
            Known it = known.get(key);
            if (it == null || it.attempt == null) {
                return it != null && it.state.ended();
            }
            if (it.stop != null) {
                it.stop.hurry(grace);
                return true;
            }
            Stop stop = new Stop(it.attempt, bootId, grace);
            it.stop = stop;
            Thread.ofVirtual().name("muster-stop-" + key).start(() -> {
                stop.run();
                stopped(key, stop);
            });
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void stopped(String key, Stop stop) {
        lock.lock();
        try {
            Known it = known.get(key);
            if (it != null && it.stop == stop) {
                it.stop = null;
            }
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// All attempts that were started and not forgotten, by key.
    public Snapshot states() {
        lock.lock();
        try {
            SortedMap<String, ProcessState> states = new TreeMap<>();
            known.forEach((key, it) -> states.put(key, it.state));
            return new Snapshot(revision, states);
        } finally {
            lock.unlock();
        }
    }

    /// Empty if it was never started here, or was forgotten.
    public Optional<ProcessState> state(String key) {
        lock.lock();
        try {
            return Optional.ofNullable(known.get(key)).map(it -> it.state);
        } finally {
            lock.unlock();
        }
    }

    /// Waits until the revision is above `revisionSeen`, at most `timeout`, and returns what there is then.
    public Snapshot awaitChange(long revisionSeen, Duration timeout) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = timeout.toNanos();
            while (revision <= revisionSeen && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            return states();
        } finally {
            lock.unlock();
        }
    }

    /// Deletes the files of an attempt that ended, output and status included: only after both were handed over.
    ///
    /// @return false, and nothing is deleted, while it has not ended or something that it started is still there;
    ///         [#stop(String, Duration)] ends that. True if nothing is left of it, also when it was never there
    public boolean forget(String key) throws IOException {
        lock.lock();
        try {
            Known it = known.get(key);
            if (it == null) {
                return true;
            }
            if (!it.state.ended() || (it.attempt != null && it.attempt.anythingAlive(bootId))) {
                return false;
            }
            new AttemptDir(attempts.resolve(key)).delete();
            known.remove(key);
            publish();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Where the attempt's own files are, output for the most part. It may be gone.
    public Path directory(String key) {
        return attempts.resolve(key);
    }

    /// Deletes the output of an attempt that ended, but for its last bytes. Offsets stay true.
    ///
    /// @throws IOException when it cannot; then there may be more output than asked for, and none is wrong
    public void keepTail(String key, long bytes) throws IOException {
        if (state(key).filter(ProcessState::ended).isPresent()) LogTail.keep(directory(key), bytes);
    }

    /// How many processes the attempt has now, without its shim and log writer; 0 if there is no such attempt.
    public int processCount(String key) throws IOException {
        return processCounts().getOrDefault(key, 0);
    }

    /// The same for all attempts that have any, from one look at the process table.
    public SortedMap<String, Integer> processCounts() throws IOException {
        Census census = Census.take();
        SortedMap<String, Integer> counts = new TreeMap<>();
        for (Map.Entry<String, Attempt> it : readable().entrySet()) {
            int count = it.getValue().members(census, bootId).size();
            if (count > 0) {
                counts.put(it.getKey(), count);
            }
        }
        return counts;
    }

    private Map<String, Attempt> readable() {
        lock.lock();
        try {
            Map<String, Attempt> readable = new TreeMap<>();
            known.forEach((key, it) -> {
                if (it.attempt != null) {
                    readable.put(key, it.attempt);
                }
            });
            return readable;
        } finally {
            lock.unlock();
        }
    }

    /// Reads the output of any attempt here.
    public LogReader logs() {
        return new LogReader(attempts);
    }

    private void poll() {
        while (true) {
            lock.lock();
            try {
                boolean waitForEver = known.values().stream().allMatch(it -> it.attempt == null || it.state.ended());
                if (closed) {
                    return;
                }
                if (waitForEver) {
                    woken.await();
                } else {
                    woken.awaitNanos(limits.poll().toNanos());
                }
            } catch (InterruptedException _) {
                return;
            } finally {
                lock.unlock();
            }
            readable().values().forEach(this::look);
        }
    }

    /// Looks and publishes what is new. States only move forward, whoever looks first.
    private ProcessState look(Attempt attempt) {
        String key = attempt.dir().key();
        ProcessState before = state(key).orElse(new Starting());
        if (before.ended()) {
            return before;
        }
        ProcessState now;
        try {
            now = attempt.look(bootId);
        } catch (NoSuchFileException _) {
            return before;
        } catch (IOException | RuntimeException e) {
            if (attempt.firstComplaint()) {
                LOG.warn("look_failed key={}", key, e);
            }
            return before;
        }
        lock.lock();
        try {
            Known it = known.get(key);
            if (it == null || it.attempt != attempt || it.state.ended() || now instanceof Starting) {
                return it == null ? now : it.state;
            }
            if (!it.state.equals(now)) {
                it.state = now;
                publish();
            }
            return it.state;
        } finally {
            lock.unlock();
        }
    }

    /// Under the lock.
    private void publish() {
        revision++;
        changed.signalAll();
    }

    private void wake() {
        lock.lock();
        try {
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Stops looking. Processes run on; a stop under way goes on as long as this JVM.
    @Override
    public void close() {
        Thread poll = poller;
        lock.lock();
        try {
            closed = true;
            woken.signalAll();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (poll != null) {
            try {
                poll.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
