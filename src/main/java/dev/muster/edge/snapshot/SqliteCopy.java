package dev.muster.edge.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;

/// A database in use, by SQLite's online backup: all that was committed when it began, and nothing of what was not.
///
/// All pages in one step. In steps, each commit of another process begins it anew, and one that commits all the time
/// would never be copied. In WAL mode nobody waits for it; in the others whoever writes waits as long as it takes, some
/// seconds for a gigabyte.
final class SqliteCopy {
    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int BUSY_MS = 5_000;
    private static final int PAUSE_MS = 100;
    private static final int TRIES = 50;
    private static final int ALL_PAGES = -1;
    private static final List<String> BESIDE = List.of("-wal", "-shm", "-journal");

    private SqliteCopy() {}

    static boolean is(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        }
    }

    static Path log(Path database) {
        return database.resolveSibling(database.getFileName() + "-wal");
    }

    /// Is it one of the files that SQLite keeps beside a database? They mean nothing without it, nor it without them.
    static boolean isBeside(Path file) throws IOException {
        String name = file.getFileName().toString();
        for (String end : BESIDE) {
            if (!name.endsWith(end) || name.length() == end.length()) continue;
            Path database = file.resolveSibling(name.substring(0, name.length() - end.length()));
            if (Files.isRegularFile(database, LinkOption.NOFOLLOW_LINKS) && is(database)) return true;
        }
        return false;
    }

    static void copy(Path database, Path target) throws IOException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MS);
        // An opened database may have to be mended first, as any reader does after a crash; it is never made.
        String url = "jdbc:sqlite:" + "file:" + database.toUri().getRawPath() + "?mode=rw";
        try (Connection connection = config.createConnection(url)) {
            int code = ((SQLiteConnection) connection)
                    .getDatabase()
                    .backup("main", target.toString(), null, PAUSE_MS, TRIES, ALL_PAGES);
            if (code != 0) throw new IOException("SQLite's backup ended with " + code);
        } catch (SQLException | LinkageError e) {
            throw new IOException("SQLite's backup: " + e.getMessage(), e);
        } finally {
            for (String end : BESIDE) Files.deleteIfExists(target.resolveSibling(target.getFileName() + end));
        }
        if (Files.notExists(target)) Files.write(target, new byte[0], StandardOpenOption.CREATE_NEW);
    }
}
