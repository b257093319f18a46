import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Two generations of a made-up model of float32 weights, as safetensors files.
final class Generations {
    private static final int LAYER = 1 << 16;
    private static final int METADATA_BYTES = 4096;

    private Generations() {}

    /// What the second generation changed.
    enum Change {
        NONE,
        /// All weights, by 1 %.
        MOVED,
        /// 5 % of the weights, here and there.
        SCATTERED,
        /// The last 5 % of the layers.
        LAST,
        /// Nothing but 4 KB more of metadata.
        METADATA,
        /// Everything: random bytes.
        NOISE
    }

    /// Where [#make] puts the first generation.
    static Path first(Path dir) {
        return dir.resolve("first.safetensors");
    }

    /// Writes both.
    ///
    /// @return the second
    static Path make(Path dir, long bytes, Change change) throws IOException {
        int layers = (int) (bytes / 4 / LAYER);
        write(first(dir), layers, Change.NONE);
        return write(dir.resolve("second.safetensors"), layers, change);
    }

    private static Path write(Path file, int layers, Change change) throws IOException {
        SplittableRandom weights = new SplittableRandom(change == Change.NOISE ? System.nanoTime() : 1);
        SplittableRandom changes = new SplittableRandom(2);
        boolean noise = change == Change.NOISE;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            header(out, layers, change == Change.METADATA ? METADATA_BYTES : 0);
            ByteBuffer layer = ByteBuffer.allocate(LAYER * 4).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < layers; i++) {
                layer.clear();
                boolean last = change == Change.LAST && i >= layers * 0.95;
                for (int j = 0; j < LAYER; j++) {
                    if (noise) layer.putInt(weights.nextInt());
                    else layer.putFloat(changed((float) (weights.nextGaussian() * 0.05), last, change, changes));
                }
                out.write(layer.array());
            }
        }
        return file;
    }

    private static float changed(float weight, boolean last, Change change, SplittableRandom random) {
        return switch (change) {
            case NONE, METADATA, NOISE -> weight;
            case MOVED -> weight * (float) (1 + 0.01 * random.nextGaussian());
            case SCATTERED -> random.nextDouble() < 0.05 ? weight * (float) (1 + random.nextGaussian()) : weight;
            case LAST -> last ? (float) (random.nextGaussian() * 0.05) : weight;
        };
    }

    private static void header(OutputStream out, int layers, int metadata) throws IOException {
        StringBuilder json = new StringBuilder("{\"__metadata__\":{\"note\":\"" + "x".repeat(metadata) + "\"}");
        for (int i = 0; i < layers; i++) {
            long at = (long) i * LAYER * 4;
            json.append(",\"layer.%d\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
                    .formatted(i, LAYER, at, at + LAYER * 4));
        }
        json.append('}').append(" ".repeat((8 - (json.length() + 1) % 8) % 8));
        out.write(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length())
                .array());
        out.write(json.toString().getBytes(StandardCharsets.US_ASCII));
    }
}
