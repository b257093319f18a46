package dev.muster.core.rent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OfferQueryTest {
    private static final OfferQuery ANY = OfferQuery.DEFAULT.withoutDefaults();

    private static Offer offer(String id, String perHour, Object... traits) {
        TreeMap<String, Trait> said = new TreeMap<>();
        for (int at = 0; at < traits.length; at += 2) {
            said.put(
                    traits[at].toString(),
                    switch (traits[at + 1]) {
                        case Boolean flag -> new Trait.Flag(flag);
                        case Number number -> new Trait.Number(number.doubleValue());
                        default -> new Trait.Text(traits[at + 1].toString());
                    });
        }
        Price price = new Price(
                Money.parse(perHour),
                Money.parse("0.72"),
                Money.parse("0.01"),
                Money.parse("0.02"),
                Optional.of(Money.parse("0.03")));
        return new Offer(
                "vast",
                id,
                "",
                "",
                new Offer.Gpus("RTX 3070", 1, 8192),
                new Offer.Box(8, 32_000, 100, 0),
                new Offer.Terms(OptionalDouble.empty(), true, "Oregon, US", Optional.empty()),
                price,
                said);
    }

    private static boolean fits(String query, Object... traits) {
        return ANY.and(query)
                        .select(List.of(offer("1", "0.1", traits)))
                        .offers()
                        .size()
                == 1;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "num_gpus=2 | num_gpus | EQ | Text[text=2]",
                "num_gpus == 2 | num_gpus | EQ | Text[text=2]",
                "num_gpus not eq 2 | num_gpus | NEQ | Text[text=2]",
                "dph<=0.5 | dph_total | LTE | Text[text=0.5]",
                "cuda_vers gte 12.1 | cuda_max_good | GTE | Text[text=12.1]",
                "gpu_ram >= 8 | gpu_ram | GTE | Number[value=8000.0]",
                "duration>0.5 | duration | GT | Number[value=43200.0]",
                "gpu_name=RTX_4090 | gpu_name | EQ | Text[text=RTX 4090]",
                "gpu_name=\"RTX 4090\" | gpu_name | EQ | Text[text=RTX 4090]",
                "gpu_name in [RTX_4090,\"RTX_3090\"] | gpu_name | IN | Many[texts=[RTX 4090, RTX 3090]]",
                "geolocation notin [CN, VN] | geolocation | NOTIN | Many[texts=[CN, VN]]",
                "geolocation not in [CN] | geolocation | NOTIN | Many[texts=[CN]]",
                "geolocation nin CN,VN | geolocation | NOTIN | Many[texts=[CN, VN]]",
                "verified=True | verified | EQ | Flag[value=true]",
                "rented=None | rented | EQ | Nothing[]",
                "driver_version>=535.86.05 | driver_version | GTE | Number[value=5.35086005E8]",
                "inet_up<100, | inet_up | LT | Text[text=100]",
            })
    void theProvidersQueryWordsAreUnderstoodAsItsOwnCommandLineDoes(
            String query, String field, Condition.Op op, String value) {
        assertThat(ANY.and(query).conditions()).singleElement().satisfies(condition -> {
            assertThat(condition.field()).isEqualTo(field);
            assertThat(condition.op()).isEqualTo(op);
            assertThat(condition.value()).hasToString(value);
        });
    }

    @Test
    void severalConditionsStandSideBySideAndTheLaterOneCounts() {
        OfferQuery query = ANY.and("num_gpus>=2 num_gpus<=8, geolocation in [US,SE] num_gpus>=4");
        assertThat(query.conditions())
                .extracting(
                        condition -> condition.field() + " " + condition.op().word())
                .containsExactly("num_gpus gte", "num_gpus lte", "geolocation in");
        assertThat(query.conditions().getFirst().value()).isEqualTo(new Condition.Literal.Text("4"));
    }

    @Test
    void anyTakesAwayWhatWasAskedBeforeAlsoTheUsual() {
        assertThat(OfferQuery.DEFAULT.and("verified=any").conditions())
                .extracting(Condition::field)
                .containsExactly("external", "rentable");
        assertThat(ANY.and("dph<1 price=*").conditions()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "num_gpus",
                "num_gpus>=",
                "num_gpus>=2 and",
                "=2",
                "num_gpus=>2",
                "num_gpus in []",
                "gpu_ram>big",
                "verified!=any",
                "hello=1",
                "num_gpus>=2; rm"
            })
    void whatCannotBeUnderstoodIsRefused(String query) {
        assertThatThrownBy(() -> ANY.and(query)).isInstanceOf(BadQuery.class);
    }

    @Test
    void aMistypedFieldIsNamedWithThoseThatThereAre() {
        assertThatThrownBy(() -> ANY.and("relability>0.9")).isInstanceOfSatisfying(BadQuery.class, bad -> {
            assertThat(bad.word()).isEqualTo("relability");
            assertThat(bad.known()).contains("reliability", "dph");
        });
    }

    @Test
    void everythingIsCheckedAgainByOurOwnArithmetic() {
        assertThat(fits("num_gpus>=2", "num_gpus", 4)).isTrue();
        assertThat(fits("num_gpus>=10", "num_gpus", 9)).as("numbers, not texts").isFalse();
        assertThat(fits("num_gpus=2", "num_gpus", "2"))
                .as("a number that is a text")
                .isTrue();
        assertThat(fits("geolocation in [US]", "geolocation", "Oregon, US")).isTrue();
        assertThat(fits("geolocation in [US]", "geolocation", "Sweden, SE")).isFalse();
        assertThat(fits("geolocation notin [US]", "geolocation", "Sweden, SE")).isTrue();
        assertThat(fits("gpu_name=RTX_4090", "gpu_name", "rtx 4090")).isTrue();
        assertThat(fits("gpu_name=RTX_4090", "gpu_name", "RTX 4090D")).isFalse();
        assertThat(fits("external=false")).as("what is not said is false").isTrue();
        assertThat(fits("rentable=true")).isFalse();
        assertThat(fits("reliability>0.9")).as("what is not said is not so").isFalse();
        assertThat(fits("has_avx=true", "has_avx", 1)).isTrue();
        assertThat(fits("cluster_id=None")).isTrue();
        assertThat(fits("driver_version>=535.86.05", "driver_version", "550.54.15"))
                .isTrue();
        assertThat(fits("driver_version>=535.86.05", "driver_version", "535.86.4"))
                .isFalse();
        assertThat(fits("gpu_ram>=8", "gpu_ram", 8192)).isTrue();
        assertThat(fits("gpu_ram>=8.2", "gpu_ram", 8192)).isFalse();
    }

    @Test
    void thePriceHoldsDiskAndTrafficAndDependsOnTheMarket() {
        Offer offer = offer("1", "0.10");
        assertThat(offer.cost(100, Usage.NONE)).isEqualTo(Money.parse("0.2"));
        Usage usage = new Usage(Bytes.parse("2GB"), Bytes.parse("5GB"));
        assertThat(offer.cost(100, usage)).isEqualTo(Money.parse("0.32"));
        assertThat(offer.cost(new Deal(Market.BID, 100, Usage.NONE))).isEqualTo(Money.parse("0.13"));
        assertThat(offer.price().storage(100)).isEqualTo(Money.parse("0.1"));
        OfferQuery query = ANY.on(Deal.onDemand(100)).atMost(Money.parse("0.2"));
        assertThat(query.select(List.of(offer)).offers()).hasSize(1);
        assertThat(query.on(Deal.onDemand(101)).select(List.of(offer)).dropped())
                .containsExactly(new OfferQuery.Dropped("price", 1));
    }

    @Test
    void whatIsDroppedIsCountedOnceByItsReasonMostFirst() {
        OfferQuery.Selection selection = ANY.and("reliability>=0.9 dph<=0.5 disk_space>=50")
                .on(Deal.onDemand(0))
                .select(List.of(
                        offer("a", "0.4", "reliability", 0.99, "disk_space", 99),
                        offer("b", "0.9", "reliability", 0.5, "disk_space", 99),
                        offer("c", "0.8", "reliability", 0.99, "disk_space", 99),
                        offer("d", "0.4", "reliability", 0.99, "disk_space", 9),
                        offer("a", "0.4", "reliability", 0.99, "disk_space", 99)));
        assertThat(selection.offers()).extracting(Offer::id).containsExactly("a");
        assertThat(selection.seen()).isEqualTo(4);
        assertThat(selection.dropped())
                .containsExactly(new OfferQuery.Dropped("price", 2), new OfferQuery.Dropped("disk", 1));
    }

    @Test
    void theOrderIsOursAndTheLimitComesLast() {
        List<Offer> offers = List.of(
                offer("a", "0.3", "num_gpus", 1),
                offer("b", "0.1", "num_gpus", 2),
                offer("c", "0.2", "num_gpus", 2),
                offer("d", "0.05"));
        assertThat(ANY.by(Sort.parse("num_gpus-,dph")).select(offers).offers())
                .extracting(Offer::id)
                .containsExactly("b", "c", "a", "d");
        assertThat(ANY.by(Sort.parse("dph")).first(2).select(offers).offers())
                .extracting(Offer::id)
                .containsExactly("d", "b");
        assertThatThrownBy(() -> Sort.parse("cheapest")).isInstanceOf(BadQuery.class);
    }

    @Test
    void aWiderQuestionAsksForTheSameGpuOnly() {
        OfferQuery query =
                OfferQuery.DEFAULT.and("gpu_name=RTX_3070 dph<0.1 num_gpus=2").first(3);
        assertThat(query.isNarrow()).isTrue();
        assertThat(query.widened().conditions())
                .extracting(Condition::field)
                .containsExactly("verified", "external", "rentable", "gpu_name");
        assertThat(query.widened().isNarrow()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "gpu_name=RTX_4090 num_gpus>=2",
                "gpu_name in [RTX_4090,RTX_3070] geolocation notin [US,SE]",
                "gpu_ram>=24 duration>2.5 cpu_ram gt 63.9",
                "verified=true external=false rentable!=false static_ip=None",
                "driver_version>=535.86.05 driver_version<550.1",
                "id=123 dph<=0.08 disk_space>=50 reliability>0.95"
            })
    void aQueryIsTheSameAfterItWasWrittenDown(String words) {
        OfferQuery query = ANY.and(words).andGpus(List.of("H100 SXM", "RTX A6000"));
        assertThat(ANY.and(query.words())).isEqualTo(query);
    }
}
