package dev.muster.edge.node;

import dev.muster.core.state.Journal;
import dev.muster.edge.wire.Wire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// The events that this node has applied, a line of JSON each in files of `DATA/events`, long after the state remembers them.
///
/// One thread writes; anybody may read meanwhile. What the node never applied, since it was given a whole state instead, is
/// not here. A line that a power cut has torn is left out, and the file goes on after it.
final class EventHistory implements AutoCloseable {
    /// Of all files together; some 200,000 events.
    static final long BYTES_MAX = 64L << 20;
    /// Of one file: the oldest goes as a whole.
    static final long FILE_MAX = 4L << 20;

    private static final String SUFFIX = ".jsonl";
    /// Faster than the state forgets.
    private static final Duration EVERY = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(EventHistory.class);

    private final Path folder;
    private final Replica replica;
    private final Room room;
    private final long fileMax;
    private final long bytesMax;
    private final Thread thread;
    private Optional<OutputStream> out = Optional.empty();
    private long written;
    private long last;

    private EventHistory(Path folder, Replica replica, Room room, long fileMax, long bytesMax) {
        this.folder = folder;
        this.replica = replica;
        this.room = room;
        this.fileMax = fileMax;
        this.bytesMax = bytesMax;
        this.thread = Thread.ofVirtual().name("event-history").unstarted(this::run);
    }

    /// Goes on where the files end.
    static EventHistory open(Path folder, Replica replica, Room room) throws IOException {
        return open(folder, replica, room, FILE_MAX, BYTES_MAX);
    }

    static EventHistory open(Path folder, Replica replica, Room room, long fileMax, long bytesMax) throws IOException {
        Files.createDirectories(folder);
        EventHistory history = new EventHistory(folder, replica, room, fileMax, bytesMax);
        List<Path> files = history.files();
        if (!files.isEmpty()) history.last = history.mended(files.getLast());
        return history;
    }

    void start() {
        thread.start();
    }

    /// Whole lines only.
    ///
    /// @return the last revision in it
    private long mended(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long end = bytes.length();
            while (end > 0) {
                bytes.seek(end - 1);
                if (bytes.read() == '\n') break;
                end--;
            }
            bytes.setLength(end);
        }
        List<Journal.Entry> entries = read(file, entry -> true);
        return entries.isEmpty() ? first(file) - 1 : entries.getLast().revision();
    }

    private void run() {
        boolean failing = false;
        while (!Thread.currentThread().isInterrupted()) {
            var seen = replica.state();
            boolean closed = room.closed().isPresent();
            try {
                if (!closed) write(seen.journal().from(last + 1));
                failing = false;
            } catch (IOException e) {
                if (!failing) LOG.warn("events.not-kept folder={} why=\"{}\"", folder, e.getMessage());
                failing = true;
                end();
            }
            try {
                if (failing || closed) Thread.sleep(RETRY);
                Thread.sleep(EVERY);
                replica.awaitChange(seen, RETRY);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// What the state remembers and the files have not.
    synchronized void write(Collection<Journal.Entry> entries) throws IOException {
        StringBuilder lines = new StringBuilder();
        long until = last;
        for (Journal.Entry entry : entries) {
            if (entry.revision() <= until) continue;
            lines.append(Wire.text(entry)).append('\n');
            until = entry.revision();
        }
        if (lines.isEmpty()) return;
        byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
        if (written + bytes.length > fileMax) end();
        if (out.isEmpty())
            begin(entries.stream()
                    .mapToLong(Journal.Entry::revision)
                    .filter(revision -> revision > last)
                    .findFirst()
                    .orElseThrow());
        out.orElseThrow().write(bytes);
        written += bytes.length;
        last = until;
    }

    private void begin(long revision) throws IOException {
        Path file = folder.resolve("%019d%s".formatted(revision, SUFFIX));
        out = Optional.of(Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        written = Files.size(file);
        List<Path> files = files();
        long sum = 0;
        for (Path one : files.reversed()) {
            sum += Files.size(one);
            if (sum > bytesMax - fileMax && !one.equals(file)) Files.deleteIfExists(one);
        }
    }

    private synchronized void end() {
        try {
            if (out.isPresent()) out.get().close();
        } catch (IOException e) {
            LOG.debug("closed after a failure", e);
        }
        out = Optional.empty();
        written = 0;
    }

    /// The newest that are wanted, oldest first.
    ///
    /// @param after only later revisions
    /// @param since only from then on
    List<Journal.Entry> find(long after, Instant since, int limit, Predicate<Journal.Entry> wanted) throws IOException {
        List<Journal.Entry> found = new ArrayList<>();
        List<Path> files = files();
        for (Path file : files.reversed()) {
            List<Journal.Entry> entries =
                    read(file, entry -> entry.revision() > after && !entry.at().isBefore(since) && wanted.test(entry));
            found.addAll(entries.reversed());
            boolean older = first(file) <= after
                    || Files.exists(file)
                            && Files.getLastModifiedTime(file).toInstant().isBefore(since);
            if (found.size() >= limit || older) break;
        }
        List<Journal.Entry> newest = new ArrayList<>(found.subList(0, Math.min(limit, found.size())));
        Collections.reverse(newest);
        return newest;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().matches("\\d{19}\\.jsonl"))
                    .sorted()
                    .toList();
        }
    }

    private static long first(Path file) {
        String name = file.getFileName().toString();
        return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    }

    /// What another build wrote and this one cannot read is left out.
    private static List<Journal.Entry> read(Path file, Predicate<Journal.Entry> wanted) throws IOException {
        List<Journal.Entry> entries = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                try {
                    Journal.Entry entry = Wire.MAPPER.readValue(line, Journal.Entry.class);
                    if (wanted.test(entry)) entries.add(entry);
                } catch (JacksonException e) {
                    LOG.debug("a line of {} is left out", file, e);
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debug("it was the oldest", e);
        }
        return entries;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            if (room.closed().isEmpty()) write(replica.state().journal().from(last + 1));
        } catch (IOException e) {
            LOG.debug("the last events are not kept", e);
        }
        end();
    }
}
