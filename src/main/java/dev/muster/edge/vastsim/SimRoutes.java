package dev.muster.edge.vastsim;

import dev.muster.market.Account;
import dev.muster.market.Answer;
import dev.muster.market.Market;
import dev.muster.market.Usd;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What only a simulation has: looking behind it, and having things go wrong. All under `/sim/`, with the key, which
/// stays good here whatever happens to it elsewhere.
final class SimRoutes {
    private static final double OUTBID_HOURS = 1;
    private static final long JUMP_MAX_SECONDS = 10L * 365 * 86_400;

    private final Sim sim;

    SimRoutes(Sim sim) {
        this.sim = sim;
    }

    List<Route> all() {
        return List.of(
                route("GET", "sim", this::state),
                route("GET", "sim/happenings", this::happenings),
                route(
                        "GET",
                        "sim/faults",
                        call -> Reply.json(200, Json.success().set("faults", sim.faults.list()))),
                route("POST", "sim/faults", this::addFault),
                route("DELETE", "sim/faults", this::clearFaults),
                route("POST", "sim/credit", this::credit),
                route("POST", "sim/key", this::key),
                route("POST", "sim/time", this::jump),
                route("POST", "sim/sloppy", this::sloppy),
                route("POST", "sim/next", this::next),
                route("POST", "sim/instances/{id}/outbid", call -> {
                    double hours = Json.number(call.body(), "hours", OUTBID_HOURS);
                    return trouble(market -> market.faults().outbid(call.id(), hours));
                }),
                route(
                        "POST",
                        "sim/instances/{id}/host-offline",
                        call -> trouble(market -> market.faults().hostOffline(call.id()))),
                route(
                        "POST",
                        "sim/instances/{id}/host-returns",
                        call -> trouble(market -> market.faults().hostReturns(call.id()))),
                route(
                        "POST",
                        "sim/instances/{id}/stuck",
                        call -> trouble(market -> market.faults().stuck(call.id()))),
                route(
                        "POST",
                        "sim/instances/{id}/image-error",
                        call -> trouble(market -> market.faults().badImage(call.id()))),
                route(
                        "POST",
                        "sim/instances/{id}/disk-full",
                        call -> trouble(market -> market.faults().diskFull(call.id()))),
                route(
                        "POST",
                        "sim/instances/{id}/price-increase",
                        call -> trouble(market -> market.faults().offerRise(call.id()))),
                route("POST", "sim/instances/{id}/usage", this::usage));
    }

    private static Route route(String method, String path, Route.Handler handler) {
        return new Route(method, -1, path, 0, false, handler);
    }

    private Reply trouble(Function<Market, Answer> order) {
        return sim.done(order);
    }

    private Reply state(Call call) {
        Account account = sim.clock.with(Market::account);
        ObjectNode body = Json.success().put("now", sim.clock.with(Market::now).toString());
        body.put("seed", sim.settings.seed()).put("speed", sim.settings.speed()).put("pacing", sim.settings.pacing());
        body.put("credit", account.credit().dollars())
                .put("spent", account.spent().dollars());
        body.put("per_hour", account.perHour().dollars())
                .put("key", sim.key.name().toLowerCase(Locale.ROOT));
        ArrayNode instances = body.putArray("instances");
        sim.rows()
                .forEach(row -> instances.add(row.retain(
                        "id",
                        "label",
                        "actual_status",
                        "intended_status",
                        "cur_state",
                        "next_state",
                        "status_msg",
                        "ssh_port")));
        return Reply.json(200, body);
    }

    private Reply happenings(Call call) {
        ObjectNode body = Json.success();
        ArrayNode rows = body.putArray("happenings");
        sim.happenings()
                .forEach(one -> rows.addObject()
                        .put("at", one.at().toString())
                        .put("instance", one.instance())
                        .put("what", one.getClass().getSimpleName())
                        .put("text", one.toString()));
        return Reply.json(200, body);
    }

    private Reply addFault(Call call) {
        sim.faults.add(call.body());
        return Reply.json(200, Json.success());
    }

    private Reply clearFaults(Call call) {
        sim.faults.clear();
        return Reply.json(200, Json.success());
    }

    private Reply credit(Call call) {
        if (!call.body().has("credit")) throw Refusal.invalid("expected credit in $");
        double credit = Json.number(call.body(), "credit", 0);
        sim.clock.with(market -> {
            market.faults().credit(Usd.of(credit));
            return market.account();
        });
        return Reply.json(200, Json.success());
    }

    private Reply key(Call call) {
        String state = Json.text(call.body(), "state").orElse("");
        sim.key = switch (state) {
            case "good" -> Sim.KeyState.GOOD;
            case "invalid" -> Sim.KeyState.INVALID;
            case "expired" -> Sim.KeyState.EXPIRED;
            default -> throw Refusal.invalid("expected state good, invalid or expired, but found \"" + state + "\"");
        };
        return Reply.json(200, Json.success());
    }

    private Reply sloppy(Call call) {
        if (!call.body().path("on").isBoolean()) throw Refusal.invalid("expected on to be true or false");
        sim.sloppy = call.body().get("on").booleanValue();
        return Reply.json(200, Json.success());
    }

    private Reply jump(Call call) {
        double seconds = Json.number(call.body(), "seconds", -1);
        if (!(seconds >= 0 && seconds <= JUMP_MAX_SECONDS))
            throw Refusal.invalid("expected seconds of 0 to " + JUMP_MAX_SECONDS + ", but found " + seconds);
        sim.clock.jump(Duration.ofMillis((long) (seconds * 1000)));
        return Reply.json(
                200, Json.success().put("now", sim.clock.with(Market::now).toString()));
    }

    private Reply next(Call call) {
        String instance = Json.text(call.body(), "instance").orElse("");
        sim.clock.with(market -> {
            switch (instance) {
                case "boots" -> market.faults().nextBoots();
                case "stuck" -> market.faults().nextIsStuck();
                case "image-error" -> market.faults().nextHasBadImage();
                case "busy" -> market.faults().nextIsBusy();
                default ->
                    throw Refusal.invalid(
                            "expected instance boots, stuck, image-error or busy, but found \"" + instance + "\"");
            }
            return market.now();
        });
        return Reply.json(200, Json.success());
    }

    private Reply usage(Call call) {
        JsonNode body = call.body();
        long down = (long) Json.number(body, "down_bytes", 0);
        long up = (long) Json.number(body, "up_bytes", 0);
        if (down < 0 || up < 0) throw Refusal.invalid("expected bytes of 0 or more");
        return sim.done(market -> market.usage(call.id(), down, up));
    }
}
