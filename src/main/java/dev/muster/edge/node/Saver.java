package dev.muster.edge.node;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.agent.LocalAttempt.Phase;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Saved;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Sync;
import dev.muster.core.state.Table;
import dev.muster.edge.artifact.Draft;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.snapshot.Look;
import dev.muster.edge.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Saves what attempts declare, while they run and once more when they end: changed files go into the store, and what is
/// saved into the journal, from where the cluster is told. One attempt at a time, so that a node copies one file at a time.
///
/// What cannot be saved is tried again with the next look. A path is given up when its file was not there at two looks in a
/// row: many programs delete a file before they write it anew.
final class Saver implements AutoCloseable {
    /// Of one save; what does not fit waits for the next one.
    private static final long BYTES_MAX = 8L << 30;
    /// To a file that is being written to, within one save.
    private static final int TRIES = 3;

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LOOK = Duration.ofSeconds(1);
    /// Files that are named in an attempt's note.
    private static final int TOLD = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Saver.class);

    private final AttemptJournal journal;
    private final Artifacts artifacts;
    private final Room room;
    private final Runnable changed;
    private final Map<AttemptId, Watched> watched = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Thread thread = Thread.ofVirtual().name("saver").unstarted(this::run);

    /// What this agent knows of an attempt's files; another one looks at all of them anew.
    private static final class Watched {
        private long nextNanos;
        private final Map<String, Known> known = new HashMap<>();
        private final Map<String, Snapshot.Beginning> beginnings = new HashMap<>();
        private final Set<String> absent = new HashSet<>();
        private final Map<String, String> troubles = new TreeMap<>();
    }

    private record Known(Look look, Sha256 sha) {}

    /// One save under way.
    private static final class Save {
        private final LocalAttempt attempt;
        private final Watched watched;
        private final Map<String, String> troubles = new TreeMap<>();
        private Table<String, Attempt.Stored> files;
        private long bytes;
        private int stored;

        Save(LocalAttempt attempt, Watched watched) {
            this.attempt = attempt;
            this.watched = watched;
            this.files = attempt.saved().files();
        }
    }

    /// @param changed told after each save that found something
    Saver(AttemptJournal journal, Artifacts artifacts, Room room, Runnable changed) {
        this.journal = journal;
        this.artifacts = artifacts;
        this.room = room;
        this.changed = changed;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(LOOK);
                try {
                    look();
                } catch (RuntimeException e) {
                    LOG.error("saver.broken", e);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    private void look() throws InterruptedException {
        Table<AttemptId, LocalAttempt> attempts = journal.all();
        for (LocalAttempt attempt : attempts.values()) {
            if (attempt.spec().sync().isPresent() && runs(attempt)) periodic(attempt.id());
        }
        lock.lock();
        try {
            watched.keySet().removeIf(id -> !attempts.has(id));
        } finally {
            lock.unlock();
        }
    }

    private static boolean runs(LocalAttempt attempt) {
        return attempt.phase() == Phase.RUNNING || attempt.phase() == Phase.STOPPING;
    }

    private void periodic(AttemptId id) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            LocalAttempt attempt = journal.find(id).filter(Saver::runs).orElse(null);
            if (attempt == null) return;
            Duration every = attempt.spec().sync().orElseThrow().every();
            Watched of = watched.computeIfAbsent(id, first -> new Watched());
            long now = System.nanoTime();
            if (of.nextNanos == 0) of.nextNanos = now + every.toNanos();
            if (now - of.nextNanos < 0) return;
            of.nextNanos = now + every.toNanos();
            if (room.closed().isPresent())
                told(attempt, of, Map.of("all", room.closed().get()));
            else save(attempt, of, false);
        } finally {
            lock.unlock();
        }
    }

    /// Once more, after its process has ended.
    ///
    /// @return what could not be saved, and why
    Optional<String> last(AttemptId id) {
        LocalAttempt attempt = journal.find(id).orElse(null);
        if (attempt == null || attempt.spec().sync().isEmpty()) return Optional.empty();
        lock.lock();
        try {
            Watched of = watched.computeIfAbsent(id, first -> new Watched());
            save(journal.find(id).orElse(attempt), of, true);
            if (of.troubles.isEmpty()) return Optional.empty();
            List<String> told = of.troubles.entrySet().stream()
                    .limit(TOLD)
                    .map(trouble -> trouble.getKey() + " (" + trouble.getValue() + ")")
                    .toList();
            int more = of.troubles.size() - told.size();
            return Optional.of("not saved: " + String.join(", ", told) + (more > 0 ? " and " + more + " more" : ""));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("not saved: this node stops");
        } finally {
            lock.unlock();
        }
    }

    private void save(LocalAttempt attempt, Watched of, boolean last) throws InterruptedException {
        long start = System.nanoTime();
        Save save = new Save(attempt, of);
        try {
            Sync sync = attempt.spec().sync().orElseThrow();
            SyncFiles found = SyncFiles.in(journal.work(attempt.id()), sync.pattern(), Saved.FILES_MAX);
            found.trouble().ifPresent(why -> save.troubles.put("some", why));
            for (Map.Entry<String, Path> file : ordered(found.files(), of)) one(save, file.getKey(), file.getValue());
            absent(save, found.files().keySet(), last);
            keep(save, start);
        } catch (IOException e) {
            save.troubles.put("all", e.toString());
        }
        told(attempt, of, save.troubles);
    }

    /// What was left over at the last save comes first in this one.
    private static List<Map.Entry<String, Path>> ordered(Map<String, Path> files, Watched of) {
        List<Map.Entry<String, Path>> first = new ArrayList<>();
        List<Map.Entry<String, Path>> then = new ArrayList<>();
        for (Map.Entry<String, Path> file : files.entrySet())
            (of.troubles.containsKey(file.getKey()) ? first : then).add(file);
        first.addAll(then);
        return first;
    }

    private void one(Save save, String path, Path file) throws InterruptedException {
        try {
            Look look = Look.at(file);
            Known known = save.watched.known.get(path);
            boolean same = known != null && known.look().equals(look) && artifacts.has(known.sha());
            if (same) return;
            if (look.bytes() > BYTES_MAX) {
                save.troubles.put(path, "it has " + new Bytes(look.bytes()) + ", more than " + new Bytes(BYTES_MAX));
            } else if (save.bytes + look.bytes() > BYTES_MAX) {
                save.troubles.put(path, "it waits for the next save");
            } else {
                take(save, path, file, look.bytes());
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} has gone", path, e);
        } catch (IOException e) {
            save.troubles.put(path, String.valueOf(e.getMessage()));
        }
    }

    private void take(Save save, String path, Path file, long bytes) throws IOException, InterruptedException {
        Optional<Snapshot.Beginning> before = Optional.ofNullable(save.watched.beginnings.get(path));
        for (int tries = 1; ; tries++) {
            try (Draft draft = artifacts.draft(bytes)) {
                switch (Snapshot.take(file, draft.path(), before)) {
                    case Snapshot.Result.Taken taken -> {
                        taken(save, path, draft.keep(), taken);
                        return;
                    }
                    case Snapshot.Result.Changing(String why, Snapshot.Beginning beginning) -> {
                        if (tries < TRIES) break;
                        save.watched.beginnings.put(path, beginning);
                        save.troubles.put(path, why);
                        return;
                    }
                }
            }
            Thread.sleep(PAUSE);
        }
    }

    private void taken(Save save, String path, PutResult.Stored stored, Snapshot.Result.Taken taken) {
        Sha256 sha = new Sha256(stored.sha256().hex());
        artifacts.arrived(sha);
        save.watched.known.put(path, new Known(taken.look(), sha));
        taken.beginning().ifPresent(beginning -> save.watched.beginnings.put(path, beginning));
        save.files = save.files.with(path, new Attempt.Stored(path, sha, stored.size()));
        save.bytes += stored.size();
        save.stored++;
    }

    /// What is missing for the first time stays, unless there is no room for it beside what is there.
    private static void absent(Save save, Set<String> found, boolean last) {
        Set<String> missing = new TreeSet<>(save.files.keys());
        missing.removeAll(found);
        for (String path : missing) {
            boolean stays = !save.watched.absent.contains(path) && save.files.size() <= Saved.FILES_MAX;
            if (stays) continue;
            save.files = save.files.without(path);
            save.watched.known.remove(path);
        }
        save.watched.absent.clear();
        if (!last) save.watched.absent.addAll(missing);
    }

    private void keep(Save save, long start) throws IOException {
        LocalAttempt attempt = save.attempt;
        if (save.files.equals(attempt.saved().files())) return;
        journal.saved(attempt.id(), attempt.saved().next(save.files, Instant.now()));
        LOG.info(
                "attempt.saved attempt={} files={} bytes={} ms={}",
                attempt.id(),
                save.stored,
                save.bytes,
                (System.nanoTime() - start) / 1_000_000);
        changed.run();
    }

    /// Each trouble when it is new.
    private static void told(LocalAttempt attempt, Watched of, Map<String, String> troubles) {
        troubles.forEach((path, why) -> {
            if (!why.equals(of.troubles.get(path)))
                LOG.warn(
                        "attempt.not-saved attempt={} file={} reason=\"{}\" then=\"tried again\"",
                        attempt.id(),
                        path,
                        why);
        });
        of.troubles.clear();
        of.troubles.putAll(troubles);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
