package dev.muster.edge.node;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Traces;
import dev.muster.edge.artifact.Draft;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.process.LogReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is kept of an attempt when its machine goes: its output, beginning and end, and how busy the node was. It is put into
/// this node's store, from where others fetch a copy as of all that is saved.
final class Evidence {
    /// Where a program says what it is, with which settings, on which card.
    static final int HEAD_BYTES = 256 << 10;
    /// As much as is looked at for the cause of a failure.
    static final int TAIL_BYTES = 1 << 20;

    private static final int PART_BYTES = 64 << 10;

    private final AttemptJournal journal;
    private final Artifacts artifacts;
    private final Room room;

    /// @param missing why not all is kept; empty when it is
    record Kept(List<Attempt.Stored> files, Optional<String> missing) {
        static final Kept NOTHING = new Kept(List.of(), Optional.empty());

        Kept {
            files = List.copyOf(files);
        }
    }

    Evidence(AttemptJournal journal, Artifacts artifacts, Room room) {
        this.journal = journal;
        this.artifacts = artifacts;
        this.room = room;
    }

    /// Of a job that wants to be watched, and of a run's; thousands of tasks that are nobody's concern leave none.
    static boolean wanted(LocalAttempt attempt) {
        return attempt.spec().watch().isPresent() || attempt.spec().run().isPresent();
    }

    static String loadName(AttemptId id) {
        return "logs/" + id + ".load.csv";
    }

    /// Whatever can be kept; a full disk ends no attempt in another way.
    ///
    /// @param key of its process, which has ended
    Kept keep(LocalAttempt attempt, String key, LogReader logs, Redaction redaction) {
        if (!wanted(attempt)) return Kept.NOTHING;
        if (room.closed().isPresent())
            return new Kept(
                    List.of(),
                    Optional.of("its output is not kept: " + room.closed().get()));
        List<Attempt.Stored> files = new ArrayList<>();
        try {
            output(attempt.id(), key, logs, redaction).ifPresent(files::add);
            load(attempt.id()).ifPresent(files::add);
            return new Kept(files, Optional.empty());
        } catch (IOException e) {
            return new Kept(files, Optional.of("its output is not kept: " + e.getMessage()));
        }
    }

    private Optional<Attempt.Stored> output(AttemptId id, String key, LogReader logs, Redaction redaction)
            throws IOException {
        try {
            long end = logs.read(key, 0, 0).end();
            if (end == 0) return Optional.empty();
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            copy(key, logs, end, said);
            byte[] kept = redaction.bytes(said.toByteArray());
            try (Draft draft = artifacts.draft(kept.length)) {
                Files.write(draft.path(), kept);
                return Optional.of(kept(Traces.logName(id), draft));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty(); // it never ran
        }
    }

    /// All of it, or its beginning and its end with a line between them that says so.
    private static void copy(String key, LogReader logs, long end, OutputStream out) throws IOException {
        long head = end <= HEAD_BYTES + TAIL_BYTES ? end : HEAD_BYTES;
        long at = copy(key, logs, 0, head, out);
        if (at >= end) return;
        long from = Math.max(at, end - TAIL_BYTES);
        out.write(("\n… " + new Bytes(from - at) + " of output are left out …\n").getBytes(StandardCharsets.UTF_8));
        copy(key, logs, from, end, out);
    }

    /// @return how far there is nothing left: old output may be gone, so that what is read begins later
    private static long copy(String key, LogReader logs, long from, long until, OutputStream out) throws IOException {
        long at = from;
        while (at < until) {
            LogReader.Chunk chunk = logs.read(key, at, PART_BYTES);
            if (chunk.bytes().length == 0 || chunk.offset() >= until) break;
            out.write(chunk.bytes(), 0, (int) Math.min(chunk.bytes().length, until - chunk.offset()));
            at = chunk.next();
        }
        return Math.min(at, until);
    }

    private Optional<Attempt.Stored> load(AttemptId id) throws IOException {
        Path file = journal.load(id);
        return Files.exists(file) ? Optional.of(artifacts.store(loadName(id), file)) : Optional.empty();
    }

    private Attempt.Stored kept(String name, Draft draft) throws IOException {
        PutResult.Stored stored = draft.keep();
        Sha256 sha = new Sha256(stored.sha256().hex());
        artifacts.arrived(sha);
        return new Attempt.Stored(name, sha, stored.size());
    }
}
