package dev.muster.edge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.edge.process.LogReader.Chunk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
    @TempDir
    Path attempts;

    private Path dir;
    private LogReader reader;

    @BeforeEach
    void twoSegmentsAreLeftOfThree() throws IOException {
        dir = Files.createDirectory(attempts.resolve("a1"));
        reader = new LogReader(attempts);
        Files.writeString(dir.resolve("log.1000"), "abcdefghij");
        Files.writeString(dir.resolve("log.1010"), "klm");
        Files.writeString(dir.resolve("shim.log"), "not output");
    }

    private String read(long from, int bytesMax) throws IOException {
        Chunk chunk = reader.read("a1", from, bytesMax);
        assertThat(chunk.end()).isEqualTo(1013);
        assertThat(chunk.next()).isEqualTo(chunk.offset() + chunk.bytes().length);
        return chunk.offset() + ":" + new String(chunk.bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void aReadBeginsWhereItWasAskedTo() throws IOException {
        assertThat(read(1003, 4)).isEqualTo("1003:defg");
        assertThat(read(1012, 4)).isEqualTo("1012:m");
    }

    @Test
    void aReadOfDeletedOutputBeginsWithTheOldestKept() throws IOException {
        assertThat(read(0, 3)).isEqualTo("1000:abc");
    }

    @Test
    void aReadEndsWithItsSegmentAndTheNextGoesOn() throws IOException {
        assertThat(read(1008, 100)).isEqualTo("1008:ij");
        assertThat(read(1010, 100)).isEqualTo("1010:klm");
    }

    @Test
    void aReadAtTheEndIsEmptyAndOnePastItComesBackToTheEnd() throws IOException {
        assertThat(read(1013, 100)).isEqualTo("1013:");
        assertThat(read(5000, 100)).isEqualTo("1013:");
    }

    @Test
    void whatIsAppendedIsReadNext() throws IOException {
        long end = reader.read("a1", 1013, 10).next();
        Files.writeString(dir.resolve("log.1010"), "klmno");

        assertThat(new String(reader.read("a1", end, 10).bytes(), StandardCharsets.UTF_8))
                .isEqualTo("no");
    }

    @Test
    void noOutputYetIsAnEmptyChunkAtZero() throws IOException {
        Files.createDirectory(attempts.resolve("a2"));

        Chunk chunk = reader.read("a2", 0, 10);

        assertThat(chunk.end()).isZero();
        assertThat(chunk.bytes()).isEmpty();
        assertThat(chunk.dropped()).isFalse();
    }

    @Test
    void droppedOutputIsSaid() throws IOException {
        Files.createFile(dir.resolve("dropped"));

        assertThat(reader.read("a1", 0, 10).dropped()).isTrue();
    }

    @Test
    void anUnknownAttemptAndAnImpossibleKeyAreErrors() {
        assertThatThrownBy(() -> reader.read("a9", 0, 10)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> reader.read("../a1", 0, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("../a1");
    }
}
