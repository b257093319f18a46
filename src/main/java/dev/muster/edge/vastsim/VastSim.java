package dev.muster.edge.vastsim;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A simulated market, served.
public final class VastSim implements AutoCloseable {
    /// Held, or the level would be collected with the logger. Helidon tells of its features at INFO at each start.
    private static final Logger HELIDON = Logger.getLogger("io.helidon");
    private static final Duration GRACE = Duration.ofMillis(200);

    static {
        HELIDON.setLevel(Level.WARNING);
    }

    private final Sim sim;
    private final WebServer server;

    private VastSim(Sim sim, WebServer server) {
        this.sim = sim;
        this.server = server;
    }

    /// Listens and serves until it is closed, and has the boot run what is rented.
    ///
    /// @param boot is closed with it
    /// @throws UncheckedIOException when it cannot listen there
    public static VastSim start(SimSettings settings, Boot boot) {
        probe(settings);
        Sim sim = new Sim(settings, boot);
        WebServer server = WebServer.builder()
                .host(settings.host())
                .port(settings.port())
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
                .shutdownGracePeriod(GRACE)
                .connectionOptions(options -> options.tcpNoDelay(true))
                .directHandlers(directHandlers())
                .routing((HttpRouting.Builder routing) -> routing.any(new Front(sim)))
                .build();
        server.start();
        if (server.isRunning()) return new VastSim(sim, server);
        sim.close();
        throw new UncheckedIOException(new IOException("expected to listen on " + address(settings)));
    }

    /// Helidon only logs that it cannot listen.
    private static void probe(SimSettings settings) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(settings.host(), settings.port()));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    new IOException("expected to listen on " + address(settings) + ", but " + e.getMessage(), e));
        }
    }

    private static String address(SimSettings settings) {
        return settings.host() + ":" + settings.port();
    }

    /// What is no HTTP at all is answered in JSON too.
    private static DirectHandlers directHandlers() {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (DirectHandler.EventType event : DirectHandler.EventType.values())
            handlers.addHandler(
                    event,
                    (request, type, status, headers, message) -> DirectHandler.TransportResponse.builder()
                            .status(status)
                            .headers(headers)
                            .header(HeaderNames.CONTENT_TYPE, Reply.JSON)
                            .entity(Reply.json(status.code(), new Refusal(status.code(), "bad_request", message).body())
                                    .bytes())
                            .build());
        return handlers.build();
    }

    /// The port it listens on: the one asked for, or the free one it took.
    public int port() {
        return server.port();
    }

    /// As `VAST_URL` takes it.
    public String url(String host) {
        return "http://" + host + ":" + port();
    }

    /// Ends all instances, and waits for it.
    @Override
    public void close() {
        server.stop();
        sim.close();
    }
}
