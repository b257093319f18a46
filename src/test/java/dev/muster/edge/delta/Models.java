package dev.muster.edge.delta;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/// Made-up model files, laid out like those of `torch.save` and of safetensors. The same seed makes the same weights.
final class Models {
    /// Sizes of layers as they occur: a few large ones, and small ones (biases, norms) between them.
    private static final int[] LAYER = {1, 64, 4096, 64, 36864, 64, 36864, 256};

    private Models() {}

    /// How a number is kept.
    enum Kind {
        FLOAT32(4, "FloatStorage", "F32"),
        FLOAT16(2, "HalfStorage", "F16"),
        BFLOAT16(2, "BFloat16Storage", "BF16");

        final int width;
        final String storage;
        final String dtype;

        Kind(int width, String storage, String dtype) {
            this.width = width;
            this.storage = storage;
            this.dtype = dtype;
        }
    }

    /// Weights by layer.
    static List<float[]> weights(int bytes, Kind kind, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<float[]> layers = new ArrayList<>();
        int left = bytes / kind.width;
        for (int i = 0; left > 0; i++) {
            float[] layer = new float[Math.min(left, LAYER[i % LAYER.length])];
            for (int j = 0; j < layer.length; j++) {
                layer[j] = (float) (random.nextGaussian() * 0.05);
            }
            layers.add(layer);
            left -= layer.length;
        }
        return layers;
    }

    /// Every weight times `1 + relative * N(0, 1)`.
    static List<float[]> moved(List<float[]> layers, double relative, long seed) {
        return changed(layers, 1, relative, seed);
    }

    /// The same for a share of all weights, here and there.
    static List<float[]> changed(List<float[]> layers, double share, double relative, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<float[]> result = new ArrayList<>();
        for (float[] layer : layers) {
            float[] next = layer.clone();
            for (int i = 0; i < next.length; i++) {
                if (share < 1 && random.nextDouble() >= share) continue;
                next[i] *= (float) (1 + relative * random.nextGaussian());
            }
            result.add(next);
        }
        return result;
    }

    /// New weights in the last part of the layers.
    static List<float[]> retrainedAtTheEnd(List<float[]> layers, double share, long seed) {
        long numbers = layers.stream().mapToLong(layer -> layer.length).sum();
        long kept = (long) (numbers * (1 - share));
        SplittableRandom random = new SplittableRandom(seed);
        List<float[]> result = new ArrayList<>();
        for (float[] layer : layers) {
            float[] next = layer.clone();
            for (int i = 0; kept <= 0 && i < next.length; i++) {
                next[i] = (float) (random.nextGaussian() * 0.05);
            }
            result.add(next);
            kept -= layer.length;
        }
        return result;
    }

    static byte[] bytes(float[] layer, Kind kind) {
        ByteBuffer bytes = ByteBuffer.allocate(layer.length * kind.width).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : layer) {
            switch (kind) {
                case FLOAT32 -> bytes.putFloat(value);
                case FLOAT16 -> bytes.putShort(Float.floatToFloat16(value));
                case BFLOAT16 -> bytes.putShort((short) (Float.floatToRawIntBits(value) + 0x8000 >> 16));
            }
        }
        return bytes.array();
    }

    /// A file like `torch.save`'s: stored records aligned to 64 bytes, each with a data descriptor.
    ///
    /// @param folder   named after the file
    /// @param metadata bytes of text in the pickle beside the weights
    static Path pth(Path file, String folder, int metadata, List<float[]> layers, Kind kind) throws IOException {
        return pth(new Zip(file, false), file, folder, metadata, layers, kind);
    }

    /// The same with the fields that a file above 4 GiB has: sizes and offsets of eight bytes in the directory and its end.
    static Path largePth(Path file, List<float[]> layers, Kind kind) throws IOException {
        return pth(new Zip(file, true), file, "archive", 0, layers, kind);
    }

    private static Path pth(Zip out, Path file, String folder, int metadata, List<float[]> layers, Kind kind)
            throws IOException {
        try (Zip zip = out) {
            zip.record(folder + "/data.pkl", pickle(layers, kind, metadata));
            zip.record(folder + "/byteorder", "little".getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < layers.size(); i++) {
                zip.record(folder + "/data/" + i, bytes(layers.get(i), kind));
            }
            zip.record(folder + "/version", "3\n".getBytes(StandardCharsets.UTF_8));
            zip.record(
                    folder + "/.data/serialization_id",
                    "0636457737946401051300000027264370494161".getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    private static byte[] pickle(List<float[]> layers, Kind kind, int metadata) {
        StringBuilder text =
                new StringBuilder("\u0080\u0002ctorch._utils\n_rebuild_tensor_v2\nctorch\n" + kind.storage + "\n");
        for (int i = 0; i < layers.size(); i++) {
            text.append("X\u0010layer.").append(i).append(".weight").append(layers.get(i).length);
        }
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < metadata; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.append('.').toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /// @param metadata bytes of text in the header beside the tensors
    static Path safetensors(Path file, int metadata, List<float[]> layers, Kind kind) throws IOException {
        StringBuilder json = new StringBuilder("{\"__metadata__\":{\"note\":\"" + "x".repeat(metadata) + "\"}");
        long offset = 0;
        for (int i = 0; i < layers.size(); i++) {
            long end = offset + (long) layers.get(i).length * kind.width;
            json.append(",\"layer.%d\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
                    .formatted(i, kind.dtype, layers.get(i).length, offset, end));
            offset = end;
        }
        json.append('}').append(" ".repeat((8 - (json.length() + 1) % 8) % 8));
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(json.length())
                    .array());
            out.write(json.toString().getBytes(StandardCharsets.ISO_8859_1));
            for (float[] layer : layers) {
                out.write(bytes(layer, kind));
            }
        }
        return file;
    }

    /// Writes records as they are; see [ZipRecords].
    private static final class Zip implements AutoCloseable {
        private final OutputStream out;
        private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
        private final boolean large;
        private int offset;
        private int records;

        Zip(Path file, boolean large) throws IOException {
            this.large = large;
            out = new BufferedOutputStream(Files.newOutputStream(file));
        }

        void record(String name, byte[] content) throws IOException {
            byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
            int padding = (64 - (offset + 30 + nameBytes.length + 4) % 64) % 64;
            CRC32 crc = new CRC32();
            crc.update(content);
            ByteBuffer local = little(30 + nameBytes.length + 4 + padding);
            local.putInt(0x04034B50)
                    .putShort((short) 0)
                    .putShort((short) 8)
                    .putShort((short) 0)
                    .putInt(0);
            local.putInt(0).putInt(0).putInt(0);
            local.putShort((short) nameBytes.length).putShort((short) (4 + padding));
            local.put(nameBytes).put("FB".getBytes(StandardCharsets.UTF_8)).putShort((short) padding);
            while (local.hasRemaining()) {
                local.put((byte) 'Z');
            }
            ByteBuffer central = little(46 + nameBytes.length + (large ? 28 : 0));
            central.putInt(0x02014B50)
                    .putInt(0)
                    .putShort((short) 0)
                    .putShort((short) 0)
                    .putInt(0);
            central.putInt((int) crc.getValue())
                    .putInt(large ? -1 : content.length)
                    .putInt(large ? -1 : content.length);
            central.putShort((short) nameBytes.length)
                    .putShort((short) (large ? 28 : 0))
                    .putShort((short) 0);
            central.putShort((short) 0)
                    .putShort((short) 0)
                    .putInt(0)
                    .putInt(large ? -1 : offset)
                    .put(nameBytes);
            if (large) {
                central.putShort((short) 1)
                        .putShort((short) 24)
                        .putLong(content.length)
                        .putLong(content.length);
                central.putLong(offset);
            }
            directory.write(central.array());
            write(local.array());
            write(content);
            write(little(16)
                    .putInt(0x08074B50)
                    .putInt((int) crc.getValue())
                    .putInt(content.length)
                    .putInt(content.length)
                    .array());
            records++;
        }

        private static ByteBuffer little(int bytes) {
            return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        private void write(byte[] bytes) throws IOException {
            out.write(bytes);
            offset += bytes.length;
        }

        @Override
        public void close() throws IOException {
            int start = offset;
            write(directory.toByteArray());
            if (large) {
                ByteBuffer end =
                        little(56 + 20).putInt(0x06064B50).putLong(44).putInt(0).putLong(0);
                end.putLong(records).putLong(records).putLong(directory.size()).putLong(start);
                write(end.putInt(0x07064B50)
                        .putInt(0)
                        .putLong(start + directory.size())
                        .putInt(1)
                        .array());
            }
            ByteBuffer end = little(22).putInt(0x06054B50).putInt(0);
            end.putShort((short) (large ? -1 : records)).putShort((short) (large ? -1 : records));
            write(end.putInt(large ? -1 : directory.size())
                    .putInt(large ? -1 : start)
                    .putShort((short) 0)
                    .array());
            out.close();
        }
    }
}
