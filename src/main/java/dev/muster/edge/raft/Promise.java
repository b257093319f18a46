package dev.muster.edge.raft;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The term in which this voter promised something last, for a full disk: there Ratis puts an empty file in the place of
/// `raft-meta`, its record of term and vote, and the vote is forgotten. A few bytes are reserved here while there is room;
/// a voter that stops writes its term into them, in place, and the next one begins in that term with its vote given away.
final class Promise {
    static final String FILE = "promise";
    private static final long NONE = -1;
    private static final String META = "raft-meta";
    private static final Logger LOG = LoggerFactory.getLogger(Promise.class);

    private final Path meta;
    private final Path file;

    private Promise(Path meta, Path file) {
        this.meta = meta;
        this.file = file;
    }

    /// Mends the record if need be, before Ratis reads it.
    ///
    /// @param current the directory that holds `raft-meta`
    /// @throws VoterFailure the record is lost, and nobody wrote down the term
    static Promise open(Path voterDir, Path current, String self) throws IOException, VoterFailure {
        Path meta = current.resolve(META);
        Path file = voterDir.resolve(FILE);
        if (lost(meta)) {
            long term = read(file);
            if (term == NONE)
                throw VoterFailure.damaged(
                        voterDir, meta, "expected a term and a vote in " + meta + ", found neither", null);
            mend(meta, term, self);
            LOG.warn("raft.vote-forgotten voter={} term={} then=\"votes for nobody else in it\"", self, term);
        }
        Promise promise = new Promise(meta, file);
        promise.write(NONE); // what it said is in the record now, and would be too old the next time
        return promise;
    }

    private static boolean lost(Path meta) throws IOException {
        return Files.exists(meta) && !Files.readString(meta).contains("term=");
    }

    private static long read(Path file) throws IOException {
        try {
            String text = Files.readString(file).strip();
            return text.matches("\\d{1,18}") ? Long.parseLong(text) : NONE;
        } catch (NoSuchFileException e) {
            return NONE;
        }
    }

    private static void mend(Path meta, long term, String self) throws IOException {
        Properties record = new Properties();
        record.setProperty("term", Long.toString(term));
        record.setProperty("votedFor", self);
        Path fresh = meta.resolveSibling(META + ".mended");
        try (OutputStream out = Files.newOutputStream(fresh)) {
            record.store(out, null);
        }
        SnapshotFile.sync(fresh);
        Files.move(fresh, meta, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        SnapshotFile.sync(meta.getParent());
    }

    /// Called once Ratis writes no more.
    ///
    /// @param term no lower than any in which this voter has promised something
    void keep(long term) throws IOException {
        if (lost(meta)) write(term);
    }

    private void write(long term) throws IOException {
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(String.format("%-31d%n", term));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) channel.write(bytes, bytes.position());
            channel.force(true);
        }
    }
}
