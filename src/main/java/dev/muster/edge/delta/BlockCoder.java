package dev.muster.edge.delta;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.muster.edge.delta.Aligner.Stretch;
import java.io.IOException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/// Finds the shortest form of one block of changed bytes: over which old bytes, by which operation, in how many planes.
///
/// All forms are tried on a sample; only the best is made of the whole block.
final class BlockCoder implements AutoCloseable {
    private static final int SLICE_BYTES = 4 << 10;
    private static final int SLICES = 4;
    private static final int SAMPLE_BYTES = SLICES * SLICE_BYTES;

    /// Blocks below cost more as packed ones than as they are.
    private static final int BYTES_MIN = 24;

    private static final int[] WIDTHS = {1, 2, 4, 8};

    /// Planes are noise or nearly constant: level 3 takes three times as long and finds matches in the noise, which cost
    /// 2 % more than they save.
    private static final int LEVEL = 1;

    private final FileChannel news;
    private final FileChannel olds;
    private final long oldSize;
    private final ZstdCompressCtx zstd =
            new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false).setContentSize(false);
    private final byte[] fresh = new byte[DeltaFormat.BLOCK_BYTES_MAX];
    private final byte[] old = new byte[DeltaFormat.BLOCK_BYTES_MAX];
    private final byte[] words = new byte[DeltaFormat.BLOCK_BYTES_MAX];
    private final byte[] planes = new byte[DeltaFormat.BLOCK_BYTES_MAX];
    private final byte[] packed = new byte[(int) Zstd.compressBound(DeltaFormat.BLOCK_BYTES_MAX)];
    private final byte[] sample = new byte[SAMPLE_BYTES];
    private final byte[] oldSample = new byte[SAMPLE_BYTES];
    private int sampleBytes;
    private int samplePhase;

    /// The best form of the last block that was looked at, and what the sample takes in it.
    private record Form(int kind, int width, long shift, int cost) {}

    BlockCoder(FileChannel news, FileChannel olds) throws IOException {
        this.news = news;
        this.olds = olds;
        this.oldSize = olds.size();
    }

    /// Writes the bytes of the new file at `at`, at most [DeltaFormat#BLOCK_BYTES_MAX].
    ///
    /// @param shifts where else than its stretch says the old bytes may lie
    void write(long at, int length, Stretch stretch, long[] shifts, DeltaWriter out) throws IOException {
        Bytes.read(news, at, fresh, 0, length);
        if (length < BYTES_MIN) {
            out.raw(fresh, length);
            return;
        }
        Form form = choose(at, length, stretch, shifts);
        int phase = phase(at, stretch, form.width());
        int packedLength = pack(form, at, length, phase);
        if (packedLength >= length) {
            out.raw(fresh, length);
        } else {
            out.packed(form.kind(), form.width(), phase, at + form.shift(), length, packed, packedLength);
        }
    }

    /// What a sample of the block takes, as a share of the sample.
    double estimate(long at, int length, Stretch stretch, long[] shifts) throws IOException {
        Bytes.read(news, at, fresh, 0, length);
        Form form = choose(at, length, stretch, shifts);
        return Math.min(1, (double) form.cost() / sampleBytes);
    }

    private int pack(Form form, long at, int length, int phase) throws IOException {
        byte[] from = fresh;
        if (form.kind() != DeltaFormat.PLAIN) {
            Bytes.read(olds, at + form.shift(), old, 0, length);
            System.arraycopy(fresh, 0, words, 0, length);
            lay(form.kind(), words, old, phase, length, form.width());
            from = words;
        }
        Planes.split(from, planes, phase, length, form.width());
        return zstd.compressByteArray(packed, 0, packed.length, planes, 0, length);
    }

    private Form choose(long at, int length, Stretch stretch, long[] shifts) throws IOException {
        takeSample(at, length, stretch);
        int[] widths = stretch.width() == 0 ? WIDTHS : new int[] {stretch.width()};
        Form best = new Form(DeltaFormat.PLAIN, 1, 0, tryForm(DeltaFormat.PLAIN, 1));
        for (int width : widths) {
            best = better(best, DeltaFormat.PLAIN, width, 0);
        }
        Form shifted = bestShift(at, length, stretch, shifts, widths[widths.length / 2]);
        if (shifted == null) return best;
        takeOldSample(at + shifted.shift(), at, length, stretch);
        best = shifted.cost() <= best.cost() ? shifted : best;
        for (int width : widths) {
            best = better(best, DeltaFormat.XOR, width, shifted.shift());
            best = better(best, DeltaFormat.SUB, width, shifted.shift());
        }
        return best;
    }

    private Form better(Form best, int kind, int width, long shift) {
        int cost = tryForm(kind, width);
        return cost < best.cost() ? new Form(kind, width, shift, cost) : best;
    }

    private @Nullable Form bestShift(long at, int length, Stretch stretch, long[] shifts, int width)
            throws IOException {
        Form best = null;
        for (int i = stretch.aligned() ? -1 : 0; i < shifts.length; i++) {
            long shift = i < 0 ? stretch.shift() : shifts[i];
            if (at + shift < 0 || at + shift > oldSize - length) continue;
            if (best != null && best.shift() == shift) continue;
            takeOldSample(at + shift, at, length, stretch);
            int cost = tryForm(DeltaFormat.XOR, width);
            if (best == null || cost < best.cost()) best = new Form(DeltaFormat.XOR, width, shift, cost);
        }
        return best;
    }

    /// Bytes that the sample takes in one form.
    private int tryForm(int kind, int width) {
        int phase = width == 1 ? 0 : samplePhase % width;
        byte[] from = sample;
        if (kind != DeltaFormat.PLAIN) {
            System.arraycopy(sample, 0, words, 0, sampleBytes);
            lay(kind, words, oldSample, phase, sampleBytes, width);
            from = words;
        }
        Planes.split(from, planes, phase, sampleBytes, width);
        return zstd.compressByteArray(packed, 0, packed.length, planes, 0, sampleBytes);
    }

    private static void lay(int kind, byte[] words, byte[] old, int phase, int length, int width) {
        if (kind == DeltaFormat.XOR) {
            Planes.xor(words, old, length);
        } else {
            Planes.subtract(words, old, phase, length, width);
        }
    }

    private void takeSample(long at, int length, Stretch stretch) {
        if (length <= SAMPLE_BYTES) {
            System.arraycopy(fresh, 0, sample, 0, length);
            sampleBytes = length;
            samplePhase = Math.min(length, phase(at, stretch, 8));
            return;
        }
        for (int i = 0; i < SLICES; i++) {
            System.arraycopy(fresh, slice(i, at, length, stretch), sample, i * SLICE_BYTES, SLICE_BYTES);
        }
        sampleBytes = SAMPLE_BYTES;
        samplePhase = 0;
    }

    private void takeOldSample(long oldAt, long at, int length, Stretch stretch) throws IOException {
        if (length <= SAMPLE_BYTES) {
            Bytes.read(olds, oldAt, oldSample, 0, length);
            return;
        }
        for (int i = 0; i < SLICES; i++) {
            Bytes.read(olds, oldAt + slice(i, at, length, stretch), oldSample, i * SLICE_BYTES, SLICE_BYTES);
        }
    }

    /// Slices begin where numbers do.
    private static int slice(int i, long at, int length, Stretch stretch) {
        int first = phase(at, stretch, 8);
        int room = length - first - SLICE_BYTES;
        return first + (int) ((long) room * i / (SLICES - 1)) / 8 * 8;
    }

    /// Bytes from `at` to where the next number of this width begins.
    private static int phase(long at, Stretch stretch, int width) {
        return (int) Math.floorMod(stretch.base() - at, (long) width);
    }

    @Override
    public void close() {
        zstd.close();
    }
}
