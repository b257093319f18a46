package dev.muster.edge.vastsim;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// What goes wrong with answers because somebody asked for it.
final class Faults {
    private static final int TIMES_MAX = 1_000_000;
    private static final long DELAY_MAX_MS = 600_000;

    /// When the connection is dropped.
    enum Drop {
        NO,
        /// nothing is done
        BEFORE,
        /// all is done, and the answer is lost
        AFTER
    }

    /// @param endpoint as `PUT /api/v0/asks/`: a method or `*`, and what the path begins with
    /// @param status   0 answers as usual
    record Fault(String endpoint, int times, int status, String type, String body, long delayMs, Drop drop) {
        boolean meets(String method, String path) {
            String[] words = endpoint.split(" ", 2);
            return (words[0].equals("*") || words[0].equals(method)) && path.startsWith(words[1]);
        }
    }

    /// What a fault may say of itself.
    private static final Set<String> FIELDS =
            new TreeSet<>(List.of("endpoint", "times", "status", "type", "body", "delay_ms", "drop"));

    private final List<Fault> faults = new ArrayList<>();

    /// @throws Refusal when it is no fault
    synchronized void add(JsonNode written) {
        Set<String> unknown = new TreeSet<>(written.propertyNames());
        unknown.removeAll(FIELDS);
        if (!unknown.isEmpty())
            throw Refusal.invalid(
                    "expected a fault of " + String.join(", ", FIELDS) + ", but found " + String.join(", ", unknown));
        String endpoint = Json.text(written, "endpoint").orElse("* /api/");
        if (!endpoint.matches("(\\*|[A-Z]+) /\\S*"))
            throw Refusal.invalid("expected endpoint as \"PUT /api/v0/asks/\", but found \"" + endpoint + "\"");
        int status = (int) Json.number(written, "status", 0);
        if (status != 0 && (status < 200 || status > 599))
            throw Refusal.invalid("expected a status of 200 to 599, but found " + status);
        Drop drop = switch (Json.text(written, "drop").orElse("no")) {
            case "no" -> Drop.NO;
            case "before" -> Drop.BEFORE;
            case "after" -> Drop.AFTER;
            default ->
                throw Refusal.invalid("expected drop to be no, before or after, but found " + written.get("drop"));
        };
        JsonNode body = written.path("body");
        String text = body.isString()
                ? body.stringValue()
                : body.isMissingNode()
                        ? new Refusal(status, "injected", "injected by /sim/faults")
                                .body()
                                .toString()
                        : body.toString();
        faults.add(new Fault(
                endpoint,
                (int) Math.clamp(Json.number(written, "times", 1), 1, TIMES_MAX),
                status,
                Json.text(written, "type").orElse(text.startsWith("<") ? "text/html" : Reply.JSON),
                text,
                (long) Math.clamp(Json.number(written, "delay_ms", 0), 0, DELAY_MAX_MS),
                drop));
    }

    /// The first that this call meets; it has been met once more then.
    synchronized Optional<Fault> take(String method, String path) {
        for (Iterator<Fault> each = faults.iterator(); each.hasNext(); ) {
            Fault fault = each.next();
            if (!fault.meets(method, path)) continue;
            int at = faults.indexOf(fault);
            if (fault.times == 1) each.remove();
            else
                faults.set(
                        at,
                        new Fault(
                                fault.endpoint,
                                fault.times - 1,
                                fault.status,
                                fault.type,
                                fault.body,
                                fault.delayMs,
                                fault.drop));
            return Optional.of(fault);
        }
        return Optional.empty();
    }

    synchronized void clear() {
        faults.clear();
    }

    synchronized ArrayNode list() {
        return Json.MAPPER.valueToTree(faults);
    }
}
