package dev.muster.edge.vastsim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What the official command line really sends, in order, where the record of it is at hand.
class WireRequestsTest {
    private static final Path RECORD = Path.of("..", "shared", "data", "vast", "wire_requests.jsonl");

    /// What the record itself has as a mistake: an offer, a token and an instance that never were.
    private static final Map<String, Integer> MISTAKES = Map.of(
            "PUT /api/v0/asks/1/", 404,
            "PUT /api/v0/instances/request_logs/999999999/", 404);

    /// What each answer has, as the command line reads it.
    private static final Map<String, List<String>> SHAPES = Map.ofEntries(
            Map.entry("POST /api/v0/bundles/", List.of("offers")),
            Map.entry("PUT /api/v0/search/asks/", List.of("offers")),
            Map.entry("POST /api/v0/volumes/search/", List.of("offers")),
            Map.entry("GET /api/v0/gpu_names/unique/", List.of("gpu_names")),
            Map.entry("PUT /api/v0/asks/", List.of("success", "new_contract")),
            Map.entry("POST /api/v0/ssh/", List.of("success", "key")),
            Map.entry(
                    "GET /api/v1/instances/",
                    List.of(
                            "success",
                            "instances_found",
                            "total_instances",
                            "label_counts",
                            "next_token",
                            "instances")),
            Map.entry("GET /api/v0/instances/filters/", List.of("filters")),
            Map.entry(
                    "GET /api/v0/instances/balance/",
                    List.of("refundable_deposit", "total_discount", "discount_months")),
            Map.entry(
                    "GET /api/v0/instances/pending-price-increases/",
                    List.of("success", "count", "truncated", "pending_price_increases")),
            Map.entry("GET /api/v0/instances/", List.of("instances")),
            Map.entry("PUT /api/v0/instances/request_logs/", List.of("success", "result_url", "msg")),
            Map.entry("PUT /api/v0/instances/command/", List.of("success", "writeable_path", "result_url")),
            Map.entry("PUT /api/v0/instances/", List.of("success")),
            Map.entry("GET /api/v0/secrets/", List.of("success", "secrets")),
            Map.entry("POST /api/v0/template/", List.of("success", "template")),
            Map.entry("GET /api/v0/template/", List.of("success", "templates")),
            Map.entry("PUT /api/v0/volumes/", List.of("success", "volume_name")),
            Map.entry("GET /api/v0/volumes", List.of("success", "volumes")),
            Map.entry("POST /api/v0/endptjobs/", List.of("success", "result")),
            Map.entry("POST /api/v0/autojobs/", List.of("success", "id")),
            Map.entry("GET /api/v0/endptjobs/", List.of("success", "results")),
            Map.entry("GET /api/v0/autojobs/", List.of("success", "results")),
            Map.entry("GET /api/v0/charges/", List.of("success", "results", "count", "total", "next_token")),
            Map.entry("GET /api/v1/invoices/", List.of("success", "results", "count", "total", "next_token")),
            Map.entry("GET /api/v0/users/current", List.of("id", "email", "balance", "credit", "api_key")),
            Map.entry("GET /api/v0/users/me/invoices", List.of("invoices", "current")),
            Map.entry("GET /api/v0/subaccounts", List.of("users")),
            Map.entry("GET /api/v0/users/me/ipaddrs", List.of("results")),
            Map.entry("GET /api/v0/machines", List.of("machines")));

    @Test
    void everyRequestOfTheOfficialCommandLineIsAnswered() throws IOException, InterruptedException {
        assumeTrue(Files.isRegularFile(RECORD), "there is no " + RECORD + "; nothing is tested here");
        List<JsonNode> requests = Files.readAllLines(RECORD).stream()
                .filter(line -> !line.isBlank())
                .map(Json.MAPPER::readTree)
                .toList();
        assertThat(requests).hasSizeGreaterThan(70);
        try (Client client = Client.calm()) {
            for (JsonNode request : requests) {
                answer(
                        client,
                        request.get("m").asString(""),
                        request.get("path").asString(""),
                        request.get("body"));
            }
        }
    }

    private static void answer(Client client, String method, String path, JsonNode body)
            throws IOException, InterruptedException {
        if (path.startsWith("/api/v0/instances/bid_price/")) second(client);
        Client.Answer answer = client.ask(method, path, body.toString());
        String name = method + " " + path;
        if (path.startsWith("/results/")) {
            // The first question is too early; a number that we gave nobody is never there.
            assertThat(answer.status()).isEqualTo(404);
            boolean given = path.matches("/results/[12]\\.log");
            assertThat(client.ask(method, path, "").status()).as(name).isEqualTo(given ? 200 : 404);
            return;
        }
        int expected = path.contains("after_token=bogus") ? 400 : MISTAKES.getOrDefault(name, 200);
        assertThat(answer.status()).as("%s: %s", name, answer.text()).isEqualTo(expected);
        assertThat(answer.type()).isEqualTo("application/json");
        if (expected != 200) {
            assertThat(answer.json().propertyNames()).contains("success", "error", "msg");
            return;
        }
        SHAPES.entrySet().stream()
                .filter(shape -> name.startsWith(shape.getKey()))
                .max(Map.Entry.comparingByKey(java.util.Comparator.comparingInt(String::length)))
                .ifPresent(shape ->
                        assertThat(answer.json().propertyNames()).as(name).containsAll(shape.getValue()));
    }

    /// The record lacks how the second instance, a bid, came about.
    private static void second(Client client) throws IOException, InterruptedException {
        JsonNode offer = client.post("/api/v0/bundles/", "{\"type\":\"bid\",\"rentable\":{\"eq\":true}}")
                .path("offers")
                .path(0);
        double price = offer.get("min_bid").doubleValue() * 1.5;
        JsonNode made = client.put(
                "/api/v0/asks/" + offer.get("id") + "/",
                "{\"image\":\"pytorch/pytorch\",\"disk\":10,\"price\":" + price + "}");
        assertThat(made.get("new_contract").longValue()).isEqualTo(20_000_002);
    }
}
