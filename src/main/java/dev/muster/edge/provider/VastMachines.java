package dev.muster.edge.provider;

import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Deal;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Sighting;
import dev.muster.edge.view.Doc;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Vast's instances, orders and charges, between its JSON and our values.
final class VastMachines {
    /// As Vast writes it: direct SSH where the machine has ports, and over the proxy.
    private static final String RUNTYPE = "ssh_direc ssh_proxy";

    private VastMachines() {}

    /// The body of `PUT /api/v0/asks/{offer}/`.
    static Doc order(RentOrder order) {
        Doc env = Doc.object();
        for (Map.Entry<String, String> one : order.env().entrySet()) env = env.with(one.getKey(), one.getValue());
        for (String port : order.ports()) env = env.with(port(port), "1");
        return Doc.object()
                .with("client_id", "me")
                .with("image", order.image())
                .with("env", env)
                .with(
                        "price",
                        order.bid().isPresent() ? (Object) order.bid().get().dollars() : Call.NO_BODY)
                .with("disk", (double) order.diskGb())
                .with("label", order.label())
                .with("extra", Call.NO_BODY)
                .with("onstart", order.onstart().isEmpty() ? Call.NO_BODY : order.onstart())
                .with("image_login", Call.NO_BODY)
                .with("python_utf8", false)
                .with("lang_utf8", false)
                .with("use_jupyter_lab", false)
                .with("jupyter_dir", Call.NO_BODY)
                .with("force", false)
                // Or an order that cannot start now waits, and bills, until it can.
                .with("cancel_unavail", true)
                .with("template_hash_id", Call.NO_BODY)
                .with("user", Call.NO_BODY)
                .with("runtype", RUNTYPE);
    }

    /// `8770/tcp` as the option that Vast passes on to its containers.
    private static String port(String port) {
        String number = port.replaceAll("/.*", "");
        return "-p " + number + ":" + number + (port.endsWith("/udp") ? "/udp" : "");
    }

    /// A row of the list.
    ///
    /// @return empty when it has no id, or none that anybody would give
    static Optional<Rented> rented(Doc row) {
        String id = Read.text(row, "id");
        if (id.isEmpty() || id.length() > Sighting.RENTED_MAX) return Optional.empty();
        Observed observed = Observed.vast(
                Read.text(row, "actual_status"),
                Read.text(row, "cur_state"),
                Read.text(row, "intended_status"),
                Read.flag(row, "is_bid"),
                Read.text(row, "status_msg"));
        return Optional.of(new Rented(
                VastProvider.NAME,
                id,
                Read.text(row, "label"),
                Read.text(row, "ask_contract_id"),
                Read.text(row, "machine_id"),
                observed,
                new Offer.Gpus(
                        Read.text(row, "gpu_name"), (int) Read.whole(row, "num_gpus"), Read.whole(row, "gpu_ram")),
                reach(row),
                bill(row, observed),
                Read.text(row, "image_uuid"),
                Read.text(row, "geolocation"),
                Read.text(row, "status_msg")));
    }

    private static Rented.Reach reach(Doc row) {
        String address = Read.text(row, "public_ipaddr");
        TreeMap<String, Rented.Endpoint> ports = new TreeMap<>();
        for (Map.Entry<String, Doc> mapped : row.get("ports").entries().entrySet()) {
            for (Doc to : mapped.getValue().list()) {
                endpoint(address, Read.whole(to, "HostPort"))
                        .ifPresent(outside -> ports.putIfAbsent(mapped.getKey(), outside));
            }
        }
        // In an image with Jupyter, its proxy has the port, and SSH the next.
        long next = Read.text(row, "image_runtype").contains("jupyter") ? 1 : 0;
        return new Rented.Reach(
                "root",
                Optional.ofNullable(ports.get("22/tcp")),
                Read.whole(row, "ssh_port") == 0
                        ? Optional.empty()
                        : endpoint(Read.text(row, "ssh_host"), Read.whole(row, "ssh_port") + next),
                ports);
    }

    private static Optional<Rented.Endpoint> endpoint(String host, long port) {
        return host.isEmpty() || port < 1 || port > 65_535
                ? Optional.empty()
                : Optional.of(new Rented.Endpoint(host, (int) port));
    }

    /// The price of an instance stays what it is while it stands still; what is charged then is another one.
    private static Rented.Bill bill(Doc row, Observed observed) {
        Money storage = Read.money(row, "storage_total_cost")
                .orElseGet(() -> Read.money(row, "storage_cost", Money.ZERO)
                        .share(Math.clamp(Read.whole(row, "disk_space"), 0, Deal.DISK_MAX_GB), Money.MONTH_HOURS));
        Money running =
                Read.money(row.get("search"), "totalHour").orElseGet(() -> Read.money(row, "dph_total", Money.ZERO));
        Money now = Read.money(row.get("instance"), "totalHour").orElse(observed.bills() ? running : storage);
        return new Rented.Bill(
                now,
                running,
                storage,
                Read.flag(row, "is_bid"),
                Read.time(row, "start_date"),
                Read.time(row, "end_date"));
    }

    /// The lines of one charge: each for what it is.
    static List<Charge> charges(Doc row) {
        Instant from = Read.time(row, "start").orElse(Instant.EPOCH);
        Instant to = Read.time(row, "end").orElse(from);
        String machine = Read.text(row, "source").replaceFirst("^instance-", "");
        String label = Read.text(row.get("metadata"), "label");
        List<Doc> items = row.list("items");
        List<Charge> charges = new ArrayList<>();
        for (Doc item : items.isEmpty() ? List.of(row) : items) {
            charges.add(new Charge(
                    VastProvider.NAME,
                    machine,
                    label,
                    kind(Read.text(item, "type")),
                    from,
                    to,
                    Read.money(item, "amount", Money.ZERO),
                    Read.text(item, "description")));
        }
        return charges;
    }

    private static Charge.Kind kind(String type) {
        return switch (type) {
            case "gpu" -> Charge.Kind.GPU;
            case "disk" -> Charge.Kind.DISK;
            case "bwu" -> Charge.Kind.UP;
            case "bwd" -> Charge.Kind.DOWN;
            default -> Charge.Kind.OTHER;
        };
    }
}
