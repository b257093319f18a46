package dev.muster.edge.vastsim;

import dev.muster.market.Account;
import dev.muster.market.Answer;
import dev.muster.market.Charge;
import dev.muster.market.Market;
import dev.muster.market.Payment;
import dev.muster.market.Rise;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The account: who we are, keys, charges, invoices, price rises.
final class AccountRoutes {
    private static final int USER = 1001;
    private static final double BYTES_PER_GB = 1e9;
    private static final double PICO = 1e12;

    private final Sim sim;

    AccountRoutes(Sim sim) {
        this.sim = sim;
    }

    List<Route> all() {
        return List.of(
                new Route("GET", 0, "users/current", 0, false, this::user),
                new Route("PUT", 0, "users", 5, false, this::user),
                new Route("GET", 0, "ssh", 0, false, this::keys),
                new Route("POST", 0, "ssh", 0, false, this::addKey),
                new Route("PUT", 0, "ssh/{id}", 0, false, call -> {
                    String key = key(call);
                    return sim.done(market -> market.changeKey(call.id(), key));
                }),
                new Route("DELETE", 0, "ssh/{id}", 0, false, call -> sim.done(market -> market.removeKey(call.id()))),
                new Route("GET", 0, "charges", 1, false, this::charges),
                new Route("GET", 1, "invoices", 3, false, this::invoices),
                new Route("GET", 0, "users/me/invoices", 0, false, this::oldInvoices),
                new Route("GET", 0, "instances/pending-price-increases", 0, false, this::rises),
                new Route(
                        "PUT", 0, "instances/accept-price-increase", 0, false, call -> rise(call, Market::acceptRise)),
                new Route(
                        "PUT", 0, "instances/reject-price-increase", 0, false, call -> rise(call, Market::rejectRise)));
    }

    private Reply user(Call call) {
        Account account = sim.clock.with(Market::account);
        ObjectNode user =
                Json.object().put("id", USER).put("username", "simulated").put("email", "simulated@example.org");
        user.put("fullname", "Simulated User")
                .put("balance", 0.0)
                .put("credit", account.credit().dollars());
        user.put("balance_threshold", 0.0)
                .put("balance_threshold_enabled", false)
                .put("billing_creditonly", 1);
        user.put("can_pay", true)
                .put("email_verified", true)
                .put("has_billing", sim.settings.market().card());
        user.put("has_payout", false)
                .put("got_signup_credit", 0)
                .put("paid_verified", account.paid().dollars());
        user.put("paid_expected", account.paid().dollars())
                .put("billed_verified", account.spent().dollars());
        user.put("billed_expected", account.spent().dollars()).put("password_resettable", true);
        user.put(
                "ssh_key",
                sim.clock.with(Market::keys).values().stream().findFirst().orElse(""));
        return Reply.json(200, user.putNull("last4").put("sid", "simulated").put("api_key", sim.settings.apiKey()));
    }

    private Reply keys(Call call) {
        ArrayNode keys = Json.array();
        sim.clock.with(Market::keys).forEach((id, text) -> keys.add(keyRow(id, text)));
        return Reply.json(200, keys);
    }

    private Reply addKey(Call call) {
        String key = key(call);
        Answer answer = sim.order(market -> market.addKey(key));
        long id = answer instanceof Answer.Done(long made) ? made : 0;
        return Reply.json(200, Json.success().set("key", keyRow(id, key)));
    }

    private ObjectNode keyRow(long id, String text) {
        return Json.object()
                .put("id", id)
                .put("user_id", USER)
                .put("public_key", text)
                .put("key", text)
                .put("created_at", sim.settings.market().start().toString());
    }

    /// One line: what is written into `authorized_keys` lets in who it names, and nobody else.
    static String key(Call call) {
        String key = Json.text(call.body(), "ssh_key")
                .map(String::strip)
                .orElseThrow(() -> new Refusal(400, "no_ssh_key", "expected ssh_key, but found none"));
        if (!key.matches("(ssh-|ecdsa-|sk-)[a-zA-Z0-9@.-]+ [A-Za-z0-9+/=]+( [^\\r\\n]*)?"))
            throw new Refusal(400, "invalid_args", "ssh_key is no public key");
        return key;
    }

    private Reply charges(Call call) {
        JsonNode filters = call.json("select_filters");
        JsonNode day = filters.path("day");
        ObjectNode type = Json.object();
        if (filters.has("type")) type.set("type", filters.get("type"));
        List<ObjectNode> rows = chargeRows(window(day, "gte", 0), window(day, "lte", Long.MAX_VALUE)).stream()
                .filter(row -> Query.matches(row, type))
                .toList();
        return Reply.json(200, Pages.results(rows, call));
    }

    private static long window(JsonNode range, String bound, long absent) {
        return (long) Json.number(range, bound, absent);
    }

    /// One for each instance, with what it is made of.
    private List<ObjectNode> chargeRows(long from, long to) {
        long last = Math.min(to, Instant.MAX.getEpochSecond());
        List<Charge> charges =
                sim.clock.with(market -> market.charges(Instant.ofEpochSecond(from), Instant.ofEpochSecond(last)));
        Map<Long, List<Charge>> byInstance = new TreeMap<>();
        charges.forEach(charge -> byInstance
                .computeIfAbsent(charge.instance(), id -> new ArrayList<>())
                .add(charge));
        List<ObjectNode> rows = new ArrayList<>();
        byInstance.forEach((id, own) -> rows.add(chargeRow(id, own)));
        return rows;
    }

    private ObjectNode chargeRow(long id, List<Charge> charges) {
        long start = charges.stream()
                .mapToLong(one -> one.from().getEpochSecond())
                .min()
                .orElse(0);
        long end = charges.stream()
                .mapToLong(one -> one.to().getEpochSecond())
                .max()
                .orElse(0);
        long pico = charges.stream().mapToLong(one -> one.amount().pico()).sum();
        ObjectNode row = Json.object().put("start", start).put("end", end).put("type", "instance");
        row.put("source", "instance-" + id)
                .put("description", "Instance " + id + " charges")
                .put("amount", pico / PICO);
        ObjectNode metadata = row.putObject("metadata");
        String label = sim.clock
                .with(market -> market.instance(id))
                .flatMap(one -> one.label())
                .orElse("");
        metadata.put("label", label)
                .putNull("template_id")
                .putNull("endpoint_id")
                .putNull("workergroup_id");
        ArrayNode items = row.putArray("items");
        for (Charge charge : charges)
            items.addObject()
                    .put("type", type(charge.kind()))
                    .put("description", description(charge))
                    .put("amount", charge.amount().dollars());
        return row;
    }

    private static String type(Charge.Kind kind) {
        return switch (kind) {
            case GPU -> "gpu";
            case DISK -> "disk";
            case DOWN -> "bwd";
            case UP -> "bwu";
            case FEE -> "fee";
        };
    }

    private static String description(Charge charge) {
        return switch (charge.kind()) {
            case GPU, DISK ->
                String.format(
                        Locale.ROOT,
                        "%.3f hours at $%.6f/hour",
                        charge.quantity() / 3600.0,
                        charge.perHour().dollars());
            case DOWN, UP -> String.format(Locale.ROOT, "%.6f GB", charge.quantity() / BYTES_PER_GB);
            case FEE -> "prepayment taken back";
        };
    }

    private Reply invoices(Call call) {
        JsonNode when = call.json("select_filters").path("when");
        long from = window(when, "gte", 0);
        long to = window(when, "lte", Long.MAX_VALUE);
        if (from > to)
            return Reply.json(200, Json.object().put("success", false).put("msg", "Invalid date range"));
        List<ObjectNode> rows = payments().stream()
                .filter(row ->
                        row.get("start").longValue() >= from && row.get("start").longValue() <= to)
                .toList();
        return Reply.json(200, Pages.results(rows, call));
    }

    private List<ObjectNode> payments() {
        return sim.clock.with(Market::payments).stream()
                .map(AccountRoutes::payment)
                .toList();
    }

    private static ObjectNode payment(Payment payment) {
        long at = payment.at().getEpochSecond();
        ObjectNode row = Json.object()
                .put("start", at)
                .put("end", at)
                .put("type", "credit")
                .put("source", "simulated");
        row.put("description", payment.description())
                .put("amount", -payment.amount().dollars());
        row.putObject("metadata").put("invoice_id", payment.number()).put("service", "simulated");
        row.putArray("items");
        return row;
    }

    private Reply oldInvoices(Call call) {
        ObjectNode body = Json.object();
        ArrayNode invoices = body.putArray("invoices");
        for (ObjectNode row : payments()) {
            invoices.addObject()
                    .put("type", "payment")
                    .put("timestamp", row.get("start").longValue())
                    .put("description", row.get("description").asString(""))
                    .put("amount", -row.get("amount").doubleValue());
        }
        for (ObjectNode row : chargeRows(0, Long.MAX_VALUE)) {
            invoices.addObject()
                    .put("type", "charge")
                    .put("timestamp", row.get("end").longValue())
                    .put("description", row.get("description").asString(""))
                    .put("amount", row.get("amount").doubleValue());
        }
        Account account = sim.clock.with(Market::account);
        body.putObject("current")
                .put("charges", account.spent().dollars())
                .put("service_fee", 0.0)
                .put("total", account.spent().dollars())
                .put("credit", account.credit().dollars());
        return Reply.json(200, body);
    }

    private Reply rises(Call call) {
        List<Rise> pending = sim.clock.with(Market::rises);
        ObjectNode body = Json.success().put("count", pending.size()).put("truncated", false);
        ArrayNode rows = body.putArray("pending_price_increases");
        for (Rise rise : pending) {
            ObjectNode row = rows.addObject().put("pending_price_increase_id", rise.id());
            row.put("contract_id", rise.instance()).put("host_id", rise.host());
            row.put("old_gpu_costpersec", rise.oldPerSecond()).put("new_gpu_costpersec", rise.newPerSecond());
            for (String same : List.of("disk_ram_costpersec", "bwu_cost", "bwd_cost", "platform_fee"))
                row.putNull("old_" + same).putNull("new_" + same);
            row.put("contract_end_date", Json.seconds(rise.end())).put("ask_end_date", Json.seconds(rise.newEnd()));
            row.put("created_at", Json.seconds(rise.at()));
        }
        return Reply.json(200, body);
    }

    private Reply rise(Call call, BiFunction<Market, Long, Answer> turn) {
        if (call.body().size() != 1 || !call.body().has("pending_price_increase_id"))
            throw Refusal.invalid("expected exactly pending_price_increase_id");
        long id = call.body().get("pending_price_increase_id").asLong(0);
        return sim.done(market -> turn.apply(market, id));
    }
}
