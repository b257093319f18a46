package dev.muster.edge.http;

import dev.muster.edge.node.Member;
import dev.muster.edge.node.PeerService;
import io.helidon.webserver.WebServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// The HTTP API of one node.
///
/// `/health` answers from a snapshot and waits for nothing; a request's own thread is virtual and may wait for the
/// cluster.
public final class ApiServer implements AutoCloseable {
    private final WebServer server;
    private final Pulse pulse;

    private ApiServer(WebServer server, Pulse pulse) {
        this.server = server;
        this.pulse = pulse;
    }

    /// Listens and serves until it is closed.
    ///
    /// @throws PortUnavailable when it cannot listen there
    public static ApiServer start(ApiSettings settings, Member member, PeerService peers) {
        Map<Integer, LongAdder> answers = Dispatcher.noAnswers();
        Pulse pulse = Pulse.start(member, settings);
        try {
            Api api = api(settings, member, peers, pulse, answers);
            Token token = new Token(settings.token());
            List<Route> routes = new ArrayList<>(Routes.of(api));
            Pages pages = new Pages(api, token);
            routes.addAll(PageRoutes.of(api, pages));
            Dispatcher dispatcher =
                    new Dispatcher(routes, pages::unknown, token, member, settings.readLimit(), answers);
            WebServer server = Listener.start("API", settings.host(), settings.port(), dispatcher);
            return new ApiServer(server, pulse);
        } catch (RuntimeException e) {
            pulse.close();
            throw e;
        }
    }

    private static Api api(
            ApiSettings settings, Member member, PeerService peers, Pulse pulse, Map<Integer, LongAdder> answers) {
        Api.Answers counts = () -> {
            Map<Integer, Long> byStatus = new HashMap<>();
            answers.forEach((status, count) -> byStatus.put(status, count.sum()));
            return byStatus;
        };
        return new Api(member, peers, settings, pulse, new Orders(member), new EventStreams(member), counts);
    }

    /// The port it listens on: the one asked for, or the free one it took.
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        pulse.close();
        server.stop();
    }
}
