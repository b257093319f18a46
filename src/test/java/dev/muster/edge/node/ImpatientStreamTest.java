package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Timeout(20)
class ImpatientStreamTest {
    private static final Logger LOG = LoggerFactory.getLogger(ImpatientStreamTest.class);
    private static final Duration SOON = Duration.ofMillis(300);

    @Test
    void aPeerThatFallsSilentWithinAFileIsGivenUp() throws Exception {
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                HttpClient client = HttpClient.newHttpClient()) {
            Thread.ofVirtual().start(() -> begin(peer));
            URI file = URI.create("http://127.0.0.1:" + peer.getLocalPort() + "/");
            InputStream body = client.send(HttpRequest.newBuilder(file).build(), BodyHandlers.ofInputStream())
                    .body();
            try (InputStream in = new ImpatientStream(body, SOON)) {
                assertThat(in.readNBytes(5)).isEqualTo("begun".getBytes(StandardCharsets.US_ASCII));
                assertThatThrownBy(in::read)
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith("expected more of the file, but nothing came for 0.3s");
            }
        }
    }

    /// Five bytes of a hundred, and then silence until the peer is closed.
    private static void begin(ServerSocket peer) {
        try (Socket connection = peer.accept()) {
            connection
                    .getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun".getBytes(StandardCharsets.US_ASCII));
            connection.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            LOG.debug("the client went", e);
        }
    }
}
