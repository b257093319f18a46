package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.net.Socket;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;

/// What a node serves on its artifact port.
public interface LocalChunks {
    /// The file, whole or still arriving; empty when nothing of it is here.
    Optional<Content> open(Sha256 sha) throws IOException;

    /// Its manifest, as [Manifests] writes it; empty when nothing of the file is here.
    ///
    /// @throws IOException when it cannot be made
    Optional<byte[]> manifest(Sha256 sha) throws IOException;

    /// Which chunks are here and verified, eight to a byte; empty when nothing of the file is here.
    Optional<byte[]> have(Sha256 sha) throws IOException;

    /// Where other programs find it; empty when it is not here whole or this node offers no SSH.
    ///
    /// @param asker who asks, where it says so
    default Optional<SshPlace> place(Sha256 sha, Optional<NodeId> asker) throws IOException {
        return Optional.empty();
    }

    /// A node that cannot be dialled opened a connection on which it answers requests. The receiver closes it.
    void reversed(NodeId from, Socket socket) throws IOException;

    /// A file that is open.
    interface Content extends AutoCloseable {
        long size();

        /// Whether all of these bytes are here and verified.
        boolean has(long first, long last);

        /// Sends some of these bytes, at least one; files do it within the kernel where `to` is a socket.
        ///
        /// @return bytes sent; 0 or less when the file ends before `position`
        long transfer(long position, long count, WritableByteChannel to) throws IOException;

        @Override
        void close() throws IOException;
    }
}
