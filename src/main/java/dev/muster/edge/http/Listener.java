package dev.muster.edge.http;

import dev.muster.edge.wire.Wire;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A Helidon server cut down to what a small heap affords: HTTP/1.1 only, nothing discovered, nothing buffered whole. The one
/// place where Helidon is set up.
public final class Listener {
    /// Held, or the level would be collected with the logger. Helidon tells of its features at INFO at each start.
    private static final Logger HELIDON = Logger.getLogger("io.helidon");
    /// 4,096 connections: a voter's followers and some hundred people; each idle one holds about 10 KiB.
    private static final int CONNECTIONS_MAX = 4096;
    private static final int BUFFER_BYTES = 8 << 10;
    private static final Duration IDLE = Duration.ofMinutes(2);
    /// Streams are cut at a stop; a request in flight gets this long.
    private static final Duration GRACE = Duration.ofMillis(200);

    static {
        HELIDON.setLevel(Level.WARNING);
    }

    private Listener() {}

    /// @throws PortUnavailable when it cannot listen there
    static WebServer start(String what, String host, int port, Handler handler) {
        try {
            return start(host, port, handler, new JsonErrors());
        } catch (IOException e) {
            throw new PortUnavailable(what, host, port, e);
        }
    }

    /// @param port   0 takes a free one
    /// @param errors answers what is no HTTP at all, or fails before or beside the handler
    /// @throws IOException when it cannot listen there; the message says why
    public static WebServer start(String host, int port, Handler handler, DirectHandler errors) throws IOException {
        probe(host, port);
        WebServer server = WebServer.builder()
                .host(host)
                .port(port)
                .shutdownHook(false)
                .featuresDiscoverServices(false)
                .protocolsDiscoverServices(false)
                .concurrencyLimitDiscoverServices(false)
                .addConnectionSelector(Http1ConnectionSelector.builder()
                        .config(Http1Config.builder().buildPrototype())
                        .build())
                .mediaContext(MediaContext.builder()
                        .mediaSupportsDiscoverServices(false)
                        .build())
                .contentEncoding(ContentEncodingContext.builder()
                        .contentEncodingsDiscoverServices(false)
                        .build())
                .maxTcpConnections(CONNECTIONS_MAX)
                .backlog(256)
                .writeBufferSize(BUFFER_BYTES)
                .idleConnectionTimeout(IDLE)
                .idleConnectionPeriod(IDLE.dividedBy(4))
                .shutdownGracePeriod(GRACE)
                .connectionOptions(options -> options.tcpNoDelay(true).socketKeepAlive(true))
                .directHandlers(all(errors))
                .routing((HttpRouting.Builder routing) -> routing.any(closing(handler)))
                .build();
        server.start();
        if (server.isRunning()) return server;
        throw new IOException("it is in use");
    }

    /// Helidon 4.5 answers `Connection: close` in kind and then waits for the next request all the same.
    private static Handler closing(Handler handler) {
        return (request, response) -> {
            handler.handle(request, response);
            boolean close = request.headers()
                    .first(HeaderNames.CONNECTION)
                    .filter(asked -> asked.equalsIgnoreCase("close"))
                    .isPresent();
            if (close) throw new CloseConnectionException("as the client asked");
        };
    }

    /// Helidon only logs that it cannot listen.
    private static void probe(String host, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static DirectHandlers all(DirectHandler errors) {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (DirectHandler.EventType event : DirectHandler.EventType.values()) handlers.addHandler(event, errors);
        return handlers.build();
    }

    private static final class JsonErrors implements DirectHandler {
        @Override
        public TransportResponse handle(
                TransportRequest request,
                EventType event,
                Status status,
                ServerResponseHeaders headers,
                String message) {
            String code = status.code() >= 500 ? "INTERNAL" : "INVALID";
            String text = message == null || message.isBlank() ? status.reasonPhrase() : message;
            byte[] body = Wire.bytes(new Problem.Body(code, text, "", null, null, null));
            return TransportResponse.builder()
                    .status(status)
                    .headers(headers)
                    .header(HeaderValues.CONTENT_TYPE_JSON)
                    .entity(body)
                    .build();
        }
    }
}
