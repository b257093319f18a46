package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.plan.RentReport;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.view.BudgetView;
import dev.muster.edge.view.GroupRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.ScalingRow;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Groups of rented machines, budgets, and by what they are scaled.
final class ScaleRoutes {
    private ScaleRoutes() {}

    /// Errands that are of a whole provider.
    private static final List<String> OF_PROVIDERS = List.of("look", "offers", "credit");

    private static final Map<String, String> DRY_RUN = Map.of(
            "dry_run",
            "true: only say whether it would be accepted",
            "part",
            "true: of a larger change; whether groups and windows contradict each other is not looked at",
            "why",
            "the reason, for the audit; may also stand in the body");

    /// @param troubles for which no group grows or shrinks: keys that are refused, providers that cannot be asked, credit
    record Groups(List<GroupRow> groups, List<RentReport.Trouble> troubles) {}

    /// What is not written stays as it is. Amounts are dollars.
    ///
    /// @param target   of a new group it has to be written, and `priceMax`
    /// @param max      twice the target unless told
    /// @param priceMax per hour of one machine, with its disk and traffic
    /// @param market   on-demand or bid
    record WantedGroup(
            Optional<String> provider,
            Optional<List<String>> gpus,
            Optional<Integer> gpuCount,
            Optional<String> query,
            Optional<Integer> min,
            Optional<Integer> target,
            Optional<Integer> max,
            Optional<Double> priceMax,
            Optional<String> market,
            Optional<String> role,
            Optional<Integer> diskGb,
            Optional<String> image,
            Optional<String> why) {}

    /// Dollars; what is not written stays as it is, and null takes a cap away.
    record WantedCaps(Optional<Double> hour, Optional<Double> day, Optional<Double> month, Optional<String> why) {}

    /// What the leader would do next.
    ///
    /// @param enabled  whether the autoscaler is on; else steps of its own are held
    /// @param searches what could be rented for each group, as last asked
    record ScalePlan(
            boolean enabled,
            List<RentReport.Step> steps,
            List<Held> waits,
            List<Search> searches,
            List<RentReport.Trouble> troubles) {}

    /// @param subject a group, an instance or a provider
    record Held(String subject, String reason, String message) {}

    /// @param kept     of those seen
    /// @param cheapest dollars per hour
    record Search(
            String group,
            Instant at,
            int seen,
            int kept,
            Optional<Double> cheapest,
            List<OfferQuery.Dropped> dropped) {}

    static List<Route> of(Api api) {
        return List.of(
                get("/v1/groups", "Groups of rented machines.", Groups.class, call -> {
                    Picture picture = api.picture();
                    Optional<RentReport> report = api.member().renting();
                    return Reply.ok(new Groups(
                            picture.state().rentals().groups().values().stream()
                                    .map(group -> GroupRow.of(picture, group, report))
                                    .toList(),
                            troubles(report)));
                }),
                get(
                        "/v1/groups/{name}",
                        "One group.",
                        GroupRow.class,
                        call -> Reply.ok(GroupRow.of(
                                api.picture(), group(api, call), api.member().renting()))),
                order("PUT", "/v1/groups/{name}", "Make or change a group.", Ordered.class, call -> setGroup(api, call))
                        .asking(DRY_RUN)
                        .taking(WantedGroup.class),
                order(
                        "DELETE",
                        "/v1/groups/{name}",
                        "Forget a group; refused while it has machines that are not to end.",
                        Ordered.class,
                        call -> Reply.ok(new Ordered(api.orders()
                                .give(call, new Command.DeleteGroup(call.path("name", String::strip)))
                                .revision()))),
                get(
                        "/v1/budget",
                        "What was spent, what is committed, and when caps are reached.",
                        BudgetView.class,
                        call -> Reply.ok(BudgetView.of(api.picture()))),
                order("PUT", "/v1/budget", "Cap what all machines cost.", Ordered.class, call -> cap(api, call, ""))
                        .taking(WantedCaps.class),
                order(
                                "PUT",
                                "/v1/budget/{scope}",
                                "Cap what a group's machines cost.",
                                Ordered.class,
                                call -> cap(api, call, call.path("scope", String::strip)))
                        .taking(WantedCaps.class),
                get(
                        "/v1/scaling",
                        "By what rented machines are scaled and kept.",
                        ScalingRow.class,
                        call -> Reply.ok(scaling(api))),
                order(
                                "PUT",
                                "/v1/scaling",
                                "Change it; what is not written stays.",
                                Ordered.class,
                                call -> scale(api, call))
                        .asking(DRY_RUN)
                        .taking(ScalingRow.class),
                get(
                        "/v1/scaling/plan",
                        "What the leader would do next, and what not and why.",
                        ScalePlan.class,
                        call -> Reply.ok(plan(api))));
    }

    private static List<RentReport.Trouble> troubles(Optional<RentReport> report) {
        return report.stream()
                .flatMap(known -> known.troubles().stream())
                .filter(one ->
                        one.denied() || OF_PROVIDERS.contains(one.errand().split(" ", 2)[0]))
                .toList();
    }

    private static Group group(Api api, Call call) {
        String name = call.path("name", String::strip);
        return api.picture()
                .state()
                .rentals()
                .groups()
                .find(name)
                .orElseThrow(() -> Problem.notFound("no group " + name, "`muster group list` shows those there are"));
    }

    private static Reply setGroup(Api api, Call call) throws IOException {
        String name = call.path("name", String::strip);
        ObjectNode body = (ObjectNode) call.object(Call.ORDER_MAX);
        Optional<Group> known = api.picture().state().rentals().groups().find(name);
        Group group = RentForms.group(name, known, RentRoutes.without(body, "why"));
        agree(call, api.picture().state().rentals().scaling(), List.of(group));
        return give(api, call, body, new Command.SetGroup(group));
    }

    private static Reply cap(Api api, Call call, String scope) throws IOException {
        ObjectNode body = (ObjectNode) call.object(Call.ORDER_MAX);
        Rentals rentals = api.picture().state().rentals();
        Caps caps = RentForms.caps(rentals.caps().getOrDefault(scope, Caps.NONE), RentRoutes.without(body, "why"));
        return give(api, call, body, new Command.SetBudget(scope, caps));
    }

    private static Reply scale(Api api, Call call) throws IOException {
        ObjectNode body = (ObjectNode) call.object(Call.ORDER_MAX);
        Rentals rentals = api.picture().state().rentals();
        Scaling scaling = RentForms.scaling(rentals.scaling(), RentRoutes.without(body, "why"));
        if (body.has("windows")) agree(call, scaling, rentals.groups().values());
        return give(api, call, body, new Command.SetScaling(scaling));
    }

    private static void agree(Call call, Scaling scaling, Collection<Group> groups) {
        if (call.query("part", Boolean::parseBoolean).orElse(false)) return;
        for (Group group : groups) {
            Optional<String> contradiction = scaling.contradiction(group);
            if (contradiction.isPresent())
                throw Problem.invalid(
                        contradiction.get(), "windows are changed by a file, `muster scale policy --file policy.yaml`");
        }
    }

    private static Reply give(Api api, Call call, ObjectNode body, Command order) {
        if (call.query("dry_run", Boolean::parseBoolean).orElse(false)) {
            api.orders().tryOut(call, body, order);
            return Reply.ok(new Ordered(api.picture().state().revision()));
        }
        return Reply.ok(new Ordered(api.orders().give(call, body, order).revision()));
    }

    private static ScalingRow scaling(Api api) {
        Picture picture = api.picture();
        return ScalingRow.of(picture.state().rentals().scaling(), picture.now());
    }

    private static ScalePlan plan(Api api) {
        RentReport report = api.member()
                .renting()
                .orElseThrow(() -> Problem.of(
                        503,
                        "UNAVAILABLE",
                        "nobody leads, so nobody plans",
                        "`muster voter list` shows who is missing"));
        return new ScalePlan(
                report.enabled(),
                report.steps(),
                report.waits().stream()
                        .map(wait -> new Held(wait.subject(), wait.reason().name(), wait.message()))
                        .toList(),
                report.searches().stream().map(ScaleRoutes::search).toList(),
                report.troubles());
    }

    private static Search search(RentReport.Search search) {
        return new Search(
                search.group(),
                search.at(),
                search.seen(),
                search.kept(),
                search.cheapest().map(Money::dollars),
                search.dropped());
    }
}
