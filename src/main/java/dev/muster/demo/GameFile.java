package dev.muster.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.SQLiteConfig;

/// Finished games of one board in an SQLite file. A kill at any moment leaves a file that opens again and holds every
/// game committed before it.
final class GameFile implements AutoCloseable {
    /// Games wait this long for the next commit: a commit forces the disk, and four a second leave it to others.
    private static final long COMMIT_MILLIS = 250;
    private static final int BUSY_MILLIS = 5_000;

    private final Path file;
    private final Connection connection;
    private final PreparedStatement insert;
    private long committedNanos = System.nanoTime();

    private GameFile(Path file, Connection connection, PreparedStatement insert) {
        this.file = file;
        this.connection = connection;
        this.insert = insert;
    }

    /// Opens the file for writing and creates it if it is missing. Throws `IOException` if it is something else or
    /// holds games of another board.
    static GameFile open(Path file, int board) throws IOException {
        Connection connection = null;
        try {
            connection = connect(file, false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("""
                        CREATE TABLE IF NOT EXISTS games(
                            id TEXT PRIMARY KEY,
                            board INTEGER NOT NULL,
                            model TEXT NOT NULL,
                            generation INTEGER NOT NULL,
                            moves TEXT NOT NULL,
                            visits BLOB NOT NULL) STRICT""");
            }
            checkBoard(file, connection, board);
            connection.setAutoCommit(false);
            PreparedStatement insert = connection.prepareStatement("INSERT INTO games VALUES (?, ?, ?, ?, ?, ?)");
            return new GameFile(file, connection, insert);
        } catch (SQLException | IOException e) {
            close(connection, e);
            throw e instanceof IOException io ? io : new IOException(file + " is no game file: " + e.getMessage(), e);
        }
    }

    private static void checkBoard(Path file, Connection connection, int board) throws SQLException, IOException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT board FROM games WHERE board <> " + board + " LIMIT 1")) {
            if (row.next()) {
                throw new IOException(file + " holds games of board " + row.getInt(1) + ", expected board " + board
                        + "; choose another --out");
            }
        }
    }

    private static void close(Connection connection, Exception reason) {
        if (connection == null) return;
        try {
            connection.close();
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    /// All games of a file, which is not changed. Throws `IOException` if it cannot be read to its end.
    static List<Game> read(Path file) throws IOException {
        List<Game> games = new ArrayList<>();
        try (Connection connection = connect(file, true);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT * FROM games ORDER BY id")) {
            while (row.next()) {
                games.add(new Game(
                        row.getString("id"),
                        row.getInt("board"),
                        row.getString("model"),
                        row.getInt("generation"),
                        row.getString("moves"),
                        row.getBytes("visits")));
            }
            return games;
        } catch (SQLException e) {
            throw new IOException(file + " is no readable game file: " + e.getMessage(), e);
        }
    }

    private static Connection connect(Path file, boolean readOnly) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(readOnly);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setCacheSize(-1024);
        return DriverManager.getConnection("jdbc:sqlite:" + file, config.toProperties());
    }

    int count() throws IOException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM games")) {
            return row.next() ? row.getInt(1) : 0;
        } catch (SQLException e) {
            throw failed("count the games in ", e);
        }
    }

    /// Adds a game; it is safe within [#COMMIT_MILLIS], or when the file is closed.
    void add(Game game) throws IOException {
        try {
            insert.setString(1, game.id());
            insert.setInt(2, game.board());
            insert.setString(3, game.model());
            insert.setInt(4, game.generation());
            insert.setString(5, game.moves());
            insert.setBytes(6, game.visits());
            insert.executeUpdate();
            if (System.nanoTime() - committedNanos >= COMMIT_MILLIS * 1_000_000) commit();
        } catch (SQLException e) {
            throw failed("add a game to ", e);
        }
    }

    private void commit() throws SQLException {
        connection.commit();
        committedNanos = System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        try (connection) {
            commit();
            insert.close();
        } catch (SQLException e) {
            throw failed("close ", e);
        }
    }

    private IOException failed(String doing, SQLException e) {
        return new IOException("cannot " + doing + file + ": " + e.getMessage(), e);
    }

    /// Whether there is anything at `file` that could be a game file.
    static boolean named(Path file) {
        return file.getFileName().toString().endsWith(".db") && Files.isRegularFile(file);
    }
}
