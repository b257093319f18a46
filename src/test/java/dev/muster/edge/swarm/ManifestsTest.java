package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.Manifest;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
    @TempDir
    Path dir;

    private Manifest read(byte[] file) throws Exception {
        Path where = Files.write(dir.resolve("file"), file);
        try (FileChannel channel = FileChannel.open(where)) {
            return new Manifests(dir.resolve("made")).of(Lab.sha(file), channel);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4095, 128 << 10, 300_001, 10 << 20})
    void whatComesAboutInPassingIsWhatAReadingGives(int piece) throws Exception {
        byte[] file = Lab.bytes((5 << 19) + 7, 3);
        Manifests.Making making = new Manifests.Making(file.length);
        for (int at = 0; at < file.length; at += piece) making.bytes(file, at, Math.min(piece, file.length - at));
        Manifests manifests = new Manifests(dir.resolve("kept"));
        Sha256 sha = Lab.sha(file);

        manifests.keep(sha, making);

        assertThat(manifests.find(sha, file.length)).contains(read(file));
    }

    @Test
    void aFileThatIsNotAsLargeAsWasSaidGetsNone() throws Exception {
        byte[] file = Lab.bytes(300_000, 4);
        for (int said : new int[] {file.length - 1, file.length + 1, file.length + (128 << 10)}) {
            Manifests.Making making = new Manifests.Making(said);
            making.bytes(file, 0, file.length);
            Manifests manifests = new Manifests(dir.resolve("kept"));
            assertThatThrownBy(() -> manifests.keep(Lab.sha(file), making))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
