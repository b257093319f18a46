package dev.muster.edge.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    Path folder;

    private Quarantine.Move move(Path file, Path to) throws IOException {
        Quarantine quarantine = new Quarantine(to);
        return quarantine.move(quarantine.plan(file), List.of("NaN: expected none, but found 3"), NOW);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void nothingIsOverwrittenAndEachSaysWhy() throws IOException {
        Path aside = folder.resolve("deep/aside");
        Path file = folder.resolve("a.h5");
        for (String content : List.of("first", "second", "third")) {
            Files.writeString(file, content);
            Quarantine.Move move = move(file, aside);
            assertThat(move.done()).isTrue();
            assertThat(file).doesNotExist();
            assertThat(move.to()).hasContent(content);
            assertThat(Quarantine.holds(move.to())).isTrue();
        }
        assertThat(names(aside))
                .containsExactly(
                        "a-2.h5", "a-2.h5.REASON.txt", "a-3.h5", "a-3.h5.REASON.txt", "a.h5", "a.h5.REASON.txt");
        assertThat(aside.resolve("a.h5.REASON.txt"))
                .content()
                .contains("2026-03-01T10:00:00Z", "from " + file.toAbsolutePath(), "- NaN: expected none, but found 3");
    }

    @Test
    void whereALinkLeadsIsMoved() throws IOException {
        Files.writeString(folder.resolve("a_000.h5"), "bad");
        Path link = Files.createSymbolicLink(folder.resolve("a.h5"), Path.of("a_000.h5"));
        Quarantine.Move move = move(link, folder.resolve("aside"));
        assertThat(move.to().getFileName()).hasToString("a_000.h5");
        assertThat(move.link()).contains(link);
        assertThat(folder.resolve("a_000.h5")).doesNotExist();
        assertThat(link).isSymbolicLink();
        assertThat(folder.resolve("aside/a_000.h5.REASON.txt")).content().contains("which " + link + " leads to");
    }

    /// Memory is a file system of its own on Linux.
    @Test
    void toAnotherFileSystemItIsCopiedAndReadAgain() throws IOException {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && !Files.getFileStore(memory).equals(Files.getFileStore(folder)));
        Path file = Files.write(folder.resolve("a.h5"), new byte[3_000_000]);
        Path aside = Files.createTempDirectory(memory, "aside");
        try {
            Quarantine.Move move = move(file, aside);
            assertThat(move.to()).hasSize(3_000_000);
            assertThat(file).doesNotExist();
        } finally {
            for (String name : names(aside)) Files.delete(aside.resolve(name));
            Files.delete(aside);
        }
    }

    @Test
    void whatCannotBeMovedStaysWithoutAReason() throws IOException {
        Path file = Files.writeString(folder.resolve("a.h5"), "bad");
        Quarantine quarantine = new Quarantine(folder.resolve("aside"));
        Quarantine.Move plan = quarantine.plan(file);
        Files.delete(file);
        assertThatThrownBy(() -> quarantine.move(plan, List.of(), NOW)).isInstanceOf(IOException.class);
        assertThat(names(folder.resolve("aside"))).isEmpty();
    }
}
