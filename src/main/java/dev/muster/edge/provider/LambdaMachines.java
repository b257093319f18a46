package dev.muster.edge.provider;

import dev.muster.core.rent.GpuName;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Rented;
import dev.muster.core.rent.Trait;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.edge.view.Doc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Lambda's types, orders and instances, between its JSON and our values.
final class LambdaMachines {
    /// `H100 (80 GB SXM5)`.
    private static final Pattern GPU = Pattern.compile("([^(]+?)\\s*(?:\\((\\d+)\\s*GB\\s*([^)]*)\\))?");
    private static final int SSH = 22;

    private LambdaMachines() {}

    /// One offer for each region that has such machines now; none without a price.
    static List<Offer> offers(Doc row) {
        Doc type = row.get("instance_type");
        List<Offer> offers = new ArrayList<>();
        Optional<Money> perHour = perHour(type);
        if (perHour.isEmpty()) return offers;
        for (Doc region : row.list("regions_with_capacity_available")) offers.add(offer(type, region, perHour.get()));
        return offers;
    }

    private static Offer offer(Doc type, Doc region, Money perHour) {
        Offer.Gpus gpus = gpus(type);
        Doc specs = type.get("specs");
        long ramMb = Read.whole(specs, "memory_gib") * 1024;
        int diskGb = (int) Read.whole(specs, "storage_gib");
        String location = location(region);
        Price price = Price.flat(perHour);
        TreeMap<String, Trait> traits = new TreeMap<>();
        for (String sure : List.of("verified", "rentable", "datacenter")) traits.put(sure, new Trait.Flag(true));
        for (String never : List.of("external", "rented")) traits.put(never, new Trait.Flag(false));
        number(traits, OfferField.GPUS, gpus.count());
        number(traits, OfferField.VRAM, gpus.vramMb());
        number(traits, "gpu_total_ram", gpus.vramMb() * gpus.count());
        number(traits, "cpu_cores", Read.whole(specs, "vcpus"));
        number(traits, "cpu_cores_effective", Read.whole(specs, "vcpus"));
        number(traits, "cpu_ram", ramMb);
        number(traits, OfferField.DISK, diskGb);
        traits.put(OfferField.GPU, new Trait.Text(gpus.name()));
        traits.put(OfferField.REGION, new Trait.Text(location));
        return new Offer(
                LambdaProvider.NAME,
                Read.text(type, "name") + "/" + Read.text(region, "name"),
                "",
                "",
                gpus,
                new Offer.Box(Read.number(specs, "vcpus", 0), ramMb, diskGb, 0),
                new Offer.Terms(OptionalDouble.empty(), true, location, Optional.empty()),
                price,
                traits);
    }

    private static void number(TreeMap<String, Trait> traits, String field, double number) {
        traits.put(field, new Trait.Number(number));
    }

    private static Optional<Money> perHour(Doc type) {
        return Read.money(type, "price_cents_per_hour").map(cents -> cents.share(1, 100));
    }

    static Offer.Gpus gpus(Doc type) {
        String written = Read.first(type, "gpu_description", "description");
        int count = (int) Read.whole(type.get("specs"), "gpus");
        Matcher matcher = GPU.matcher(written);
        if (!matcher.matches()) return new Offer.Gpus(written, count, 0);
        String form = matcher.group(3) == null ? "" : matcher.group(3);
        long vramMb = matcher.group(2) == null ? 0 : Long.parseLong(matcher.group(2)) * 1024;
        return new Offer.Gpus(name(matcher.group(1), form), count, vramMb);
    }

    /// By the names that are known, so that one question fits all providers.
    private static String name(String base, String form) {
        List<String> exact = GpuName.find(base + " " + form, List.of());
        if (exact.size() == 1) return exact.getFirst();
        List<String> plain = GpuName.find(base, List.of());
        return plain.size() == 1 ? plain.getFirst() : base;
    }

    /// `us-west-1, US`: the regions of the United States are the only ones whose names say the country.
    private static String location(Doc region) {
        String name = Read.text(region, "name");
        if (name.startsWith("us-")) return name + ", US";
        String description = Read.text(region, "description");
        return description.isEmpty() ? name : name + ", " + description;
    }

    /// The body of a launch.
    static Doc order(RentOrder order, String type, String region, String keyName) {
        Doc tag = Doc.object().with("key", "muster").with("value", order.label());
        Doc body = Doc.object()
                .with("region_name", region)
                .with("instance_type_name", type)
                .with("ssh_key_names", Doc.of(List.of(keyName)))
                .with("name", order.label())
                .with("tags", Doc.of(List.of()).plus(tag));
        return order.onstart().isEmpty() && order.env().isEmpty() ? body : body.with("user_data", script(order));
    }

    private static String script(RentOrder order) {
        if (order.env().isEmpty() && order.onstart().startsWith("#!")) return order.onstart();
        StringBuilder script = new StringBuilder("#!/bin/bash\n");
        for (Map.Entry<String, String> one : order.env().entrySet()) {
            script.append("export ")
                    .append(one.getKey())
                    .append("='")
                    .append(one.getValue().replace("'", "'\\''"))
                    .append("'\n");
        }
        return script.append(order.onstart()).append('\n').toString();
    }

    static Rented rented(Doc row) {
        Doc type = row.get("instance_type");
        Money perHour = perHour(type).orElse(Money.ZERO);
        Observed observed = observed(Read.text(row, "status"));
        String address = Read.text(row, "ip");
        return new Rented(
                LambdaProvider.NAME,
                Read.text(row, "id"),
                label(row),
                Read.text(type, "name") + "/" + Read.text(row.get("region"), "name"),
                "",
                observed,
                gpus(type),
                new Rented.Reach(
                        "ubuntu",
                        address.isEmpty() ? Optional.empty() : Optional.of(new Rented.Endpoint(address, SSH)),
                        Optional.empty(),
                        new TreeMap<>()),
                new Rented.Bill(
                        observed == Observed.GONE ? Money.ZERO : perHour,
                        perHour,
                        Money.ZERO,
                        false,
                        Optional.empty(),
                        Optional.empty()),
                "",
                location(row.get("region")),
                observed == Observed.UNKNOWN ? "status " + Read.text(row, "status") : "");
    }

    private static String label(Doc row) {
        for (Doc tag : row.list("tags")) {
            if (tag.text("key").equals("muster")) return tag.text("value");
        }
        return Read.text(row, "name");
    }

    private static Observed observed(String status) {
        return switch (status) {
            case "booting" -> Observed.PROVISIONING;
            case "active" -> Observed.RUNNING;
            case "unhealthy" -> Observed.HOST_LOST;
            case "terminating" -> Observed.STOPPING;
            case "terminated" -> Observed.GONE;
            case "preempted" -> Observed.PREEMPTED;
            default -> Observed.UNKNOWN;
        };
    }
}
