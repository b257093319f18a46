package dev.muster.edge.dataset;

/// LibLZF's format, as h5py's `lzf` filter writes it: runs of bytes, and references to what came before.
final class Lzf {
    private static final int LITERALS_MAX = 32;
    /// A reference's length stands in three bits, or in the next byte.
    private static final int LONG = 7;

    private Lzf() {}

    /// @throws Unsound when it is not that, or not so long
    static byte[] decoded(byte[] packed, int bytes, String expected) throws Unsound {
        byte[] plain = new byte[bytes];
        int to = 0;
        int from = 0;
        try {
            while (from < packed.length) {
                int control = packed[from++] & 0xff;
                if (control < LITERALS_MAX) {
                    System.arraycopy(packed, from, plain, to, control + 1);
                    from += control + 1;
                    to += control + 1;
                    continue;
                }
                int length = control >> 5;
                if (length == LONG) length += packed[from++] & 0xff;
                int back = ((control & 0x1f) << 8 | packed[from++] & 0xff) + 1;
                // Byte by byte, since what it refers to may be what it writes.
                for (int end = to + length + 2; to < end; to++) plain[to] = plain[to - back];
            }
        } catch (IndexOutOfBoundsException e) {
            throw new Unsound(expected + " of " + bytes + " bytes", "that it cannot be unpacked");
        }
        if (to != bytes) throw new Unsound(expected + " of " + bytes + " bytes", to + "");
        return plain;
    }
}
