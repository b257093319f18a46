package dev.muster.edge.dataset;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/// How a number is written. All are looked at as doubles: whole numbers beyond 2^53 lose their last digits.
///
/// @param bytes 1, 2, 4 or 8; a float has 2 at least
record NumberType(Kind kind, int bytes, ByteOrder order) {
    enum Kind {
        FLOAT,
        INT,
        UINT,
        /// Of one byte.
        BOOL
    }

    NumberType {
        boolean fits = switch (kind) {
            case FLOAT -> bytes == 2 || bytes == 4 || bytes == 8;
            case INT, UINT -> bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
            case BOOL -> bytes == 1;
        };
        if (!fits) throw new IllegalArgumentException("expected a number's size, but found " + kind + " of " + bytes);
    }

    boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    /// Takes `count` numbers from where `from` stands.
    void read(ByteBuffer from, double[] to, int count) {
        from.order(order);
        int at = from.position();
        switch (kind) {
            case FLOAT -> {
                if (bytes == 2) for (int i = 0; i < count; i++) to[i] = Float.float16ToFloat(from.getShort(at + 2 * i));
                else if (bytes == 4) for (int i = 0; i < count; i++) to[i] = from.getFloat(at + 4 * i);
                else for (int i = 0; i < count; i++) to[i] = from.getDouble(at + 8 * i);
            }
            case INT -> signed(from, at, to, count);
            case UINT, BOOL -> unsigned(from, at, to, count);
        }
        from.position(at + count * bytes);
    }

    private void signed(ByteBuffer from, int at, double[] to, int count) {
        switch (bytes) {
            case 1 -> {
                for (int i = 0; i < count; i++) to[i] = from.get(at + i);
            }
            case 2 -> {
                for (int i = 0; i < count; i++) to[i] = from.getShort(at + 2 * i);
            }
            case 4 -> {
                for (int i = 0; i < count; i++) to[i] = from.getInt(at + 4 * i);
            }
            default -> {
                for (int i = 0; i < count; i++) to[i] = from.getLong(at + 8 * i);
            }
        }
    }

    private void unsigned(ByteBuffer from, int at, double[] to, int count) {
        switch (bytes) {
            case 1 -> {
                for (int i = 0; i < count; i++) to[i] = from.get(at + i) & 0xff;
            }
            case 2 -> {
                for (int i = 0; i < count; i++) to[i] = from.getShort(at + 2 * i) & 0xffff;
            }
            case 4 -> {
                for (int i = 0; i < count; i++) to[i] = Integer.toUnsignedLong(from.getInt(at + 4 * i));
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    long bits = from.getLong(at + 8 * i);
                    to[i] = bits >= 0 ? bits : 0x1p63 + (bits & Long.MAX_VALUE);
                }
            }
        }
    }

    /// `float32`, `int16 big endian`.
    @Override
    public String toString() {
        String name = kind == Kind.BOOL ? "bool" : kind.name().toLowerCase(Locale.ROOT) + 8 * bytes;
        return bytes > 1 && order == ByteOrder.BIG_ENDIAN ? name + " big endian" : name;
    }
}
