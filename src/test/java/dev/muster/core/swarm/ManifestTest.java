package dev.muster.core.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Sha256;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {
    private static final Sha256 SHA = new Sha256("0".repeat(64));

    @ParameterizedTest
    @CsvSource({
        "0, 131072",
        "1, 131072",
        "67108864, 131072",
        "200000000, 131072",
        "268435456, 131072",
        "268435457, 262144",
        "1073741824, 524288",
        "4294967296, 2097152",
        "8589934592, 4194304",
        "1000000000000, 4194304"
    })
    void aChunkIsTheLeastPowerOfTwoThatMakesAtMost2048OfThem(long size, int chunkBytes) {
        assertThat(Manifest.chunkBytesFor(size)).isEqualTo(chunkBytes);
    }

    @Test
    void theLastChunkMayBeShorter() {
        var manifest = new Manifest(SHA, 250, 100, Collections.nCopies(3, SHA));
        assertThat(manifest.count()).isEqualTo(3);
        assertThat(manifest.offset(2)).isEqualTo(200);
        assertThat(manifest.length(1)).isEqualTo(100);
        assertThat(manifest.length(2)).isEqualTo(50);
        assertThatThrownBy(() -> manifest.offset(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aFileOfWholeChunksHasNoShortOne() {
        assertThat(new Manifest(SHA, 200, 100, Collections.nCopies(2, SHA)).length(1))
                .isEqualTo(100);
    }

    @Test
    void offsetsGoBeyondTwoGigabytes() {
        var manifest = new Manifest(SHA, 4L << 30, 4 << 20, Collections.nCopies(1024, SHA));
        assertThat(manifest.offset(1023)).isEqualTo((4L << 30) - (4 << 20));
    }

    @Test
    void anEmptyFileHasNoChunks() {
        assertThat(new Manifest(SHA, 0, 100, Collections.emptyList()).count()).isZero();
    }

    @Test
    void theChunksFollowFromTheSize() {
        assertThatThrownBy(() -> new Manifest(SHA, 250, 100, Collections.nCopies(2, SHA)))
                .hasMessage("expected 3 chunks of 100 bytes in 250 bytes, but found 2");
        assertThatThrownBy(() -> new Manifest(SHA, 250, 0, Collections.nCopies(2, SHA)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Manifest(SHA, -1, 100, Collections.emptyList()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
