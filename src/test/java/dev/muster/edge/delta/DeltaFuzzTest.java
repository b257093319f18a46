package dev.muster.edge.delta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever the files, decoding gives the new one; whatever the delta, it gives that or a [DeltaException].
class DeltaFuzzTest {
    private static final int PAIRS = 60;
    private static final int CORRUPTIONS = 600;

    @TempDir
    private Path dir;

    @Test
    void anyEditsMakeTheRoundTrip() throws IOException {
        for (int seed = 0; seed < PAIRS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] old = content(random, random.nextInt(1 + (1 << random.nextInt(21))));
            byte[] fresh = edited(old, random);
            Path delta = encode(old, fresh);
            Path out = dir.resolve("out");
            DeltaDecoder.decode(dir.resolve("old"), delta, out);
            assertThat(Files.mismatch(dir.resolve("new"), out))
                    .as("seed " + seed)
                    .isEqualTo(-1);
            assertThat(Files.size(delta)).as("seed " + seed).isLessThan(fresh.length + fresh.length / 1000 + 1024);
            Files.delete(out);
        }
    }

    @Test
    void aCorruptedDeltaIsRefusedOrMakesTheSame() throws IOException {
        int refused = 0;
        for (int seed = 0; seed < CORRUPTIONS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] old = content(random, 1000 + random.nextInt(40_000));
            byte[] whole = Files.readAllBytes(encode(old, edited(old, random)));
            Path corrupt = Files.write(dir.resolve("corrupt"), corrupted(whole, random));
            refused += isRefused(corrupt, "seed " + seed) ? 1 : 0;
        }
        assertThat(refused).isGreaterThan(CORRUPTIONS * 9 / 10);
    }

    /// With its header whole a delta gets as far as its instructions.
    @Test
    void randomInstructionsAreRefused() throws IOException {
        byte[] old = content(new SplittableRandom(1), 10_000);
        byte[] whole = Files.readAllBytes(encode(old, old));
        for (int seed = 0; seed < CORRUPTIONS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = Arrays.copyOf(whole, DeltaFormat.HEADER_BYTES + 1 + random.nextInt(200));
            for (int i = DeltaFormat.HEADER_BYTES; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextBoolean() ? random.nextInt(8) : random.nextInt());
            }
            isRefused(Files.write(dir.resolve("corrupt"), bytes), "seed " + seed);
        }
    }

    private boolean isRefused(Path delta, String what) throws IOException {
        Path out = dir.resolve("out");
        try {
            DeltaDecoder.decode(dir.resolve("old"), delta, out);
        } catch (DeltaException e) {
            assertThat(out).as(what).doesNotExist();
            return true;
        }
        assertThat(Files.mismatch(dir.resolve("new"), out)).as(what).isEqualTo(-1);
        Files.delete(out);
        return false;
    }

    private Path encode(byte[] old, byte[] fresh) throws IOException {
        Path delta = dir.resolve("delta");
        Files.deleteIfExists(delta);
        Files.write(dir.resolve("old"), old);
        Files.write(dir.resolve("new"), fresh);
        DeltaEncoder.encode(dir.resolve("old"), dir.resolve("new"), delta);
        return delta;
    }

    /// Stretches of noise, of few different bytes and of zeros.
    private static byte[] content(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; ) {
            int n = Math.min(length - at, 1 + random.nextInt(1 + length / 3));
            int values = switch (random.nextInt(4)) {
                case 0 -> 1;
                case 1 -> 4;
                default -> 256;
            };
            for (int i = at; i < at + n; i++) {
                bytes[i] = (byte) random.nextInt(values);
            }
            at += n;
        }
        return bytes;
    }

    private static byte[] edited(byte[] old, SplittableRandom random) {
        byte[] bytes = old;
        for (int edits = random.nextInt(8); edits > 0; edits--) {
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            bytes = switch (random.nextInt(5)) {
                case 0 -> joined(bytes, 0, from, content(random, random.nextInt(1 + bytes.length / 4)), from);
                case 1 -> joined(bytes, 0, from, new byte[0], to);
                case 2 -> joined(bytes, 0, from, content(random, to - from), to);
                case 3 -> joined(bytes, from, to, Arrays.copyOf(bytes, from), to);
                default -> nudged(bytes, from, to, random);
            };
        }
        return bytes;
    }

    private static byte[] joined(byte[] bytes, int from, int to, byte[] middle, int rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, from, to - from);
        out.writeBytes(middle);
        out.write(bytes, rest, bytes.length - rest);
        return out.toByteArray();
    }

    private static byte[] nudged(byte[] bytes, int from, int to, SplittableRandom random) {
        byte[] result = bytes.clone();
        for (int i = from; i < to; i++) {
            result[i] += (byte) (random.nextInt(3) - 1);
        }
        return result;
    }

    private static byte[] corrupted(byte[] whole, SplittableRandom random) {
        byte[] bytes = whole.clone();
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(4)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) (bytes[at] + 1 + random.nextInt(255));
            case 2 -> bytes = Arrays.copyOf(bytes, at);
            default -> bytes = joined(bytes, 0, at, new byte[] {(byte) random.nextInt()}, at);
        }
        return bytes;
    }
}
