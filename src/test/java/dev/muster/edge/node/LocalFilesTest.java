package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Attempt;
import dev.muster.edge.swarm.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFilesTest {
    @TempDir
    Path data;

    private Attempt.Stored stored(LocalFiles files, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return files.store("made", Files.write(data.resolve("made"), content));
    }

    /// Who asks for it first would wait until the file was read once more.
    @Test
    void aLargeFileHasItsManifestAsSoonAsItIsHeld() throws IOException {
        Path manifests = data.resolve("manifests");
        LocalFiles files = LocalFiles.open(data.resolve("artifacts"), new Manifests(manifests), 1);
        Attempt.Stored large = stored(files, 3 << 20);
        Attempt.Stored small = stored(files, 3 << 10);

        assertThat(files.held()).containsExactlyInAnyOrder(large.sha(), small.sha());
        try (Stream<Path> kept = Files.list(manifests)) {
            assertThat(kept.map(file -> file.getFileName().toString()))
                    .containsExactly(large.sha().hex());
        }
    }

    @Test
    void aFileIsHeldAlsoWhereItsManifestCannotBeKept() throws IOException {
        Path manifests = data.resolve("manifests");
        LocalFiles files = LocalFiles.open(data.resolve("artifacts"), new Manifests(manifests), 1);
        Files.delete(manifests);

        assertThat(files.has(stored(files, 3 << 20).sha())).isTrue();
    }
}
