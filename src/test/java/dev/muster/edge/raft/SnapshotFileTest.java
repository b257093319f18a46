package dev.muster.edge.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotFileTest {
    private static final byte[] STATE = "the state".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    @TempDir
    Path dir;

    private Path path;

    @BeforeEach
    void aSnapshot() throws IOException {
        path = dir.resolve("snapshot.3_17");
        SnapshotFile.write(path, 3, 17, out -> out.write(STATE));
    }

    @Test
    void whatWasWrittenIsReadBackAndNoByteMore() throws IOException {
        SnapshotFile file = SnapshotFile.verify(path);

        assertThat(file.term()).isEqualTo(3);
        assertThat(file.index()).isEqualTo(17);
        try (InputStream in = file.open()) {
            assertThat(in.readAllBytes()).isEqualTo(STATE);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void anyFlippedBitIsFound() throws IOException {
        byte[] good = Files.readAllBytes(path);
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(path, bad);

            assertThatThrownBy(() -> SnapshotFile.verify(path))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(path.toString());
        }
    }

    @Test
    void aShorterFileIsFound() throws IOException {
        byte[] good = Files.readAllBytes(path);
        for (int length = 0; length < good.length; length++) {
            Files.write(path, java.util.Arrays.copyOf(good, length));

            assertThatThrownBy(() -> SnapshotFile.verify(path)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aStateThatCannotBeWrittenLeavesNothingAndTheOldOneStays() throws IOException {
        byte[] good = Files.readAllBytes(path);

        assertThatThrownBy(() -> SnapshotFile.write(path, 4, 18, out -> {
                    throw new IOException("no");
                }))
                .hasMessage("no");

        assertThat(Files.readAllBytes(path)).isEqualTo(good);
        assertThat(dir).isDirectoryContaining(path::equals);
        assertThat(dir.toFile().list()).hasSize(1);
    }
}
