package dev.muster.edge.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.edge.snapshot.Snapshot.Result;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {
    @TempDir
    Path dir;

    private int copies;

    private Path target() {
        return dir.resolve("copy" + ++copies);
    }

    @Test
    void aFileThatRestsIsCopiedAsItIs() throws IOException {
        Path file = Files.writeString(dir.resolve("a"), "one\ntwo");
        Path target = target();
        Result result = Snapshot.take(file, target, Optional.empty());
        assertThat(result).isInstanceOf(Result.Taken.class);
        assertThat(((Result.Taken) result).look()).isEqualTo(Look.at(file));
        assertThat(target).hasContent("one\ntwo");
    }

    @Test
    void anEmptyFileIsAFileToo() throws IOException {
        Path file = Files.createFile(dir.resolve("a"));
        Path target = target();
        assertThat(Snapshot.take(file, target, Optional.empty())).isInstanceOf(Result.Taken.class);
        assertThat(target).isEmptyFile();
    }

    @Test
    void whatHasGoneIsSaidToHaveGone() {
        assertThatThrownBy(() -> Snapshot.take(dir.resolve("none"), target(), Optional.empty()))
                .isInstanceOf(NoSuchFileException.class);
    }

    /// So large that a copy takes longer than a few writes.
    private Path large(byte fill) throws IOException {
        byte[] bytes = new byte[64 << 20];
        Arrays.fill(bytes, fill);
        for (int at = 99; at < bytes.length; at += 100) bytes[at] = '\n';
        return Files.write(dir.resolve("large"), bytes);
    }

    private interface Change {
        void apply(FileChannel file, int time) throws IOException;
    }

    /// Copies while somebody writes.
    private Result whileWritten(Path file, Path target, Optional<Snapshot.Beginning> before, Change change)
            throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger times = new AtomicInteger();
        Thread writer = Thread.ofPlatform().start(() -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                while (!over.get()) change.apply(channel, times.incrementAndGet());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            while (times.get() < 3) Thread.onSpinWait();
            return Snapshot.take(file, target, before);
        } finally {
            over.set(true);
            writer.join();
        }
    }

    private static void append(FileChannel channel, int time) throws IOException {
        channel.position(channel.size());
        channel.write(java.nio.ByteBuffer.wrap("half a line, ".getBytes()));
        if (time % 5 == 0) channel.write(java.nio.ByteBuffer.wrap("whole now\n".getBytes()));
    }

    @Test
    void aFileThatIsOverwrittenMeanwhileWaits() throws Exception {
        Path file = large((byte) 'a');
        Result result = whileWritten(file, target(), Optional.empty(), (channel, time) -> {
            channel.position(1000L * (time % 1000));
            channel.write(java.nio.ByteBuffer.wrap(new byte[] {(byte) time}));
        });
        assertThat(result).isInstanceOf(Result.Changing.class);
        assertThat(Snapshot.take(file, target(), Optional.empty())).isInstanceOf(Result.Taken.class);
    }

    @Test
    void aFileThatGrowsIsTakenUpToAWholeLineOnceItsBeginningIsKnown() throws Exception {
        Path file = large((byte) 'a');
        Result first = whileWritten(file, target(), Optional.empty(), SnapshotTest::append);
        assertThat(first).isInstanceOf(Result.Changing.class);
        Snapshot.Beginning beginning = ((Result.Changing) first).beginning();
        Path target = target();
        Result second = whileWritten(file, target, Optional.of(beginning), SnapshotTest::append);
        assertThat(second).isInstanceOf(Result.Taken.class);
        byte[] copy = Files.readAllBytes(target);
        assertThat(copy.length).isGreaterThan(64 << 20);
        assertThat(copy[copy.length - 1]).isEqualTo((byte) '\n');
        assertThat(copy).isEqualTo(Arrays.copyOf(Files.readAllBytes(file), copy.length));
    }

    @Test
    void aFileThatGrowsAndBeganOtherwiseWaits() throws Exception {
        Snapshot.Beginning other = ((Result.Taken) Snapshot.take(large((byte) 'b'), target(), Optional.empty()))
                .beginning()
                .orElseThrow();
        Path file = large((byte) 'a');
        Result result = whileWritten(file, target(), Optional.of(other), SnapshotTest::append);
        assertThat(result).isInstanceOf(Result.Changing.class);
    }

    private static Connection open(Path database) throws Exception {
        return DriverManager.getConnection("jdbc:sqlite:" + database);
    }

    private static String asked(Path database, String question) throws Exception {
        try (Connection connection = open(database);
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            return answer.getString(1);
        }
    }

    /// In both modes a database that is written to all the time is copied whole: each commit is there with all that
    /// belongs to it, or not at all.
    private void copiesUnderLoad(String mode) throws Exception {
        Path database = dir.resolve("elo " + mode + "?.data");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger committed = new AtomicInteger();
        try (Connection connection = DriverManager.getConnection(
                "jdbc:sqlite:file:" + database.toUri().getRawPath())) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("pragma journal_mode=" + mode);
                statement.execute("pragma busy_timeout=20000");
                statement.execute("pragma synchronous=off");
                statement.execute("create table a(n integer, fill blob)");
                statement.execute("create table b(n integer)");
            }
            Thread writer = Thread.ofPlatform().start(() -> {
                try (Statement statement = connection.createStatement()) {
                    while (!over.get()) {
                        statement.execute("begin immediate");
                        statement.execute("insert into a values(1, randomblob(3000))");
                        statement.execute("insert into b values(1)");
                        statement.execute("commit");
                        committed.incrementAndGet();
                    }
                } catch (java.sql.SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            try {
                while (committed.get() < 200) Thread.sleep(5);
                for (int round = 0; round < 5; round++) {
                    int before = committed.get();
                    Path target = target();
                    assertThat(Snapshot.take(database, target, Optional.empty()))
                            .isInstanceOf(Result.Taken.class);
                    assertThat(asked(target, "pragma integrity_check")).isEqualTo("ok");
                    int rows = Integer.parseInt(asked(target, "select count(*) from a"));
                    assertThat(asked(target, "select count(*) from b")).isEqualTo(Integer.toString(rows));
                    assertThat(rows).isGreaterThanOrEqualTo(before);
                }
            } finally {
                over.set(true);
                writer.join();
            }
        }
    }

    @Test
    void aDatabaseInUseIsCopiedWholeInWalMode() throws Exception {
        copiesUnderLoad("wal");
    }

    @Test
    void aDatabaseInUseIsCopiedWholeWithAJournal() throws Exception {
        copiesUnderLoad("delete");
    }

    @Test
    void whatIsOnlyInTheLogOfADatabaseIsCopiedAndSeen() throws Exception {
        Path database = dir.resolve("elo.db");
        try (Connection connection = open(database);
                Statement statement = connection.createStatement()) {
            statement.execute("pragma journal_mode=wal");
            statement.execute("create table a(n integer)");
            Path first = target();
            Look before = Look.at(database);
            Snapshot.take(database, first, Optional.empty());
            statement.execute("insert into a values(7)");
            assertThat(Look.at(database)).isNotEqualTo(before);
            assertThat(Snapshot.isPart(dir.resolve("elo.db-wal"))).isTrue();
            assertThat(Snapshot.isPart(dir.resolve("elo.db-shm"))).isTrue();
            assertThat(Snapshot.isPart(database)).isFalse();
            Path second = target();
            Snapshot.take(database, second, Optional.empty());
            assertThat(asked(second, "select n from a")).isEqualTo("7");
            assertThat(asked(first, "select count(*) from a")).isEqualTo("0");
        }
    }

    @Test
    void aBrokenDatabaseIsAnError() throws IOException {
        Path file = Files.writeString(dir.resolve("a.db"), "SQLite format 3\0and then nothing that makes sense");
        assertThatThrownBy(() -> Snapshot.take(file, target(), Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("SQLite");
    }
}
