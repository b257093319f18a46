package dev.muster.core.scale;

import dev.muster.core.rent.Deal;
import dev.muster.core.rent.GpuName;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Sort;
import dev.muster.core.rent.Usage;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Group;
import java.util.List;

/// A group as a question for offers: what its machines must be, the cheapest first.
public final class GroupQuery {
    /// Only Vast measures it: what does not say it elsewhere is not dropped for that.
    private static final String MEASURED = "vast";
    /// A machine that is away for more than one hour in twenty costs more in lost attempts than it saves.
    private static final String RELIABILITY = "0.95";
    /// What a selfplay node sends and fetches in an hour: games out, a model in.
    private static final Usage TRAFFIC = new Usage(new Bytes(100_000_000), new Bytes(100_000_000));

    private static final List<Sort> CHEAPEST = List.of(new Sort(OfferField.PRICE, false));

    private GroupQuery() {}

    /// @param group with the limits that hold now, see `Scaling.at`
    /// @throws dev.muster.core.rent.BadQuery when its own words cannot be understood
    public static OfferQuery of(Group group) {
        OfferQuery query = OfferQuery.DEFAULT
                .on(deal(group))
                .by(CHEAPEST)
                .atLeast(OfferField.DISK, Integer.toString(group.diskGb()));
        List<String> cards = cards(group);
        if (!cards.isEmpty()) query = query.andGpus(cards);
        if (group.gpuCount() > 0) query = query.and(OfferField.GPUS + "=" + group.gpuCount());
        if (group.provider().equals(MEASURED)) query = query.atLeast(OfferField.RELIABILITY, RELIABILITY);
        // The group's own words may ask for less, but never for a dearer machine.
        return query.and(group.query()).atMost(group.priceMax());
    }

    /// On what terms its machines are rented.
    static Deal deal(Group group) {
        return new Deal(group.market(), group.diskGb(), TRAFFIC);
    }

    /// A name that is unknown here may be known to the provider.
    static List<String> cards(Group group) {
        return group.gpus().stream()
                .flatMap(name -> {
                    List<String> found = GpuName.find(name, List.of());
                    return (found.isEmpty() ? List.of(name) : found).stream();
                })
                .distinct()
                .toList();
    }
}
