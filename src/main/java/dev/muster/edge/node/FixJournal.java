package dev.muster.edge.node;

import dev.muster.core.check.LocalFix;
import dev.muster.core.state.Table;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// The fixes that this node has begun: a file each, written before the fix is begun, so that none is done twice.
final class FixJournal {
    private static final Logger LOG = LoggerFactory.getLogger(FixJournal.class);

    private final Path folder;
    private volatile Table<Long, LocalFix> all = Table.empty();

    private FixJournal(Path folder) {
        this.folder = folder;
    }

    static FixJournal open(Path folder) throws IOException {
        Files.createDirectories(folder);
        FixJournal journal = new FixJournal(folder);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) journal.read(file);
        }
        return journal;
    }

    /// What cannot be read is left alone: the leader gives the fix up after a while.
    private void read(Path file) throws IOException {
        try {
            LocalFix fix = Wire.read(Files.readAllBytes(file), LocalFix.class);
            all = all.with(fix.token(), fix);
        } catch (JacksonException e) {
            LOG.warn("fix.journal-unreadable file={} reason=\"{}\"", file, e.getOriginalMessage());
        }
    }

    Table<Long, LocalFix> all() {
        return all;
    }

    /// Returns once it lasts.
    synchronized void write(LocalFix fix) throws IOException {
        DataDir.replace(file(fix.token()), Wire.bytes(fix));
        all = all.with(fix.token(), fix);
    }

    synchronized void discard(long token) throws IOException {
        Files.deleteIfExists(file(token));
        all = all.without(token);
    }

    private Path file(long token) {
        return folder.resolve(token + ".json");
    }
}
