package dev.muster.edge.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.rent.Deal;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Sort;
import dev.muster.core.rent.Usage;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.edge.provider.FakeApi.Reply;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the official command line sent, recorded against a server on loopback: to the same question, we send the same.
class VastWireTest {
    private static final Path RECORDED = Path.of("..", "shared", "data", "vast", "wire_requests.jsonl");
    private static final OfferQuery USUAL = OfferQuery.DEFAULT;

    /// As `METHOD path {query} body`, where the order of keys does not matter.
    private static final List<String> OFFICIAL = new ArrayList<>();

    @BeforeAll
    static void load() throws IOException {
        assumeTrue(Files.isRegularFile(RECORDED), "no recorded requests at " + RECORDED + "; nothing is tested here");
        for (String line : Files.readAllLines(RECORDED)) {
            Doc request = Doc.json(line.getBytes(StandardCharsets.UTF_8));
            String[] path = request.text("path").split("\\?", 2);
            OFFICIAL.add(shape(
                    request.text("m"), path[0], FakeApi.query(path.length == 1 ? "" : path[1]), request.get("body")));
        }
        assertThat(OFFICIAL).hasSizeGreaterThan(70);
    }

    private static String shape(String method, String path, Map<String, String> query, Doc body) {
        Map<String, String> plain = new TreeMap<>();
        query.forEach((key, value) -> plain.put(key, value.replace(" ", "").replaceAll("\\d{9,}", "TIME")));
        return method + " " + path + " " + plain + " " + sorted(body);
    }

    private static String sorted(Doc doc) {
        if (!doc.isObject()) {
            List<String> elements =
                    doc.list().stream().map(VastWireTest::sorted).toList();
            return elements.isEmpty() ? doc.toString() : elements.toString();
        }
        Map<String, String> sorted = new TreeMap<>();
        doc.entries().forEach((key, value) -> sorted.put(key, sorted(value)));
        return sorted.toString();
    }

    @Test
    void questionsForOffersAreTheOfficialOnes() {
        OfferQuery many = USUAL.and("num_gpus=1 gpu_ram>=8 dph<=50 reliability>0")
                .by(Sort.parse("dph"))
                .first(5);
        Map<String, OfferQuery> questions = new LinkedHashMap<>();
        questions.put("nothing", USUAL);
        questions.put("a list", USUAL.and("geolocation in [US,SE,DE,CA,TW]"));
        questions.put("gigabytes", USUAL.and("gpu_ram >= 99999"));
        questions.put("a bid", USUAL.on(new Deal(Market.BID, 5, Usage.NONE)).first(5));
        questions.put("an order", USUAL.and("num_gpus=1").by(Sort.parse("dph")));
        questions.put("a name", USUAL.and("gpu_name=RTX_4090"));
        questions.put("many", many);
        questions.put("not rented", USUAL.and("rented=False"));
        questions.put("not rented, a limit", USUAL.and("rented=false").first(3));
        questions.put("not rented, a name", USUAL.and("rented=False gpu_name == RTX_4090"));
        questions.put("not rented, a list", USUAL.and("rented=False geolocation in [US,SE,DE,CA,TW]"));
        questions.put("not rented, gigabytes", USUAL.and("rented=False gpu_ram>=99999"));
        questions.put("not rented, many", many.and("rented=False"));
        questions.put("our words", USUAL.andGpus(List.of("RTX 4090")));
        questions.forEach((name, query) -> assertThat(OFFICIAL)
                .as(name)
                .contains(shape("POST", "/api/v0/bundles/", Map.of(), VastOffers.question(query))));
    }

    @Test
    void whatChangesSomethingIsTheOfficialRequest() throws IOException, ProviderFailure {
        TreeMap<String, String> env = new TreeMap<>(Map.of("RIG_VAR", "rig1"));
        RentOrder order = new RentOrder(
                "rig-a",
                "10009000",
                16,
                "pytorch/pytorch",
                "echo started",
                env,
                List.of("8080/tcp", "70000/udp"),
                Optional.empty(),
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHWGYlMT8CxcILIi3DsRvX74HNChkm4JSNFu0wmcv0a rig-5918");
        try (FakeApi api = FakeApi.start();
                VastProvider vast = new VastProvider(
                        api.base(),
                        () -> new ApiKey("testkey"),
                        new Surroundings(
                                () -> Instant.EPOCH, new Random(1), time -> {}, Wiretap.OFF, Duration.ofSeconds(10)))) {
            answers(api);
            vast.create(order);
            vast.list();
            vast.stop("20000001");
            vast.bid("20000002", Money.parse("0.0674"));
            vast.logs("20000001", 5);
            vast.destroy("20000001");
            vast.account();
            vast.charges(Instant.ofEpochSecond(1794711105), Instant.ofEpochSecond(1795315905));
            vast.gpuNames();
            List<String> ours = api.requests().stream()
                    .filter(request -> !request.path().startsWith("/results/"))
                    .map(request -> shape(request.method(), request.path(), request.query(), request.body()))
                    // The one thing that we ask otherwise, always.
                    .map(shape -> shape.replace("cancel_unavail=true", "cancel_unavail=false"))
                    .toList();
            assertThat(ours).hasSize(10);
            assertThat(OFFICIAL).containsAll(ours);
        }
    }

    private static void answers(FakeApi api) {
        Reply yes = Reply.json("{'success':true}");
        api.on("PUT /api/v0/asks/10009000/", Reply.json("{'success':true,'new_contract':20000001}"));
        api.on("POST /api/v0/instances/20000001/ssh/", yes);
        api.on("GET /api/v1/instances/", Reply.json("{'instances':[]}"));
        api.on("PUT /api/v0/instances/20000001/", yes);
        api.on("PUT /api/v0/instances/bid_price/20000002/", yes);
        api.on(
                "PUT /api/v0/instances/request_logs/20000001/",
                Reply.json("{'success':true,'result_url':'" + api.base() + "/results/1.log'}"));
        api.on("GET /results/1.log", Reply.of(200, ""));
        api.on("DELETE /api/v0/instances/20000001/", yes);
        api.on("GET /api/v0/users/current", Reply.json("{'credit':1}"));
        api.on("GET /api/v0/charges/", Reply.json("{'results':[]}"));
        api.on("GET /api/v0/gpu_names/unique/", Reply.json("{'gpu_names':['RTX 3070']}"));
    }
}
