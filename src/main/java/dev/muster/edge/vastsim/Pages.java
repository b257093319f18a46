package dev.muster.edge.vastsim;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Lists in pages. A token is the sort key of a page's last row, base64 of `{"values": {"id": 123}}`.
final class Pages {
    /// Rows of one page of instances.
    static final int INSTANCES_MAX = 25;

    private static final int COUNT = 20;
    private static final int COUNT_MAX = 100;

    private Pages() {}

    /// `GET /api/v1/instances/`.
    static ObjectNode instances(List<ObjectNode> all, Call call) {
        JsonNode filters = call.json("select_filters");
        List<ObjectNode> found = new ArrayList<>(
                all.stream().filter(row -> Query.matches(row, filters)).toList());
        JsonNode order = call.json("order_by").path(0);
        String column = order.path("col").asString("id");
        found.sort(Query.by(column, order.path("dir").asString("asc")).thenComparing(Query.by("id", "asc")));
        int from = call.asked("after_token").map(token -> after(found, token)).orElse(0);
        int to = Math.min(found.size(), from + call.limit(INSTANCES_MAX, INSTANCES_MAX));
        ObjectNode page = Json.success().put("instances_found", to - from).put("total_instances", found.size());
        Map<String, Integer> labels = new HashMap<>();
        found.forEach(row -> labels.merge(row.path("label").asString(""), 1, Integer::sum));
        ObjectNode counts = page.putObject("label_counts");
        labels.forEach(counts::put);
        if (to < found.size())
            page.put("next_token", token(found.get(to - 1).get("id").longValue()));
        else page.putNull("next_token");
        page.putArray("instances")
                .addAll(found.subList(from, to).stream()
                        .map(row -> columns(row, call))
                        .toList());
        return page;
    }

    /// The next row's place. When the row is gone, rows in order of ids go on all the same.
    private static int after(List<ObjectNode> rows, String token) {
        long id = id(token);
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).get("id").longValue() == id) return i + 1;
        }
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).get("id").longValue() > id) return i;
        }
        return rows.size();
    }

    /// Only what is asked for; what the official command line falls over without comes anyway.
    private static ObjectNode columns(ObjectNode row, Call call) {
        JsonNode wanted = call.json("select_cols");
        if (!wanted.isArray()) return row;
        List<String> names = new ArrayList<>(List.of("id", "start_date", "extra_env"));
        wanted.forEach(name -> names.add(name.asString("")));
        return names.contains("*") ? row : row.retain(names);
    }

    /// Charges and invoices: `results`, `count`, `total`, `next_token`.
    static ObjectNode results(List<ObjectNode> rows, Call call) {
        List<ObjectNode> ordered =
                call.asked("latest_first").filter("true"::equals).isPresent() ? rows.reversed() : rows;
        int from = call.asked("after_token").map(Pages::id).map(Long::intValue).orElse(0);
        int first = Math.min(from, ordered.size());
        int to = Math.min(ordered.size(), first + call.limit(COUNT, COUNT_MAX));
        ObjectNode page = Json.success().put("count", to - first).put("total", ordered.size());
        page.putArray("results").addAll(ordered.subList(first, to));
        Optional<String> next = to < ordered.size() ? Optional.of(token(to)) : Optional.empty();
        next.ifPresentOrElse(token -> page.put("next_token", token), () -> page.putNull("next_token"));
        return page;
    }

    private static String token(long id) {
        String text = "{\"values\": {\"id\": " + id + "}}";
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static long id(String token) {
        try {
            JsonNode id = Json.MAPPER
                    .readTree(new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8))
                    .path("values")
                    .path("id");
            if (id.isIntegralNumber()) return id.longValue();
        } catch (IllegalArgumentException | JacksonException e) {
            // told below
        }
        throw new Refusal(400, "invalid_token", "after_token is no token of ours");
    }
}
