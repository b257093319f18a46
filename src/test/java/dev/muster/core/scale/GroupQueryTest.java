package dev.muster.core.scale;

import static dev.muster.core.scale.Shop.dollars;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Price;
import dev.muster.core.state.Group;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Role;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroupQueryTest {
    private static Group group(String provider, String query) {
        return new Group(
                provider.equals("vast") ? "g" : "h",
                provider,
                List.of("rtx_3070", "3060 ti"),
                1,
                query,
                0,
                0,
                1,
                dollars("0.10"),
                Market.ON_DEMAND,
                Role.SELFPLAY,
                72,
                "");
    }

    private static List<String> conditions(Group group) {
        return GroupQuery.of(group).conditions().stream()
                .map(one -> one.field() + " " + one.op().word() + " " + one.value())
                .toList();
    }

    @Test
    void whatAGroupSaysIsAsked() {
        assertThat(conditions(group("vast", "inet_down>=100")))
                .contains(
                        "gpu_name in Many[texts=[RTX 3070, RTX 3060 Ti]]",
                        "num_gpus eq Text[text=1]",
                        "disk_space gte Text[text=72]",
                        "reliability gte Text[text=0.95]",
                        "inet_down gte Text[text=100]",
                        "dph_total lte Text[text=0.10]");
    }

    @Test
    void itsOwnWordsMayAskForLessButNotForADearerMachine() {
        assertThat(conditions(group("vast", "reliability>=0.8 dph<=5 verified=any")))
                .contains("reliability gte Text[text=0.8]", "dph_total lte Text[text=0.10]")
                .noneMatch(one -> one.startsWith("verified"));
    }

    @Test
    void onlyVastIsAskedForWhatOnlyVastMeasures() {
        assertThat(conditions(group("lambda", ""))).noneMatch(one -> one.startsWith("reliability"));
    }

    @Test
    void thePriceIsThatWithDiskAndTraffic() {
        OfferQuery query = GroupQuery.of(group("vast", ""));
        // 72 GB at $0.10 a month of 720 hours are a cent an hour; 0.1 GB each way at a cent a gigabyte are $0.002.
        assertThat(query.select(List.of(offer("0.088"))).offers()).hasSize(1);
        assertThat(query.select(List.of(offer("0.089"))).dropped()).containsExactly(new OfferQuery.Dropped("price", 1));
    }

    private static Offer offer(String perHour) {
        Offer plain = Shop.offer("o1", "m1", perHour);
        Money cent = dollars("0.01");
        return new Offer(
                plain.provider(),
                plain.id(),
                plain.machine(),
                plain.host(),
                plain.gpus(),
                plain.box(),
                plain.terms(),
                new Price(dollars(perHour), dollars("0.10"), cent, cent, Optional.empty()),
                plain.traits());
    }
}
