package dev.muster.edge.provider;

import static dev.muster.edge.provider.FakeApi.Reply.DROPPED;
import static dev.muster.edge.provider.FakeApi.Reply.json;
import static dev.muster.edge.provider.FakeApi.Reply.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.core.rent.Created;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Rented;
import dev.muster.core.rent.Usage;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import java.io.IOException;
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

class LambdaProviderTest {
    private static final String TYPES = "{'data':{'gpu_1x_a10':{'instance_type':{'name':'gpu_1x_a10','gpu_description':"
            + "'A10 (24 GB PCIe)','price_cents_per_hour':75,'specs':{'vcpus':30,'memory_gib':200,'storage_gib':1400,"
            + "'gpus':1}},'regions_with_capacity_available':[{'name':'us-west-1','description':'California, USA'},"
            + "{'name':'europe-central-1','description':'Germany'}]},'gpu_8x_h100_sxm5':{'instance_type':{'name':"
            + "'gpu_8x_h100_sxm5','gpu_description':'H100 (80 GB SXM5)','price_cents_per_hour':2392,'specs':{'vcpus':208,"
            + "'memory_gib':1800,'storage_gib':22000,'gpus':8}},'regions_with_capacity_available':[{'name':'us-east-1'}]},"
            + "'gpu_1x_gh200':{'instance_type':{'name':'gpu_1x_gh200','gpu_description':'GH200 (96 GB)',"
            + "'price_cents_per_hour':149,'specs':{'gpus':1}},'regions_with_capacity_available':[]}}}";

    private final List<Duration> pauses = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private FakeApi api;
    private LambdaProvider lambda;

    @BeforeEach
    void start() throws IOException {
        api = FakeApi.start();
        api.on("GET /instance-types", json(TYPES));
        api.on(
                "GET /ssh-keys",
                json("{'data':[{'id':'k','name':'ann','public_key':'ssh-ed25519 AAAA another comment'}]}"));
        lambda = new LambdaProvider(
                api.base(),
                () -> new ApiKey("lambda-key"),
                new Surroundings(
                        () -> now,
                        new Random(1),
                        time -> {
                            pauses.add(time);
                            now = now.plus(time);
                        },
                        Wiretap.OFF,
                        Duration.ofSeconds(10)));
    }

    @AfterEach
    void stop() throws IOException {
        lambda.close();
        api.close();
    }

    private static RentOrder order(String offer) {
        TreeMap<String, String> env = new TreeMap<>();
        env.put("WHO", "it's me");
        return new RentOrder(
                "muster-1", offer, 16, "ignored", "echo up", env, List.of(), Optional.empty(), "ssh-ed25519 AAAA ann");
    }

    @Test
    void thereIsAnOfferForEachRegionThatHasMachines() throws ProviderFailure {
        OfferQuery.Selection all = lambda.offers(OfferQuery.DEFAULT);
        assertThat(all.offers())
                .extracting(Offer::id)
                .containsExactly("gpu_1x_a10/europe-central-1", "gpu_1x_a10/us-west-1", "gpu_8x_h100_sxm5/us-east-1");
        assertThat(all.offers().getLast().gpus()).isEqualTo(new Offer.Gpus("H100 SXM", 8, 81_920));
        assertThat(all.offers().getFirst().cost(500, Usage.NONE)).isEqualTo(Money.parse("0.75"));
    }

    @Test
    void theSameQuestionFitsBothProviders() throws ProviderFailure {
        OfferQuery query = OfferQuery.DEFAULT.and("gpu_name=A10 gpu_ram>=20 dph<1 geolocation in [US] disk_space>=100");
        assertThat(lambda.offers(query).offers()).extracting(Offer::id).containsExactly("gpu_1x_a10/us-west-1");
        assertThat(lambda.offers(OfferQuery.DEFAULT.and("dph<1")).dropped())
                .containsExactly(new OfferQuery.Dropped("price", 1));
    }

    @Test
    void anOrderNamesAKnownKeyAndCarriesItsLabelTwice() throws ProviderFailure {
        api.on(
                "POST /instance-operations/launch",
                json("{'data':{'instance_ids':['0920582c7ff041399e34823a0be62549']}}"));
        assertThat(lambda.create(order("gpu_1x_a10/us-west-1")))
                .isEqualTo(new Created("0920582c7ff041399e34823a0be62549", ""));
        assertThat(api.requests().getLast().body())
                .hasToString(
                        "{\"region_name\":\"us-west-1\",\"instance_type_name\":\"gpu_1x_a10\","
                                + "\"ssh_key_names\":[\"ann\"],\"name\":\"muster-1\",\"tags\":[{\"key\":\"muster\","
                                + "\"value\":\"muster-1\"}],\"user_data\":\"#!/bin/bash\\nexport WHO='it'\\\\''s me'\\necho up\\n\"}");
    }

    @Test
    void aKeyThatIsNotKnownThereIsMadeKnownFirst() throws ProviderFailure {
        api.on("GET /ssh-keys", json("{'data':[]}"));
        api.on("POST /ssh-keys", json("{'data':{'id':'k2'}}"));
        api.on("POST /instance-operations/launch", json("{'data':{'instance_ids':['x']}}"));
        lambda.create(order("gpu_1x_a10/us-west-1"));
        String name = api.requests().get(1).body().text("name");
        assertThat(name).startsWith("muster-");
        assertThat(api.requests()
                        .getLast()
                        .body()
                        .list("ssh_key_names")
                        .getFirst()
                        .text())
                .isEqualTo(name);
    }

    @Test
    void launchesKeepTwelveSecondsBetweenThem() throws ProviderFailure {
        api.on("POST /instance-operations/launch", json("{'data':{'instance_ids':['x']}}"));
        lambda.create(order("gpu_1x_a10/us-west-1"));
        Instant first = now;
        lambda.create(order("gpu_1x_a10/us-west-1"));
        assertThat(Duration.between(first, now)).isGreaterThanOrEqualTo(Duration.ofSeconds(12));
    }

    @Test
    void aLostLaunchIsUnsureAndNoCapacityIsARefusal() {
        api.on("POST /instance-operations/launch", DROPPED);
        assertThatThrownBy(() -> lambda.create(order("gpu_1x_a10/us-west-1")))
                .isInstanceOf(ProviderFailure.Unsure.class);
        assertThat(api.requests())
                .filteredOn(request -> request.path().endsWith("launch"))
                .hasSize(1);
        api.on(
                "POST /instance-operations/launch",
                of(
                        400,
                        "{'error':{'code':'instance-operations/launch/insufficient-capacity','message':'Not enough capacity.',"
                                + "'suggestion':'Try later.'}}"));
        ProviderFailure.Refused refused =
                catchThrowableOfType(ProviderFailure.Refused.class, () -> lambda.create(order("gpu_1x_a10/us-west-1")));
        assertThat(refused.code()).isEqualTo(ProviderFailure.NO_OFFER);
        assertThat(refused).hasMessage("lambda: Not enough capacity. Try later.");
    }

    @Test
    void machinesAreListedByLabelWithTheirStates() throws ProviderFailure {
        api.on(
                "GET /instances",
                json(
                        "{'data':[{'id':'a','name':'muster-1','status':'active','ip':'10.1.2.3','region':"
                                + "{'name':'us-west-1'},'instance_type':{'name':'gpu_1x_a10','gpu_description':'A10 (24 GB PCIe)',"
                                + "'price_cents_per_hour':75,'specs':{'gpus':1}}},{'id':'b','name':'x','tags':[{'key':'muster','value':"
                                + "'muster-2'}],'status':'booting'},{'id':'c','status':'unhealthy'},{'id':'d','status':'terminated'},"
                                + "{'id':'e','status':'preempted'},{'id':'f','status':'terminating'},{'id':'g','status':'new'}]}"));
        List<Rented> machines = lambda.list();
        assertThat(machines)
                .extracting(Rented::observed)
                .containsExactly(
                        Observed.RUNNING,
                        Observed.PROVISIONING,
                        Observed.HOST_LOST,
                        Observed.GONE,
                        Observed.PREEMPTED,
                        Observed.STOPPING,
                        Observed.UNKNOWN);
        assertThat(machines.get(1).label()).isEqualTo("muster-2");
        assertThat(machines.getFirst().reach().direct()).hasToString("Optional[10.1.2.3:22]");
        assertThat(machines.getFirst().bill().perHourNow()).isEqualTo(Money.parse("0.75"));
    }

    @Test
    void aListThatCannotBeHadIsNotEmpty() {
        for (FakeApi.Reply broken : List.of(
                json("{}"),
                json("{'data':null}"),
                json("{'data':[{'name':'no id'}]}"),
                of(500, "oops"),
                json("<html>"))) {
            api.on("GET /instances", broken);
            assertThatThrownBy(lambda::list).isInstanceOf(ProviderFailure.Unavailable.class);
        }
        api.on(
                "GET /instances",
                of(401, "{'error':{'code':'global/invalid-api-key','message':'API key was invalid'}}"));
        assertThatThrownBy(lambda::list).isInstanceOf(ProviderFailure.Denied.class);
    }

    @Test
    void whatIsGoneIsDestroyed() throws ProviderFailure {
        api.on(
                "POST /instance-operations/terminate",
                DROPPED,
                of(404, "{'error':{'code':'global/object-does-not-exist','message':'no such'}}"));
        lambda.destroy("a");
        assertThat(api.requests().getLast().body()).hasToString("{\"instance_ids\":[\"a\"]}");
    }

    @Test
    void whatItCannotDoIsRefusedWithoutAskingAndTheFlagsSaySo() {
        assertThat(lambda.can().stop()).isFalse();
        assertThat(lambda.can().bid()).isFalse();
        RentOrder order = order("gpu_1x_a10/us-west-1");
        RentOrder bid = new RentOrder(
                "m",
                order.offer(),
                16,
                "",
                "",
                new TreeMap<>(),
                List.of(),
                Optional.of(Money.parse("1")),
                order.sshKey());
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> lambda.stop("a"),
                () -> lambda.start("a"),
                () -> lambda.bid("a", Money.parse("1")),
                () -> lambda.logs("a", 5),
                () -> lambda.attachKey("a", "ssh-ed25519 AAAA"),
                lambda::account,
                () -> lambda.create(bid))) {
            assertThatThrownBy(call).isInstanceOf(ProviderFailure.Unsupported.class);
        }
        assertThat(api.requests()).isEmpty();
    }
}
