package dev.muster.edge.training;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/// Writes as W&B does, after the description of LevelDB's log format and of W&B's records.
final class WandbWriter {
    private static final int BLOCK = 32 * 1024;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int number;

    WandbWriter() {
        out.writeBytes(new byte[] {':', 'W', '&', 'B', (byte) 0xE1, (byte) 0xBE, 0});
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    void history(List<String> keys, List<String> json) {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        for (int at = 0; at < keys.size(); at++) {
            ByteArrayOutputStream item = new ByteArrayOutputStream();
            text(item, 1, keys.get(at));
            text(item, 16, json.get(at));
            bytes(record, 1, item.toByteArray());
        }
        record(2, record.toByteArray());
    }

    void nested(List<String> keys, String json) {
        ByteArrayOutputStream item = new ByteArrayOutputStream();
        for (String key : keys) text(item, 2, key);
        text(item, 16, json);
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        bytes(record, 1, item.toByteArray());
        record(2, record.toByteArray());
    }

    void summary(String key, String json) {
        ByteArrayOutputStream item = new ByteArrayOutputStream();
        text(item, 1, key);
        text(item, 16, json);
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        bytes(record, 1, item.toByteArray());
        record(3, record.toByteArray());
    }

    /// A `run` record, of a run that was online.
    void run(String id, String entity, String project) {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        text(record, 1, id);
        text(record, 2, entity);
        text(record, 3, project);
        record(17, record.toByteArray());
    }

    /// A `run` record, with fields of all wire types.
    void other() {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        text(record, 1, "abc");
        varint(record, 14 << 3);
        varint(record, 7);
        varint(record, 30 << 3 | 1);
        record.writeBytes(new byte[8]);
        varint(record, 31 << 3 | 5);
        record.writeBytes(new byte[4]);
        record(17, record.toByteArray());
    }

    private void record(int field, byte[] value) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        varint(message, 1 << 3);
        varint(message, ++number);
        bytes(message, field, value);
        framed(message.toByteArray());
    }

    private void framed(byte[] data) {
        int at = 0;
        boolean first = true;
        do {
            int left = BLOCK - out.size() % BLOCK;
            if (left < 7) {
                out.writeBytes(new byte[left]);
                left = BLOCK;
            }
            int length = Math.min(left - 7, data.length - at);
            boolean last = at + length == data.length;
            part(first ? last ? 1 : 2 : last ? 4 : 3, Arrays.copyOfRange(data, at, at + length));
            at += length;
            first = false;
        } while (at < data.length);
    }

    private void part(int type, byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(type);
        crc.update(data);
        ByteBuffer head = ByteBuffer.allocate(7).order(ByteOrder.LITTLE_ENDIAN);
        out.writeBytes(head.putInt((int) crc.getValue())
                .putShort((short) data.length)
                .put((byte) type)
                .array());
        out.writeBytes(data);
    }

    private static void text(ByteArrayOutputStream to, int field, String text) {
        bytes(to, field, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(ByteArrayOutputStream to, int field, byte[] value) {
        varint(to, field << 3 | 2);
        varint(to, value.length);
        to.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream to, int value) {
        int rest = value;
        while (rest > 0x7F) {
            to.write(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        to.write(rest);
    }
}
