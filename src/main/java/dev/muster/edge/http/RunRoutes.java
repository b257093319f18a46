package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.plan.Wait;
import dev.muster.core.run.RunPlanner;
import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Event;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.SecretBlanks;
import dev.muster.core.state.Transition;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.view.RunRow;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Training runs.
final class RunRoutes {
    private RunRoutes() {}

    /// @param champions the best run of each series
    record Runs(List<RunRow> runs, Map<String, RunId> champions) {}

    /// @param estimatedS seconds, by the formula alone
    /// @param actualS    seconds, as [Run#took] tells
    record Took(RunId run, String series, String gpu, double estimatedS, double actualS, Instant at) {}

    record History(List<Took> runs) {}

    record Launched(RunId run, long revision) {}

    /// What launching it would do.
    ///
    /// @param spec    with all its defaults
    /// @param secrets why its machine would lack some, where the node that is asked leads and knows
    record Checked(RunSpec spec, Optional<String> secrets) {}

    record Stopping(Optional<String> why) {}

    /// Amounts are dollars. What is absent stays as it is.
    ///
    /// @param from the first stage that is done anew, and all after it
    record Resumed(
            Optional<String> from,
            Optional<Double> totalMax,
            Optional<Duration> durationMax,
            Optional<Double> priceMax,
            Optional<String> after,
            Optional<String> why) {}

    /// What going on with it would do.
    ///
    /// @param spec    with its new terms
    /// @param starts  its stopped machine that is started again
    /// @param dear    why others are destroyed instead, by their ids
    /// @param secrets as of [Checked]
    record Resuming(
            RunSpec spec, Optional<InstanceId> starts, Map<InstanceId, String> dear, Optional<String> secrets) {}

    static List<Route> of(Api api) {
        return List.of(
                get(
                                "/v1/runs",
                                "Training runs, the newest first.",
                                Runs.class,
                                call -> Reply.ok(list(api, call.query("series"))))
                        .asking(Map.of("series", "of that series only")),
                get(
                        "/v1/history/runs",
                        "What runs took, and what the formula had said: estimates are corrected by it.",
                        History.class,
                        call -> Reply.ok(history(api.picture().state()))),
                get("/v1/runs/{id}", "One run, its stages and machines.", RunRow.Detail.class, call -> {
                    Run run = run(api, call.path("id", RunId::new));
                    return Reply.ok(RunRow.Detail.of(
                            api.picture(), run, waits(api), api.member().renting()));
                }),
                order("PUT", "/v1/runs/{id}", "Launch a run.", Launched.class, call -> launch(api, call))
                        .taking(RunForms.NewRun.class),
                order(
                                "POST",
                                "/v1/runs/{id}/check",
                                "What launching this run would do, by the state this node knows; nothing is changed.",
                                Checked.class,
                                call -> check(api, call))
                        .taking(RunForms.NewRun.class),
                order(
                                "POST",
                                "/v1/runs/{id}/stop",
                                "Stop a run; what it has saved is kept, and it can be resumed.",
                                Ordered.class,
                                call -> stop(api, call))
                        .taking(Stopping.class),
                order(
                                "POST",
                                "/v1/runs/{id}/resume",
                                "Go on with a run that is over.",
                                Ordered.class,
                                call -> resume(api, call))
                        .taking(Resumed.class),
                order(
                                "POST",
                                "/v1/runs/{id}/resume/check",
                                "What going on with this run would do, by the state this node knows; nothing is changed.",
                                Resuming.class,
                                call -> checkResume(api, call))
                        .taking(Resumed.class),
                order(
                        "DELETE",
                        "/v1/runs/{id}",
                        "Forget a run that is over, and the files that only it needs.",
                        Ordered.class,
                        call -> Reply.ok(new Ordered(api.orders()
                                .give(call, new Command.ForgetRun(call.path("id", RunId::new)))
                                .revision()))));
    }

    private static List<Wait> waits(Api api) {
        return api.member().waits().orElse(List.of());
    }

    private static Runs list(Api api, Optional<String> series) {
        List<Wait> waits = waits(api);
        List<RunRow> rows = api.picture().state().runs().runs().values().stream()
                .filter(run ->
                        series.filter(name -> !name.equals(run.spec().series())).isEmpty())
                .sorted(Comparator.comparing(Run::launchedAt).reversed())
                .map(run -> RunRow.of(api.picture(), run, waits))
                .toList();
        return new Runs(rows, api.picture().state().runs().champions().asMap());
    }

    /// Those that ran whole: what was taken from another run took no time.
    private static History history(ClusterState state) {
        return new History(state.runs().runs().values().stream()
                .filter(run -> run.spec().estimate().isPresent())
                .flatMap(run -> run.took().flatMap(time -> took(run, time)).stream())
                .sorted(Comparator.comparing(Took::at))
                .toList());
    }

    private static Optional<Took> took(Run run, Duration time) {
        RunSpec.Estimated estimate = run.spec().estimate().orElseThrow();
        String gpu = run.stages().stream()
                .map(Run.Stage::gpu)
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse(estimate.gpu().isEmpty() ? "none" : estimate.gpu());
        boolean some = time.isPositive() && estimate.formula().isPositive() && !gpu.isEmpty();
        return some
                ? Optional.of(new Took(
                        run.id(),
                        run.spec().series(),
                        gpu,
                        estimate.formula().toMillis() / 1000.0,
                        time.toMillis() / 1000.0,
                        run.endedAt().orElseThrow()))
                : Optional.empty();
    }

    static Run run(Api api, RunId id) {
        return api.picture()
                .state()
                .runs()
                .runs()
                .find(id)
                .orElseThrow(() -> Problem.notFound("no run " + id, "`muster run list` shows those there are"));
    }

    private static Reply launch(Api api, Call call) throws IOException {
        ObjectNode written = (ObjectNode) call.object(Call.ORDER_MAX);
        RunId id = call.path("id", RunId::new);
        Command.LaunchRun order = asked(id, written);
        if (order.spec().stages().stream().anyMatch(RunSpec.Stage::reuse)) reusable(api, call, written, order);
        Orders.Done done = api.orders().give(call, written, order);
        return Reply.ok(new Launched(id, done.revision()));
    }

    /// A run that lacks what it is to take would be over as soon as it comes to it, and its id be used.
    private static void reusable(Api api, Call call, ObjectNode written, Command.LaunchRun order) {
        ClusterState state = api.picture().state();
        List<Event> events = api.orders().tryOut(call, written, order);
        if (events.isEmpty()) return;
        ClusterState then = state.advance(
                new Transition(state.at(), Optional.empty(), Actor.person("unknown"), "", "LAUNCH_RUN", "", events));
        RunPlanner.lacks(then, then.runs().runs().require(order.run())).ifPresent(why -> {
            throw Problem.of(409, "CONFLICT", why, "launch it without --skip");
        });
    }

    private static Reply check(Api api, Call call) throws IOException {
        ObjectNode written = (ObjectNode) call.object(Call.ORDER_MAX);
        Command.LaunchRun order = asked(call.path("id", RunId::new), written);
        api.orders().tryOut(call, written, order);
        return Reply.ok(new Checked(order.spec(), lacking(api, order.spec())));
    }

    private static Optional<String> lacking(Api api, RunSpec spec) {
        return spec.machines().flatMap(own -> api.peers().lackingHere(SecretBlanks.names(spec)));
    }

    private static Command.LaunchRun asked(RunId id, ObjectNode written) {
        try {
            RunForms.NewRun run = RunForms.read(written);
            return new Command.LaunchRun(
                    id, RunForms.spec(id, run), run.anyway().orElse(false));
        } catch (JacksonException e) {
            throw Malformed.value(e, written);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "");
        }
    }

    private static Reply stop(Api api, Call call) throws IOException {
        RunId id = call.path("id", RunId::new);
        JsonNode written = call.object(Call.ORDER_MAX);
        String why = call.query("why").orElseGet(() -> written.path("why").asString(""));
        Command order = new Command.StopRun(id, why.isBlank() ? "asked for" : why);
        return Reply.ok(new Ordered(api.orders().give(call, written, order).revision()));
    }

    private static Reply resume(Api api, Call call) throws IOException {
        ObjectNode written = (ObjectNode) call.object(Call.ORDER_MAX);
        return Reply.ok(new Ordered(
                api.orders().give(call, written, resuming(api, call, written)).revision()));
    }

    private static Reply checkResume(Api api, Call call) throws IOException {
        ObjectNode written = (ObjectNode) call.object(Call.ORDER_MAX);
        Command.ResumeRun order = resuming(api, call, written);
        api.orders().tryOut(call, written, order);
        Map<InstanceId, String> dear = new TreeMap<>();
        Optional<InstanceId> starts = Optional.empty();
        for (Instance stopped : stopped(api, order)) {
            Optional<String> why = RunPlanner.tooDear(order.spec().machines().orElseThrow(), stopped);
            if (why.isPresent()) dear.put(stopped.id(), why.get());
            else if (starts.isEmpty()) starts = Optional.of(stopped.id());
        }
        return Reply.ok(new Resuming(order.spec(), starts, dear, lacking(api, order.spec())));
    }

    private static List<Instance> stopped(Api api, Command.ResumeRun order) {
        if (order.spec().machines().isEmpty()) return List.of();
        return api.picture().state().rentals().instances().values().stream()
                .filter(one -> one.group().equals(Optional.of(order.run().name())))
                .filter(one -> one.open() && one.will() == Instance.Will.STOP)
                .toList();
    }

    private static Command.ResumeRun resuming(Api api, Call call, ObjectNode written) {
        RunId id = call.path("id", RunId::new);
        Run run = run(api, id);
        try {
            Resumed terms = Wire.STRICT.treeToValue(written, Resumed.class);
            terms.from().filter(from -> !run.open()).ifPresent(from -> reached(run, from));
            return new Command.ResumeRun(id, resumed(run.spec(), terms), terms.from());
        } catch (JacksonException e) {
            throw Malformed.value(e, written);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "");
        }
    }

    /// Who names a stage means that those before it are done; one that is not would be done, and paid for, without a word.
    private static void reached(Run run, String from) {
        run.stages().stream()
                .limit(Math.max(0, run.spec().stage(from)))
                .filter(stage -> !stage.phase().made())
                .findFirst()
                .ifPresent(stage -> {
                    throw Problem.of(
                            409,
                            "CONFLICT",
                            "expected the stages before " + from + " to be done, but " + stage.name() + " of "
                                    + run.id() + " is " + stage.phase(),
                            "without --from it goes on with " + stage.name() + ", and does all after it; --from "
                                    + stage.name() + " does that anew from its beginning");
                });
    }

    private static RunSpec resumed(RunSpec spec, Resumed terms) {
        Optional<Group> machines = spec.machines()
                .map(group -> terms.priceMax()
                        .map(RunForms::money)
                        .map(group::withPriceMax)
                        .orElse(group));
        return new RunSpec(
                spec.series(),
                spec.stages(),
                machines,
                terms.totalMax().map(RunForms::money).or(spec::totalMax),
                terms.durationMax().or(spec::durationMax),
                spec.launchesMax(),
                terms.after().map(RunForms::after).orElse(spec.after()),
                spec.estimate(),
                spec.config(),
                spec.tags());
    }
}
