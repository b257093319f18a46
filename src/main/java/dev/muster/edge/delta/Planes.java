package dev.muster.edge.delta;

/// Turns numbers into bytes that compress, and back. Plain loops over arrays: agents run with C1 only.
///
/// Numbers are little-endian words of 1, 2, 4 or 8 bytes. The first `phase` bytes, and those after the last whole word, are
/// treated as words of one byte.
final class Planes {
    private Planes() {}

    /// `bytes ^= old`; its own inverse.
    static void xor(byte[] bytes, byte[] old, int length) {
        for (int i = 0; i < length; i++) {
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
            int d = (short) (((a[i] & 255) | a[i + 1] << 8) - ((b[i] & 255) | b[i + 1] << 8));
            int z = (d << 1) ^ (d >> 15);
            a[i] = (byte) z;
            a[i + 1] = (byte) (z >> 8);
        }
    }

    private static void add2(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 2) {
            int z = (a[i] & 255) | (a[i + 1] & 255) << 8;
            int n = ((z >>> 1) ^ -(z & 1)) + ((b[i] & 255) | b[i + 1] << 8);
            a[i] = (byte) n;
            a[i + 1] = (byte) (n >> 8);
        }
    }

    private static void subtract4(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 4) {
            int d = int4(a, i) - int4(b, i);
            put4(a, i, (d << 1) ^ (d >> 31));
        }
    }

    private static void add4(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 4) {
            int z = int4(a, i);
            put4(a, i, ((z >>> 1) ^ -(z & 1)) + int4(b, i));
        }
    }

    private static void subtract8(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 8) {
            long d = long8(a, i) - long8(b, i);
            long z = (d << 1) ^ (d >> 63);
            put4(a, i, (int) z);
            put4(a, i + 4, (int) (z >> 32));
        }
    }

    private static void add8(byte[] a, byte[] b, int from, int to) {
        for (int i = from; i < to; i += 8) {
            long z = long8(a, i);
            long n = ((z >>> 1) ^ -(z & 1)) + long8(b, i);
            put4(a, i, (int) n);
            put4(a, i + 4, (int) (n >> 32));
        }
    }

    private static int int4(byte[] a, int i) {
        return (a[i] & 255) | (a[i + 1] & 255) << 8 | (a[i + 2] & 255) << 16 | a[i + 3] << 24;
    }

    private static void put4(byte[] a, int i, int value) {
        a[i] = (byte) value;
        a[i + 1] = (byte) (value >> 8);
        a[i + 2] = (byte) (value >> 16);
        a[i + 3] = (byte) (value >> 24);
    }

    private static long long8(byte[] a, int i) {
        return (int4(a, i) & 0xFFFFFFFFL) | (long) int4(a, i + 4) << 32;
    }
}
