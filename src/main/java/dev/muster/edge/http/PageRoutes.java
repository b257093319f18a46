package dev.muster.edge.http;

import dev.muster.core.plan.Wait;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Model;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.edge.node.Member;
import dev.muster.edge.view.EventRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.web.AlertsPage;
import dev.muster.edge.web.EventPage;
import dev.muster.edge.web.JobPages;
import dev.muster.edge.web.ModelPages;
import dev.muster.edge.web.MoneyPage;
import dev.muster.edge.web.NodePages;
import dev.muster.edge.web.OverviewPage;
import dev.muster.edge.web.Page;
import dev.muster.edge.web.Query;
import dev.muster.edge.web.RatingPage;
import dev.muster.edge.web.RunPages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Everything a browser asks for. Each page has two addresses: its own, and that of its news below `/live`.
final class PageRoutes {
    private static final int EVENTS = 200;
    /// Of one attempt's output as plain text.
    private static final int OUTPUT_MAX = 256 << 10;

    private final Api api;
    private final PageCurves curves;

    private PageRoutes(Api api) {
        this.api = api;
        this.curves = new PageCurves(api);
    }

    static List<Route> of(Api api, Pages pages) {
        List<Route> routes = new ArrayList<>();
        PageStream stream = new PageStream(api, pages);
        new PageRoutes(api).views().forEach((path, view) -> {
            routes.add(Route.page("GET", path, call -> pages.show(call, view)));
            routes.add(Route.page("GET", "/live" + (path.equals("/") ? "" : path), call -> stream.open(call, view)));
        });
        for (PageActions.Action action : PageActions.all(api)) {
            routes.add(Route.page("GET", action.path(), call -> PageActions.ask(pages, api, call, action)));
            routes.add(Route.page("POST", action.path(), call -> PageActions.act(pages, api, call, action)));
        }
        routes.add(Route.page("GET", "/jobs/{id}/output", call -> pages.guarded(call, session -> output(api, call))));
        routes.add(Route.page("GET", "/assets/{name}", pages::asset));
        routes.add(Route.page("GET", "/sign-in", pages::signIn));
        routes.add(Route.page("POST", "/sign-in", pages::signedIn));
        routes.add(Route.page("POST", "/sign-out", pages::signOut));
        return List.copyOf(routes);
    }

    /// A page more is a line more.
    private Map<String, Pages.View> views() {
        Map<String, Pages.View> views = new LinkedHashMap<>();
        views.put("/", (picture, call, query) -> OverviewPage.of(picture, waits()));
        views.put("/alerts", (picture, call, query) -> AlertsPage.of(picture, waits(), query));
        views.put("/nodes", (picture, call, query) -> NodePages.list(picture, query));
        views.put("/nodes/{id}", (picture, call, query) -> NodePages.one(picture, NodeRoutes.node(api, call)));
        views.put("/jobs", (picture, call, query) -> JobPages.list(picture, waits(), query));
        views.put("/jobs/{id}", this::job);
        views.put("/runs", (picture, call, query) -> RunPages.list(picture, waits(), query));
        views.put("/runs/{id}", this::run);
        views.put("/models", (picture, call, query) -> ModelPages.list(picture, query));
        views.put("/models/{config}", this::model);
        views.put("/ratings", (picture, call, query) -> RatingPage.of(picture, query));
        views.put(
                "/instances",
                (picture, call, query) -> MoneyPage.of(picture, api.member().renting(), query));
        views.put("/events", this::events);
        return views;
    }

    private List<Wait> waits() {
        return api.member().waits().orElse(List.of());
    }

    private Page job(Picture picture, Call call, Query query) {
        var job = JobRoutes.job(api, call);
        return JobPages.one(
                picture, job, api.member().waits(), JobRoutes.lines(api, picture, job), query.get("attempt"));
    }

    private Page run(Picture picture, Call call, Query query) {
        Run run = RunRoutes.run(api, call.path("id", RunId::new));
        return RunPages.one(picture, run, waits(), api.member().renting(), curves.of(picture, run));
    }

    private Page model(Picture picture, Call call, Query query) {
        ConfigKey config = call.path("config", ConfigKey::new);
        Optional<Model> model = ModelRoutes.find(api, config);
        boolean looped = picture.state().loops().loops().has(config);
        if (model.isEmpty() && !looped)
            throw Problem.notFound("no model for " + config, "the models' page shows those there are");
        return ModelPages.one(
                picture, config, model, model.map(found -> DistributionRoutes.known(api, config)), waits());
    }

    private Page events(Picture picture, Call call, Query query) throws IOException {
        try {
            List<EventRow> rows = EventRoutes.list(api, EventRoutes.filter(api, call), 0, EVENTS)
                    .events();
            return EventPage.of(picture, rows, query, "");
        } catch (Problem wrong) {
            return EventPage.of(picture, List.of(), query, wrong.body().message());
        }
    }

    /// The end of an attempt's output, for those without a script.
    private static Reply output(Api api, Call call) throws IOException {
        JobId job = call.path("id", JobId::parse);
        AttemptId attempt = call.query("attempt", AttemptId::parse)
                .filter(one -> one.task().job().equals(job))
                .orElseThrow(() -> Problem.notFound("expected ?attempt= of " + job, ""));
        long from = PageStream.tail(api, attempt, OUTPUT_MAX);
        Member.LogPart part = JobRoutes.output(api, attempt, from, OUTPUT_MAX);
        return new Reply.Raw(
                200,
                "text/plain; charset=utf-8",
                part.bytes(),
                Map.of("Cache-Control", "no-store", "Content-Security-Policy", "default-src 'none'; sandbox"));
    }
}
