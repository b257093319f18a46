package dev.muster.edge.provider;

import static dev.muster.edge.provider.FakeApi.Reply.DROPPED;
import static dev.muster.edge.provider.FakeApi.Reply.SILENT;
import static dev.muster.edge.provider.FakeApi.Reply.json;
import static dev.muster.edge.provider.FakeApi.Reply.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Created;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Rented;
import dev.muster.core.rent.Usage;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.edge.provider.FakeApi.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VastProviderTest {
    private static final String KEY = "k3y-that-nobody-may-see";
    private static final String LIST = "GET /api/v1/instances/";
    private static final String SEARCH = "POST /api/v0/bundles/";
    private static final String ORDER = "PUT /api/v0/asks/77/";
    private static final String HTML =
            "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>";

    private final List<Duration> pauses = new ArrayList<>();
    private final List<String> shown = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private FakeApi api;
    private VastProvider vast;

    @BeforeEach
    void start() throws IOException {
        api = FakeApi.start();
        vast = provider(new Wiretap(shown::add, true, false), Duration.ofSeconds(10));
    }

    @AfterEach
    void stop() throws IOException {
        vast.close();
        api.close();
    }

    private VastProvider provider(Wiretap tap, Duration patience) {
        return new VastProvider(
                api.base(),
                () -> new ApiKey(KEY),
                new Surroundings(
                        () -> now,
                        new Random(1),
                        time -> {
                            pauses.add(time);
                            now = now.plus(time);
                        },
                        tap,
                        patience));
    }

    private static RentOrder order() {
        return order(Optional.empty(), "");
    }

    private static RentOrder order(Optional<Money> bid, String sshKey) {
        return new RentOrder("muster-1", "77", 16, "pytorch/pytorch", "", new TreeMap<>(), List.of(), bid, sshKey);
    }

    // ---- what comes back

    @Test
    void aListIsReadPageByPageUntilThereIsNoToken() throws ProviderFailure {
        api.on(LIST, request -> switch (request.query().getOrDefault("after_token", "")) {
            case "" -> json("{'success':true,'instances':[{'id':1,'label':'a'},{'id':2}],'next_token':'eyJ='}");
            case "eyJ=" -> json("{'success':true,'instances':[{'id':2},{'id':3}],'next_token':null}");
            default -> of(400, "{'success':false,'error':'invalid_token','msg':'no'}");
        });
        assertThat(vast.list()).extracting(Rented::id).containsExactly("1", "2", "3");
        assertThat(api.requests().getFirst().headers()).containsEntry("authorization", "Bearer " + KEY);
        assertThat(api.requests().getFirst().query())
                .containsEntry("limit", "25")
                .containsEntry("select_filters", "{}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'success':true}",
                "{'success':true,'instances':null}",
                "{'success':true,'instances':[{'label':'without an id'}]}",
                "{'success':true,'instances':[{'id':'12345678901234567890123456789012345678901'}]}",
                "{'success':true,'instances':[{'id':1}],'next_token':'again'}",
                "[]",
                "{'success':true,'instances':[{'id':1}",
                ""
            })
    void whatIsNoWholeListIsAFailureAndNeverAnEmptyList(String answer) {
        api.on(LIST, json(answer));
        assertThatThrownBy(vast::list).isInstanceOf(ProviderFailure.Unavailable.class);
    }

    @Test
    void anAccountWithoutMachinesHasAnEmptyList() throws ProviderFailure {
        api.on(LIST, json("{'success':true,'instances_found':0,'instances':[],'next_token':null}"));
        assertThat(vast.list()).isEmpty();
    }

    @Test
    void aMachineIsReadWithAllItsQuirks() throws ProviderFailure {
        api.on(
                LIST,
                json(
                        "{'success':true,'instances':[{'id':'312','label':'muster-1','machine_id':178,"
                                + "'actual_status':'running','intended_status':'running','cur_state':'running','is_bid':false,"
                                + "'gpu_name':'RTX A5000','num_gpus':'1','gpu_ram':24564,'ssh_host':'ssh4.vast.ai','ssh_port':10882,"
                                + "'image_runtype':'jupyter_proxy ssh_proxy','public_ipaddr':'63.135.50.11\\n ','ports':{'22/tcp':"
                                + "[{'HostIp':'0.0.0.0','HostPort':'20000'}],'8770/tcp':[{'HostIp':'0.0.0.0','HostPort':'20001'}]},"
                                + "'dph_total':1.0020740740740741,'storage_total_cost':0.002074074074074074,'start_date':1761008618.22,"
                                + "'end_date':2034617753.0,'instance':{'totalHour':1.0020740740740741},'status_msg':'success, running'}]}"));
        Rented machine = vast.list().getFirst();
        assertThat(machine.observed()).isEqualTo(Observed.RUNNING);
        assertThat(machine.reach().direct()).hasToString("Optional[63.135.50.11:20000]");
        assertThat(machine.reach().proxy()).hasToString("Optional[ssh4.vast.ai:10883]");
        assertThat(machine.reach().ports().get("8770/tcp")).hasToString("63.135.50.11:20001");
        assertThat(machine.bill().perHourNow()).hasToString("$1.002074");
        assertThat(machine.bill().perHourStorage()).hasToString("$0.002074");
        assertThat(machine.bill().ends()).contains(Instant.ofEpochSecond(2034617753L));
    }

    @Test
    void anOfferIsReadWithNumbersThatAreTextsAndPricedWithItsDisk() throws ProviderFailure {
        api.on(
                SEARCH,
                json(
                        "{'offers':[{'id':9,'machine_id':'88','gpu_name':'RTX 3070','num_gpus':'2','gpu_ram':'8192',"
                                + "'dph_base':'0.10','dph_total':0.1007,'storage_cost':0.144,'disk_space':200.5,'rentable':true,"
                                + "'external':null,'verification':'verified','reliability2':0.99,'inet_up_cost':null,'duration':86400}]}"));
        var offer = vast.offers(OfferQuery.DEFAULT.and("reliability>0.9 duration>=1"))
                .offers()
                .getFirst();
        assertThat(offer.cost(100, Usage.NONE)).isEqualTo(Money.parse("0.12"));
        assertThat(offer.gpus().count()).isEqualTo(2);
        assertThat(offer.box().diskGb()).isEqualTo(200);
    }

    @Test
    void whatTheServerDidNotFilterIsDroppedHereAndCounted() throws ProviderFailure {
        api.on(
                SEARCH,
                json("{'offers':[{'id':1,'dph_base':0.2,'rentable':true,'verification':'verified','num_gpus':1},"
                        + "{'id':2,'dph_base':0.9,'rentable':true,'verification':'verified','num_gpus':1},"
                        + "{'id':3,'dph_base':0.1,'rentable':true,'verification':'deverified','num_gpus':1}]}"));
        OfferQuery.Selection selection = vast.offers(OfferQuery.DEFAULT.and("dph<=0.5"));
        assertThat(selection.offers()).extracting("id").containsExactly("1");
        assertThat(selection.dropped()).extracting("why").containsExactlyInAnyOrder("price", "not verified");
        assertThat(selection.seen()).isEqualTo(3);
    }

    @Test
    void anAnswerWithoutOffersIsNotAnEmptyMarket() throws ProviderFailure {
        api.on(
                SEARCH,
                json("{'success':true}"),
                json("{'success':true}"),
                json("{'success':true}"),
                json("{'offers':[]}"));
        assertThatThrownBy(() -> vast.offers(OfferQuery.DEFAULT)).isInstanceOf(ProviderFailure.Unavailable.class);
        api.on(SEARCH, json("{'offers':[]}"));
        assertThat(vast.offers(OfferQuery.DEFAULT).offers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'success':false,'error':'insufficient_credit','msg':'Your account lacks credit; see the billing page.'}",
                "{'success':false,'msg':'Your account lacks credit; see the billing page.'}"
            })
    void aLackOfCreditIsNoMachinesFault(String answer) {
        api.on("PUT /api/v0/instances/7/", of(400, answer));
        assertThatThrownBy(() -> vast.start("7"))
                .isInstanceOfSatisfying(
                        ProviderFailure.Refused.class,
                        no -> assertThat(no.lacksCredit()).isTrue());
    }

    @Test
    void creditAndChargesAreRead() throws ProviderFailure {
        api.on("GET /api/v0/users/current", json("{'id':1,'username':'ann','balance':0,'credit':'12.5'}"));
        assertThat(vast.account().credit()).hasToString("$12.50");
        api.on(
                "GET /api/v0/charges/",
                json(
                        "{'success':true,'results':[{'start':1761980044,'end':1761980301,'type':"
                                + "'instance','source':'instance-123','amount':1.5,'metadata':{'label':'muster-1'},'items':["
                                + "{'type':'gpu','description':'2 hours','amount':1.25},{'type':'disk','amount':0.25}]}],'count':1}"));
        List<Charge> charges = vast.charges(Instant.ofEpochSecond(5), Instant.ofEpochSecond(9));
        assertThat(charges).extracting(Charge::kind).containsExactly(Charge.Kind.GPU, Charge.Kind.DISK);
        assertThat(charges.getFirst().machine()).isEqualTo("123");
        assertThat(charges.getFirst().label()).isEqualTo("muster-1");
        assertThat(api.requests().getLast().query()).containsEntry("select_filters", "{\"day\":{\"gte\":5,\"lte\":9}}");
    }

    @Test
    void aLogIsFetchedWithoutTheKeyAsSoonAsItIsThere() throws ProviderFailure {
        api.on(
                "PUT /api/v0/instances/request_logs/5/",
                json("{'success':true,'result_url':'" + api.base() + "/results/1.log','msg':'wait'}"));
        api.on("GET /results/1.log", of(403, "<Error/>"), of(404, "<Error/>"), of(200, "epoch 1\nepoch 2\n"));
        assertThat(vast.logs("5", 2)).isEqualTo("epoch 1\nepoch 2\n");
        assertThat(api.requests().getFirst().body().text("tail")).isEqualTo("2");
        assertThat(api.requests().getLast().headers()).doesNotContainKey("authorization");
    }

    // ---- orders

    @Test
    void anOrderSendsTheOfficialBodyButNeverWaitsForACard() throws ProviderFailure {
        api.on(ORDER, json("{'success':true,'new_contract':20000001,'instance_api_key':'secret'}"));
        assertThat(vast.create(order())).isEqualTo(new Created("20000001", ""));
        assertThat(api.requests().getFirst().body().flag("cancel_unavail")).isTrue();
        assertThat(api.requests().getFirst().body().text("label")).isEqualTo("muster-1");
    }

    @Test
    void theKeyIsAddedToTheMachineAndItsFailureLosesNoMachine() throws ProviderFailure {
        api.on(ORDER, json("{'success':true,'new_contract':5}"));
        api.on("POST /api/v0/instances/5/ssh/", of(400, "{'success':false,'error':'no_ssh_key','msg':'bad key'}"));
        Created created = vast.create(order(Optional.empty(), "ssh-ed25519 AAAA ann"));
        assertThat(created.id()).isEqualTo("5");
        assertThat(created.note()).contains("bad key");
    }

    @Test
    void aKeyThatIsThereAlreadyIsNoFailure() throws ProviderFailure {
        api.on("POST /api/v0/instances/5/ssh/", of(400, "{'success':false,'msg':'SSH key already associated'}"));
        vast.attachKey("5", "ssh-ed25519 AAAA ann");
        assertThat(api.requests()).hasSize(1);
    }

    @Test
    void whatAnAnswerHoldsInPlaceOfAListIsNotShown() {
        api.on(LIST, json("{'success':true,'jupyter_token':'not-for-logs'}"));
        assertThatThrownBy(vast::list)
                .hasMessage("vast: expected a list of instances, but found only success, jupyter_token");
    }

    @Test
    void aMachineThatWasMadeStoppedByABidTooLowIsDestroyed() {
        api.on(ORDER, json("{'success':false,'error':'bid_low','msg':'below the market','new_contract':9}"));
        api.on("DELETE /api/v0/instances/9/", json("{'success':true}"));
        ProviderFailure.Refused refused = catchThrowableOfType(
                ProviderFailure.Refused.class, () -> vast.create(order(Optional.of(Money.parse("0.01")), "")));
        assertThat(refused.code()).isEqualTo(ProviderFailure.BID_TOO_LOW);
        assertThat(refused).hasMessageContaining("below the market");
        assertThat(api.requests()).extracting("method").containsExactly("PUT", "DELETE");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400, 500})
    void aMachineThatIsLeftOverAndCannotBeDestroyedIsTold(int status) {
        api.on(ORDER, of(status, "{'success':false,'msg':'below the market','new_contract':9}"));
        api.on("DELETE /api/v0/instances/9/", of(500, "oops"));
        assertThatThrownBy(() -> vast.create(order()))
                .isInstanceOf(ProviderFailure.Unsure.class)
                .hasMessageContaining("machine 9")
                .hasMessageContaining("muster-1");
    }

    @Test
    void anOrderWhoseAnswerIsLostIsUnsureAndNeverSentTwice() {
        for (Reply lost : List.of(
                DROPPED,
                of(502, HTML),
                of(504, ""),
                new Reply(200, "{\"success\":true,\"new_co", 30),
                json("{'success':true"),
                of(200, HTML),
                json("{'success':true}"))) {
            int before = api.requests().size();
            api.on(ORDER, lost);
            assertThatThrownBy(() -> vast.create(order())).as("%s", lost).isInstanceOf(ProviderFailure.Unsure.class);
            assertThat(api.requests()).hasSize(before + 1);
        }
    }

    @Test
    void anOrderThatNobodyAnswersInTimeIsUnsure() {
        api.on(ORDER, SILENT);
        try (VastProvider hasty = provider(Wiretap.OFF, Duration.ofMillis(200))) {
            assertThatThrownBy(() -> hasty.create(order()))
                    .isInstanceOf(ProviderFailure.Unsure.class)
                    .hasMessageContaining("may have been done");
        }
    }

    @Test
    void anOrderThatWasRefusedIsNotUnsure() {
        api.on(ORDER, of(429, "API requests too frequent: endpoint threshold=5.0"));
        assertThatThrownBy(() -> vast.create(order())).isInstanceOf(ProviderFailure.Unavailable.class);
        api.on(
                ORDER,
                of(
                        404,
                        "{'success':false,'error':'invalid_args','msg':'error 404/3603: no_such_ask Instance type by id 77 is"
                                + " not available.'}"),
                of(410, "{'success':false,'error':'no_such_ask','msg':'no longer available'}"));
        for (int time = 0; time < 2; time++) {
            ProviderFailure.Refused refused =
                    catchThrowableOfType(ProviderFailure.Refused.class, () -> vast.create(order()));
            assertThat(refused.code()).isEqualTo(ProviderFailure.NO_OFFER);
        }
    }

    @Test
    void anOrderThatNobodyCouldTakeIsNotUnsure() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Surroundings around =
                new Surroundings(() -> now, new Random(1), time -> {}, Wiretap.OFF, Duration.ofSeconds(5));
        try (VastProvider nobody =
                new VastProvider(URI.create("http://127.0.0.1:" + port), () -> new ApiKey(KEY), around)) {
            assertThatThrownBy(() -> nobody.create(order()))
                    .isInstanceOf(ProviderFailure.Unavailable.class)
                    .hasMessageContaining("cannot connect");
        }
    }

    @Test
    void aStartThatIsQueuedIsARefusalWithItsOwnCode() {
        api.on(
                "PUT /api/v0/instances/5/",
                json("{'success':false,'msg':'Required resources are currently unavailable, state change queued.'}"));
        ProviderFailure.Refused refused = catchThrowableOfType(ProviderFailure.Refused.class, () -> vast.start("5"));
        assertThat(refused.code()).isEqualTo(ProviderFailure.QUEUED);
        assertThat(api.requests()).hasSize(1);
    }

    @Test
    void aStartIsAskedForAgainOnlyWhileItWasSurelyNotTaken() throws ProviderFailure {
        api.on("PUT /api/v0/instances/5/", of(429, "API requests too frequent"), json("{'success':true}"));
        vast.start("5");
        assertThat(api.requests()).hasSize(2);
        api.on("PUT /api/v0/instances/6/", of(429, "API requests too frequent"), DROPPED, json("{'success':true}"));
        assertThatThrownBy(() -> vast.start("6")).isInstanceOf(ProviderFailure.Unsure.class);
        assertThat(api.requests()).hasSize(4);
    }

    @Test
    void stopAndDestroyAreAskedAgainAndWhatIsGoneIsDestroyed() throws ProviderFailure {
        api.on("PUT /api/v0/instances/5/", DROPPED, of(503, "busy"), json("{'success':true}"));
        vast.stop("5");
        assertThat(api.requests())
                .hasSize(3)
                .allSatisfy(request -> assertThat(request.body().text("state")).isEqualTo("stopped"));
        api.on(
                "DELETE /api/v0/instances/5/",
                DROPPED,
                of(404, "{'success':false,'error':'no_such_instance','msg':'gone'}"));
        vast.destroy("5");
    }

    @Test
    void aDestroyWhoseAnswersAreAllLostIsUnsureAlsoWhenTheLastTryNeverCame() {
        api.on("DELETE /api/v0/instances/5/", DROPPED, of(429, "slow down"));
        assertThatThrownBy(() -> vast.destroy("5")).isInstanceOf(ProviderFailure.Unsure.class);
        assertThat(api.requests()).hasSize(4);
    }

    // ---- what goes wrong

    @Test
    void aListIsAskedForAgainWhenTheServerIsOutOfOrderOrTooBusy() throws ProviderFailure {
        api.on(LIST, of(502, HTML), of(429, "API requests too frequent"), DROPPED, json("{'instances':[]}"));
        assertThat(vast.list()).isEmpty();
        assertThat(api.requests()).hasSize(4);
        assertThat(pauses).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void aPageInPlaceOfJsonShowsItsFirstWords() {
        api.on(LIST, of(200, HTML));
        assertThatThrownBy(vast::list)
                .isInstanceOf(ProviderFailure.Unavailable.class)
                .hasMessage("vast: expected JSON, but found 200 \"502 Bad Gateway nginx\"");
        api.on(LIST, of(404, HTML));
        assertThatThrownBy(vast::list).isInstanceOf(ProviderFailure.Unavailable.class);
        api.on(LIST, of(302, ""));
        assertThatThrownBy(vast::list)
                .isInstanceOf(ProviderFailure.Unavailable.class)
                .hasMessageContaining("does its address still stand");
    }

    @Test
    void aWrongKeyIsDeniedWhicheverWayTheServerSaysIt() {
        for (Reply denied : List.of(
                of(401, "{'success':false,'error':'unauthorized','msg':'" + KEY + " is no key'}"),
                of(404, "{'success':false,'error':'auth_error','msg':'Invalid user key'}"),
                of(404, "{'success':false,'msg':'Session expired. Please log in again.'}"),
                of(403, "{'success':false,'msg':'This action requires login.'}"),
                json("{'success':false,'error':'auth_error','msg':'Invalid user key'}"))) {
            int before = api.requests().size();
            api.on(LIST, denied);
            assertThatThrownBy(vast::list)
                    .as("%s", denied)
                    .isInstanceOf(ProviderFailure.Denied.class)
                    .hasMessageNotContaining(KEY);
            assertThat(api.requests()).hasSize(before + 1);
        }
    }

    @Test
    void nothingThatIsShownHoldsASecret() {
        api.on(ORDER, of(500, "no such key: " + KEY));
        TreeMap<String, String> env = new TreeMap<>();
        env.put("WANDB", "wandb-secret-value");
        RentOrder order = new RentOrder(
                "muster-1",
                "77",
                16,
                "img",
                "curl -H 'X: onstart-secret'",
                env,
                List.of("8770/tcp"),
                Optional.empty(),
                "");
        assertThatThrownBy(() -> vast.create(order)).hasMessageNotContaining(KEY);
        assertThat(String.join("\n", shown))
                .contains("PUT " + api.base() + "/api/v0/asks/77/", "WANDB", "-p 8770:8770", "[27 characters]", "< 500")
                .doesNotContain(KEY, "wandb-secret-value", "onstart-secret");
        assertThat(order.toString()).doesNotContain("secret");
    }

    @Test
    void aDryRunSendsNothingThatChangesSomething() throws ProviderFailure {
        api.on(LIST, json("{'instances':[]}"));
        try (VastProvider dry = provider(new Wiretap(shown::add, true, true), Duration.ofSeconds(10))) {
            for (ThrowingCallable change : List.<ThrowingCallable>of(
                    () -> dry.create(order()), () -> dry.destroy("5"), () -> dry.start("5"))) {
                ProviderFailure.Refused refused = catchThrowableOfType(ProviderFailure.Refused.class, change);
                assertThat(refused.code()).isEqualTo(ProviderFailure.DRY_RUN);
            }
            assertThat(api.requests()).isEmpty();
            assertThat(dry.list()).isEmpty();
        }
        assertThat(shown).anyMatch(line -> line.startsWith("> DELETE "));
    }

    @Test
    void aKeyIsReadForEachRequestSoThatANewOneCounts() throws ProviderFailure {
        api.on(
                LIST,
                request -> request.headers().get("authorization").endsWith("new")
                        ? json("{'instances':[]}")
                        : of(401, "{'msg':'expired'}"));
        List<String> keys = new ArrayList<>(List.of("old", "new"));
        try (VastProvider changing = new VastProvider(
                api.base(),
                () -> new ApiKey(keys.removeFirst()),
                new Surroundings(() -> now, new Random(1), time -> {}, Wiretap.OFF, Duration.ofSeconds(10)))) {
            assertThatThrownBy(changing::list).isInstanceOf(ProviderFailure.Denied.class);
            assertThat(changing.list()).isEmpty();
        }
    }

    @Test
    void anAnswerThatIsFarTooLongIsNotKept() {
        api.on(LIST, of(200, " ".repeat(9 << 20)));
        assertThatThrownBy(vast::list).isInstanceOf(ProviderFailure.Unavailable.class);
    }
}
