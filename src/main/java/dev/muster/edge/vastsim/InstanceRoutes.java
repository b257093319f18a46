package dev.muster.edge.vastsim;

import dev.muster.market.Answer;
import dev.muster.market.Instance;
import dev.muster.market.Market;
import dev.muster.market.Usd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What is rented.
final class InstanceRoutes {
    private static final int COMMAND_MAX = 512;
    private static final Set<String> COMMANDS = Set.of("ls", "rm", "du");
    private static final int TAIL = 1000;

    private final Sim sim;

    InstanceRoutes(Sim sim) {
        this.sim = sim;
    }

    List<Route> all() {
        return List.of(
                new Route("GET", 1, "instances", 1, false, call -> Reply.json(200, Pages.instances(sim.rows(), call))),
                new Route("GET", 0, "instances", 0, false, this::list),
                new Route("PUT", 0, "instances", 1, false, this::manageMany),
                new Route("DELETE", 0, "instances", 3, false, this::destroyMany),
                new Route("GET", 0, "instances/filters", 0, false, this::filters),
                new Route("GET", 0, "instances/{id}", 2, false, this::show),
                new Route("PUT", 0, "instances/{id}", 1, false, this::manage),
                new Route(
                        "DELETE", 0, "instances/{id}", 3, false, call -> sim.done(market -> market.destroy(call.id()))),
                new Route(
                        "PUT",
                        0,
                        "instances/reboot/{id}",
                        1,
                        false,
                        call -> sim.done(market -> market.reboot(call.id()))),
                new Route(
                        "PUT",
                        0,
                        "instances/recycle/{id}",
                        1,
                        false,
                        call -> sim.done(market -> market.recycle(call.id()))),
                new Route("PUT", 0, "instances/bid_price/{id}", 5.5, false, this::bid),
                new Route("PUT", 0, "instances/prepay/{id}", 2, false, this::prepay),
                new Route("GET", 0, "instances/balance/{id}", 3, false, this::balance),
                new Route("PUT", 0, "instances/request_logs/{id}", 0, false, this::logs),
                new Route("PUT", 0, "instances/command/{id}", 1.5, false, this::command),
                new Route("GET", 0, "instances/{id}/ssh", 0, false, this::keys),
                new Route("POST", 0, "instances/{id}/ssh", 1, false, this::attach),
                new Route(
                        "DELETE",
                        0,
                        "instances/{id}/ssh/{id}",
                        2,
                        false,
                        call -> sim.done(market -> market.detachKey(call.id(), call.second()))));
    }

    private Reply list(Call call) {
        List<ObjectNode> rows = sim.rows();
        ObjectNode body = Json.success().put("instances_found", rows.size());
        body.putArray("instances").addAll(rows);
        return Reply.json(200, body);
    }

    private Reply filters(Call call) {
        ObjectNode body = Json.object();
        ArrayNode filters = body.putArray("filters");
        sim.rows().stream()
                .map(row -> row.retain("actual_status", "gpu_name", "verification"))
                .distinct()
                .forEach(filters::add);
        return Reply.json(200, body);
    }

    /// An unknown one is null, not an error.
    private Reply show(Call call) {
        ObjectNode body = Json.object();
        Optional<ObjectNode> row =
                sim.clock.with(market -> market.instance(call.id()).map(instance -> sim.row(instance, market)));
        row.ifPresentOrElse(found -> body.set("instances", found), () -> body.putNull("instances"));
        return Reply.json(200, body);
    }

    private Reply manage(Call call) {
        if (call.body().has("label")) {
            String label = call.body().get("label").asString("");
            return sim.done(market -> market.label(call.id(), label));
        }
        BiFunction<Market, Long, Answer> turn = turn(call.body());
        return answered(sim.order(market -> turn.apply(market, call.id())));
    }

    private static BiFunction<Market, Long, Answer> turn(JsonNode body) {
        String state = Json.text(body, "state").orElse("");
        return switch (state) {
            case "running" -> Market::start;
            case "stopped" -> Market::stop;
            default ->
                throw Refusal.invalid("expected state running or stopped, or a label, but found \"" + state + "\"");
        };
    }

    /// Accepted and not done is no error for HTTP.
    private static Reply answered(Answer answer) {
        if (!(answer instanceof Answer.Queued)) return Reply.json(200, Json.success());
        return Reply.json(
                200,
                Json.object()
                        .put("success", false)
                        .put("error", "resources_unavailable")
                        .put("msg", "Required resources are currently unavailable, state change queued."));
    }

    private Reply manageMany(Call call) {
        BiFunction<Market, Long, Answer> turn = turn(call.body());
        return many(call.body().path("ids"), turn);
    }

    private Reply destroyMany(Call call) {
        return many(call.body().path("instance_ids"), Market::destroy);
    }

    /// All are tried; the first refusal is the answer.
    private Reply many(JsonNode ids, BiFunction<Market, Long, Answer> turn) {
        if (!ids.isArray() || ids.isEmpty()) throw Refusal.invalid("expected ids of instances, but found none");
        List<Answer> answers = new ArrayList<>();
        sim.clock.with(market -> {
            ids.forEach(id -> answers.add(turn.apply(market, id.asLong(0))));
            return answers;
        });
        for (Answer answer : answers) if (answer instanceof Answer.Refused refused) throw Refusal.of(refused);
        return answered(answers.stream()
                .filter(Answer.Queued.class::isInstance)
                .findFirst()
                .orElse(answers.getFirst()));
    }

    private Reply bid(Call call) {
        JsonNode price = call.body().path("price");
        OptionalDouble wanted = price.isNull() || price.isMissingNode()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Json.number(call.body(), "price", 0));
        return sim.done(market -> market.bid(call.id(), wanted));
    }

    private Reply prepay(Call call) {
        Usd amount = Usd.of(Json.number(call.body(), "amount", 0));
        Instance before = sim.instance(call.id());
        Answer answer = sim.clock.with(market -> market.prepay(call.id(), amount));
        if (answer instanceof Answer.Refused refused) throw new Refusal(411, "insufficient_credit", refused.message());
        double months = sim.clock.with(market -> market.monthsPrepaid(before.id()));
        return Reply.json(
                200,
                Json.success()
                        .put("timescale", months)
                        .put("discount_rate", sim.instance(call.id()).discount()));
    }

    private Reply balance(Call call) {
        Instance instance = sim.instance(call.id());
        double months = sim.clock.with(market -> market.monthsPrepaid(call.id()));
        return Reply.json(
                200,
                Json.success()
                        .put("refundable_deposit", instance.escrow().dollars())
                        .put("total_discount", instance.discount())
                        .put("discount_months", months));
    }

    private Reply logs(Call call) {
        Instance instance = sim.instance(call.id());
        int tail = (int) Math.clamp(Json.number(call.body(), "tail", TAIL), 0, Integer.MAX_VALUE);
        String filter = Json.text(call.body(), "filter").orElse("");
        boolean daemon =
                Json.text(call.body(), "daemon_logs").filter("true"::equals).isPresent();
        return result(call, Json.success().put("msg", "Logs will be at result_url"), () -> {
            String text = daemon ? instance.message().orElse("") + "\n" : log(instance.id());
            List<String> lines =
                    text.lines().filter(line -> line.contains(filter)).toList();
            return lines.subList(Math.max(0, lines.size() - tail), lines.size()).stream()
                    .map(line -> line + "\n")
                    .collect(Collectors.joining());
        });
    }

    private String log(long id) {
        try {
            return sim.boot.log(id);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Reply command(Call call) {
        Instance instance = sim.instance(call.id());
        String command = Json.text(call.body(), "command").orElse("");
        List<String> words = List.of(command.strip().split("\\s+"));
        if (command.length() > COMMAND_MAX || !COMMANDS.contains(words.getFirst()))
            throw Refusal.invalid("expected a command of ls, rm or du with at most " + COMMAND_MAX + " characters");
        ObjectNode body = Json.success().put("writeable_path", "/var/lib/docker/C." + instance.id() + "/");
        // It is done now, and told later.
        String said = run(instance.id(), words);
        return result(call, body, () -> said);
    }

    private String run(long id, List<String> words) {
        try {
            return sim.boot.run(id, words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal(503, "interrupted", "the server is ending");
        }
    }

    private Reply result(Call call, ObjectNode body, Supplier<String> text) {
        long number = sim.results.add(text);
        return Reply.json(200, body.put("result_url", call.base() + "/results/" + number + ".log"));
    }

    /// A string that holds JSON.
    private Reply keys(Call call) {
        ArrayNode keys = Json.array();
        sim.instance(call.id())
                .keys()
                .forEach((id, text) -> keys.addObject().put("id", id).put("public_key", text));
        return Reply.json(200, Json.success().put("ssh_keys", keys.toString()));
    }

    private Reply attach(Call call) {
        String key = AccountRoutes.key(call);
        return sim.done(market -> market.attachKey(call.id(), key));
    }
}
