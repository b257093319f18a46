package dev.muster.edge.http;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A real API server over a cluster in memory.
abstract class ApiHarness {
    static final Sha256 MODEL = new Sha256("ab".repeat(32));
    static final Sha256 OTHER = new Sha256("cd".repeat(32));
    static final String JOB = "{\"name\":\"play\",\"kind\":\"selfplay\",\"command\":[\"play\"],\"tasks\":3}";

    final InMemoryMember member = InMemoryMember.ofFour();
    ApiServer server;
    Http http;

    @BeforeEach
    void start() {
        server = start(Duration.ofSeconds(30));
        http = new Http(server.port());
    }

    ApiServer start(Duration readLimit) {
        return ApiServer.start(
                new ApiSettings(
                        "127.0.0.1", 0, Http.TOKEN, "1.2.3", () -> Soft.Telemetry.UNKNOWN, () -> member.now, readLimit),
                member,
                member);
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    static String until(BufferedReader reader, String prefix) throws IOException {
        String line = reader.readLine();
        while (line != null && !line.startsWith(prefix)) line = reader.readLine();
        return line;
    }

    interface Check {
        boolean holds() throws Exception;
    }

    static void eventually(Check check) throws Exception {
        Instant end = Instant.now().plusSeconds(10);
        while (!check.holds()) {
            if (Instant.now().isAfter(end)) throw new AssertionError("it did not come to hold within 10 s");
            Thread.sleep(20);
        }
    }
}
