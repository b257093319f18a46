package dev.muster.edge.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that other programs write beside the store.
class AsideTest {
    private static final byte[] BYTES = "what another program wrote".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    @TempDir
    Path dir;

    private ArtifactStore store;
    private Sha256 sha;

    @BeforeEach
    void open() throws Exception {
        store = ArtifactStore.open(dir, new ArtifactStore.Limits(0));
        var digest = Sha256.digest();
        digest.update(BYTES);
        sha = Sha256.of(digest);
    }

    private Path file() {
        return dir.resolve("parts/" + sha.hex() + ".rsync");
    }

    @Test
    void whatHasItsHashIsTakenAndNothingIsLeftBeside() throws Exception {
        Files.write(dir.resolve("parts/" + sha.hex()), new byte[3]); // another way's
        FetchResult result = store.aside(sha, BYTES.length, "rsync", file -> Files.write(file, BYTES));

        assertThat(result).isEqualTo(new PutResult.Stored(sha, BYTES.length));
        assertThat(store.path(sha).orElseThrow()).hasBinaryContent(BYTES);
        assertThat(dir.resolve("parts")).isEmptyDirectory();
        assertThat(store.aside(sha, BYTES.length, "rsync", file -> {
                    throw new IOException("expected not to be asked");
                }))
                .isEqualTo(new PutResult.Stored(sha, BYTES.length));
    }

    @Test
    void whatWasBrokenOffStaysForTheNextTryAndCountsAsAPart() throws Exception {
        assertThatThrownBy(() -> store.aside(sha, BYTES.length, "rsync", file -> {
                    Files.write(file, Arrays.copyOf(BYTES, 5));
                    throw new IOException("cut off");
                }))
                .hasMessage("cut off");
        assertThat(store.partials()).containsOnlyKeys(sha);

        store.aside(
                sha,
                BYTES.length,
                "rsync",
                file -> Files.write(file, Arrays.copyOfRange(BYTES, 5, BYTES.length), StandardOpenOption.APPEND));

        assertThat(store.has(sha)).isTrue();
        store.deletePartial(sha);
        assertThat(store.partials()).isEmpty();
    }

    @Test
    void wrongShortAndLongFilesAreRefusedAndDeleted() throws Exception {
        byte[] wrong = BYTES.clone();
        wrong[0] ^= 1;
        for (byte[] other : new byte[][] {wrong, Arrays.copyOf(BYTES, 5), Arrays.copyOf(BYTES, 99), {}}) {
            FetchResult result = store.aside(sha, BYTES.length, "rsync", file -> Files.write(file, other));

            assertThat(result).isInstanceOf(FetchResult.Mismatch.class);
            assertThat(file()).doesNotExist();
            assertThat(store.has(sha)).isFalse();
        }
    }

    @Test
    void aLinkInItsPlaceIsNeitherFollowedNorTaken() throws Exception {
        Path elsewhere = Files.write(dir.resolve("elsewhere"), BYTES);
        Files.createSymbolicLink(file(), elsewhere);
        assertThatThrownBy(() -> store.aside(sha, BYTES.length, "rsync", file -> Files.write(file, BYTES)))
                .hasMessageContaining("expected a file at " + file());
        Files.delete(file());

        assertThatThrownBy(() ->
                        store.aside(sha, BYTES.length, "rsync", file -> Files.createSymbolicLink(file, elsewhere)))
                .hasMessageContaining("expected a file at " + file());
        assertThat(store.has(sha)).isFalse();
    }

    @Test
    void withoutRoomNothingIsWritten() throws Exception {
        ArtifactStore full = ArtifactStore.open(dir, new ArtifactStore.Limits(Long.MAX_VALUE / 2));

        FetchResult result = full.aside(sha, BYTES.length, "rsync", file -> Files.write(file, BYTES));

        assertThat(result).isInstanceOf(PutResult.NoSpace.class);
        assertThat(file()).doesNotExist();
    }
}
