package dev.muster.edge.vastsim;

import dev.muster.edge.http.Listener;
import dev.muster.market.Market;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Function;

/// A simulated market, served.
public final class VastSim implements AutoCloseable {
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
        Sim sim = new Sim(settings, boot);
        try {
            return new VastSim(sim, Listener.start(settings.host(), settings.port(), new Front(sim), new VastErrors()));
        } catch (IOException e) {
            sim.close();
            throw new UncheckedIOException(
                    "expected to listen on " + settings.host() + ":" + settings.port() + ", but " + e.getMessage(), e);
        }
    }

    /// What is no HTTP at all is answered in JSON too.
    private static final class VastErrors implements DirectHandler {
        @Override
        public TransportResponse handle(
                TransportRequest request,
                EventType event,
                Status status,
                ServerResponseHeaders headers,
                String message) {
            return TransportResponse.builder()
                    .status(status)
                    .headers(headers)
                    .header(HeaderNames.CONTENT_TYPE, Reply.JSON)
                    .entity(Reply.json(status.code(), new Refusal(status.code(), "bad_request", message).body())
                            .bytes())
                    .build();
        }
    }

    /// The port it listens on: the one asked for, or the free one it took.
    public int port() {
        return server.port();
    }

    /// Asks or orders something behind the API's back, of the market as it is now: for who runs it in a process of his own.
    public <T> T ask(Function<Market, T> call) {
        return sim.clock.with(call);
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
