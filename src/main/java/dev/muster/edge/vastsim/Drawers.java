package dev.muster.edge.vastsim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What the service keeps for an account besides instances: templates fill gaps of orders; secrets, volumes and the
/// autoscaler's jobs are kept and do nothing.
final class Drawers {
    private static final int TEMPLATE = 80_001;
    private static final int VOLUME = 30_001;
    private static final int ENDPOINT = 401;
    private static final int WORKERS = 601;
    private static final Pattern OPTION = Pattern.compile("-e\\s+([^=\\s]+)=(\\S*)|(-[pvhn]\\s+\\S+)");

    private final Sim sim;
    private final Map<String, String> secrets = new TreeMap<>();
    private final Map<Long, ObjectNode> templates = new TreeMap<>();
    private final Map<Long, ObjectNode> volumes = new TreeMap<>();
    private final Map<Long, ObjectNode> endpoints = new TreeMap<>();
    private final Map<Long, ObjectNode> workers = new TreeMap<>();

    Drawers(Sim sim) {
        this.sim = sim;
    }

    List<Route> all() {
        List<Route> routes = new ArrayList<>(List.of(
                locked("GET", "secrets", 5, this::showSecrets),
                locked("POST", "secrets", 3, this::addSecret),
                locked("PUT", "secrets", 3, this::changeSecret),
                locked("DELETE", "secrets", 3, this::removeSecret),
                locked("GET", "template", 3, this::showTemplates),
                locked("POST", "template", 0, this::addTemplate),
                locked("PUT", "template", 0, this::changeTemplate),
                locked("DELETE", "template", 0, this::removeTemplate),
                locked("GET", "volumes", 5.5, call -> rows(volumes, "volumes")),
                locked("PUT", "volumes", 5.5, this::addVolume),
                locked("DELETE", "volumes", 5.5, this::removeVolume),
                locked("GET", "endptjobs", 3, call -> rows(endpoints, "results")),
                locked("POST", "endptjobs", 4, call -> made(endpoints, ENDPOINT, call, "result")),
                locked("PUT", "endptjobs/{id}", 2, call -> change(endpoints, call)),
                locked("DELETE", "endptjobs/{id}", 3, call -> remove(endpoints, call))));
        // The command line calls them the one way, the documents the other.
        for (String name : List.of("autojobs", "workergroups")) {
            routes.add(locked("GET", name, 2, call -> rows(workers, "results")));
            routes.add(locked("POST", name, 4, call -> made(workers, WORKERS, call, "id")));
            routes.add(locked("PUT", name + "/{id}", 2, call -> change(workers, call)));
            routes.add(locked("DELETE", name + "/{id}", 3, call -> remove(workers, call)));
        }
        return routes;
    }

    private Route locked(String method, String path, double interval, Route.Handler handler) {
        return new Route(method, 0, path, interval, false, call -> {
            synchronized (this) {
                return handler.answer(call);
            }
        });
    }

    private static Reply rows(Map<Long, ObjectNode> drawer, String name) {
        ObjectNode body = Json.success();
        body.putArray(name).addAll(drawer.values());
        return Reply.json(200, body);
    }

    private static long next(Map<Long, ObjectNode> drawer, int first) {
        return drawer.isEmpty() ? first : new TreeMap<>(drawer).lastKey() + 1;
    }

    private static Reply made(Map<Long, ObjectNode> drawer, int first, Call call, String name) {
        long id = next(drawer, first);
        ObjectNode row = ((ObjectNode) call.body().deepCopy()).put("id", id);
        drawer.put(id, row);
        return Reply.json(200, Json.success().put(name, id));
    }

    private static Reply change(Map<Long, ObjectNode> drawer, Call call) {
        ObjectNode row = Optional.ofNullable(drawer.get(call.id())).orElseThrow(() -> missing(call.id()));
        call.body().properties().stream()
                .filter(field -> !field.getValue().isNull())
                .forEach(field -> row.set(field.getKey(), field.getValue()));
        return Reply.json(200, Json.success());
    }

    private static Reply remove(Map<Long, ObjectNode> drawer, Call call) {
        if (drawer.remove(call.id()) == null) throw missing(call.id());
        return Reply.json(200, Json.success());
    }

    private static Refusal missing(long id) {
        return new Refusal(404, "not_found", "there is no " + id);
    }

    private Reply showSecrets(Call call) {
        ObjectNode body = Json.success();
        ObjectNode shown = body.putObject("secrets");
        secrets.keySet().forEach(key -> shown.put(key, "***"));
        return Reply.json(200, body);
    }

    private static String secretKey(Call call) {
        return Json.text(call.body(), "key")
                .map(key -> key.toUpperCase(Locale.ROOT))
                .orElseThrow(() -> Refusal.invalid("expected key"));
    }

    private Reply addSecret(Call call) {
        String key = secretKey(call);
        if (secrets.containsKey(key)) throw new Refusal(400, "existing_key", key + " exists already");
        secrets.put(key, Json.text(call.body(), "value").orElse(""));
        return Reply.json(200, Json.success().put("msg", "Environment variable created."));
    }

    private Reply changeSecret(Call call) {
        String key = secretKey(call);
        if (secrets.replace(key, Json.text(call.body(), "value").orElse("")) == null)
            throw new Refusal(400, "nonexistent_key", key + " does not exist");
        return Reply.json(200, Json.success().put("msg", "Environment variable updated."));
    }

    private Reply removeSecret(Call call) {
        String key = secretKey(call);
        if (secrets.remove(key) == null) throw new Refusal(400, "nonexistent_key", key + " does not exist");
        return Reply.json(200, Json.success().put("msg", "Environment variable deleted."));
    }

    private Reply showTemplates(Call call) {
        JsonNode filters = call.json("select_filters");
        ObjectNode body = Json.success();
        ArrayNode shown = body.putArray("templates");
        templates.values().stream().filter(row -> Query.matches(row, filters)).forEach(shown::add);
        return Reply.json(200, body);
    }

    private Reply addTemplate(Call call) {
        long id = next(templates, TEMPLATE);
        ObjectNode row = ((ObjectNode) call.body().deepCopy()).put("id", id).put("hash_id", String.format("%032x", id));
        templates.put(id, row);
        return Reply.json(200, Json.success().set("template", row));
    }

    private Reply changeTemplate(Call call) {
        ObjectNode row = find(Json.text(call.body(), "hash_id").orElse(""));
        row.setAll((ObjectNode) call.body().deepCopy());
        return Reply.json(200, Json.success().set("template", row));
    }

    private Reply removeTemplate(Call call) {
        Optional<String> hash = Json.text(call.body(), "hash_id");
        long id = hash.isPresent()
                ? find(hash.get()).get("id").longValue()
                : (long) Json.number(call.body(), "template_id", 0);
        if (templates.remove(id) == null) throw new Refusal(404, "no_such_template", "there is no template " + id);
        return Reply.json(200, Json.success().put("msg", "Template deleted."));
    }

    private ObjectNode find(String hash) {
        return templates.values().stream()
                .filter(row -> row.path("hash_id").asString("").equals(hash))
                .findFirst()
                .orElseThrow(() -> new Refusal(404, "no_such_template", "there is no template " + hash));
    }

    /// What fills the gaps of an order.
    synchronized ObjectNode template(String hash) {
        return find(hash).deepCopy();
    }

    /// Docker's options as a template has them, `-e A=1 -p 80:80`, as an order has them.
    static Map<String, String> env(String options) {
        Map<String, String> env = new LinkedHashMap<>();
        Matcher option = OPTION.matcher(options);
        while (option.find()) {
            if (option.group(1) != null) env.put(option.group(1), option.group(2));
            else env.put(option.group(3).replaceAll("\\s+", " "), "1");
        }
        return env;
    }

    private Reply addVolume(Call call) {
        long offer = (long) Json.number(call.body(), "id", 0);
        boolean known = sim.clock.with(
                market -> market.offers().stream().anyMatch(one -> OfferRoutes.volumeId(one.machine()) == offer));
        if (!known) throw new Refusal(404, "no_such_ask", "error 404/3603: no_such_ask volume offer " + offer);
        long id = next(volumes, VOLUME);
        ObjectNode row = Json.object()
                .put("id", id)
                .put("label", Json.text(call.body(), "name").orElse("V." + id));
        row.put("status", "created").put("disk_space", Json.number(call.body(), "size", 1));
        row.put("start_date", Json.seconds(sim.clock.with(market -> market.now())));
        volumes.put(id, row.put("machine_id", offer));
        return Reply.json(200, Json.success().put("volume_name", "V." + id));
    }

    private Reply removeVolume(Call call) {
        String id = call.asked("id").orElse("");
        if (!id.matches("\\d{1,15}") || volumes.remove(Long.parseLong(id)) == null)
            throw new Refusal(404, "no_such_volume", "there is no volume " + id);
        return Reply.json(200, Json.success());
    }
}
