package dev.muster.edge.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.NodeId;
import dev.muster.edge.config.Token;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class LinesTest {
    /// Who sends drops a line that nothing came back on; its reader says so once more.
    @Test
    void aLineThatWasDroppedIsDroppedAgainWithoutHarm() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Lines lines = new Lines(name("self"), new Token("cluster-token"), server, news -> {});
                Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
            Line line = new Line(
                    socket,
                    new DataInputStream(socket.getInputStream()),
                    new DataOutputStream(socket.getOutputStream()),
                    name("peer"));
            assertThat(lines.add(line, 0)).contains(new NodeId("peer"));
            assertThat(lines.drop(line)).isTrue();
            assertThat(lines.drop(line)).isFalse();
            assertThat(lines.has(line)).isFalse();
            assertThat(lines.count()).isZero();
        }
    }

    private static Handshake.Name name(String node) {
        return new Handshake.Name("test", new NodeId(node), node + "-identity");
    }
}
