package dev.muster.edge.dataset;

import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.exceptions.HdfException;
import io.jhdf.filter.ByteShuffleFilter;
import io.jhdf.filter.FletcherChecksumFilter;
import io.jhdf.filter.PipelineFilterWithData;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// Numbers in chunks, chunk by chunk: one is in memory, as it lies in the file and unpacked, and the index of all.
///
/// HDF5 keeps a chunk that LZF would not shrink as it is, and says so where jHDF does not show it: what has a chunk's size is
/// taken for that.
final class HdfChunks {
    /// HDF5's own cache is 1 MiB; larger chunks are known, larger ones than this would need our heap.
    private static final long BYTES_MAX = 256 << 20;
    /// A chunk takes some of the index as well, so no file has more of them than bytes by this.
    private static final long INDEX_BYTES = 8;

    private static final int DEFLATE = 1;
    private static final int SHUFFLE = 2;
    private static final int FLETCHER = 3;
    private static final int LZF = 32_000;

    private final ChunkedDataset dataset;
    private final NumberType type;
    private final int rank;
    private final long[] axes;
    private final long fileBytes;
    private long missing;
    private long firstMissing = -1;

    HdfChunks(ChunkedDataset dataset, NumberType type, Shape shape, long fileBytes) {
        this.dataset = dataset;
        this.type = type;
        this.rank = shape.rank();
        this.axes = shape.axes().stream().mapToLong(Long::longValue).toArray();
        this.fileBytes = fileBytes;
    }

    void pour(Report report, Tally tally) throws Unsound {
        int[] chunk = Jhdf.asked("the size of its chunks", dataset::getChunkDimensions);
        int bytes = bytes(chunk);
        List<PipelineFilterWithData> filters = Jhdf.asked("known filters", dataset::getFilters);
        for (PipelineFilterWithData filter : filters) known(filter);
        long chunks = chunks(chunk);
        if (chunks == 0) return;
        int[] at = new int[rank];
        double[] values = new double[bytes / type.bytes()];
        long rows = axes[0];
        do {
            long to = Math.min(rows, at[0] + (long) chunk[0]);
            if (!report.sample.hasAny(at[0], to, rows)) continue;
            if (startsBand(at)) tally.band(at[0], (int) (to - at[0]));
            byte[] unpacked = unpacked(at, bytes, filters, report);
            if (unpacked != null) add(unpacked, at, chunk, values, report.sample, tally);
        } while (next(at, chunk));
        if (missing > 0)
            throw new Unsound(
                    "all of its " + chunks + " chunks",
                    missing + " that were never written; the first begins in row " + firstMissing);
    }

    private int bytes(int[] chunk) throws Unsound {
        if (chunk.length != rank) throw new Unsound("chunks of " + rank + " axes", chunk.length + "");
        long bytes = type.bytes();
        for (int axis : chunk) {
            if (axis <= 0) throw new Unsound("chunks with something in them", axis + " along an axis");
            bytes *= axis;
            if (bytes > BYTES_MAX) throw new Unsound("chunks of at most " + BYTES_MAX + " bytes", "larger ones", true);
        }
        return (int) bytes;
    }

    private static void known(PipelineFilterWithData filter) throws Unsound {
        switch (filter.getId()) {
            case DEFLATE, SHUFFLE, FLETCHER, LZF -> {}
            default ->
                throw new Unsound(
                        "chunks that are plain, or packed by deflate, shuffle, fletcher32 or lzf",
                        filter.getName(),
                        true);
        }
    }

    private long chunks(int[] chunk) throws Unsound {
        long chunks = 1;
        for (int axis = 0; axis < rank; axis++) {
            chunks *= (axes[axis] + chunk[axis] - 1) / chunk[axis];
            if (chunks > fileBytes / INDEX_BYTES)
                throw new Unsound("no more chunks than " + fileBytes + " bytes can hold", "a shape that needs more");
        }
        return chunks;
    }

    private static boolean startsBand(int[] at) {
        for (int axis = 1; axis < at.length; axis++) if (at[axis] > 0) return false;
        return true;
    }

    /// The last axis first, as they lie in the file most often.
    private boolean next(int[] at, int[] chunk) {
        for (int axis = rank - 1; axis >= 0; axis--) {
            if (at[axis] + (long) chunk[axis] < axes[axis]) {
                at[axis] += chunk[axis];
                return true;
            }
            at[axis] = 0;
        }
        return false;
    }

    /// Null where it was never written.
    private byte @Nullable [] unpacked(int[] at, int bytes, List<PipelineFilterWithData> filters, Report report)
            throws Unsound {
        Optional<byte[]> written = Jhdf.asked("its chunk at row " + at[0], () -> {
            ByteBuffer found = found(at);
            // A packed chunk is hardly larger than a plain one; what says so is not read.
            if (found == null) return Optional.empty();
            if (found.remaining() > bytes + bytes / 8L + 1024) throw new HdfException("more bytes than a chunk has");
            byte[] read = new byte[found.remaining()];
            found.get(read);
            return Optional.of(read);
        });
        if (written.isEmpty()) {
            missing++;
            if (firstMissing < 0) firstMissing = at[0];
            return null;
        }
        byte[] plain = written.get();
        report.progress.on(plain.length);
        for (PipelineFilterWithData filter : filters.reversed()) plain = unfiltered(plain, filter, bytes, at[0]);
        if (plain.length < bytes)
            throw new Unsound(bytes + " bytes in its chunk at row " + at[0], Integer.toString(plain.length));
        return plain;
    }

    private @Nullable ByteBuffer found(int[] at) {
        try {
            return dataset.getRawChunkBuffer(at.clone());
        } catch (HdfException e) {
            String message = String.valueOf(e.getMessage());
            if (message.startsWith("No chunk with offset") || message.endsWith("at address -1")) return null;
            throw e;
        }
    }

    private static byte[] unfiltered(byte[] packed, PipelineFilterWithData filter, int bytes, int row) throws Unsound {
        String expected = "its chunk at row " + row;
        return switch (filter.getId()) {
            case DEFLATE -> inflated(packed, bytes, expected);
            case SHUFFLE -> Jhdf.asked(expected, () -> new ByteShuffleFilter().decode(packed, filter.getFilterData()));
            case FLETCHER ->
                Jhdf.asked(expected, () -> new FletcherChecksumFilter().decode(packed, filter.getFilterData()));
            default -> packed.length >= bytes ? packed : Lzf.decoded(packed, bytes, expected);
        };
    }

    /// Never more than `bytes` and what a checksum takes, whatever the chunk says.
    private static byte[] inflated(byte[] packed, int bytes, String expected) throws Unsound {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(packed);
            byte[] plain = new byte[bytes + 4];
            int length = 0;
            while (!inflater.finished() && length < plain.length) {
                int part = inflater.inflate(plain, length, plain.length - length);
                if (part == 0 && !inflater.finished()) break;
                length += part;
            }
            if (inflater.finished()) return length == plain.length ? plain : Arrays.copyOf(plain, length);
            throw new Unsound(expected + " of " + bytes + " bytes", length >= bytes ? "more" : "an early end of it");
        } catch (DataFormatException e) {
            throw new Unsound(expected, "that it cannot be unpacked: " + e.getMessage());
        } finally {
            inflater.end();
        }
    }

    /// What stands side by side in the chunk and in the dataset is added in one go.
    private void add(byte[] plain, int[] at, int[] chunk, double[] values, Sample sample, Tally tally) {
        int solid = rank - 1;
        while (solid > 1 && chunk[solid] == axes[solid]) solid--;
        long run = Math.min(chunk[solid], axes[solid] - at[solid]);
        int step = chunk[solid];
        for (int axis = solid + 1; axis < rank; axis++) {
            run *= chunk[axis];
            step *= chunk[axis];
        }
        ByteBuffer bytes = ByteBuffer.wrap(plain);
        int[] in = new int[solid];
        int place = 0;
        do {
            if (inside(in, at)) {
                bytes.position(place * type.bytes());
                type.read(bytes, values, (int) run);
                tell(at[0] + (solid == 0 ? 0L : in[0]), (int) run, values, sample, tally);
            }
            place += step;
        } while (nextIn(in, chunk));
    }

    private void tell(long row, int run, double[] values, Sample sample, Tally tally) {
        if (rank > 1) {
            if (sample.has(row, axes[0])) tally.add(row, values, 0, run);
        } else if (sample.isAll(axes[0])) {
            tally.add(row, values, 0, run);
        } else {
            for (int i = 0; i < run; i++) if (sample.has(row + i, axes[0])) tally.add(row + i, values, i, i + 1);
        }
    }

    private boolean inside(int[] in, int[] at) {
        for (int axis = 0; axis < in.length; axis++) if (at[axis] + (long) in[axis] >= axes[axis]) return false;
        return true;
    }

    private static boolean nextIn(int[] in, int[] chunk) {
        for (int axis = in.length - 1; axis >= 0; axis--) {
            if (++in[axis] < chunk[axis]) return true;
            in[axis] = 0;
        }
        return false;
    }
}
