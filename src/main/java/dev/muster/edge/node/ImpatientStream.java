package dev.muster.edge.node;

import dev.muster.core.state.Durations;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Gives up on a peer that sends nothing more: the HTTP client's time limit ends with the headers, and a machine that
/// lost power says no goodbye.
final class ImpatientStream extends FilterInputStream {
    private final Duration silenceMax;
    private final Thread watch;
    private volatile long heardNanos = System.nanoTime();
    private volatile boolean gaveUp;

    /// @param silenceMax between two reads that bring something, whether the peer or the reader takes the time
    ImpatientStream(InputStream in, Duration silenceMax) {
        super(in);
        this.silenceMax = silenceMax;
        this.watch = Thread.ofVirtual().name("impatient").start(this::watch);
    }

    private void watch() {
        try {
            while (left() > 0) Thread.sleep(Duration.ofNanos(left()));
            gaveUp = true;
            in.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed in time
        } catch (IOException e) {
            gaveUp = true; // it was broken already, which the reader sees
        }
    }

    private long left() {
        return silenceMax.toNanos() - (System.nanoTime() - heardNanos);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        int count;
        try {
            count = super.read(into, from, length);
        } catch (IOException e) {
            if (gaveUp) throw silent(e);
            throw e;
        }
        if (gaveUp) throw silent(null);
        heardNanos = System.nanoTime();
        return count;
    }

    private IOException silent(@Nullable IOException cause) {
        return new IOException("expected more of the file, but nothing came for " + Durations.brief(silenceMax), cause);
    }

    @Override
    public void close() throws IOException {
        watch.interrupt();
        super.close();
    }
}
