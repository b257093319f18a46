package dev.muster.edge.dataset;

import static dev.muster.edge.dataset.Looks.failed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
    @TempDir
    Path folder;

    private Path zip;

    @BeforeEach
    void name() {
        zip = folder.resolve("a.zip");
    }

    private Inspection look(byte[] bytes) throws IOException {
        return Looks.at(Files.write(zip, bytes));
    }

    @Test
    void everyEntryIsReadToItsEnd() throws IOException {
        byte[] bytes = NumPyTest.zip("a/b.bin", new byte[1000], "c", new byte[] {1, 2, 3});
        assertThat(look(bytes).failures()).isEmpty();
        for (int length = 0; length < bytes.length; length++)
            assertThat(look(Arrays.copyOf(bytes, length)).good())
                    .as("%s bytes", length)
                    .isFalse();
    }

    @Test
    void aWrongBitIsFoundByTheCrc() throws IOException {
        byte[] noise = new byte[1000];
        new Random(1).nextBytes(noise);
        byte[] bytes = NumPyTest.zip("noise", noise);
        bytes[300] ^= 4;
        assertThat(failed(look(bytes))).containsExactly("noise: CRC");
    }

    @Test
    void noEntryLeavesTheFolder() throws IOException {
        for (String name : new String[] {"../x", "/etc/passwd", "a/../../x", "..\\x", "C:\\x"})
            assertThat(failed(look(NumPyTest.zip(name, new byte[1])))).as(name).containsExactly("paths of entries");
        assertThat(look(NumPyTest.zip("a..b/c", new byte[1])).good()).isTrue();
    }

    /// A bomb says the truth and is read through, or lies and is not read.
    @Test
    void anEntryThatSaysTooMuchIsNotUnpacked() throws IOException {
        byte[] bytes = NumPyTest.zip("zeros", new byte[100_000]);
        int central = bytes.length - 22 - 46 - 5;
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(central + 24, 2_000_000_000);
        assertThat(Looks.check(look(bytes), "zeros: CRC").expected()).startsWith("at most 1040 times");
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(central + 24, 50_000);
        assertThat(Looks.check(look(bytes), "zeros: CRC").found()).isEqualTo("more");
    }

    @Test
    void aDatabaseIsCheckedBySqlite() throws IOException, SQLException {
        Path file = folder.resolve("games.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE \"odd \"\" name\" (x)");
            statement.execute("CREATE TABLE games (id INTEGER PRIMARY KEY, moves TEXT)");
            statement.execute("CREATE INDEX by_moves ON games (moves)");
            statement.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                    + " INSERT INTO games SELECT i, 'moves of game ' || i FROM n");
        }
        byte[] whole = Files.readAllBytes(file);
        Inspection look = Looks.at(file);
        assertThat(look.failures()).isEmpty();
        assertThat(look.datasets())
                .extracting(Summary::name, one -> one.shape().getFirst())
                .containsExactly(tuple("games", 2000L), tuple("odd \" name", 0L));
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
        for (int length = 100; length < whole.length; length += 5000) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(Looks.at(file).good()).as("%s bytes", length).isFalse();
        }
        byte[] damaged = whole.clone();
        Arrays.fill(damaged, 20_000, 24_000, (byte) 0x55);
        Files.write(file, damaged);
        assertThat(Looks.at(file).damaged()).isTrue();
    }
}
