package dev.muster.edge.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
    @TempDir
    Path attempts;

    @Test
    void theLastBytesStayWhereTheyWere() throws IOException {
        Path dir = Files.createDirectory(attempts.resolve("j1"));
        Files.writeString(dir.resolve("log.0"), "0123");
        Files.writeString(dir.resolve("log.4"), "4567");
        Files.writeString(dir.resolve("log.8"), "89");

        LogTail.keep(dir, 4);

        LogReader.Chunk first = new LogReader(attempts).read("j1", 0, 100);
        assertThat(first.offset()).isEqualTo(6);
        assertThat(new String(first.bytes(), StandardCharsets.UTF_8)).isEqualTo("67");
        assertThat(first.end()).isEqualTo(10);
        assertThat(new LogReader(attempts).read("j1", first.next(), 100).bytes())
                .asString()
                .isEqualTo("89");
        try (var files = Files.list(dir)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("log.6", "log.8");
        }
    }

    @Test
    void whatIsShorterStaysWhole() throws IOException {
        Path dir = Files.createDirectory(attempts.resolve("j1"));
        LogTail.keep(dir, 4);
        Files.writeString(dir.resolve("log.0"), "0123");

        LogTail.keep(dir, 4);

        assertThat(dir.resolve("log.0")).hasContent("0123");
    }
}
