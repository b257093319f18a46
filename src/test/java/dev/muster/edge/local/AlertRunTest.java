package dev.muster.edge.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/// Real agents tell a real HTTP server what goes wrong: through the death of the leader that was to tell it, and when there is no leader at
/// all.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class AlertRunTest {
    private static final long PATIENCE_S = 300;

    @TempDir
    Path dir;

    private final List<JsonNode> tried = new CopyOnWriteArrayList<>();
    private final List<JsonNode> taken = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private HttpServer hook;

    @BeforeEach
    void listen() throws IOException {
        hook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hook.createContext("/hook", this::answer);
        hook.start();
    }

    @AfterEach
    void end() {
        hook.stop(0);
    }

    private void answer(HttpExchange call) throws IOException {
        JsonNode notice = Wire.MAPPER.readTree(call.getRequestBody().readAllBytes());
        tried.add(notice);
        if (!closed) taken.add(notice);
        call.sendResponseHeaders(closed ? 503 : 200, -1);
        call.close();
    }

    private static void await(String what, Callable<Boolean> is) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!is.call()) {
            assertThat(System.nanoTime()).as("%s within %d s", what, PATIENCE_S).isLessThan(end);
            Thread.sleep(200);
        }
    }

    private static List<JsonNode> of(List<JsonNode> notices, String rule, String kind) {
        return notices.stream()
                .filter(one -> one.path("rule").asString("").equals(rule)
                        && one.path("kind").asString("").equals(kind))
                .toList();
    }

    @Test
    void whatGoesWrongIsToldThoughTheLeaderDiesAndThoughThereIsNone() throws Exception {
        closed = true;
        try (Agents agents = Agents.start(dir, 3, 1, "")) {
            for (LocalCluster.Member member : agents.cluster.members())
                Files.writeString(
                        member.data().resolve("alerts.yaml"),
                        "channels:\n  - {name: hook, type: webhook, url: 'http://127.0.0.1:"
                                + hook.getAddress().getPort() + "/hook'}\n"
                                + "  - {name: dead, type: webhook, url: 'http://127.0.0.1:1/nobody'}\n");
            agents.kill("n4");
            await(
                    "somebody to be told of n4",
                    () -> !of(tried, "node-lost", "fired").isEmpty());

            String first = agents.leader();
            agents.kill(first);
            closed = false;
            await(
                    "people to be told of n4",
                    () -> !of(taken, "node-lost", "fired").isEmpty());
            JsonNode told = of(taken, "node-lost", "fired").getFirst();
            assertThat(told.path("title").asString("")).startsWith("n4 ");
            assertThat(told.path("runbook").asString("")).isEqualTo("docs/ALERTS.md#node-lost");
            assertThat(of(taken, "node-lost", "fired"))
                    .as("the same notice, if twice")
                    .allMatch(one ->
                            one.path("number").asLong() == told.path("number").asLong());

            String second = agents.leader();
            agents.kill(second);
            await(
                    "the last voter to tell that there is no leader",
                    () -> !of(taken, "no-leader", "fired").isEmpty());
            for (LocalCluster.Member member : agents.cluster.members())
                if (!member.running()) agents.restart(member.name());
            await(
                    "it to tell that there is one again",
                    () -> !of(taken, "no-leader", "resolved").isEmpty());
            await(
                    "n4 to be told to be back",
                    () -> !of(taken, "node-lost", "resolved").isEmpty());
            assertThat(of(taken, "no-leader", "fired")).hasSize(1);
            assertThat(of(taken, "node-lost", "fired").stream()
                            .map(one -> one.path("number").asLong())
                            .distinct())
                    .hasSize(1);
        }
    }
}
