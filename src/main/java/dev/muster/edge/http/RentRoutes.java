package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.plan.RentReport;
import dev.muster.core.rent.Capabilities;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.state.Blame;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Windows;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.provider.Providers;
import dev.muster.edge.view.InstanceRow;
import dev.muster.edge.view.Picture;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Rented machines.
final class RentRoutes {
    private static final Map<String, String> TRIED = Map.of(
            "dry_run",
            "true: only say whether it would be accepted",
            "why",
            "the reason, for the audit; may also stand in the body");

    private RentRoutes() {}

    /// @param listed    when each provider's newest whole list came; empty where nobody leads, and before the first
    /// @param strays    machines at providers that nothing here knows
    /// @param troubles  what was asked of providers and does not do
    /// @param able      whether the leader has a key for any provider
    /// @param blamed    physical machines on which nothing is rented for now
    /// @param led       whether the leader could be asked: else nothing is known of lists, strays and troubles
    /// @param committed dollars per hour, of all that is open
    record Instances(
            List<InstanceRow> instances,
            double committed,
            boolean led,
            boolean able,
            List<RentReport.Source> listed,
            List<Stray> strays,
            List<RentReport.Trouble> troubles,
            List<Blamed> blamed) {}

    /// @param why in the words of who blamed it
    record Blamed(String provider, String machine, Instant until, int times, String why) {
        static Blamed of(Map.Entry<String, Blame> entry) {
            int slash = entry.getKey().indexOf('/');
            Blame blame = entry.getValue();
            return new Blamed(
                    entry.getKey().substring(0, slash),
                    entry.getKey().substring(slash + 1),
                    blame.until(),
                    blame.times(),
                    blame.why());
        }
    }

    /// @param ours       it carries a label of this cluster's
    /// @param perHourNow dollars
    /// @param whose      for people: what is known of its owner, and what is done about it
    record Stray(
            String provider,
            String id,
            String label,
            boolean ours,
            String observed,
            String gear,
            double perHourNow,
            String whose) {}

    /// The terms, as an offer's search found them. Amounts are dollars.
    ///
    /// @param machine        the physical one; may be empty
    /// @param bid            per hour of the whole machine; absent: on demand
    /// @param perHour        while it runs, with its disk and the traffic that is expected
    /// @param perHourStopped for its disk
    /// @param role           its node joins with; mixed unless told
    /// @param again          what is rented in its place, should it fail before it has joined; nothing unless told, and
    ///                       not in a group, which sees to that itself
    record NewInstance(
            String provider,
            String offer,
            Optional<String> machine,
            String gpu,
            int gpus,
            Optional<Double> bid,
            double perHour,
            double perHourStopped,
            int diskGb,
            Optional<String> image,
            Optional<String> role,
            Optional<String> group,
            Optional<Retry> again,
            Optional<String> why) {}

    /// @param query    in the words of `offer search`, all of them
    /// @param priceMax dollars per hour, with disk and traffic
    /// @param tries    1 to 5
    /// @param up       bytes per hour that are in the price
    record Retry(String query, double priceMax, int tries, Optional<Long> up, Optional<Long> down) {}

    /// @param observed  as `RUNNING`
    record Seen(
            String rented,
            String observed,
            double perHourNow,
            double perHourRunning,
            Optional<Instant> contractEnds,
            Optional<String> message) {}

    /// @param label as it is at the provider
    /// @param node  its name in the cluster; absent: the usual one
    /// @param runs  that name once more, where it is a node's already, which runs on this very machine
    record Adoption(
            Optional<String> label,
            NewInstance rent,
            Seen seen,
            Optional<String> node,
            Optional<String> runs,
            Optional<String> why) {}

    /// @param abandonData it may go with whatever it holds
    record Destruction(Optional<Boolean> abandonData, Optional<String> why) {}

    record Made(InstanceId id, long revision) {}

    static List<Route> of(Api api) {
        return List.of(
                get(
                                "/v1/instances",
                                "Rented machines, and what the leader knows of its providers besides.",
                                Instances.class,
                                call -> Reply.ok(list(api, call)))
                        .asking(Map.of("all", "true: also those that ended lately")),
                get("/v1/instances/{id}", "One rented machine.", InstanceRow.Detail.class, call -> {
                    Instance instance = instance(api, call.path("id", InstanceId::parse));
                    return Reply.ok(InstanceRow.Detail.of(
                            api.picture(), instance, api.member().renting()));
                }),
                order(
                                "POST",
                                "/v1/instances",
                                "Rent a machine; refused when it does not fit into the caps.",
                                Made.class,
                                call -> rent(api, call))
                        .asking(TRIED)
                        .taking(NewInstance.class),
                order(
                                "POST",
                                "/v1/instances/adopt",
                                "Look after a machine that is there already.",
                                Made.class,
                                call -> adopt(api, call))
                        .asking(TRIED)
                        .taking(Adoption.class),
                order("POST", "/v1/instances/{id}/start", "It is to run.", Ordered.class, call -> {
                            InstanceId id = call.path("id", InstanceId::parse);
                            return ordered(api, call, new Command.StartInstance(id, windows(api)));
                        })
                        .asking(TRIED),
                order(
                                "POST",
                                "/v1/instances/{id}/stop",
                                "It is to be stopped, as soon as what it holds is safe elsewhere; its disk stays, and is"
                                        + " billed.",
                                Ordered.class,
                                call -> stop(api, call))
                        .asking(TRIED),
                order(
                                "POST",
                                "/v1/instances/{id}/destroy",
                                "It is to be destroyed, as soon as what it holds is safe elsewhere.",
                                Ordered.class,
                                call -> destroy(api, call))
                        .asking(TRIED)
                        .taking(Destruction.class));
    }

    private static Instances list(Api api, Call call) {
        boolean all = call.query("all", Boolean::parseBoolean).orElse(false);
        Picture picture = api.picture();
        Optional<RentReport> report = api.member().renting();
        List<InstanceRow> rows = picture.state().rentals().instances().values().stream()
                .filter(instance -> all || instance.open())
                .map(instance -> InstanceRow.of(picture, instance, report))
                .toList();
        return new Instances(
                rows,
                picture.state().rentals().committed(Optional.empty()).dollars(),
                report.isPresent(),
                report.map(RentReport::able).orElse(false),
                report.map(RentReport::sources).orElse(List.of()),
                report.map(RentReport::strays).orElse(List.of()).stream()
                        .map(RentRoutes::stray)
                        .toList(),
                report.map(RentReport::troubles).orElse(List.of()),
                picture.state().rentals().blames().asMap().entrySet().stream()
                        .map(Blamed::of)
                        .filter(blamed -> picture.now().isBefore(blamed.until()))
                        .toList());
    }

    private static Stray stray(RentReport.Stray stray) {
        return new Stray(
                stray.provider(),
                stray.id(),
                stray.label(),
                stray.ours(),
                stray.observed().name(),
                stray.gear(),
                stray.perHourNow().dollars(),
                stray.whose());
    }

    private static Instance instance(Api api, InstanceId id) {
        return api.picture()
                .state()
                .rentals()
                .instances()
                .find(id)
                .orElseThrow(() -> Problem.notFound(
                        "no instance " + id,
                        "`muster instance list` shows those there are, with --all also ended ones"));
    }

    static Windows windows(Api api) {
        Picture picture = api.picture();
        return picture.state().rentals().scaling().windowsAt(picture.now());
    }

    private static Reply rent(Api api, Call call) throws IOException {
        ObjectNode body = (ObjectNode) call.object(Call.ORDER_MAX);
        ObjectNode terms = without(body, "why", "group", "again");
        String group = body.path("group").asString("");
        Rent rent = RentForms.rent(terms);
        if (!rent.image().isEmpty() && !RentOrder.isImage(rent.image()))
            throw Problem.invalid("image: " + RentOrder.noImage(rent.image()), "");
        able(rent.provider(), rent.bid().isPresent());
        paid(api, rent.provider());
        Command order = new Command.RentInstance(
                Optional.empty(),
                rent,
                group.isEmpty() ? Optional.empty() : Optional.of(group),
                windows(api),
                group.isEmpty() ? RentForms.again(body.path("again")) : Optional.empty());
        return made(api, call, body, order);
    }

    /// What would be refused a second later is not ordered: another would be rented for it, whenever somebody pays.
    private static void paid(Api api, String provider) {
        boolean lacks = api.member().renting().stream()
                .flatMap(report -> report.troubles().stream())
                .anyMatch(trouble -> trouble.errand().equals(RentReport.credit(provider)));
        if (lacks)
            throw Problem.of(
                    409,
                    "NO_CREDIT",
                    "expected " + provider + " to rent something, but the account lacks credit; nothing is ordered",
                    "pay some in: the account is looked at every two minutes, and `muster doctor` says whether it still"
                            + " lacks");
    }

    private static void able(String provider, boolean bids) {
        Capabilities can = Providers.can(provider)
                .orElseThrow(() -> Problem.invalid(
                        "unknown provider " + provider, "there are " + String.join(", ", Providers.names())));
        if (!can.rent()) throw Problem.invalid(provider + " has no machines to rent", "");
        if (bids && !can.bid()) throw Problem.invalid(provider + " takes no bids", "");
    }

    private static Reply made(Api api, Call call, ObjectNode body, Command order) throws IOException {
        if (tried(call)) {
            api.orders().tryOut(call, body, order);
            ClusterState state = api.picture().state();
            return Reply.ok(new Made(new InstanceId(state.rentals().next()), state.revision()));
        }
        Orders.Done done = api.orders().give(call, body, order);
        return Reply.ok(new Made(InstanceId.parse(done.created()), done.revision()));
    }

    private static boolean tried(Call call) {
        return call.query("dry_run", Boolean::parseBoolean).orElse(false);
    }

    private static Reply adopt(Api api, Call call) throws IOException {
        ObjectNode body = (ObjectNode) call.object(Call.ORDER_MAX);
        if (!body.path("rent").isObject()) throw Problem.invalid("rent: expected the terms, but found none", "");
        Rent rent = RentForms.rent(without((ObjectNode) body.get("rent"), "why", "group", "again"));
        Sighting seen = RentForms.sighting(body.path("seen"));
        Command order = new Command.AdoptInstance(
                body.path("label").asString(""), rent, seen, node(body, "node"), node(body, "runs"));
        return made(api, call, body, order);
    }

    private static Optional<NodeId> node(ObjectNode body, String key) {
        String name = body.path(key).asString("");
        try {
            return name.isEmpty() ? Optional.empty() : Optional.of(new NodeId(name));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(key + ": " + e.getMessage(), "");
        }
    }

    private static Reply stop(Api api, Call call) throws IOException {
        InstanceId id = call.path("id", InstanceId::parse);
        String provider = instance(api, id).rent().provider();
        if (Providers.can(provider).filter(Capabilities::stop).isEmpty()) {
            throw Problem.invalid(
                    provider + " cannot stop a machine and keep its disk",
                    "`muster instance destroy " + id + "` ends it");
        }
        return ordered(api, call, new Command.StopInstance(id));
    }

    private static Reply destroy(Api api, Call call) throws IOException {
        InstanceId id = call.path("id", InstanceId::parse);
        JsonNode body = call.object(Call.ORDER_MAX);
        JsonNode abandon = body.path("abandon_data");
        if (!abandon.isMissingNode() && !abandon.isNull() && !abandon.isBoolean()) {
            throw Problem.invalid("abandon_data: expected true or false, but found " + Malformed.describe(abandon), "");
        }
        Command order = new Command.EndInstance(id, abandon.asBoolean(false));
        return ordered(api, call, body, order);
    }

    private static Reply ordered(Api api, Call call, Command order) throws IOException {
        return ordered(api, call, call.object(Call.ORDER_MAX), order);
    }

    private static Reply ordered(Api api, Call call, JsonNode body, Command order) throws IOException {
        if (tried(call)) {
            api.orders().tryOut(call, body, order);
            return Reply.ok(new Ordered(api.picture().state().revision()));
        }
        return Reply.ok(new Ordered(api.orders().give(call, body, order).revision()));
    }

    static ObjectNode without(ObjectNode body, String... keys) {
        ObjectNode rest = body.deepCopy();
        for (String key : keys) rest.remove(key);
        return rest;
    }
}
