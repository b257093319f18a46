package dev.muster.edge.node;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.agent.LocalAttempt.Phase;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Saved;
import dev.muster.core.state.Table;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// The node's attempts on disk, `<data>/jobs/<attempt>/attempt.json` with the working directory `work` beside it. Each
/// change is on the disk before it is acted on, so that after `kill -9` the next agent goes on where this one ended.
final class AttemptJournal {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptJournal.class);
    private static final String ENTRY = "attempt.json";

    private final Path jobs;
    private final InstantSource clock;
    private volatile Table<AttemptId, LocalAttempt> attempts = Table.empty();

    private AttemptJournal(Path jobs, InstantSource clock) {
        this.jobs = jobs;
        this.clock = clock;
    }

    /// Makes the directory if needed, and reads what is there. An entry that cannot be read is put aside: its process, if
    /// any, is then nobody's.
    static AttemptJournal open(Path jobs, InstantSource clock) throws IOException {
        Files.createDirectories(jobs);
        // Job specs may hold secrets in their environment.
        Files.setPosixFilePermissions(jobs, PosixFilePermissions.fromString("rwx------"));
        AttemptJournal journal = new AttemptJournal(jobs, clock);
        try (DirectoryStream<Path> dirs = Files.newDirectoryStream(jobs)) {
            for (Path dir : dirs) journal.read(dir);
        }
        return journal;
    }

    private void read(Path dir) throws IOException {
        String name = dir.getFileName().toString();
        if (name.endsWith(".broken")) return;
        try {
            LocalAttempt attempt = Wire.read(Files.readAllBytes(dir.resolve(ENTRY)), LocalAttempt.class);
            if (!attempt.id().toString().equals(name)) throw new IOException("it is the entry of " + attempt.id());
            attempts = attempts.with(attempt.id(), attempt);
        } catch (NoSuchFileException e) {
            delete(dir); // a crash before the entry was written, or while it was deleted
        } catch (IOException | JacksonException e) {
            LOG.error("journal.unreadable attempt={} reason=\"{}\" then=\"put aside\"", name, e.toString());
            Files.move(dir, dir.resolveSibling(name + "." + clock.millis() + ".broken"));
        }
    }

    Table<AttemptId, LocalAttempt> all() {
        return attempts;
    }

    Optional<LocalAttempt> find(AttemptId id) {
        return attempts.find(id);
    }

    /// The attempt's working directory; it exists once the attempt was prepared.
    Path work(AttemptId id) {
        return jobs.resolve(id.toString()).resolve("work");
    }

    /// How busy the node was while it ran, minute by minute.
    Path load(AttemptId id) {
        return jobs.resolve(id.toString()).resolve("load.csv");
    }

    /// @throws IOException when the entry could not be written; then the attempt has not begun
    synchronized void begin(AttemptId id, long token, JobSpec spec, Saved saved) throws IOException {
        put(new LocalAttempt(
                id,
                token,
                spec,
                Phase.PREPARING,
                clock.instant(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                saved));
    }

    synchronized void running(AttemptId id, long pid) throws IOException {
        LocalAttempt was = attempts.require(id);
        put(new LocalAttempt(
                id,
                was.token(),
                was.spec(),
                Phase.RUNNING,
                clock.instant(),
                OptionalLong.of(pid),
                Optional.empty(),
                Optional.empty(),
                was.saved()));
    }

    /// Nothing happens unless it is running.
    ///
    /// @return whether it is now to be stopped for this reason
    synchronized boolean stopping(AttemptId id, String why) throws IOException {
        LocalAttempt was = attempts.find(id).orElse(null);
        if (was == null || was.phase() != Phase.RUNNING) return false;
        put(new LocalAttempt(
                id,
                was.token(),
                was.spec(),
                Phase.STOPPING,
                clock.instant(),
                was.pid(),
                Optional.of(why),
                Optional.empty(),
                was.saved()));
        return true;
    }

    /// Nothing happens once it has ended.
    synchronized void saved(AttemptId id, Saved saved) throws IOException {
        LocalAttempt was = attempts.find(id).orElse(null);
        if (was != null && was.phase() != Phase.ENDED) put(was.with(saved));
    }

    synchronized void ended(AttemptId id, Attempt.Ending ending) throws IOException {
        LocalAttempt was = attempts.find(id).orElse(null);
        if (was == null) return;
        put(new LocalAttempt(
                id,
                was.token(),
                was.spec(),
                Phase.ENDED,
                clock.instant(),
                was.pid(),
                was.stopWhy(),
                Optional.of(ending),
                was.saved()));
    }

    synchronized void discard(AttemptId id) throws IOException {
        Path dir = jobs.resolve(id.toString());
        Files.deleteIfExists(dir.resolve(ENTRY)); // first: a directory without an entry is swept at the next start
        attempts = attempts.without(id);
        delete(dir);
    }

    private void put(LocalAttempt attempt) throws IOException {
        Path dir = Files.createDirectories(jobs.resolve(attempt.id().toString()));
        DataDir.replace(dir.resolve(ENTRY), Wire.bytes(attempt));
        if (!attempts.has(attempt.id())) DataDir.sync(jobs);
        attempts = attempts.with(attempt.id(), attempt);
    }

    /// Deletes a tree; symbolic links are deleted, not followed.
    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) return;
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException thrown) throws IOException {
                if (thrown != null) throw thrown;
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
