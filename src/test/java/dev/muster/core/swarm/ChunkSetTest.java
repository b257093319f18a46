package dev.muster.core.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkSetTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 63, 64, 65, 512, 1000})
    void bytesCarryASetWhole(int n) {
        ChunkSet some = ChunkSet.none(n);
        for (int i = 0; i < n; i += 3) some.add(i);
        assertThat(ChunkSet.of(n, some.bits())).isEqualTo(some);
        assertThat(ChunkSet.of(n, some.bits()).count()).isEqualTo(some.count());
        assertThat(ChunkSet.of(n, ChunkSet.all(n).bits())).isEqualTo(ChunkSet.all(n));
        assertThat(ChunkSet.all(n).count()).isEqualTo(n);
        assertThat(ChunkSet.all(n).complete()).isTrue();
    }

    @Test
    void theFirstChunkIsTheLowestBitOfTheFirstByte() {
        ChunkSet set = ChunkSet.none(17);
        set.add(0);
        set.add(9);
        set.add(16);
        assertThat(set.bits()).containsExactly(1, 2, 1);
    }

    @Test
    void aChunkCountsOnce() {
        ChunkSet set = ChunkSet.none(2);
        assertThat(set.add(1)).isTrue();
        assertThat(set.add(1)).isFalse();
        assertThat(set.count()).isEqualTo(1);
        assertThat(set.remove(0)).isFalse();
        assertThat(set.remove(1)).isTrue();
        assertThat(set.has(1)).isFalse();
        assertThat(set.count()).isZero();
    }

    @Test
    void aCopyIsItsOwn() {
        ChunkSet set = ChunkSet.none(3);
        ChunkSet copy = set.copy();
        copy.add(2);
        assertThat(set.has(2)).isFalse();
        assertThat(copy).isNotEqualTo(set);
    }

    @Test
    void bytesThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> ChunkSet.of(9, new byte[1])).hasMessage("expected 2 bytes for 9 chunks, but found 1");
        assertThatThrownBy(() -> ChunkSet.of(9, new byte[] {0, 2})).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ChunkSet.none(9).has(9)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> ChunkSet.none(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
