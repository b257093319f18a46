package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.RentReport;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.TimeWindow;
import dev.muster.edge.wire.Wire;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RentRoutesTest extends ApiHarness {
    private static final String TERMS = "'provider':'vast','offer':'7','gpu':'RTX 3070','gpus':1,'per_hour':0.08,"
            + "'per_hour_stopped':'0.003','disk_gb':20";

    private Http.Answer rent(String more) throws Exception {
        return http.post("/v1/instances", json("{" + TERMS + more + "}"));
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private Rentals rentals() {
        return member.state().rentals();
    }

    private static String message(Http.Answer answer) throws Exception {
        return answer.json().path("message").asString();
    }

    @Test
    void anOrderIsCheckedWithoutBeingGiven() throws Exception {
        Http.Answer dry = http.post("/v1/instances?dry_run=true", json("{" + TERMS + "}"));
        assertThat(dry.json().path("id").asString()).isEqualTo("i1");
        assertThat(rentals().instances().isEmpty()).isTrue();
        http.put("/v1/budget", json("{'hour':0.05}"));
        Http.Answer refused = http.post("/v1/instances?dry_run=true", json("{" + TERMS + "}"));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().path("code").asString()).isEqualTo("OVER_BUDGET");
    }

    @Test
    void anOrderSaysWhatItWantsAndTheRestIsAsUsual() throws Exception {
        assertThat(rent(",'bid':'$0.05','role':'selfplay','why':'games'").status())
                .isEqualTo(200);
        Instance made = rentals().instances().require(new InstanceId(1));
        assertThat(made.rent().bid()).contains(Money.parse("0.05"));
        assertThat(made.rent().perHourStopped()).isEqualTo(Money.parse("0.003"));
        assertThat(made.rent().role()).isEqualTo(Role.SELFPLAY);
        assertThat(made.why()).isEqualTo("games");
        assertThat(http.get("/v1/instances/i1").json().path("bid").asDouble()).isEqualTo(0.05);
        assertThat(http.get("/v1/instances/i2").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ",'provider':'aws' | unknown provider aws",
                ",'provider':'hosts' | hosts has no machines to rent",
                ",'provider':'lambda','bid':1 | lambda takes no bids",
                ",'per_hour':'cheap' | per_hour: expected an amount",
                ",'per_hour':-1 | expected prices of $0 or more",
                ",'per_hour':null | expected the key per_hour, but found none",
                ",'gpus':-1 | expected 0 or more GPUs",
                ",'gpu_count':1 | unknown key",
                ",'role':'cook' | expected one of",
                ",'group':'none' | no group none",
            })
    void anOrderThatMakesNoSenseIsTold(String more, String told) throws Exception {
        Http.Answer answer = rent(more);
        assertThat(answer.status()).isIn(400, 404);
        assertThat(message(answer)).contains(told);
        assertThat(rentals().instances().isEmpty()).isTrue();
    }

    @Test
    void whatIsToBeAbandonedIsSaidInSoManyWords() throws Exception {
        rent("");
        assertThat(http.post("/v1/instances/i1/destroy", json("{'abandon_data':'yes'}"))
                        .status())
                .isEqualTo(400);
        http.post("/v1/instances/i1/destroy", "{}");
        assertThat(rentals().instances().require(new InstanceId(1)).abandon()).isFalse();
        http.post("/v1/instances/i1/destroy", json("{'abandon_data':true}"));
        assertThat(rentals().instances().require(new InstanceId(1)).abandon()).isTrue();
    }

    @Test
    void aGroupsLimitsAreChangedOneByOne() throws Exception {
        assertThat(message(http.put("/v1/groups/g", json("{'price_max':0.1}")))).contains("expected the key target");
        assertThat(message(http.put("/v1/groups/g", json("{'target':1}")))).contains("expected the key price_max");
        assertThat(http.put("/v1/groups/g", json("{'target':2,'price_max':0.1}"))
                        .status())
                .isEqualTo(200);
        assertThat(rentals().groups().require("g"))
                .isEqualTo(new Group(
                        "g",
                        "vast",
                        List.of(),
                        0,
                        "",
                        0,
                        2,
                        4,
                        Money.parse("0.1"),
                        Market.ON_DEMAND,
                        Role.SELFPLAY,
                        20,
                        ""));
        http.put("/v1/groups/g", json("{'market':'bid','max':9}"));
        assertThat(rentals().groups().require("g").market()).isEqualTo(Market.BID);
        assertThat(rentals().groups().require("g").max()).isEqualTo(9);
        assertThat(message(http.put("/v1/groups/g", json("{'min':5}")))).contains("0 <= min <= target <= max");
        assertThat(http.put("/v1/groups/g", json("{'name':'h'}")).status()).isEqualTo(400);
        assertThat(http.put("/v1/groups/a%20b", json("{'target':2,'price_max':0.1}"))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aCapIsNullOrNoneToTakeItAway() throws Exception {
        http.put("/v1/budget", json("{'day':50,'hour':'5'}"));
        http.put("/v1/budget", json("{'day':null}"));
        assertThat(rentals().caps().require("").hour()).contains(Money.ofDollars(5));
        assertThat(rentals().caps().require("").day()).isEmpty();
        http.put("/v1/budget", json("{'hour':'none'}"));
        assertThat(rentals().caps().getOrDefault("", Caps.NONE)).isEqualTo(Caps.NONE);
        assertThat(http.put("/v1/budget", json("{'day':-1}")).status()).isEqualTo(400);
        assertThat(http.put("/v1/budget", json("{'week':1}")).status()).isEqualTo(400);
        assertThat(http.put("/v1/budget/nobody", json("{'day':1}")).status()).isEqualTo(404);
    }

    @Test
    void aPolicyIsChangedKeyByKey() throws Exception {
        Http.Answer set = http.put(
                "/v1/scaling",
                json(
                        "{'zone':'Europe/Berlin','idle_after':'45m','on_cap':'drain','windows':[{'name':'night','from':'22:00',"
                                + "'to':'06:00','days':['fri','sat'],'max':3,'price_max':0.1}]}"));
        assertThat(set.status()).as(set.text()).isEqualTo(200);
        Scaling scaling = rentals().scaling();
        assertThat(scaling.onCap()).isEqualTo(Scaling.OnCap.DRAIN);
        assertThat(scaling.upAt()).isEqualTo(Scaling.DEFAULT.upAt());
        assertThat(scaling.windows())
                .containsExactly(new TimeWindow(
                        "night",
                        List.of(),
                        List.of(DayOfWeek.FRIDAY, DayOfWeek.SATURDAY),
                        LocalTime.of(22, 0),
                        LocalTime.of(6, 0),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(3),
                        Optional.of(Money.parse("0.1"))));
        // What is shown can be given back.
        assertThat(http.put("/v1/scaling", http.get("/v1/scaling").text()).status())
                .isEqualTo(200);
        assertThat(rentals().scaling()).isEqualTo(scaling);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'zone':'Mars/Base'} | expected a time zone",
                "{'idle':'1h'} | unknown key",
                "{'idle_after':'soon'} | idle_after: expected",
                "{'up_at':0.2} | 0 <= down_at < up_at <= 1",
                "{'windows':[{'name':'a','from':'22:00','to':'06:00'},{'name':'b','from':'05:00','to':'07:00'}]} | overlap",
                "{'windows':[{'name':'a','from':'22:00','to':'06:00','days':['someday']}]} | expected mon to sun",
                "{'windows':[{'name':'a','from':'22 h','to':'06:00'}]} | from",
            })
    void aPolicyThatMakesNoSenseIsTold(String body, String told) throws Exception {
        Http.Answer answer = http.put("/v1/scaling", json(body));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(message(answer)).contains(told);
        assertThat(rentals().scaling()).isEqualTo(Scaling.DEFAULT.withEnabled(false));
    }

    @Test
    void theLeaderTellsOtherNodesAllItKnows() throws Exception {
        InMemoryMember leader = RentScene.make();
        RentReport report = leader.rentingHere().orElseThrow();
        assertThat(Wire.read(Wire.bytes(report), RentReport.class)).isEqualTo(report);
        assertThat(report.reaches().size()).isEqualTo(2);
        assertThat(http.get("/v1/peer/renting").status()).isEqualTo(200);
        member.readOnly = Optional.of("no quorum");
        assertThat(http.get("/v1/peer/renting").status()).isEqualTo(409);
    }
}
