package dev.muster.edge.gossip;

import dev.muster.core.gossip.Letter;
import dev.muster.core.state.NodeId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An open stream to a member, whoever opened it. One virtual thread reads and one writes, so whoever sends never waits.
final class Line implements AutoCloseable {
    /// Letters that wait for a slow peer; more are lost, as they would be for a peer that is gone.
    private static final int QUEUE = 64;
    /// A peer that answers nothing for so long is not at the other end of this line any more.
    private static final long STALE_MS = 5_000;

    private static final byte[] BYE = new byte[0];

    private static final Logger LOG = LoggerFactory.getLogger(Line.class);

    /// Told by the line's own threads.
    interface Ears {
        void received(Line line, Letter letter);

        /// @param told the peer said that it closes the line
        void down(Line line, boolean told);
    }

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final Handshake.Name peer;
    private final BlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(QUEUE);
    private Thread writer = Thread.ofVirtual().unstarted(this::write);
    /// The protocol thread's own: when the oldest question was sent that nothing came back for, 0 for none; last use.
    private long askedAtMs;
    private long usedAtMs;

    Line(Socket socket, DataInputStream in, DataOutputStream out, Handshake.Name peer) {
        this.socket = socket;
        this.in = in;
        this.out = out;
        this.peer = peer;
    }

    NodeId peer() {
        return peer.node();
    }

    String identity() {
        return peer.identity();
    }

    void start(Ears ears) {
        writer = Thread.ofVirtual().name("gossip-write-" + peer.node()).start(this::write);
        Thread.ofVirtual().name("gossip-read-" + peer.node()).start(() -> read(ears));
    }

    // ---- the protocol thread

    void send(Letter letter, long nowMs) {
        usedAtMs = nowMs;
        if (letter.asks() && askedAtMs == 0) askedAtMs = nowMs;
        byte[] bytes = LetterCodec.write(letter);
        if (!queue.offer(bytes)) LOG.debug("gossip.slow peer={}", peer.node());
    }

    void heard(long nowMs) {
        usedAtMs = nowMs;
        askedAtMs = 0;
    }

    boolean stale(long nowMs) {
        return askedAtMs != 0 && nowMs - askedAtMs > STALE_MS;
    }

    long usedAtMs() {
        return usedAtMs;
    }

    // ---- its own threads

    private void read(Ears ears) {
        boolean told = false;
        try {
            while (!told) {
                int length = in.readInt();
                if (length < 0 || length > LetterCodec.LETTER_MAX) {
                    throw new IOException("expected at most " + LetterCodec.LETTER_MAX + " bytes, but found " + length);
                }
                byte[] bytes = new byte[length];
                in.readFully(bytes);
                told = length == 0;
                Optional<Letter> letter = told ? Optional.empty() : LetterCodec.read(bytes);
                letter.ifPresent(known -> ears.received(this, known));
            }
        } catch (IOException e) {
            LOG.debug("gossip.line-ended peer={}", peer.node(), e);
        }
        ears.down(this, told);
        close();
    }

    private void write() {
        try {
            while (true) {
                byte[] next = queue.take();
                while (next != null) {
                    out.writeInt(next.length);
                    out.write(next);
                    if (next == BYE) {
                        out.flush();
                        close();
                        return;
                    }
                    next = queue.poll();
                }
                out.flush();
            }
        } catch (InterruptedException | IOException e) {
            LOG.debug("gossip.line-ended peer={}", peer.node(), e);
            close();
        }
    }

    /// Closes it once what waits is sent, and says so.
    void bye() {
        if (!queue.offer(BYE)) close();
    }

    /// Waits until what waits is sent.
    void awaitEnd(Duration max) throws InterruptedException {
        writer.join(max);
    }

    @Override
    public void close() {
        writer.interrupt();
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("gossip.close-failed", e);
        }
    }
}
