package dev.muster.edge.view;

import dev.muster.core.rent.Deal;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Trait;
import dev.muster.core.rent.Usage;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// Offers for a terminal and for programs, each at the price that will be paid for it.
public final class OfferText {
    private static final double DAY_SECONDS = 86_400;

    private OfferText() {}

    /// @param selection what is left of what came
    /// @param wide      what came when only the GPU was asked for: why nothing is left; otherwise the same
    public static Doc doc(OfferQuery.Selection selection, OfferQuery.Selection wide, Deal deal) {
        Doc offers = Doc.of(List.of());
        for (Offer offer : selection.offers()) offers = offers.plus(doc(offer, deal));
        Doc dropped = Doc.object();
        for (OfferQuery.Dropped one : wide.dropped()) dropped = dropped.with(one.why(), (long) one.count());
        return Doc.object()
                .with("offers", offers)
                .with("seen", (long) wide.seen())
                .with("dropped", dropped)
                .with("market", word(deal.market()))
                .with("disk_gb", (long) deal.diskGb())
                .with("up_bytes_per_hour", deal.usage().upPerHour().count())
                .with("down_bytes_per_hour", deal.usage().downPerHour().count());
    }

    private static Doc doc(Offer offer, Deal deal) {
        Doc doc = Doc.object()
                .with("provider", offer.provider())
                .with("id", offer.id())
                .with("machine_id", offer.machine())
                .with("host_id", offer.host())
                .with("gpu_name", offer.gpus().name())
                .with("num_gpus", (long) offer.gpus().count())
                .with("vram_mb", offer.gpus().vramMb())
                .with("cpus", offer.box().cpus())
                .with("ram_mb", offer.box().ramMb())
                .with("disk_gb_max", (long) offer.box().diskGb())
                .with("ports", (long) offer.box().directPorts())
                .with("price_per_hour", offer.cost(deal).dollars())
                .with("machine_per_hour", machine(offer, deal).dollars())
                .with("storage_per_gb_month", offer.price().storagePerGbMonth().dollars())
                .with("up_per_gb", offer.price().upPerGb().dollars())
                .with("down_per_gb", offer.price().downPerGb().dollars())
                .with("verified", offer.terms().verified())
                .with("location", offer.terms().location())
                .with("country", offer.country());
        if (offer.price().bidMin().isPresent())
            doc = doc.with("bid_min", offer.price().bidMin().get().dollars());
        if (offer.terms().reliability().isPresent())
            doc = doc.with("reliability", offer.terms().reliability().getAsDouble());
        if (offer.terms().longest().isPresent())
            doc = doc.with("days_max", offer.terms().longest().get().toSeconds() / DAY_SECONDS);
        return doc.with("traits", traits(offer));
    }

    private static Money machine(Offer offer, Deal deal) {
        return offer.cost(new Deal(deal.market(), 0, Usage.NONE));
    }

    private static Doc traits(Offer offer) {
        Doc traits = Doc.object();
        for (Map.Entry<String, Trait> one : offer.traits().entrySet()) {
            Object value = switch (one.getValue()) {
                case Trait.Flag(boolean flag) -> (Object) flag;
                case Trait.Number(double number) -> number == Math.rint(number) ? (Object) (long) number : number;
                case Trait.Text(String text) -> text;
            };
            traits = traits.with(one.getKey(), value);
        }
        return traits;
    }

    /// One row an offer, and below what was dropped and why.
    public static String table(Doc answer, boolean wide) {
        List<String> heads = new ArrayList<>(
                List.of(">ID", ">N", "GPU", ">VRAM", ">VCPUS", ">RAM", ">DISK", ">$/H", ">MIN_BID", ">R", ">MAX_DAYS"));
        if (wide)
            heads.addAll(List.of(
                    ">CUDA",
                    ">PCIE",
                    ">CPU_GHZ",
                    ">DLP",
                    ">DLP/$",
                    ">SCORE",
                    "NV_DRIVER",
                    ">$/GB_MONTH",
                    ">$/GB_UP",
                    ">$/GB_DOWN"));
        heads.addAll(List.of(">NET_UP", ">NET_DOWN", ">MACH_ID", "STATUS"));
        if (wide) heads.addAll(List.of(">HOST_ID", ">PORTS"));
        heads.add("COUNTRY");
        TextTable table = new TextTable(heads.toArray(String[]::new));
        for (Doc offer : answer.list("offers")) table.row(cells(offer, wide).toArray());
        return (answer.list("offers").isEmpty() ? "" : table.render() + "\n") + below(answer);
    }

    private static List<Object> cells(Doc offer, boolean wide) {
        Doc traits = offer.get("traits");
        List<Object> cells = new ArrayList<>(List.of(
                offer.text("id"),
                offer.text("num_gpus"),
                offer.text("gpu_name"),
                round(thousandth(offer, "vram_mb"), 1),
                round(offer.decimal("cpus"), 1),
                round(thousandth(offer, "ram_mb"), 1),
                offer.text("disk_gb_max"),
                round(offer.decimal("price_per_hour"), 4),
                round(offer.decimal("bid_min"), 4),
                round(times(offer.decimal("reliability"), 100), 1),
                round(offer.decimal("days_max"), 1)));
        if (wide) {
            cells.add(traits.text("cuda_max_good"));
            cells.add(round(traits.decimal("pcie_bw"), 1));
            cells.add(round(traits.decimal("cpu_ghz"), 1));
            cells.add(round(traits.decimal("dlperf"), 1));
            cells.add(round(traits.decimal("dlperf_per_dphtotal"), 1));
            cells.add(round(traits.decimal("score"), 1));
            cells.add(traits.text("driver_version"));
            cells.add(round(offer.decimal("storage_per_gb_month"), 3));
            cells.add(round(offer.decimal("up_per_gb"), 4));
            cells.add(round(offer.decimal("down_per_gb"), 4));
        }
        cells.add(round(traits.decimal("inet_up"), 1));
        cells.add(round(traits.decimal("inet_down"), 1));
        cells.add(offer.text("machine_id"));
        cells.add(traits.has("verification") ? traits.text("verification") : offer.flag("verified") ? "verified" : "");
        if (wide) {
            cells.add(offer.text("host_id"));
            cells.add(offer.text("ports"));
        }
        cells.add(offer.text("location"));
        return cells;
    }

    private static OptionalDouble thousandth(Doc offer, String key) {
        return times(offer.decimal(key), 0.001);
    }

    private static OptionalDouble times(OptionalDouble number, double factor) {
        return number.isPresent() ? OptionalDouble.of(number.getAsDouble() * factor) : number;
    }

    /// Half up, without more zeros than the first decimal.
    private static String round(OptionalDouble number, int decimals) {
        if (number.isEmpty()) return "";
        long factor = (long) Math.pow(10, decimals);
        long scaled = Math.round(Math.abs(number.getAsDouble()) * factor);
        String fraction = Long.toString(factor + scaled % factor).substring(1).replaceAll("(?<=\\d)0+$", "");
        return (number.getAsDouble() < 0 && scaled > 0 ? "-" : "") + scaled / factor + "." + fraction;
    }

    private static String below(Doc answer) {
        int shown = answer.list("offers").size();
        StringBuilder text = new StringBuilder(shown == 0 ? "no offer" : shown == 1 ? "1 offer" : shown + " offers");
        text.append(", priced with ").append(answer.text("disk_gb")).append(" GB of disk");
        long up = answer.number("up_bytes_per_hour");
        long down = answer.number("down_bytes_per_hour");
        if (up > 0) text.append(", ").append(Words.bytes(up)).append(" up per hour");
        if (down > 0) text.append(", ").append(Words.bytes(down)).append(" down per hour");
        if (answer.text("market").equals(word(Market.BID))) text.append(", at the lowest bid that wins now");
        String dropped = String.join(
                ", ",
                answer.get("dropped").entries().entrySet().stream()
                        .map(one -> one.getValue().text() + " " + one.getKey())
                        .toList());
        if (dropped.isEmpty()) return text.append('\n').toString();
        return text.append("\nnot as wanted, of ")
                .append(answer.text("seen"))
                .append(" offers: ")
                .append(dropped)
                .append('\n')
                .toString();
    }

    private static String word(Market market) {
        return market.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
