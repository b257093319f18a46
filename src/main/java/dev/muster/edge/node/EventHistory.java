package dev.muster.edge.node;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Journal;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// The events that this node has applied, in `DATA/events.db`, for longer than the state remembers them. Anybody may open the
/// file, which is SQLite's; the node only ever adds to it and forgets the oldest.
///
/// What the node never applied, since it was given a whole state instead, is not in it. It is a convenience: an agent that
/// cannot keep it says so, and goes on.
final class EventHistory implements AutoCloseable {
    /// About 100 MB.
    static final int EVENTS_MAX = 200_000;

    /// Faster than the state forgets.
    private static final Duration EVERY = Duration.ofMillis(200);
    private static final Duration RETRY = Duration.ofMinutes(1);
    private static final int BUSY_MS = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(EventHistory.class);

    private final Path file;
    private final Replica replica;
    private final Room room;
    private final int eventsMax;
    private final Thread thread;
    private Optional<Connection> writer = Optional.empty();
    private long last;

    EventHistory(Path file, Replica replica, Room room) {
        this(file, replica, room, EVENTS_MAX);
    }

    EventHistory(Path file, Replica replica, Room room, int eventsMax) {
        this.file = file;
        this.replica = replica;
        this.room = room;
        this.eventsMax = eventsMax;
        this.thread = Thread.ofPlatform().daemon().name("event-history").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        boolean failing = false;
        while (!Thread.currentThread().isInterrupted()) {
            ClusterState seen = replica.state();
            boolean closed = room.closed().isPresent();
            try {
                if (!closed) keep(seen);
                failing = false;
            } catch (SQLException | IOException | LinkageError e) {
                if (!failing) LOG.warn("events.not-kept file={} why=\"{}\"", file, e.getMessage());
                failing = true;
                forsake();
            }
            try {
                Thread.sleep(failing || closed ? RETRY : EVERY);
                replica.awaitChange(seen, RETRY);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// What the state remembers and the file has not.
    synchronized void keep(ClusterState state) throws SQLException, IOException {
        if (writer.isEmpty()) begin();
        Connection connection = writer.orElseThrow();
        Collection<Journal.Entry> entries = state.journal().from(last + 1);
        if (entries.isEmpty()) return;
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT OR IGNORE INTO events (revision, at, entry) VALUES (?, ?, ?)")) {
            for (Journal.Entry entry : entries) {
                insert.setLong(1, entry.revision());
                insert.setLong(2, entry.at().toEpochMilli());
                insert.setString(3, Wire.text(entry));
                insert.addBatch();
                last = entry.revision();
            }
            insert.executeBatch();
        }
        try (PreparedStatement forget = connection.prepareStatement("DELETE FROM events WHERE revision IN"
                + " (SELECT revision FROM events ORDER BY revision DESC LIMIT -1 OFFSET ?)")) {
            forget.setInt(1, eventsMax);
            forget.executeUpdate();
        }
        connection.commit();
    }

    /// A damaged file is put aside: it is kept for convenience, and a new one is better than none.
    private void begin() throws SQLException, IOException {
        try {
            open();
        } catch (SQLException e) {
            forsake();
            if (!Files.exists(file)) throw e;
            Path aside = file.resolveSibling(file.getFileName() + ".damaged");
            LOG.warn("events.damaged file={} aside={} why=\"{}\"", file, aside, e.getMessage());
            for (String part : List.of("-wal", "-shm"))
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + part));
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            open();
        }
    }

    private void open() throws SQLException {
        Connection connection = connect();
        writer = Optional.of(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = NORMAL");
            statement.execute("CREATE TABLE IF NOT EXISTS events"
                    + " (revision INTEGER PRIMARY KEY, at INTEGER NOT NULL, entry TEXT NOT NULL)");
            statement.execute("CREATE INDEX IF NOT EXISTS events_at ON events (at)");
            try (ResultSet newest = statement.executeQuery("SELECT max(revision) FROM events")) {
                last = newest.next() ? newest.getLong(1) : 0;
            }
        }
        connection.setAutoCommit(false);
    }

    private Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + BUSY_MS);
        }
        return connection;
    }

    private synchronized void forsake() {
        try {
            if (writer.isPresent()) writer.get().close();
        } catch (SQLException e) {
            LOG.debug("closed after a failure", e);
        }
        writer = Optional.empty();
    }

    /// The newest that are wanted, oldest first; none where there is no file yet.
    ///
    /// @param after only later revisions
    /// @param since not earlier
    /// @param words one of these stands in each of them; empty: any
    /// @throws IOException when the file cannot be read
    List<Journal.Entry> find(long after, Instant since, int limit, Set<String> words, Predicate<Journal.Entry> wanted)
            throws IOException {
        if (!Files.exists(file)) return List.of();
        try (Connection connection = connect()) {
            if (!begun(connection)) return List.of();
            return find(connection, after, since, limit, words, wanted);
        } catch (SQLException | LinkageError e) {
            throw new IOException("expected to read " + file + ", but: " + e.getMessage(), e);
        }
    }

    /// Its first moment, before there is a table in it.
    private static boolean begun(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet tables = statement.executeQuery(
                        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'")) {
            return tables.next();
        }
    }

    private static List<Journal.Entry> find(
            Connection connection,
            long after,
            Instant since,
            int limit,
            Set<String> words,
            Predicate<Journal.Entry> wanted)
            throws SQLException {
        List<Journal.Entry> found = new ArrayList<>();
        String any = words.isEmpty()
                ? ""
                : " AND (" + String.join(" OR ", Collections.nCopies(words.size(), "instr(entry, ?) > 0")) + ")";
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT entry FROM events WHERE revision > ?" + " AND at >= ?" + any + " ORDER BY revision DESC")) {
            select.setLong(1, after);
            select.setLong(2, since.isBefore(Instant.EPOCH) ? 0 : since.toEpochMilli());
            int at = 3;
            for (String word : words) select.setString(at++, word);
            try (ResultSet rows = select.executeQuery()) {
                while (found.size() < limit && rows.next())
                    entry(rows.getString(1), wanted).ifPresent(found::add);
            }
        }
        Collections.reverse(found);
        return found;
    }

    /// What another build wrote and this one cannot read is left out.
    private static Optional<Journal.Entry> entry(String text, Predicate<Journal.Entry> wanted) {
        try {
            return Optional.of(Wire.MAPPER.readValue(text, Journal.Entry.class)).filter(wanted);
        } catch (JacksonException e) {
            LOG.debug("an event is left out", e);
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            if (writer.isPresent() && room.closed().isEmpty()) keep(replica.state());
        } catch (SQLException | IOException e) {
            LOG.debug("the last events are not kept", e);
        }
        forsake();
    }
}
