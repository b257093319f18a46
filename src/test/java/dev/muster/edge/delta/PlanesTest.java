package dev.muster.edge.delta;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PlanesTest {
    @Test
    void joiningUndoesSplittingForEveryWidthPhaseAndLength() {
        byte[] bytes = random(100, 1);
        for (int width = 1; width <= 8; width *= 2) {
            for (int phase = 0; phase < width; phase++) {
                for (int length = phase; length <= bytes.length; length++) {
                    byte[] planes = new byte[length];
                    byte[] joined = new byte[length];
                    Planes.split(bytes, planes, phase, length, width);
                    Planes.join(planes, joined, phase, length, width);
                    assertThat(joined).isEqualTo(Arrays.copyOf(bytes, length));
                }
            }
        }
    }

    @Test
    void addingUndoesSubtractingForEveryWidthPhaseAndLength() {
        byte[] old = random(100, 2);
        for (int width = 1; width <= 8; width *= 2) {
            for (int phase = 0; phase < width; phase++) {
                for (int length = phase; length <= old.length; length++) {
                    byte[] bytes = random(length, 3 + length);
                    byte[] before = bytes.clone();
                    Planes.subtract(bytes, old, phase, length, width);
                    Planes.add(bytes, old, phase, length, width);
                    assertThat(bytes).isEqualTo(before);
                }
            }
        }
    }

    @Test
    void smallDifferencesOfEitherSignHaveLeadingZeros() {
        assertThat(difference(2, 1000, 1003)).containsExactly(6, 0);
        assertThat(difference(2, 1000, 999)).containsExactly(1, 0);
        assertThat(difference(4, 70_000, 70_001)).containsExactly(2, 0, 0, 0);
        assertThat(difference(4, 70_000, 69_998)).containsExactly(3, 0, 0, 0);
        assertThat(difference(8, 1L << 40, (1L << 40) - 1)).containsExactly(1, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void firstBytesOfWordsComeTogether() {
        byte[] planes = new byte[11];
        Planes.split(new byte[] {9, 1, 2, 3, 4, 5, 6, 7, 8, 7, 7}, planes, 1, 11, 4);
        assertThat(planes).containsExactly(9, 1, 5, 2, 6, 3, 7, 4, 8, 7, 7);
    }

    private static byte[] difference(int width, long old, long fresh) {
        byte[] bytes = word(width, fresh);
        Planes.subtract(bytes, word(width, old), 0, width, width);
        return bytes;
    }

    private static byte[] word(int width, long value) {
        byte[] bytes = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        return Arrays.copyOf(bytes, width);
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }
}
