package dev.muster.edge.http;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.swarm.LocalChunks;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/// The member's files, with the sizes that its state says.
record MemoryChunks(InMemoryMember member) implements LocalChunks {
    @Override
    public Optional<Content> open(Sha256 sha) {
        return Optional.ofNullable(member.files.get(sha))
                .map(bytes -> new Bytes(
                        bytes, member.state().files().artifacts().require(sha).size()));
    }

    @Override
    public Optional<byte[]> manifest(Sha256 sha) {
        return Optional.empty();
    }

    @Override
    public Optional<byte[]> have(Sha256 sha) {
        return Optional.empty();
    }

    @Override
    public void reversed(NodeId from, Socket socket) {
        throw new IllegalStateException("nobody is behind NAT here");
    }

    private record Bytes(byte[] bytes, long size) implements Content {
        @Override
        public boolean has(long first, long last) {
            return true;
        }

        @Override
        public long transfer(long position, long count, WritableByteChannel to) throws IOException {
            if (position >= bytes.length) return 0;
            return to.write(ByteBuffer.wrap(bytes, (int) position, (int) Math.min(count, bytes.length - position)));
        }

        @Override
        public void close() {}
    }
}
