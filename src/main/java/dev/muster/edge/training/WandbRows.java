package dev.muster.edge.training;

import dev.muster.core.state.Traces.Tracked;
import dev.muster.edge.training.MetricsFile.Row;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

/// What W&B writes offline (`run-*.wandb`): records in LevelDB's log framing, blocks of 32 KiB, each record's parts with a
/// checksum; each record a protobuf message, of which only `history`, `summary` and `run` are looked at.
///
/// W&B's checksum is not LevelDB's: it is the plain CRC-32 of zlib over the type and the data. The file begins with seven bytes,
/// `:W&B`, 0xBEE1 and a version, which count as a part of the first block.
final class WandbRows implements MetricsFile.Format {
    private static final int HEADER = 7;
    private static final int BLOCK = 1 << 15;
    private static final byte[] MAGIC = {':', 'W', '&', 'B', (byte) 0xE1, (byte) 0xBE};

    private static final int FULL = 1;
    private static final int FIRST = 2;
    private static final int MIDDLE = 3;
    private static final int LAST = 4;

    /// Larger records are tables and media, no metrics.
    private static final int RECORD_MAX = 16 << 20;

    /// Where it shows runs, unless it is another's own server, which the file does not name.
    private static final String SITE = "https://wandb.ai/";

    private final SortedMap<String, Double> summary = new TreeMap<>();
    private Optional<Tracked> tracked = Optional.empty();
    private final ByteArrayOutputStream joined = new ByteArrayOutputStream();
    private boolean joining;
    private boolean notOurs;
    /// In the file, of what is taken next.
    private long offset;
    private long skipped;

    @Override
    public long skipped() {
        return skipped;
    }

    @Override
    public SortedMap<String, Double> summary() {
        return summary;
    }

    @Override
    public Optional<Tracked> tracked() {
        return tracked;
    }

    @Override
    public int take(ByteBuffer bytes, List<Row> rows) {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        while (true) {
            int size = next(bytes, rows);
            if (size == 0) return bytes.position();
            bytes.position(bytes.position() + size);
            offset += size;
        }
    }

    /// @return how many bytes were taken; 0 when more are needed
    private int next(ByteBuffer bytes, List<Row> rows) {
        if (notOurs) return bytes.remaining();
        if (bytes.remaining() < HEADER) {
            int left = (int) (BLOCK - offset % BLOCK);
            return left < HEADER && bytes.remaining() >= left ? left : 0;
        }
        if (offset == 0) return begin(bytes);
        int left = (int) (BLOCK - offset % BLOCK);
        if (left < HEADER) return left;
        int at = bytes.position();
        int length = bytes.getShort(at + 4) & 0xFFFF;
        int type = bytes.get(at + 6);
        if (type < FULL || type > LAST || HEADER + length > left) return damaged(bytes, left);
        if (bytes.remaining() < HEADER + length) return 0;
        byte[] data = new byte[length];
        bytes.get(at + HEADER, data);
        if (checksum(type, data) != (bytes.getInt(at) & 0xFFFFFFFFL)) return damaged(bytes, left);
        part(type, data, rows);
        return HEADER + length;
    }

    private int begin(ByteBuffer bytes) {
        for (int at = 0; at < MAGIC.length; at++) {
            if (bytes.get(bytes.position() + at) == MAGIC[at]) continue;
            notOurs = true;
            skipped++;
            return bytes.remaining();
        }
        return HEADER;
    }

    /// Nothing tells where the next record begins before the next block does.
    private int damaged(ByteBuffer bytes, int left) {
        if (bytes.remaining() < left) return 0;
        skipped++;
        joining = false;
        return left;
    }

    private static long checksum(int type, byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(type);
        crc.update(data);
        return crc.getValue();
    }

    private void part(int type, byte[] data, List<Row> rows) {
        boolean begins = type == FULL || type == FIRST;
        // The beginning of this one, or the end of the one before, lies in a damaged block.
        if (begins == joining) skipped++;
        if (!begins && !joining) return;
        if (begins) joined.reset();
        joined.write(data, 0, data.length);
        joining = type == FIRST || type == MIDDLE;
        if (joined.size() > RECORD_MAX) {
            joining = false;
            skipped++;
        } else if (!joining) {
            record(joined.toByteArray(), rows);
        }
    }

    private void record(byte[] message, List<Row> rows) {
        try {
            Map<String, Double> numbers = new LinkedHashMap<>();
            Wire.fields(ByteBuffer.wrap(message), (number, value) -> {
                if (number == 2) items(value, numbers);
                if (number == 3) summary(value);
                if (number == 17) run(value);
            });
            if (!numbers.isEmpty()) rows.add(Row.of(numbers));
        } catch (IllegalArgumentException e) {
            skipped++;
        }
    }

    private void summary(ByteBuffer record) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        items(record, numbers);
        summary.putAll(Row.of(numbers).metrics());
    }

    /// Offline, whose it is may not be known before it is synchronised.
    private void run(ByteBuffer record) {
        String[] texts = {"", "", "", ""};
        Wire.fields(record, (number, value) -> {
            if (number < texts.length)
                texts[number] = StandardCharsets.UTF_8.decode(value).toString();
        });
        String id = texts[1];
        String entity = texts[2];
        String project = texts[3];
        if (!id.matches("[\\w-]{1,100}")) return;
        boolean whose = entity.matches("[\\w.-]{1,80}") && project.matches("[\\w.-]{1,80}");
        tracked = Optional.of(new Tracked(id, whose ? SITE + entity + "/" + project + "/runs/" + id : ""));
    }

    private static void items(ByteBuffer record, Map<String, Double> numbers) {
        Wire.fields(record, (number, value) -> {
            if (number == 1) item(value, numbers);
        });
    }

    /// Either a key, or the keys of a nested value, and the value as JSON.
    private static void item(ByteBuffer item, Map<String, Double> numbers) {
        List<String> keys = new ArrayList<>();
        List<String> json = new ArrayList<>();
        Wire.fields(item, (number, value) -> {
            String text = StandardCharsets.UTF_8.decode(value).toString();
            if (number == 1 && !text.isEmpty() || number == 2) keys.add(text);
            if (number == 16) json.add(text);
        });
        if (!keys.isEmpty() && !json.isEmpty()) JsonRows.numbers(json.getLast(), String.join("/", keys), numbers);
    }

    /// Protobuf's wire format, as far as it is needed here: fields that have a length.
    private static final class Wire {
        interface Field {
            void at(int number, ByteBuffer value);
        }

        static void fields(ByteBuffer message, Field field) {
            while (message.hasRemaining()) {
                long key = varint(message);
                switch ((int) key & 7) {
                    case 0 -> varint(message);
                    case 1 -> skip(message, 8);
                    case 2 -> {
                        long length = varint(message);
                        if (length < 0 || length > message.remaining()) throw new IllegalArgumentException("too long");
                        field.at((int) (key >>> 3), message.slice(message.position(), (int) length));
                        skip(message, (int) length);
                    }
                    case 5 -> skip(message, 4);
                    default -> throw new IllegalArgumentException("no such type of a field");
                }
            }
        }

        private static void skip(ByteBuffer message, int count) {
            if (message.remaining() < count) throw new IllegalArgumentException("too short");
            message.position(message.position() + count);
        }

        private static long varint(ByteBuffer message) {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                if (!message.hasRemaining()) throw new IllegalArgumentException("too short");
                byte next = message.get();
                value |= (next & 0x7FL) << shift;
                if (next >= 0) return value;
            }
            throw new IllegalArgumentException("no such number");
        }
    }
}
