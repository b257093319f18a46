package dev.muster.edge.delta;

import dev.muster.edge.delta.Layout.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The records of a zip file whose records are stored as they are, which is how PyTorch saves (`torch.save` since 1.6).
///
/// Offsets of fields are those of PKWARE's APPNOTE 6.3, §4.3. The folder that all records are in is named after the file
/// and is no part of a record's name here, so that a renamed model still has the same tensors.
final class ZipRecords {
    private static final int END_BYTES = 22;
    private static final int COMMENT_BYTES_MAX = 0xFFFF;
    private static final int DIRECTORY_BYTES_MAX = 8 << 20;
    private static final int PICKLE_BYTES_MAX = 4 << 20;
    private static final int STORED = 0;
    private static final long BEYOND_32_BITS = 0xFFFFFFFFL;

    /// Storage classes that a pickle names, and the width of their numbers. Whole numbers are left out: batch
    /// norm counts its batches beside every kind of weights.
    private static final Map<String, Integer> WIDTHS =
            Map.of("DoubleStorage", 8, "FloatStorage", 4, "HalfStorage", 2, "BFloat16Storage", 2);

    private final FileChannel file;

    private ZipRecords(FileChannel file) {
        this.file = file;
    }

    /// None if this is no zip file.
    static List<Tensor> read(FileChannel file) throws IOException {
        try {
            return new ZipRecords(file).records();
        } catch (IndexOutOfBoundsException e) {
            return List.of();
        }
    }

    private List<Tensor> records() throws IOException {
        int tailBytes = (int) Math.min(file.size(), END_BYTES + COMMENT_BYTES_MAX);
        if (tailBytes < END_BYTES || at(0, 4).getInt(0) != 0x04034B50) return List.of();
        ByteBuffer tail = at(file.size() - tailBytes, tailBytes);
        for (int i = tailBytes - END_BYTES; i >= 0; i--) {
            if (tail.getInt(i) == 0x06054B50) return directory(tail, i);
        }
        return List.of();
    }

    private List<Tensor> directory(ByteBuffer tail, int end) throws IOException {
        long size = tail.getInt(end + 12) & 0xFFFFFFFFL;
        long offset = tail.getInt(end + 16) & 0xFFFFFFFFL;
        boolean large = end >= 20 && tail.getInt(end - 20) == 0x07064B50;
        if (large) {
            ByteBuffer end64 = at(tail.getLong(end - 12), 56);
            size = end64.getLong(40);
            offset = end64.getLong(48);
        }
        if (size < 0 || size > DIRECTORY_BYTES_MAX) return List.of();
        return records(at(offset, (int) size));
    }

    private List<Tensor> records(ByteBuffer directory) throws IOException {
        List<Tensor> records = new ArrayList<>();
        Tensor pickle = null;
        for (int i = 0; i + 46 <= directory.limit() && directory.getInt(i) == 0x02014B50; ) {
            int nameBytes = directory.getShort(i + 28) & 0xFFFF;
            int extraBytes = directory.getShort(i + 30) & 0xFFFF;
            int commentBytes = directory.getShort(i + 32) & 0xFFFF;
            if (directory.getShort(i + 10) == STORED && records.size() <= Layout.TENSORS_MAX) {
                String name = new String(directory.array(), i + 46, nameBytes, StandardCharsets.UTF_8);
                Tensor record = record(directory, i, withoutFolder(name), i + 46 + nameBytes, extraBytes);
                records.add(record);
                if (record.name().equals("data.pkl")) pickle = record;
            }
            i += 46 + nameBytes + extraBytes + commentBytes;
        }
        int width = pickle == null ? 0 : width(pickle);
        return records.stream()
                .map(record -> record.name().startsWith("data/")
                        ? new Tensor(record.name(), record.offset(), record.length(), width)
                        : record)
                .toList();
    }

    private Tensor record(ByteBuffer directory, int i, String name, int extra, int extraBytes) throws IOException {
        long length = directory.getInt(i + 24) & 0xFFFFFFFFL;
        long header = directory.getInt(i + 42) & 0xFFFFFFFFL;
        // Sizes that do not fit stand in an extra field of kind 1: length, packed length, offset, each if it does not
        // fit.
        for (int at = extra; at + 4 <= extra + extraBytes; at += 4 + (directory.getShort(at + 2) & 0xFFFF)) {
            if (directory.getShort(at) != 1) continue;
            int next = at + 4;
            if (length == BEYOND_32_BITS) {
                length = directory.getLong(next);
                next += 8;
            }
            if (directory.getInt(i + 20) == -1) next += 8;
            if (header == BEYOND_32_BITS) header = directory.getLong(next);
        }
        ByteBuffer local = at(header, 30);
        long data = header + 30 + (local.getShort(26) & 0xFFFF) + (local.getShort(28) & 0xFFFF);
        return new Tensor(name, data, length, 0);
    }

    private static String withoutFolder(String name) {
        return name.substring(name.indexOf('/') + 1);
    }

    /// The width of the weights, if the pickle names one kind of them; else 0.
    private int width(Tensor pickle) throws IOException {
        if (!pickle.fits(file.size())) return 0;
        int bytes = (int) Math.min(pickle.length(), PICKLE_BYTES_MAX);
        String text = new String(at(pickle.offset(), bytes).array(), StandardCharsets.ISO_8859_1);
        int found = 0;
        for (var kind : WIDTHS.entrySet()) {
            if (!text.contains("torch\n" + kind.getKey() + "\n")) continue;
            if (found != 0 && found != kind.getValue()) return 0;
            found = kind.getValue();
        }
        return found;
    }

    private ByteBuffer at(long offset, int bytes) throws IOException {
        if (offset < 0 || offset > file.size() - bytes) throw new IndexOutOfBoundsException(Long.toString(offset));
        byte[] content = new byte[bytes];
        Bytes.read(file, offset, content, 0, bytes);
        return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }
}
