package dev.muster.edge.delta;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Reading of files at positions.
final class Bytes {
    /// Read at a time; the JDK keeps a direct buffer of this size per thread.
    private static final int READ_BYTES = 256 << 10;

    private Bytes() {}

    /// Fills `to[from .. from + length)` from a place in the file.
    ///
    /// @throws IOException when the file ends before
    static void read(FileChannel file, long at, byte[] to, int from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(to, from, 0);
        int end = from + length;
        for (int done = from; done < end; ) {
            buffer.limit(Math.min(end, done + READ_BYTES)).position(done);
            int n = file.read(buffer, at + done - from);
            if (n < 0) {
                throw new IOException("expected " + length + " bytes at " + at + ", but the file ends at " + file.size()
                        + "; it changed while it was read");
            }
            done += n;
        }
    }
}
