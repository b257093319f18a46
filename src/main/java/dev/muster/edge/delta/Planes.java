package dev.muster.edge.delta;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Turns numbers into bytes that compress, and back. Plain loops over arrays: agents run with C1 only, which makes views of
/// words three times as fast as putting them together from bytes.
///
/// Numbers are little-endian words of 1, 2, 4 or 8 bytes. The first `phase` bytes, and those after the last whole word, are
/// treated as words of one byte.
final class Planes {
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Planes() {}

    /// `bytes ^= old`; its own inverse.
    static void xor(byte[] bytes, byte[] old, int length) {
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            LONGS.set(bytes, i, (long) LONGS.get(bytes, i) ^ (long) LONGS.get(old, i));
        }
        for (; i < length; i++) {
            bytes[i] ^= old[i];
        }
    }

    /// `bytes -= old`, word by word, with the sign in the lowest bit so that small differences have leading zeros.
    static void subtract(byte[] bytes, byte[] old, int phase, int length, int width) {
        int end = width == 1 ? 0 : end(phase, length, width);
        int from = width == 1 ? 0 : phase;
        subtractBytes(bytes, old, 0, from);
        switch (width) {
            case 2 -> subtract2(bytes, old, from, end);
            case 4 -> subtract4(bytes, old, from, end);
            case 8 -> subtract8(bytes, old, from, end);
            default -> end = from;
        }
        subtractBytes(bytes, old, end, length);
    }

    /// Undoes [#subtract].
    static void add(byte[] bytes, byte[] old, int phase, int length, int width) {
        int end = width == 1 ? 0 : end(phase, length, width);
        int from = width == 1 ? 0 : phase;
        addBytes(bytes, old, 0, from);
        switch (width) {
            case 2 -> add2(bytes, old, from, end);
            case 4 -> add4(bytes, old, from, end);
            case 8 -> add8(bytes, old, from, end);
            default -> end = from;
        }
        addBytes(bytes, old, end, length);
    }

    /// Puts first bytes of words together, then second bytes, and so on.
    static void split(byte[] words, byte[] planes, int phase, int length, int width) {
        if (width == 1) {
            System.arraycopy(words, 0, planes, 0, length);
            return;
        }
        int end = end(phase, length, width);
        int to = phase;
        System.arraycopy(words, 0, planes, 0, phase);
        for (int plane = 0; plane < width; plane++) {
            for (int from = phase + plane; from < end; from += width) {
                planes[to++] = words[from];
            }
        }
        System.arraycopy(words, end, planes, end, length - end);
    }

    /// Undoes [#split].
    static void join(byte[] planes, byte[] words, int phase, int length, int width) {
        if (width == 1) {
            System.arraycopy(planes, 0, words, 0, length);
            return;
        }
        int end = end(phase, length, width);
        int from = phase;
        System.arraycopy(planes, 0, words, 0, phase);
        for (int plane = 0; plane < width; plane++) {
            for (int to = phase + plane; to < end; to += width) {
                words[to] = planes[from++];
            }
        }
        System.arraycopy(planes, end, words, end, length - end);
    }

    /// The end of the last whole word; `phase` may be beyond a very short block.
    private static int end(int phase, int length, int width) {
        return phase + (length - phase) / width * width;
    }

    private static void subtractBytes(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i++) {
            int d = (byte) (a[i] - b[i]);
            a[i] = (byte) ((d << 1) ^ (d >> 7));
        }
    }

    private static void addBytes(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i++) {
            int z = a[i] & 255;
            a[i] = (byte) (((z >>> 1) ^ -(z & 1)) + b[i]);
        }
    }

    private static void subtract2(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 2) {
            int d = (short) ((short) SHORTS.get(a, i) - (short) SHORTS.get(b, i));
            SHORTS.set(a, i, (short) ((d << 1) ^ (d >> 15)));
        }
    }

    private static void add2(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 2) {
            int z = (short) SHORTS.get(a, i) & 0xFFFF;
            SHORTS.set(a, i, (short) (((z >>> 1) ^ -(z & 1)) + (short) SHORTS.get(b, i)));
        }
    }

    private static void subtract4(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 4) {
            int d = (int) INTS.get(a, i) - (int) INTS.get(b, i);
            INTS.set(a, i, (d << 1) ^ (d >> 31));
        }
    }

    private static void add4(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 4) {
            int z = (int) INTS.get(a, i);
            INTS.set(a, i, ((z >>> 1) ^ -(z & 1)) + (int) INTS.get(b, i));
        }
    }

    private static void subtract8(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 8) {
            long d = (long) LONGS.get(a, i) - (long) LONGS.get(b, i);
            LONGS.set(a, i, (d << 1) ^ (d >> 63));
        }
    }

    private static void add8(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 8) {
            long z = (long) LONGS.get(a, i);
            LONGS.set(a, i, ((z >>> 1) ^ -(z & 1)) + (long) LONGS.get(b, i));
        }
    }
}
