package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What must not come in, and how it is told so.
class ApiBorderTest extends ApiHarness {
    @Test
    void aMalformedOrderIsToldWhereItIsWrong() throws Exception {
        Map<String, String> wrong = Map.of(
                "{\"name\": \"x\",\n \"command\": [}", "line 2, column 14",
                "[1]", "expected a JSON object, but found a list",
                "{\"command\":[\"x\"],\"tasks\":\"many\"}", "tasks: expected a whole number, but found \"many\"",
                "{\"command\":[\"x\"],\"resources\":{\"gpus\":[]}}",
                        "resources.gpus: expected a whole number, but found a list",
                "{\"command\":[\"x\"],\"kind\":\"plya\"}",
                        "kind: expected one of selfplay, training, evaluation, other, but found \"plya\"",
                "{\"command\":[\"x\"],\"tasks\":0}", "expected 1 to 10000 tasks, but found \"0\"",
                "{\"command\":[\"x\"],\"timeout\":\"soon\"}", "expected a duration such as 45s",
                "{\"name\":\"x\"}", "command: expected a list with at least a program, but found nothing",
                "{\"command\":[\"x\"],\"prioritty\":3}", "unknown key \"prioritty\"");
        for (Map.Entry<String, String> entry : wrong.entrySet()) {
            Http.Answer answer = http.post("/v1/jobs", entry.getKey());
            assertThat(answer.status()).as(entry.getKey()).isEqualTo(400);
            assertThat(answer.json().path("message").asString()).contains(entry.getValue());
        }
        assertThat(http.post("/v1/jobs", "{\"command\":[\"x\"],\"prioritty\":3}")
                        .json()
                        .path("hint")
                        .asString())
                .isEqualTo("did you mean \"priority\"?");
        assertThat(member.given).isEmpty();
    }

    @Test
    void aBodyAboveItsLimitIsRefused() throws Exception {
        Http.Answer answer = http.post("/v1/jobs", "{\"name\":\"" + "x".repeat(Call.ORDER_MAX) + "\"}");
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.json().path("code").asString()).isEqualTo("TOO_LARGE");
    }

    @Test
    void unknownPathsAndWrongMethodsAreAnsweredInJson() throws Exception {
        assertThat(http.get("/v2/jobs").status()).isEqualTo(404);
        assertThat(http.get("/v2/jobs").json().path("code").asString()).isEqualTo("NOT_FOUND");
        Http.Answer wrong = http.with("PATCH", "/v1/jobs");
        assertThat(wrong.status()).isEqualTo(405);
        assertThat(wrong.header("Allow")).contains("GET").contains("POST");
        assertThat(http.get("/v1/jobs/seven").json().path("message").asString()).contains("a job id such as j17");
        assertThat(http.get("/v1/jobs?limit=many").status()).isEqualTo(400);
        assertThat(http.get("/v1/jobs?limit=0").status()).isEqualTo(400);
        assertThat(http.get("/v1/jobs?status=done").json().path("message").asString())
                .contains("cancelled");
    }

    @Test
    void whatIsNoHttpIsAnsweredInJsonToo() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write("GARBAGE\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400")
                    .contains("\"code\":\"INVALID\"");
        }
    }

    @Test
    void aConnectionIsClosedWhenItsClientAsks() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(5000);
            String ask = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(ask.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("}");
        }
    }

    @Test
    void aClientThatStopsInTheMiddleIsCutOff() throws Exception {
        try (ApiServer impatient = start(Duration.ofMillis(200));
                Socket socket = new Socket("127.0.0.1", impatient.port())) {
            socket.setSoTimeout(5000);
            String half = "POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Http.TOKEN
                    + "\r\nContent-Length: 100\r\n\r\n{";
            socket.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
