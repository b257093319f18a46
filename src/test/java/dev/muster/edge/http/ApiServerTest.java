package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Event;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Match;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import dev.muster.edge.node.Member;
import dev.muster.edge.node.PeerService;
import dev.muster.edge.wire.Wire;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApiServerTest extends ApiHarness {
    @Test
    void openRoutesNeedNoToken() throws Exception {
        for (String path : List.of("/health", "/ready", "/status", "/metrics", "/openapi.json")) {
            assertThat(http.send(http.request(path)
                                    .setHeader("Authorization", "")
                                    .build())
                            .status())
                    .as(path)
                    .isEqualTo(200);
        }
    }

    @Test
    void everyOtherRouteRefusesAMissingAndAWrongToken() throws Exception {
        for (Route route : Routes.of(new Api(member, member, null, null, null, null, null))) {
            if (route.access() == Route.Access.OPEN) continue;
            String path = route.path().replaceAll("\\{[a-z]+}", "x");
            for (String header : List.of("", "Bearer wrong", "Basic dGhlLXRva2Vu", Http.TOKEN)) {
                Http.Answer answer = http.send(http.request(path)
                        .method(route.method(), BodyPublishers.noBody())
                        .setHeader("Authorization", header)
                        .build());
                assertThat(answer.status()).as(route.method() + " " + path).isEqualTo(401);
                assertThat(answer.json().path("code").asString()).isEqualTo("UNAUTHORIZED");
                assertThat(answer.json().path("hint").asString()).contains("MUSTER_TOKEN");
            }
        }
    }

    @Test
    void statusHoldsTheRunbooksFields() throws Exception {
        Http.Answer answer = http.get("/status");
        assertThat(answer.json().path("leader_id").asString()).isEqualTo("n1");
        assertThat(answer.json().path("role").asString()).isEqualTo("leader");
        assertThat(answer.json().path("voter_node_ids").size()).isEqualTo(3);
        assertThat(answer.json().path("voter_quorum_size").asInt()).isEqualTo(2);
        assertThat(answer.json().path("voters_alive").asInt()).isEqualTo(3);
        assertThat(answer.json().path("voter_quorum_ok").asBoolean()).isTrue();
        assertThat(answer.json().path("nodes").size()).isEqualTo(4);
        assertThat(answer.json().path("peers").path("gpu1").path("gpu_name").asString())
                .isEqualTo("RTX 4090");
        assertThat(answer.json().path("alive_peers").asInt()).isEqualTo(3);
    }

    @Test
    void aNodeTheLeaderHasNotHeardIsSuspectAndNoAlivePeer() throws Exception {
        member.now = InMemoryMember.START.plusSeconds(11);
        member.soft = member.soft.map(heard ->
                heard.withHeard(new NodeId("n2"), new Soft.Heard(member.now, 1, Set.of(), Soft.Telemetry.UNKNOWN)));
        eventually(() -> http.get("/status").json().path("alive_peers").asInt() == 1);
        assertThat(http.get("/v1/nodes/n3").json().path("node").path("life").asString())
                .isEqualTo("SUSPECT");
        assertThat(http.get("/v1/nodes/n2").json().path("node").path("life").asString())
                .isEqualTo("ALIVE");
    }

    @Test
    void withoutAQuorumReadsSaySoAndOrdersAreUnavailable() throws Exception {
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        Http.Answer read = http.get("/v1/nodes");
        assertThat(read.status()).isEqualTo(200);
        assertThat(read.header("Muster-Read-Only")).isEqualTo("no quorum: 1 of 3 voters");
        assertThat(read.header("Muster-Revision"))
                .isEqualTo(Long.toString(member.state().revision()));
        assertThat(read.header("Muster-As-Of")).isEqualTo(member.now.toString());
        Http.Answer order = http.post("/v1/jobs", JOB);
        assertThat(order.status()).isEqualTo(503);
        assertThat(order.json().path("code").asString()).isEqualTo("UNAVAILABLE");
        assertThat(order.json().path("maybe").asBoolean()).isTrue();
        assertThat(http.get("/status").json().path("voter_quorum_ok").asBoolean())
                .isFalse();
    }

    @Test
    void healthAnswersWhileTheLeaderDoesNot() throws Exception {
        member.stuck = true;
        for (int times = 0; times < 3; times++) {
            assertThat(http.get("/health").json().path("healthy").asBoolean()).isTrue();
            assertThat(http.get("/status").status()).isEqualTo(200);
        }
        member.stuck = false;
    }

    @Test
    void readinessIsNotLiveness() throws Exception {
        http.post("/v1/nodes/n1/drain", "");
        assertThat(http.get("/ready").status()).isEqualTo(503);
        assertThat(http.get("/ready").json().path("why").asString()).contains("muster node undrain n1");
        assertThat(http.get("/health").status()).isEqualTo(200);
        http.post("/v1/nodes/n1/undrain", "");
        assertThat(http.get("/ready").status()).isEqualTo(200);
        member.unready = Optional.of("disk full");
        assertThat(http.get("/ready").json().path("why").asString()).isEqualTo("disk full");
    }

    @Test
    void nodeOrdersReachTheClusterWithTheirReasonAndActor() throws Exception {
        Http.Answer answer = http.send(http.request("/v1/nodes/n3/drain?why=new%20disk")
                .POST(BodyPublishers.noBody())
                .header("Muster-Request", "r1")
                .header("Muster-Actor", "ann")
                .build());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("revision").asLong())
                .isEqualTo(member.state().revision());
        Envelope order = member.given.getLast();
        assertThat(order)
                .isEqualTo(new Envelope(
                        Optional.of("r1"), Actor.person("ann"), "new disk", new Command.DrainNode(new NodeId("n3"))));
        http.post("/v1/nodes/gpu1/retire", "{\"why\":\"broken\"}");
        assertThat(member.given.getLast().why()).isEqualTo("broken");
        assertThat(member.given.getLast().actor().toString()).isEqualTo("person:unknown");
        http.send(http.request("/v1/nodes/n3/undrain")
                .POST(BodyPublishers.noBody())
                .header("Muster-Actor", "leader:n1")
                .build());
        assertThat(member.given.getLast().actor().toString()).isEqualTo("person:unknown");
        assertThat(http.get("/v1/nodes/gpu1")
                        .json()
                        .path("node")
                        .path("desired")
                        .asString())
                .isEqualTo("RETIRED");
        assertThat(http.post("/v1/nodes/gpu1/unretire", "").status()).isEqualTo(200);
        assertThat(http.with("DELETE", "/v1/nodes/n3").status()).isEqualTo(409);
        assertThat(http.with("DELETE", "/v1/nodes/gpu1").status()).isEqualTo(200);
        assertThat(http.get("/v1/nodes/gpu1").status()).isEqualTo(404);
        assertThat(http.get("/v1/nodes").json().path("nodes").size()).isEqualTo(3);
    }

    @Test
    void votersAreAddedAndRemoved() throws Exception {
        assertThat(http.with("PUT", "/v1/voters/gpu1").status()).isEqualTo(200);
        assertThat(http.get("/v1/voters").json().path("voters").size()).isEqualTo(4);
        assertThat(http.with("DELETE", "/v1/voters/gpu1").status()).isEqualTo(200);
        assertThat(http.with("DELETE", "/v1/voters/gpu1").status()).isEqualTo(404);
        assertThat(http.get("/v1/voters").json().path("quorum").asInt()).isEqualTo(2);
    }

    @Test
    void aJobIsSubmittedOnceHoweverOftenItsRequestIsRepeated() throws Exception {
        for (int times = 0; times < 2; times++) {
            Http.Answer answer = http.send(http.request("/v1/jobs")
                    .POST(BodyPublishers.ofString(JOB))
                    .header("Muster-Request", "same")
                    .build());
            assertThat(answer.json().path("job").asString()).isEqualTo("j1");
            assertThat(answer.json().path("placeable").asBoolean()).isTrue();
        }
        Http.Answer list = http.get("/v1/jobs?status=open");
        assertThat(list.json().path("total").asInt()).isEqualTo(1);
        assertThat(list.json().path("jobs").path(0).path("waiting").asInt()).isEqualTo(3);
        assertThat(http.get("/v1/jobs?status=failed").json().path("jobs").size())
                .isZero();
        assertThat(http.get("/v1/jobs?config=hex8_2p").json().path("jobs").size())
                .isZero();
    }

    @Test
    void aJobThatNoNodeCanEverRunIsAcceptedAndSaysWhy() throws Exception {
        Http.Answer answer = http.post(
                "/v1/jobs", "{\"name\":\"big\",\"kind\":\"training\",\"command\":[\"t\"],\"resources\":{\"gpus\":8}}");
        assertThat(answer.json().path("placeable").asBoolean()).isFalse();
        assertThat(answer.json().path("why_not").asString()).contains("gpu1 has 2 gpus, needs 8");
    }

    @Test
    void aJobRunsAndItsPartsCanBeSeen() throws Exception {
        http.post("/v1/jobs", JOB);
        AttemptId attempt = member.place("j1", 0, "n2");
        member.start(attempt);
        member.output.put(attempt, "hello\nworld\n".getBytes(StandardCharsets.UTF_8));
        Http.Answer job = http.get("/v1/jobs/j1");
        assertThat(job.json().path("job").path("running").asInt()).isEqualTo(1);
        assertThat(job.json().path("attempts").path(0).path("node").asString()).isEqualTo("n2");
        assertThat(http.get("/v1/nodes/n2")
                        .json()
                        .path("attempts")
                        .path(0)
                        .path("id")
                        .asString())
                .isEqualTo("j1.0.1");
        Http.Answer logs = http.get("/v1/attempts/j1.0.1/logs?from=6&max=3");
        assertThat(logs.text()).isEqualTo("wor");
        assertThat(logs.header("Muster-Log-From")).isEqualTo("6");
        assertThat(logs.header("Muster-Log-Next")).isEqualTo("9");
        assertThat(logs.header("Muster-Log-Ended")).isEqualTo("false");
        assertThat(http.get("/v1/attempts/j1.0.9/logs").status()).isEqualTo(404);
        assertThat(http.get("/v1/attempts/j1.0.1/logs?max=0").status()).isEqualTo(400);
        member.output.clear();
        assertThat(http.get("/v1/attempts/j1.0.1/logs").status()).isEqualTo(503);
        assertThat(http.post("/v1/jobs/j1/stop", "").status()).isEqualTo(200);
        assertThat(http.get("/v1/jobs/j1").json().path("job").path("stopping").asString())
                .isEqualTo("asked for");
        assertThat(http.post("/v1/jobs/j9/stop", "").status()).isEqualTo(404);
    }

    @Test
    void explainTellsWhyEachTaskWaits() throws Exception {
        http.post("/v1/jobs", JOB);
        member.waits = Optional.of(List.of(new Wait("j1.0", Wait.Reason.NO_ROOM, "needs 1 cpu; all are full")));
        member.lines = Optional.of(List.of("n1 runs 4 of at most 4 jobs"));
        Http.Answer answer = http.get("/v1/jobs/j1/explain");
        assertThat(answer.json().path("waiting").path(0).path("message").asString())
                .isEqualTo("needs 1 cpu; all are full");
        assertThat(answer.json().path("waiting").path(1).path("reason").asString())
                .isEqualTo("NO_ROOM");
        assertThat(answer.json().path("groups").size()).isEqualTo(1);
        assertThat(answer.json().path("groups").path(0).path("tasks").asInt()).isEqualTo(3);
        assertThat(answer.json().path("nodes").path(0).asString()).isEqualTo("n1 runs 4 of at most 4 jobs");
        member.waits = Optional.empty();
        member.lines = Optional.empty();
        assertThat(http.get("/v1/jobs/j1/explain").json().path("nodes").path(0).asString())
                .isEqualTo("gpu1 has role TRAINING, which takes no SELFPLAY");
        assertThat(http.get("/v1/jobs/j7/explain").status()).isEqualTo(404);
    }

    @Test
    void modelsArePromotedAndRolledBack() throws Exception {
        storeModels();
        assertThat(http.post("/v1/models/hex8_2p/promote", "{\"sha\":\"" + MODEL + "\"}")
                        .status())
                .isEqualTo(200);
        assertThat(http.post("/v1/models/hex8_2p/promote", "{\"sha\":\"cdcdcdcd\",\"why\":\"better\"}")
                        .status())
                .isEqualTo(200);
        Http.Answer model = http.get("/v1/models/hex8_2p");
        assertThat(model.json().path("model").path("sha").asString()).isEqualTo(OTHER.hex());
        assertThat(model.json().path("history").path(0).path("reason").asString())
                .isEqualTo("better");
        assertThat(model.json().path("missing").size()).isEqualTo(3);
        assertThat(http.post("/v1/models/hex8_2p/rollback", "{}").status()).isEqualTo(200);
        assertThat(http.get("/v1/models")
                        .json()
                        .path("models")
                        .path(0)
                        .path("sha")
                        .asString())
                .isEqualTo(MODEL.hex());
        assertThat(http.post("/v1/models/hex8_2p/promote", "{}").status()).isEqualTo(400);
        assertThat(http.post("/v1/models/hex8_2p/promote", "{\"sha\":\"abc\"}").status())
                .isEqualTo(400);
        assertThat(http.post("/v1/models/hex8_2p/promote", "{\"sha\":\"abababac\"}")
                        .status())
                .isEqualTo(404);
        assertThat(http.post("/v1/models/hex8_2p/promote", "{\"sha\":\"" + "0".repeat(64) + "\"}")
                        .status())
                .isEqualTo(409);
        assertThat(http.get("/v1/models/nothing").status()).isEqualTo(404);
        assertThat(http.get("/v1/artifacts").json().path("total").asInt()).isEqualTo(2);
        assertThat(http.get("/v1/artifacts/" + MODEL)
                        .json()
                        .path("holders")
                        .path(0)
                        .asString())
                .isEqualTo("n1");
        assertThat(http.get("/v1/artifacts/" + "0".repeat(64)).status()).isEqualTo(404);
    }

    private void storeModels() throws Exception {
        http.post("/v1/jobs", "{\"name\":\"t\",\"kind\":\"training\",\"config\":\"hex8_2p\",\"command\":[\"t\"]}");
        AttemptId attempt = member.place("j1", 0, "n1");
        member.start(attempt);
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(new Attempt.Stored("a.bin", MODEL, 10), new Attempt.Stored("b.bin", OTHER, 20)),
                        List.of(),
                        ""));
    }

    @Test
    void ratingsComeFromTheCountedGames() throws Exception {
        member.order(new Command.RecordMatches(
                new ConfigKey("hex8_2p"), List.of(new Match(MODEL.hex(), "random", 90, 0, 10))));
        Http.Answer answer = http.get("/v1/ratings?config=hex8_2p");
        assertThat(answer.json().path("ratings").path(0).path("player").asString())
                .isEqualTo(MODEL.hex());
        assertThat(answer.json().path("ratings").path(0).path("elo").asDouble()).isGreaterThan(700);
        assertThat(answer.json().path("pairs").path(0).path("wins").asInt()).isEqualTo(90);
        assertThat(http.get("/v1/ratings?config=other").json().path("ratings").size())
                .isZero();
    }

    @Test
    void aLoopIsWrittenShortAndReadWhole() throws Exception {
        String loop = """
                {"selfplay": {"command": ["play", "--games", 100, ["--model", "{current}"]], "tasks": 2,
                              "outputs": ["games.jsonl"]},
                 "training": {"command": ["train"], "outputs": ["model.bin"], "resources": {"cpus": 2}},
                 "evaluation": {"command": ["eval"], "matches": "matches.json"},
                 "gate": {"games_min": 20}, "generations_max": 3}""";
        Http.Answer answer = http.send(http.request("/v1/loops/hex8_2p")
                .PUT(BodyPublishers.ofString(loop))
                .build());
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        Http.Answer shown = http.get("/v1/loops/hex8_2p");
        assertThat(shown.json().path("loop").path("stage").asString()).isEqualTo("SELFPLAY");
        assertThat(shown.json().path("spec").path("selfplay").path("command").toString())
                .isEqualTo("[[\"play\",\"--games\",\"100\"],[\"--model\",\"{current}\"]]");
        assertThat(shown.json()
                        .path("spec")
                        .path("training")
                        .path("job")
                        .path("resources")
                        .path("cpu_millis")
                        .asInt())
                .isEqualTo(2000);
        assertThat(shown.json().path("spec").path("gate").path("win_rate").asDouble())
                .isEqualTo(0.55);
        assertThat(http.get("/v1/loops").json().path("loops").size()).isEqualTo(1);
        assertThat(http.post("/v1/loops/hex8_2p/stop", "").status()).isEqualTo(200);
        assertThat(http.get("/v1/loops")
                        .json()
                        .path("loops")
                        .path(0)
                        .path("running")
                        .asBoolean())
                .isFalse();
        assertThat(http.post("/v1/loops/none/stop", "").status()).isEqualTo(404);
        assertThat(http.get("/v1/loops/none").status()).isEqualTo(404);
    }

    @Test
    void eventsAreListedAndFiltered() throws Exception {
        Http.Answer all = http.get("/v1/events");
        assertThat(all.json().path("events").size()).isEqualTo(6);
        assertThat(all.json().path("events").path(0).path("name").asString()).isEqualTo("NODE_JOINED");
        assertThat(all.json().path("revision").asLong()).isEqualTo(6);
        assertThat(http.get("/v1/events?limit=2")
                        .json()
                        .path("events")
                        .path(0)
                        .path("revision")
                        .asLong())
                .isEqualTo(5);
        assertThat(http.get("/v1/events?type=node_*&after=2")
                        .json()
                        .path("events")
                        .size())
                .isEqualTo(2);
        assertThat(http.get("/v1/events?type=LEADER_ELECTED")
                        .json()
                        .path("events")
                        .size())
                .isEqualTo(1);
    }

    @Test
    void aStreamOfEventsGoesOnWhereItsReaderWas() throws Exception {
        var response = http.client()
                .send(
                        http.request("/v1/events")
                                .header("Accept", "text/event-stream")
                                .header("Last-Event-ID", "5")
                                .build(),
                        BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(until(reader, "id:")).isEqualTo("id: 6");
            assertThat(reader.readLine()).isEqualTo("event: LEADER_ELECTED");
            http.post("/v1/nodes/n3/drain", "");
            assertThat(until(reader, "id:")).isEqualTo("id: 7");
            assertThat(reader.readLine()).isEqualTo("event: NODE_DRAINING");
            assertThat(reader.readLine()).startsWith("data: {").contains("\"n3\"");
        }
        eventually(() -> {
            http.post("/v1/nodes/n3/undrain", "");
            http.post("/v1/nodes/n3/drain", "");
            return member.subscribers() == 0;
        });
    }

    @Test
    void aReaderThatDoesNotReadIsDropped() throws Exception {
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
            String ask = "GET /v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer "
                    + Http.TOKEN + "\r\n\r\n";
            socket.getOutputStream().write(ask.getBytes(StandardCharsets.US_ASCII));
            eventually(() -> member.subscribers() == 1);
            Journal.Entry entry = new Journal.Entry(
                    7, Instant.EPOCH, Actor.person("ann"), "x".repeat(400), new Event.NodeFenced(new NodeId("n3")));
            eventually(() -> {
                for (int times = 0; times < 1000; times++) member.shout(entry);
                return member.subscribers() == 0;
            });
        }
    }

    @Test
    void nodesAskEachOther() throws Exception {
        Http.Answer joined = http.post("/v1/peer/join", """
                {"node":"n9","identity":"i9","role":"MIXED","max_parallel_jobs":1,
                 "hardware":{"cpu_millis":1000,"memory":1,"gpus":0,"gpu_memory":0,"gpu_name":""},
                 "endpoints":{"host":"h","api_port":1,"artifact_port":2,"raft_port":3}}""");
        assertThat(joined.json().path("cluster_id").asString()).isEqualTo("c1");
        assertThat(http.post(
                                "/v1/peer/join",
                                "{\"node\":\"n1\",\"identity\":\"thief\",\"role\":\"MIXED\","
                                        + "\"hardware\":{\"cpu_millis\":1},\"endpoints\":{\"host\":\"h\",\"api_port\":1,"
                                        + "\"artifact_port\":2,\"raft_port\":3}}")
                        .status())
                .isIn(400, 409);
        Envelope order = Envelope.of(Actor.person("ann"), "", new Command.DrainNode(new NodeId("n9")));
        String orders = Wire.text(new Envelope[] {order, order});
        Http.Answer answered = http.post("/v1/peer/orders", orders);
        assertThat(Wire.read(answered.raw().body(), Member.Answer[].class)).hasSize(2);
        assertThat(http.send(http.request("/v1/peer/orders")
                                .POST(BodyPublishers.ofString(orders))
                                .header("Muster-Hops", "4")
                                .build())
                        .status())
                .isEqualTo(400);
        assertThat(http.post("/v1/peer/orders", "[{]").json().path("message").asString())
                .contains("line 1, column");
        Http.Answer beat = http.post(
                "/v1/peer/heartbeat",
                "{\"node\":\"n9\",\"identity\":\"i9\",\"revision\":3,\"attempts\":[],"
                        + Wire.text(new PeerService.Heartbeat(
                                        new NodeId("n9"),
                                        "i9",
                                        3,
                                        Set.of(),
                                        Soft.Telemetry.UNKNOWN,
                                        false,
                                        Table.empty(),
                                        Optional.empty()))
                                .substring(1));
        assertThat(beat.status()).as(beat.text()).isEqualTo(200);
        assertThat(http.get("/v1/peer/follow?from=5").text()).isEqualTo("{\"kind\":\"beat\",\"from\":5}\n".repeat(2));
        assertThat(http.get("/v1/peer/leader").json().path("leading").asBoolean())
                .isTrue();
        assertThat(http.get("/v1/peer/explain?task=j1.0").status()).isEqualTo(409);
        assertThat(http.get("/v1/peer/explain").status()).isEqualTo(400);
        member.lines = Optional.of(List.of("n1 has room"));
        assertThat(http.get("/v1/peer/explain?task=j1.0")
                        .json()
                        .path("lines")
                        .path(0)
                        .asString())
                .isEqualTo("n1 has room");
        assertThat(http.get("/v1/peer/logs?attempt=j1.0.1").status()).isEqualTo(503);
    }

    @Test
    void aNodeThatDoesNotLeadSaysWhoDoes() throws Exception {
        member.readOnly = Optional.of("follows n2");
        Http.Answer orders = http.post("/v1/peer/orders", "[]");
        assertThat(orders.status()).isEqualTo(503);
        assertThat(orders.json().path("leader_api").asString()).isEqualTo("h:1");
        assertThat(http.get("/v1/peer/follow").status()).isEqualTo(503);
        String beat = Wire.text(new PeerService.Heartbeat(
                new NodeId("n9"), "i9", 3, Set.of(), Soft.Telemetry.UNKNOWN, false, Table.empty(), Optional.empty()));
        assertThat(http.post("/v1/peer/heartbeat", beat).status()).isEqualTo(409);
    }

    @Test
    void metricsAreTextThatPrometheusReads() throws Exception {
        http.get("/v1/nope");
        String text = http.get("/metrics").text();
        assertThat(text)
                .contains("ringrift_p2p_active_peers 3\n")
                .contains("ringrift_selfplay_jobs_total 0\n")
                .contains("muster_nodes{life=\"alive\",desired=\"ready\"} 4\n")
                .contains("muster_http_answers_total{status=\"404\"} 1\n");
        List<String> bad = new ArrayList<>();
        for (String line : text.split("\n")) {
            if (!line.matches(
                    "# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*})? [-0-9.E]+"))
                bad.add(line);
        }
        assertThat(bad).isEmpty();
    }

    @Test
    void aTakenPortIsTold() {
        ApiSettings taken = new ApiSettings("127.0.0.1", server.port(), "t", "1", () -> Soft.Telemetry.UNKNOWN);
        assertThatThrownBy(() -> ApiServer.start(taken, member, member))
                .isInstanceOf(PortUnavailable.class)
                .hasMessageContaining("127.0.0.1:" + server.port())
                .hasMessageContaining("is another agent running?");
    }

    @Test
    void closingCutsOpenStreams() throws Exception {
        var response = http.client()
                .send(
                        http.request("/v1/events")
                                .header("Accept", "text/event-stream")
                                .build(),
                        BodyHandlers.ofInputStream());
        Instant before = Instant.now();
        server.close();
        try (InputStream body = response.body()) {
            assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(3));
            body.skip(1);
        }
    }
}
