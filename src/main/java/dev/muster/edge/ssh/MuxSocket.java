package dev.muster.edge.ssh;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// The socket of a connection that `ssh -M` holds. Asked by its own protocol (OpenSSH's PROTOCOL.mux, version 4 since 2010),
/// because `ssh -O` is a process each time.
final class MuxSocket {
    private static final int HELLO = 0x00000001;
    private static final int VERSION = 4;
    private static final int TERMINATE = 0x10000005;
    private static final int REQUEST = 0;

    /// A longer answer is none.
    private static final int ANSWER_MAX = 1 << 16;

    private MuxSocket() {}

    /// Somebody holds it: not so when the holder was killed and left the file behind.
    static boolean held(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /// Ends the connection, and all that goes over it. Blocks until the holder has answered; an interrupt ends that.
    static void end(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            write(channel, HELLO, VERSION);
            write(channel, TERMINATE, REQUEST);
            answer(channel); // its hello
            answer(channel);
        }
    }

    private static void write(SocketChannel channel, int word, int value) throws IOException {
        ByteBuffer packet =
                ByteBuffer.allocate(12).putInt(8).putInt(word).putInt(value).flip();
        while (packet.hasRemaining()) channel.write(packet);
    }

    private static void answer(SocketChannel channel) throws IOException {
        int length = read(channel, 4).getInt();
        if (length < 4 || length > ANSWER_MAX)
            throw new IOException("expected an answer of ssh, but found " + length + " bytes");
        read(channel, length);
    }

    private static ByteBuffer read(SocketChannel channel, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) throw new IOException("ssh closed its socket");
        }
        return bytes.flip();
    }
}
