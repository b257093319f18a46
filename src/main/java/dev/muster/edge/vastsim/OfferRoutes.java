package dev.muster.edge.vastsim;

import dev.muster.market.Answer;
import dev.muster.market.Hardware;
import dev.muster.market.Market;
import dev.muster.market.Offer;
import dev.muster.market.Order;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Searching and renting.
final class OfferRoutes {
    /// GB whose price is in a total, where nothing is said.
    private static final double STORAGE = 8;
    private static final long FIRST_VOLUME = 10_001_001;
    private static final int FIRST_MACHINE = 9000;
    private static final double DISK = 10;
    private static final double HOURS_OF_MONTH = 720;

    private final Sim sim;
    private final Drawers drawers;

    OfferRoutes(Sim sim, Drawers drawers) {
        this.sim = sim;
        this.drawers = drawers;
    }

    List<Route> all() {
        return List.of(
                // "10 per minute", where others have an interval
                new Route("POST", 0, "bundles", 6, 10, false, call -> found(search(call.body()))),
                new Route("GET", 0, "bundles", 6, 10, false, call -> found(search(call.json("q")))),
                new Route("PUT", 0, "search/asks", 4.5, false, this::asks),
                new Route("GET", 0, "gpu_names/unique", 0, true, this::gpuNames),
                new Route("POST", 0, "volumes/search", 5.5, false, this::volumes),
                new Route("PUT", 0, "asks/{id}", 0, false, call -> create(call.id(), call.body())),
                new Route("POST", 0, "asks/bulk", 0, false, this::bulk),
                new Route("PUT", 0, "launch_instance", 5, false, this::launch));
    }

    private List<ObjectNode> search(JsonNode query) {
        boolean bid = Json.text(query, "type").orElse("on-demand").equals("bid");
        double storage = Json.number(query, "allocated_storage", STORAGE);
        List<ObjectNode> rows = new ArrayList<>();
        sim.clock.with(market -> {
            for (Offer offer : market.offers()) rows.add(OfferJson.row(offer, bid, storage, market.now()));
            return rows;
        });
        return Query.search(rows, query, sim.sloppy);
    }

    private static Reply found(List<ObjectNode> rows) {
        ObjectNode body = Json.success();
        ArrayNode offers = body.putArray("offers");
        rows.forEach(offers::add);
        return Reply.json(200, body);
    }

    private Reply asks(Call call) {
        List<ObjectNode> rows = search(call.body().path("q"));
        List<String> columns = new ArrayList<>();
        call.body().path("select_cols").forEach(name -> columns.add(name.asString("")));
        if (!columns.isEmpty() && !columns.contains("*")) rows.forEach(row -> row.retain(columns));
        return found(rows);
    }

    private Reply gpuNames(Call call) {
        ObjectNode body = Json.object();
        ArrayNode names = body.putArray("gpu_names");
        sim.clock.with(Market::gpuNames).forEach(names::add);
        return Reply.json(200, body);
    }

    static long volumeId(Hardware machine) {
        return FIRST_VOLUME + machine.machineId() - FIRST_MACHINE;
    }

    private Reply volumes(Call call) {
        double storage = Json.number(call.body(), "allocated_storage", 1);
        List<ObjectNode> rows = new ArrayList<>();
        sim.clock.with(market -> {
            for (Offer offer : market.offers())
                if (offer.gpus() == offer.machine().gpus()) rows.add(volume(offer, storage, market));
            return rows;
        });
        return found(Query.search(rows, call.body(), sim.sloppy));
    }

    private static ObjectNode volume(Offer offer, double storage, Market market) {
        ObjectNode row = OfferJson.row(offer, false, storage, market.now());
        double hourly = offer.prices().storageDollars() * storage / HOURS_OF_MONTH;
        return row.put("id", volumeId(offer.machine()))
                .put("ask_contract_id", volumeId(offer.machine()))
                .put("disk_space", offer.machine().diskGb() / 2)
                .put("dph_total", hourly)
                .put("dph_base", hourly);
    }

    private Reply create(long ask, JsonNode body) {
        return switch (sim.order(market -> market.create(order(ask, body)))) {
            case Answer.Done(long id) -> Reply.json(200, made(id));
            case Answer.Queued(long id) -> Reply.json(200, made(id));
            // Whoever overlooks it pays for a disk.
            case Answer.Refused refused -> {
                ObjectNode error = Refusal.of(refused).body();
                refused.left().ifPresent(id -> error.put("new_contract", id));
                yield Reply.json(400, error);
            }
        };
    }

    private static ObjectNode made(long id) {
        return Json.success().put("new_contract", id).put("instance_api_key", String.format("%064x", id));
    }

    private Order order(long ask, JsonNode body) {
        Optional<String> template = Json.text(body, "template_hash_id");
        JsonNode filler = template.map(drawers::template).orElseGet(Json::object);
        Map<String, String> env =
                new LinkedHashMap<>(Drawers.env(Json.text(filler, "env").orElse("")));
        body.path("env")
                .properties()
                .forEach(entry -> env.put(entry.getKey(), entry.getValue().asString("")));
        JsonNode price = body.path("price");
        String runtype = Json.text(body, "runtype")
                .or(() -> Json.text(filler, "runtype"))
                .orElse("ssh");
        return new Order(
                ask,
                Json.text(body, "image").or(() -> Json.text(filler, "image")).orElse(""),
                Json.number(body, "disk", Json.number(filler, "recommended_disk_space", DISK)),
                price.isNull() || price.isMissingNode()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(Json.number(body, "price", 0)),
                Json.text(body, "label"),
                env,
                Json.text(body, "onstart").or(() -> Json.text(filler, "onstart")),
                runtype,
                template,
                Json.text(body, "target_state").filter("stopped"::equals).isPresent(),
                body.path("cancel_unavail").asBoolean(false));
    }

    private Reply bulk(Call call) {
        ObjectNode body = Json.success();
        ArrayNode made = body.putArray("new_contracts");
        for (JsonNode ask : call.body().path("ids")) {
            Reply reply = create(ask.asLong(0), call.body());
            made.add(Json.MAPPER.readTree(reply.bytes()).path("new_contract"));
        }
        return Reply.json(200, body);
    }

    private Reply launch(Call call) {
        JsonNode body = call.body();
        ObjectNode query = body.path("q") instanceof ObjectNode given ? given : Json.object();
        Json.text(body, "gpu_name").ifPresent(name -> eq(query, "gpu_name", name.replace('_', ' ')));
        Json.text(body, "num_gpus").ifPresent(count -> eq(query, "num_gpus", count));
        eq(query, "rentable", "true");
        List<ObjectNode> rows = search(query);
        if (rows.isEmpty()) throw new Refusal(404, "no_such_ask", "error 404/3603: no_such_ask no offer matches.");
        return create(rows.getFirst().get("ask_contract_id").longValue(), body);
    }

    private static void eq(ObjectNode query, String field, String value) {
        query.putObject(field).put("eq", value);
    }
}
