package dev.muster.edge.delta;

import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Makes a delta: what the holder of an old file needs to make the new one.
///
/// Both files are read once in order, to find what they share by content and to hash them; then what changed is read again
/// beside its old bytes. Memory is some 12 MiB of heap and 2 MiB of Zstandard's, and up to 64 bytes per piece of 64 KiB;
/// pieces grow where an old file has more than 4 GiB of them. A file of 4.8 GB passes through a heap of 24 MiB. Neither file may
/// change meanwhile: a delta of files that did is refused when it is decoded.
public final class DeltaEncoder {
    private static final int PIECE_BYTES_MIN = 64 << 10;
    private static final int PIECE_BYTES_MAX = 1 << 20;

    /// Pieces of an average old file; the index takes 32 to 64 bytes for each.
    private static final int PIECES_MAX = 1 << 16;

    /// A common beginning or end below this is not worth an instruction of its own.
    private static final int COPY_BYTES_MIN = 32;

    private static final int COMPARE_BYTES = 64 << 10;

    private final FileChannel olds;
    private final FileChannel news;
    private final long oldSize;
    private final Cutter cutter;
    private final Runs runs = new Runs();
    private final byte[] left = new byte[COMPARE_BYTES];
    private final byte[] right = new byte[COMPARE_BYTES];

    /// Instructions of one kind, and the bytes of the new file that they make.
    public record Count(long blocks, long bytes) {}

    /// What a delta consists of: bytes taken from the old file as they are, differences by XOR and by subtraction, bytes packed on
    /// their own, and bytes as they are.
    public record Blocks(Count copied, Count xored, Count subtracted, Count plain, Count raw) {}

    /// What came out.
    ///
    /// @param size  of the delta, in bytes
    /// @param ratio bytes of the delta per byte of the new file; 1 if that is empty
    public record Result(DeltaHeader header, long size, double ratio, Blocks blocks, Duration took) {
        /// See [Delta#worthwhile].
        public boolean worthwhile() {
            return Delta.worthwhile(ratio);
        }
    }

    private DeltaEncoder(FileChannel olds, FileChannel news) throws IOException {
        this.olds = olds;
        this.news = news;
        this.oldSize = olds.size();
        this.cutter = new Cutter(pieceBytes(oldSize));
    }

    /// Writes a delta between files whose names are not known: both are hashed, which with C1 only takes half of the time.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException when `out` exists; see the other `encode`
    public static Result encode(Path oldFile, Path newFile, Path out) throws IOException {
        return encode(oldFile, newFile, out, null);
    }

    /// Writes a delta between two files of a store that knows them by content. It is at most 0.1 % and 1 KiB larger than the
    /// new file, when the two have nothing in common.
    ///
    /// @param oldSha the old file's hash, not computed again; a delta with a wrong one is refused by who decodes it
    /// @param newSha the new file's hash, likewise
    /// @param out    must not exist; deleted again on any failure
    /// @throws java.nio.file.FileAlreadyExistsException when `out` exists; it is left as it is
    /// @throws IOException when a file cannot be read or written
    public static Result encode(Path oldFile, Sha256 oldSha, Path newFile, Sha256 newSha, Path out) throws IOException {
        return encode(oldFile, newFile, out, new DeltaHeader(oldSha, Files.size(oldFile), newSha, Files.size(newFile)));
    }

    private static Result encode(Path oldFile, Path newFile, Path out, @Nullable DeltaHeader known) throws IOException {
        long start = System.nanoTime();
        try (FileChannel olds = FileChannel.open(oldFile);
                FileChannel news = FileChannel.open(newFile)) {
            DeltaEncoder encoder = new DeltaEncoder(olds, news);
            DeltaHeader header = encoder.findRuns(known);
            DeltaWriter writer = new DeltaWriter(out, header);
            try (writer) {
                encoder.write(writer);
                double ratio = header.newSize() == 0 ? 1 : (double) writer.size() / header.newSize();
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                return new Result(header, writer.size(), ratio, writer.counts(), took);
            } catch (IOException | RuntimeException | Error e) {
                Files.deleteIfExists(out);
                throw e;
            }
        }
    }

    private static int pieceBytes(long size) {
        int bytes = PIECE_BYTES_MIN;
        while (bytes < PIECE_BYTES_MAX && size / bytes > PIECES_MAX) {
            bytes *= 2;
        }
        return bytes;
    }

    private DeltaHeader findRuns(@Nullable DeltaHeader known) throws IOException {
        MessageDigest oldDigest = Shas.digest();
        MessageDigest newDigest = Shas.digest();
        PieceIndex index = new PieceIndex();
        Pieces before = new Pieces(olds, cutter, known == null ? oldDigest : null);
        while (before.next()) {
            index.add(before.key(), before.offset());
        }
        Pieces now = new Pieces(news, cutter, known == null ? newDigest : null);
        while (now.next()) {
            findRun(now, index);
        }
        return known != null
                ? known
                : new DeltaHeader(Shas.name(oldDigest), oldSize, Shas.name(newDigest), news.size());
    }

    /// Of equal places the one that goes on from the last run is taken: zeros are found everywhere.
    private void findRun(Pieces piece, PieceIndex index) throws IOException {
        long found = index.find(piece.key());
        if (found < 0) return;
        long next = runs.count() == 0 ? 0 : runs.oldEnd(runs.count() - 1);
        if (next != found && isAt(next, piece)) {
            runs.add(piece.offset(), next, piece.length());
        } else if (isAt(found, piece)) {
            runs.add(piece.offset(), found, piece.length());
        }
    }

    private boolean isAt(long at, Pieces piece) throws IOException {
        if (at > oldSize - piece.length()) return false;
        for (int done = 0; done < piece.length(); ) {
            int n = Math.min(left.length, piece.length() - done);
            Bytes.read(olds, at + done, left, 0, n);
            int from = piece.from() + done;
            if (Arrays.mismatch(left, 0, n, piece.buffer(), from, from + n) >= 0) return false;
            done += n;
        }
        return true;
    }

    private void write(DeltaWriter out) throws IOException {
        Aligner aligner = new Aligner(Layout.of(news), Layout.of(olds));
        try (BlockCoder coder = new BlockCoder(news, olds)) {
            long newAt = 0;
            long oldAt = 0;
            for (int run = 0; run < runs.count(); run++) {
                writeGap(newAt, runs.newOffset(run), oldAt, runs.oldOffset(run), aligner, coder, out);
                out.copy(runs.oldOffset(run), runs.length(run));
                newAt = runs.newEnd(run);
                oldAt = runs.oldEnd(run);
            }
            writeGap(newAt, news.size(), oldAt, olds.size(), aligner, coder, out);
        }
        out.end();
    }

    /// Runs end where pieces do; what is equal beyond is copied too, to the byte.
    private void writeGap(
            long newFrom, long newTo, long oldFrom, long oldTo, Aligner aligner, BlockCoder coder, DeltaWriter out)
            throws IOException {
        long ahead = worth(commonAhead(newFrom, oldFrom, Math.min(newTo - newFrom, oldSize - oldFrom)));
        out.copy(oldFrom, ahead);
        long from = newFrom + ahead;
        long behind = worth(commonBehind(newTo, oldTo, Math.min(newTo - from, oldTo)));
        long to = newTo - behind;
        long[] shifts = {oldFrom - newFrom, oldTo - newTo, 0};
        for (long at = from; at < to; ) {
            Aligner.Stretch stretch = aligner.next(at, to);
            while (at < stretch.to()) {
                int n = blockBytes(at, stretch);
                coder.write(at, n, stretch, shifts, out);
                at += n;
            }
        }
        out.copy(oldTo - behind, behind);
    }

    /// A block lies within the old file or outside of it.
    private int blockBytes(long at, Aligner.Stretch stretch) {
        long n = Math.min(DeltaFormat.BLOCK_BYTES_MAX, stretch.to() - at);
        long oldAt = at + stretch.shift();
        if (oldAt < 0) {
            n = Math.min(n, -oldAt);
        } else if (oldAt < oldSize) {
            n = Math.min(n, oldSize - oldAt);
        }
        return (int) n;
    }

    private static long worth(long common) {
        return common < COPY_BYTES_MIN ? 0 : common;
    }

    private long commonAhead(long newAt, long oldAt, long max) throws IOException {
        for (long done = 0; done < max; ) {
            int n = (int) Math.min(COMPARE_BYTES, max - done);
            Bytes.read(news, newAt + done, left, 0, n);
            Bytes.read(olds, oldAt + done, right, 0, n);
            int differs = Arrays.mismatch(left, 0, n, right, 0, n);
            if (differs >= 0) return done + differs;
            done += n;
        }
        return max;
    }

    private long commonBehind(long newEnd, long oldEnd, long max) throws IOException {
        for (long done = 0; done < max; ) {
            int n = (int) Math.min(COMPARE_BYTES, max - done);
            Bytes.read(news, newEnd - done - n, left, 0, n);
            Bytes.read(olds, oldEnd - done - n, right, 0, n);
            for (int i = n - 1; i >= 0; i--) {
                if (left[i] != right[i]) return done + n - 1 - i;
            }
            done += n;
        }
        return max;
    }
}
