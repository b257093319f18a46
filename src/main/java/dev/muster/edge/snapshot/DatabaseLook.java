package dev.muster.edge.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sqlite.SQLiteConfig;

/// What a database holds, and whether SQLite finds it whole. It is opened to be read, and left as it is.
///
/// @param wrong what SQLite's own check says; empty when all is well
/// @param rows  by table, in their names' order
public record DatabaseLook(List<String> wrong, Map<String, Long> rows) {
    /// SQLite itself stops at 100 unless told.
    private static final int WRONG_MAX = 20;

    private static final int TABLES_MAX = 10_000;

    public DatabaseLook {
        wrong = List.copyOf(wrong);
    }

    /// @param file may be a link
    public static boolean isDatabase(Path file) throws IOException {
        return SqliteCopy.is(file.toRealPath());
    }

    /// @param link may be one
    /// @throws IOException when it is no database, or cannot be opened
    public static DatabaseLook at(Path link) throws IOException {
        Path file = link.toRealPath();
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        // Without a log beside it nobody is writing, and SQLite need not make one to read.
        Path log = SqliteCopy.log(file);
        boolean busy = Files.exists(log) && Files.size(log) > 0;
        String url = "jdbc:sqlite:file:" + file.toUri().getRawPath() + (busy ? "?mode=ro" : "?mode=ro&immutable=1");
        try (Connection connection = config.createConnection(url);
                Statement statement = connection.createStatement()) {
            // What the file itself says is to be called while it is read is not called.
            statement.execute("PRAGMA trusted_schema = 0");
            List<String> wrong = wrong(statement);
            return new DatabaseLook(wrong, wrong.isEmpty() ? rows(statement) : Map.of());
        } catch (SQLException | LinkageError e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static List<String> wrong(Statement statement) throws SQLException {
        List<String> wrong = new ArrayList<>();
        try (ResultSet said = statement.executeQuery("PRAGMA integrity_check(" + WRONG_MAX + ")")) {
            while (said.next()) if (!said.getString(1).equals("ok")) wrong.add(said.getString(1));
        }
        return wrong;
    }

    private static Map<String, Long> rows(Statement statement) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (ResultSet names = statement.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'table' AND name"
                + " NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name LIMIT "
                + TABLES_MAX)) {
            while (names.next()) tables.add(names.getString(1));
        }
        Map<String, Long> rows = new LinkedHashMap<>();
        for (String table : tables) {
            String quoted = '"' + table.replace("\"", "\"\"") + '"';
            try (ResultSet count = statement.executeQuery("SELECT count(*) FROM " + quoted)) {
                rows.put(table, count.next() ? count.getLong(1) : 0);
            }
        }
        return rows;
    }
}
