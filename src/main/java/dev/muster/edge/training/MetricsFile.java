package dev.muster.edge.training;

import dev.muster.core.state.Traces.Tracked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A file of metrics that a run is still writing: what was added since the last look is read, in little memory. What is not
/// finished at its end is left for the next look; a file that became shorter, or is another one by its beginning, is read anew.
public final class MetricsFile {
    /// Read at once.
    private static final int CHUNK = 1 << 18;
    /// In one look: a file of months is caught up with over several.
    private static final int LOOK_MAX = 64 << 20;
    /// By which a file is known again.
    private static final int HEAD = 64;
    /// Rows of one look that are kept; more are thinned by leaving out every second one.
    private static final int ROWS_MAX = 100_000;

    /// What one row, or one step, says.
    ///
    /// @param metrics numbers by their canonical names, NaN and infinities among them
    public record Row(SortedMap<String, Double> metrics) {
        public Row {
            metrics = new TreeMap<>(metrics);
        }

        static Row of(Map<String, Double> written) {
            SortedMap<String, Double> metrics = new TreeMap<>();
            written.forEach((name, value) -> metrics.putIfAbsent(MetricName.canonical(name), value));
            return new Row(metrics);
        }
    }

    /// @param rows    that are new, in the file's order
    /// @param anew    the file is another one than before: `rows` begin at its beginning
    /// @param summary the last values by name, as W&B keeps them beside the steps; empty of other files
    /// @param skipped lines or blocks, of the whole file so far, that could not be read
    /// @param more    there is more to be read now
    public record Look(List<Row> rows, boolean anew, SortedMap<String, Double> summary, long skipped, boolean more) {
        public Look {
            rows = List.copyOf(rows);
            summary = new TreeMap<>(summary);
        }
    }

    /// How a kind of file is cut into rows.
    interface Format {
        /// @param bytes what follows those that were taken before
        /// @return how many of them were taken; the rest comes again, with more
        int take(ByteBuffer bytes, List<Row> rows);

        long skipped();

        default Optional<Tracked> tracked() {
            return Optional.empty();
        }

        default SortedMap<String, Double> summary() {
            return new TreeMap<>();
        }
    }

    private final Path file;
    private Format format;
    private long taken;
    private byte[] head = {};
    /// The file system's name of it; null where it has none.
    private @Nullable Object inode;
    /// Taken out of the file and not yet by the format.
    private ByteBuffer rest = ByteBuffer.allocate(0);

    /// By its name: `.csv`, `.wandb`, or else JSON lines.
    public MetricsFile(Path file) {
        this.file = file;
        this.format = format();
    }

    private Format format() {
        String name = file.toString();
        if (name.endsWith(".csv")) return new CsvRows();
        return name.endsWith(".wandb") ? new WandbRows() : new JsonRows();
    }

    /// @throws IOException when it cannot be read, or is not there
    public Look look() throws IOException {
        List<Row> rows = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Object now = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            boolean anew = isAnother(channel) || inode != null && !inode.equals(now);
            inode = now;
            if (anew) startAnew();
            long end = Math.min(channel.size(), taken + LOOK_MAX);
            while (taken < end) {
                if (!read(channel, end)) break;
                rest.position(format.take(rest.duplicate(), rows));
                if (rows.size() > ROWS_MAX) thin(rows);
            }
            return new Look(rows, anew, format.summary(), format.skipped(), taken < channel.size());
        }
    }

    /// Where its tracker shows the run, as far as the file tells and was read.
    public Optional<Tracked> tracked() {
        return format.tracked();
    }

    private void startAnew() {
        format = format();
        taken = 0;
        rest = ByteBuffer.allocate(0);
    }

    private boolean isAnother(FileChannel channel) throws IOException {
        byte[] now = bytes(channel, 0, (int) Math.min(HEAD, channel.size()));
        boolean another = channel.size() < taken || !Arrays.equals(head, Arrays.copyOf(now, head.length));
        head = now;
        return another;
    }

    private static byte[] bytes(FileChannel channel, long from, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) > 0) continue;
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /// Puts the next bytes behind what is left.
    private boolean read(FileChannel channel, long end) throws IOException {
        byte[] next = bytes(channel, taken, (int) Math.min(CHUNK, end - taken));
        if (next.length == 0) return false;
        taken += next.length;
        ByteBuffer joined = ByteBuffer.allocate(rest.remaining() + next.length);
        joined.put(rest).put(next).flip();
        rest = joined;
        return true;
    }

    private static void thin(List<Row> rows) {
        List<Row> half = new ArrayList<>();
        for (int at = 0; at < rows.size(); at += 2) half.add(rows.get(at));
        rows.clear();
        rows.addAll(half);
    }
}
