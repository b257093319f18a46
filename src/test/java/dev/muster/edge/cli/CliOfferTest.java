package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.provider.FakeApi;
import dev.muster.edge.provider.FakeApi.Reply;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CliOfferTest extends CliHarness {
    private static final String KEY = "vast-key-that-nobody-may-see";
    private static final String SEARCH = "POST /api/v0/bundles/";

    private FakeApi vast;

    @BeforeEach
    void vast() throws IOException {
        vast = FakeApi.start();
        vast.on("GET /api/v0/gpu_names/unique/", Reply.json("{'gpu_names':['RTX 3070','RTX 9090']}"));
        env.put("VAST_URL", vast.base().toString());
        env.put("VAST_API_KEY", KEY);
    }

    @AfterEach
    void gone() throws IOException {
        vast.close();
    }

    private static String offer(int id, String gpu, double perHour, double reliability) {
        return "{'id':" + id + ",'machine_id':" + id * 10 + ",'host_id':7,'gpu_name':'" + gpu
                + "','num_gpus':1,'gpu_ram':8192,'cpu_cores_effective':8,'cpu_ram':32000,'disk_space':100,'dph_base':"
                + perHour
                + ",'storage_cost':0.072,'inet_up_cost':0.01,'inet_down_cost':0.02,'min_bid':0.01,'reliability2':"
                + reliability
                + ",'duration':864000,'rentable':true,'verification':'verified','geolocation':'Oregon, US'}";
    }

    private void offers(String... offers) {
        vast.on(SEARCH, Reply.json("{'offers':[" + String.join(",", offers) + "]}"));
    }

    private Doc asked() {
        return vast.requests().getFirst().body();
    }

    @Test
    void offersAreShownCheapestFirstAtThePriceWithTheDisk() {
        offers(offer(1, "RTX 3070", 0.08, 0.99), offer(2, "RTX 3070", 0.07, 0.98));
        Result result = run("offer", "search", "--gpu", "RTX_3070", "--disk", "50");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.out()).isEqualTo("""
                        ID  N  GPU       VRAM  VCPUS   RAM  DISK    $/H  MIN_BID     R  MAX_DAYS  NET_UP  NET_DOWN  MACH_ID  STATUS    COUNTRY
                         2  1  RTX 3070   8.2    8.0  32.0   100  0.075     0.01  98.0      10.0       -         -       20  verified  Oregon, US
                         1  1  RTX 3070   8.2    8.0  32.0   100  0.085     0.01  99.0      10.0       -         -       10  verified  Oregon, US

                        2 offers, priced with 50 GB of disk
                        """);
        assertThat(asked().get("gpu_name").text("eq")).isEqualTo("RTX 3070");
        assertThat(asked().decimal("allocated_storage")).hasValue(50);
        assertThat(result.err()).isEmpty();
    }

    @Test
    void ourWordsBecomeTheProviders() {
        offers();
        run(
                "offer",
                "search",
                "-g",
                "A100",
                "--min-gpus",
                "2",
                "--min-vram",
                "40GB",
                "--max-price",
                "1.5",
                "--reliability",
                "95%",
                "--region",
                "US,se",
                "--limit",
                "7",
                "--order",
                "num_gpus-,dph",
                "--bid",
                "cpu_ram>=64",
                "verified=any");
        assertThat(asked())
                .hasToString("{\"external\":{\"eq\":false},\"rentable\":{\"eq\":true},\"disk_space\":{\"gte\":\"10\"},"
                        + "\"num_gpus\":{\"gte\":\"2\"},\"gpu_ram\":{\"gte\":40000.0},\"dph_total\":{\"lte\":\"1.50\"},"
                        + "\"reliability\":{\"gte\":\"0.95\"},\"geolocation\":{\"in\":[\"US\",\"SE\"]},"
                        + "\"cpu_ram\":{\"gte\":64000.0},\"gpu_name\":{\"in\":[\"A100 PCIE\",\"A100 SXM4\",\"A100X\"]},"
                        + "\"order\":[[\"num_gpus\",\"desc\"],[\"dph_total\",\"asc\"]],\"type\":\"bid\",\"limit\":7,"
                        + "\"allocated_storage\":10.0}");
    }

    @Test
    void trafficIsInThePriceAndInTheOrder() {
        offers(offer(1, "RTX 3070", 0.08, 0.99));
        Result result = run("offer", "search", "--up", "1GB", "--down", "2GB", "--limit", "3", "-o", "json");
        Doc offer = Doc.json(result.out().getBytes(StandardCharsets.UTF_8))
                .list("offers")
                .getFirst();
        // 0.08 + 10 GB at 0.072 / 720 + 0.01 + 2 * 0.02
        assertThat(offer.decimal("price_per_hour")).hasValue(0.131);
        assertThat(asked().has("limit"))
                .as("the best by our price may stand behind their limit")
                .isFalse();
    }

    @Test
    void whatWasDroppedIsToldWithItsReason() {
        offers(offer(1, "RTX 3070", 0.08, 0.99), offer(2, "RTX 3070", 0.2, 0.99), offer(3, "RTX 3070", 0.05, 0.5));
        Result result = run("offer", "search", "--max-price", "0.1", "--reliability", "0.9");
        assertThat(result.out())
                .endsWith("1 offer, priced with 10 GB of disk\n"
                        + "not as wanted, of 3 offers: 1 price, 1 reliability\n");
    }

    @Test
    void whereNothingCameAWiderQuestionTellsWhy() {
        vast.on(
                SEARCH,
                request -> request.body().has("dph_total")
                        ? Reply.json("{'offers':[]}")
                        : Reply.json("{'offers':[" + offer(1, "RTX 3070", 0.3, 0.99) + ","
                                + offer(2, "RTX 3070", 0.2, 0.9) + "]}"));
        Result result = run("offer", "search", "--max-price", "0.1", "--gpu", "rtx 3070");
        assertThat(result.exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(result.out())
                .isEqualTo("no offer, priced with 10 GB of disk\nnot as wanted, of 2 offers: 2 price\n");
        assertThat(vast.requests().getLast().body().get("gpu_name").text("eq")).isEqualTo("RTX 3070");
    }

    @Test
    void aListThatMayBeCutOffIsSaidToBe() {
        String[] many = new String[64];
        for (int id = 0; id < many.length; id++) many[id] = offer(id + 1, "RTX 3070", 0.1, 0.99);
        offers(many);
        assertThat(run("offer", "search").err()).contains("vast shows 64 offers at most");
    }

    @Test
    void aGpuThatItsProviderCallsOtherwiseIsTold() {
        offers();
        assertThat(run("offer", "search", "--gpu", "RTX A2000").err())
                .isEqualTo("muster: vast has no GPU by the name of RTX A2000; it has RTX 3070, RTX 9090\n");
        assertThat(run("offer", "search", "--gpu", "RTX 3070").err()).isEmpty();
    }

    @Test
    void idsAloneAreForScripts() {
        offers(offer(1, "RTX 3070", 0.08, 0.99), offer(2, "RTX 3070", 0.07, 0.98));
        assertThat(run("offer", "search", "-o", "name").out()).isEqualTo("2\n1\n");
        assertThat(run("offer", "search", "-o", "wide").out()).contains("HOST_ID", "$/GB_UP");
    }

    @Test
    void explainShowsTheRequestWithoutTheKey() {
        offers();
        Result result = run("offer", "search", "--explain");
        assertThat(result.err())
                .contains("> POST " + vast.base() + "/api/v0/bundles/", "\"allocated_storage\":10.0", "< 200")
                .doesNotContain(KEY);
        assertThat(result.out()).doesNotContain(KEY);
    }

    @Test
    void theRunbooksPriceHoldsWhereNoneIsAskedFor() {
        env.put("VAST_MAX_PRICE", "0.50");
        offers(offer(1, "RTX 3070", 0.08, 0.99), offer(2, "RTX 3070", 0.7, 0.98));
        Result result = run("offer", "search", "-o", "name");
        assertThat(result.out()).isEqualTo("1\n");
        assertThat(result.err()).isEqualTo("muster: at most $0.50 per hour (VAST_MAX_PRICE)\n");
        assertThat(run("offer", "search", "-o", "name", "--max-price", "1").out())
                .isEqualTo("1\n2\n");
    }

    @Test
    void aGpuThatIsNewToUsIsLookedUpAtItsProvider() {
        offers(offer(1, "RTX 9090", 0.08, 0.99));
        assertThat(run("offer", "search", "--gpu", "rtx_9090", "-o", "name").out())
                .isEqualTo("1\n");
        Result unknown = run("offer", "search", "--gpu", "RTX 3075");
        assertThat(unknown.exit()).isEqualTo(Exit.USAGE);
        assertThat(unknown.err()).contains("unknown GPU \"RTX 3075\"; did you mean RTX 3070");
        assertThat(run("offer", "search", "gpu_name=RTX_3075").exit()).isEqualTo(Exit.USAGE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "relability>0.9 | unknown query word relability; did you mean reliability?",
                "num_gpus~2 | expected conditions such as",
                "num_gpus>= | expected",
                "gpu_ram>=much | expected a number after gpu_ram",
                "num_gpus!=any | expected num_gpus=any",
                "nonsense | unknown query word nonsense",
                "num_gpus>=abc | expected a number after num_gpus>=, but found",
                "num_gpus=two | expected a number after num_gpus=",
                "'num_gpus in [1,x]' | expected a number after num_gpus in",
                "dph<-1 | expected 0 or more after dph<",
                "gpu_name=RTX 4090 | a blank in a value is written as _, as in gpu_name=RTX_4090",
            })
    void aQueryThatCannotBeUnderstoodIsToldBeforeAnythingIsAsked(String query, String message) {
        Result result = run("offer", "search", query);
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err()).contains(message);
        assertThat(vast.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--max-price,cheap",
        "--min-vram,lots",
        "--disk,-5",
        "--reliability,200",
        "--region,Mars",
        "--limit,0",
        "--order,cheapest",
        "--provider,vats",
        "--up,5 apples",
        "--min-gpus,two",
        "--min-gpus,-1",
        "--max-price,-1",
        "--max-price,0",
        "--reliability,5",
        "--limit,-3"
    })
    void anOptionThatMakesNoSenseIsAUsageError(String option, String value) {
        Result result = run("offer", "search", option, value);
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.USAGE);
        assertThat(vast.requests()).isEmpty();
    }

    @Test
    void aMissingKeyIsToldAndNotAsked() {
        env.remove("VAST_API_KEY");
        Result result = run("offer", "search");
        assertThat(result.exit()).isEqualTo(Exit.NOT_ALLOWED);
        assertThat(result.err()).contains("expected a key in VAST_API_KEY, but it is not set", "VAST_API_KEY_FILE");
        assertThat(vast.requests()).isEmpty();
    }

    @Test
    void whoeverWaitsForLongIsToldWhy() {
        vast.on(
                SEARCH,
                Reply.of(429, "too frequent"),
                Reply.json("{'offers':[" + offer(1, "RTX 3070", 0.08, 0.99) + "]}"));
        Result result = run("offer", "search");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.err()).contains("muster: waiting 12s before the provider is asked again");
    }

    @ParameterizedTest
    @CsvSource({"0.95,0.95", "1,1", "95,0.95", "5%,0.05", "99.5%,0.995"})
    void reliabilityIsAShareOrPercent(String written, String asked) {
        offers();
        run("offer", "search", "--reliability", written);
        assertThat(asked().get("reliability").text("gte")).isEqualTo(asked);
    }

    @Test
    void nobodyWaitsForLongerThanTheTimeoutSays() {
        vast.on(SEARCH, Reply.of(429, "too frequent"));
        Result result = run("offer", "search", "--timeout", "5s");
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err())
                .contains("may only be asked again in 12s", "--timeout gives it more time")
                .doesNotContain("waiting");
        assertThat(vast.requests()).hasSize(1);
    }

    @Test
    void aServerThatIsNotThereIsSaidNotToAnswer() throws IOException {
        vast.close();
        Result result = run("offer", "search");
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).contains("cannot connect: ", "try again later").doesNotContain("Exception", "changed");
    }

    @Test
    void anExpiredKeyIsNotAWrongOne() {
        vast.on(SEARCH, Reply.of(404, "{'success':false,'msg':'Session expired. Please log in again.'}"));
        assertThat(run("offer", "search").err())
                .contains("the key has expired (404", "make another: VAST_API_KEY holds");
        vast.on(SEARCH, Reply.of(404, "{'success':false,'error':'auth_error','msg':'Invalid user key'}"));
        assertThat(run("offer", "search").err())
                .contains("the key is not accepted")
                .doesNotContain("another");
    }

    @Test
    void theKeyOfTheOfficialCommandLineIsUsed() throws IOException {
        env.remove("VAST_API_KEY");
        offers();
        Path file = folder.resolve(".config/vastai/vast_api_key");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "from-the-file\n");
        run("offer", "search");
        assertThat(vast.requests().getFirst().headers()).containsEntry("authorization", "Bearer from-the-file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | {'success':false,'error':'unauthorized','msg':'Unauthorized'} | 4 | DENIED",
                "404 | {'success':false,'error':'auth_error','msg':'Invalid user key'} | 4 | DENIED",
                "200 | <html><title>Just a moment</title></html> | 1 | UNAVAILABLE",
                "429 | API requests too frequent: endpoint threshold=4.5 | 1 | UNAVAILABLE",
                "503 | upstream | 1 | UNAVAILABLE",
                "400 | {'success':false,'error':'invalid_request','msg':'bad q'} | 1 | PROVIDER_REFUSED",
            })
    void whatTheProviderSaysDecidesTheExit(int status, String answer, int exit, String code) {
        vast.on(SEARCH, Reply.of(status, answer));
        Result result = run("offer", "search", "--json");
        assertThat(result.exit()).isEqualTo(exit);
        assertThat(Doc.json(result.err().getBytes(StandardCharsets.UTF_8)).text("code"))
                .isEqualTo(code);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).doesNotContain(KEY);
    }

    @Test
    void ownHostsAreNotForRent() {
        Result result = run("offer", "search", "--provider", "hosts");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err()).contains("these are your own");
    }
}
