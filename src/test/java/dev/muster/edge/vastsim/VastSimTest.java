package dev.muster.edge.vastsim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What is known of the wire, fact by fact.
class VastSimTest {
    /// The documents' example of an offer, key by key.
    private static final String OFFER =
            "id ask_contract_id bundle_id bundled_results bw_nvlink compute_cap cpu_arch cpu_cores"
                    + " cpu_cores_effective cpu_ghz cpu_name cpu_ram credit_discount_max cuda_max_good direct_port_count"
                    + " disk_bw disk_name disk_space dlperf dlperf_per_dphtotal dph_base dph_total driver_version"
                    + " driver_vers duration end_date external flops_per_dphtotal geolocation geolocode gpu_arch"
                    + " gpu_display_active gpu_frac gpu_ids gpu_lanes gpu_mem_bw gpu_name gpu_ram gpu_total_ram"
                    + " gpu_max_power gpu_max_temp has_avx host_id hosting_type hostname inet_down inet_down_cost inet_up"
                    + " inet_up_cost is_bid logo machine_id min_bid mobo_name num_gpus os_version pci_gen pcie_bw"
                    + " public_ipaddr reliability reliability_mult rentable rented score start_date static_ip storage_cost"
                    + " storage_total_cost total_flops verification vericode vram_costperhour webpage vms_enabled"
                    + " expected_reliability is_vm_deverified resource_type cluster_id avail_vol_ask_id avail_vol_dph"
                    + " avail_vol_size nw_disk_min_bw nw_disk_max_bw nw_disk_avg_bw rn dph_total_adj reliability2"
                    + " discount_rate discounted_hourly discounted_dph_total search instance time_remaining"
                    + " time_remaining_isbid internet_up_cost_per_tb internet_down_cost_per_tb";

    /// The documents' examples of an instance, and what the command line prints besides.
    private static final String INSTANCE =
            "id actual_status intended_status cur_state next_state label template_id template_hash_id"
                    + " template_name image_uuid image_args image_runtype extra_env onstart jupyter_token status_msg"
                    + " local_ipaddrs ssh_host ssh_idx ssh_port machine_dir_ssh_port machine_id bundle_id start_date"
                    + " end_date uptime_mins duration cpu_arch cpu_cores cpu_cores_effective cpu_name cpu_ram cpu_util"
                    + " mem_limit mem_usage vmem_usage gpu_name gpu_arch gpu_totalram gpu_ram gpu_util gpu_temp gpu_frac"
                    + " gpu_lanes gpu_mem_bw bw_nvlink disk_name disk_space disk_bw disk_util disk_usage direct_port_count"
                    + " direct_port_start direct_port_end static_ip public_ipaddr geolocation verification rentable"
                    + " host_id hosting_type min_bid is_bid dph_base dph_total dlperf dlperf_per_dphtotal"
                    + " flops_per_dphtotal total_flops score reliability2 os_version mobo_name pci_gen pcie_bw num_gpus"
                    + " logo webpage search instance storage_cost storage_total_cost vram_costperhour credit_balance"
                    + " credit_discount credit_discount_max client_run_time host_run_time external time_remaining"
                    + " time_remaining_isbid country_code volume_info inet_up inet_down inet_up_cost inet_down_cost"
                    + " inet_up_billed inet_down_billed compute_cap cuda_max_good driver_version driver_vers cpu_ghz"
                    + " has_avx gpu_display_active geolocode";

    private final Client client = Client.calm();

    @AfterEach
    void end() {
        client.close();
    }

    @Test
    void anOfferHasExactlyTheDocumentedKeys() throws Exception {
        JsonNode offer = client.offer();
        assertThat(names(offer)).containsExactlyInAnyOrder(OFFER.split(" "));
        assertThat(names(offer.get("search")))
                .containsExactlyInAnyOrder(
                        "gpuCostPerHour", "diskHour", "totalHour", "discountTotalHour", "discountedTotalPerHour");
        assertThat(offer.get("dph_total").doubleValue())
                .isCloseTo(
                        offer.get("dph_base").doubleValue()
                                + offer.get("storage_total_cost").doubleValue(),
                        within(1e-9));
    }

    @Test
    void anInstanceHasExactlyTheDocumentedKeysAndPortsOnlyWhileItRuns() throws Exception {
        long id = client.rent(",\"label\":\"a\",\"env\":{\"DOG\":\"CAT\",\"-p 70001:70001\":\"1\"}");
        JsonNode row = client.instance(id);
        assertThat(names(row)).containsExactlyInAnyOrder(INSTANCE.split(" "));
        assertThat(row.get("extra_env").toString()).isEqualTo("[[\"DOG\",\"CAT\"],[\"-p 70001:70001\",\"1\"]]");
        assertThat(row.get("instance").get("gpuCostPerHour").doubleValue()).isZero();
        client.pass(2000);
        JsonNode running = client.instance(id);
        assertThat(running.get("actual_status").asString("")).isEqualTo("running");
        List<String> more = new ArrayList<>(List.of(INSTANCE.split(" ")));
        more.add("ports");
        assertThat(names(running)).containsExactlyInAnyOrderElementsOf(more);
        JsonNode port = running.path("ports").path("22/tcp").path(0).path("HostPort");
        assertThat(port.isString()).isTrue();
        assertThat(running.path("ports").has("70001/tcp")).isTrue();
        assertThat(running.get("instance").get("totalHour").doubleValue())
                .isCloseTo(running.get("dph_total").doubleValue(), within(1e-9));
    }

    @Test
    void anUnknownInstanceIsNullAndNotAnError() throws Exception {
        assertThat(client.get("/api/v0/instances/1/?owner=me").toString()).isEqualTo("{\"instances\":null}");
    }

    @Test
    void numbersMayBeStringsAndCountriesAreTwoLetters() throws Exception {
        JsonNode offers = client.post(
                        "/api/v0/bundles/",
                        "{\"geolocation\":{\"in\":[\"US\",\"SE\"]},\"gpu_ram\":{\"gte\":\"20000\"},\"verified\":{\"eq\":true},"
                                + "\"external\":{\"eq\":false},\"num_gpus\":{\"eq\":\"1\"},\"order\":[[\"dph_total\",\"desc\"]]}")
                .get("offers");
        assertThat(offers.size()).isPositive();
        double last = Double.MAX_VALUE;
        for (JsonNode offer : offers) {
            assertThat(offer.get("geolocation").asString("")).matches(".*, (US|SE)");
            assertThat(offer.get("gpu_ram").intValue()).isGreaterThanOrEqualTo(20_000);
            assertThat(offer.get("num_gpus").intValue()).isEqualTo(1);
            assertThat(offer.get("external").isNull()).isTrue();
            assertThat(offer.get("dph_total").doubleValue()).isLessThanOrEqualTo(last);
            last = offer.get("dph_total").doubleValue();
        }
    }

    @Test
    void aSearchGivesAtMostSixtyFourRowsByScore() throws Exception {
        JsonNode offers = client.post("/api/v0/bundles/", "{\"limit\":1000}").get("offers");
        assertThat(offers.size()).isEqualTo(64);
        assertThat(offers.get(0).get("score").doubleValue())
                .isGreaterThan(offers.get(63).get("score").doubleValue());
    }

    @Test
    void aFilterOnIdMatchesNothingAndAnUnknownOperatorIsAnError() throws Exception {
        long ask = client.offer().get("id").longValue();
        assertThat(client.post("/api/v0/bundles/", "{\"id\":{\"eq\":" + ask + "}}")
                        .get("offers")
                        .size())
                .isZero();
        assertThat(client.post("/api/v0/bundles/", "{\"ask_contract_id\":{\"eq\":" + ask + "}}")
                        .get("offers")
                        .size())
                .isEqualTo(1);
        assertThat(client.ask("POST", "/api/v0/bundles/", "{\"num_gpus\":{\"like\":1}}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void theTypeOfAnAnswerHasNoCharsetAndSlashesAtTheEndDoNotMatter() throws Exception {
        for (String path : List.of("/api/v0/bundles", "/api/v0/bundles/")) {
            Client.Answer answer = client.ask("POST", path, "{}");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.type()).isEqualTo("application/json");
        }
    }

    @Test
    void theKeyIsTakenFromTheHeaderOrFromTheQuery() throws Exception {
        String path = "/api/v0/users/current";
        assertThat(client.ask("GET", path + "?api_key=testkey", "{}", Optional.empty())
                        .status())
                .isEqualTo(200);
        refused(client.ask("GET", path, "{}", Optional.empty()), 403, "login");
        refused(client.ask("GET", path, "{}", Optional.of("no")), 404, "Invalid user key");
        assertThat(client.ask("GET", "/api/v0/gpu_names/unique/", "", Optional.empty())
                        .status())
                .isEqualTo(200);
        client.post("/sim/key", "{\"state\":\"expired\"}");
        refused(client.ask("GET", path, "{}"), 404, "Session expired");
        client.post("/sim/key", "{\"state\":\"good\"}");
        assertThat(client.ask("GET", path, "{}").status()).isEqualTo(200);
        assertThat(client.ask("GET", "/sim", "{}", Optional.of("no")).status()).isEqualTo(404);
    }

    @Test
    void aSecondOrderForAnOfferIsToldThatItIsGone() throws Exception {
        long ask = client.offer().get("id").longValue();
        String body = "{\"image\":\"a\",\"disk\":10,\"cancel_unavail\":true}";
        client.put("/api/v0/asks/" + ask + "/", body);
        refused(client.ask("PUT", "/api/v0/asks/" + ask + "/", body), 410, "no_such_ask");
        refused(client.ask("PUT", "/api/v0/asks/1/", body), 404, "no_such_ask");
        refused(client.ask("PUT", "/api/v0/asks/" + ask + "/", "{\"image\":\"a\",\"disk\":1}"), 400, "disk");
    }

    @Test
    void aBidThatIsTooLowIsAnErrorThatNamesTheInstanceItLeft() throws Exception {
        long ask = client.offer().get("id").longValue();
        Client.Answer answer =
                client.ask("PUT", "/api/v0/asks/" + ask + "/", "{\"image\":\"a\",\"disk\":10,\"price\":0.0011}");
        refused(answer, 400, "below");
        JsonNode left = client.instance(answer.json().get("new_contract").longValue());
        assertThat(left.get("cur_state").asString("")).isEqualTo("stopped");
        assertThat(left.get("is_bid").booleanValue()).isTrue();
    }

    @Test
    void aStartThatWaitsIsSuccessFalseWithStatus200() throws Exception {
        long id = client.rent("");
        client.pass(2000);
        client.put("/api/v0/instances/" + id + "/", "{\"state\":\"stopped\"}");
        client.pass(60);
        client.post("/sim/instances/" + id + "/outbid", "{\"hours\":2}");
        JsonNode answer = client.put("/api/v0/instances/" + id + "/", "{\"state\":\"running\"}");
        assertThat(answer.get("success").booleanValue()).isFalse();
        assertThat(answer.get("msg").asString(""))
                .isEqualTo("Required resources are currently unavailable, state change queued.");
    }

    @Test
    void listsComeInPagesOf25WithTokens() throws Exception {
        List<Long> rented = new ArrayList<>();
        JsonNode offers = client.post("/api/v0/bundles/", "{\"num_gpus\":{\"eq\":1},\"rentable\":{\"eq\":true}}")
                .get("offers");
        for (JsonNode offer : offers) {
            if (rented.size() == 30) break;
            String body = "{\"image\":\"a\",\"disk\":10,\"label\":\"" + (rented.size() < 3 ? "x" : "") + "\"}";
            rented.add(client.put("/api/v0/asks/" + offer.get("id") + "/", body)
                    .get("new_contract")
                    .longValue());
        }
        List<Long> listed = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = client.get("/api/v1/instances/?limit=25" + token);
            assertThat(page.get("total_instances").intValue()).isEqualTo(30);
            assertThat(page.get("label_counts").toString()).contains("\"x\":3", "\"\":27");
            page.get("instances").forEach(row -> listed.add(row.get("id").longValue()));
            token = page.get("next_token").isNull()
                    ? ""
                    : "&after_token=" + encoded(page.get("next_token").asString(""));
        } while (!token.isEmpty());
        assertThat(listed).isEqualTo(rented);
        JsonNode labelled = client.get("/api/v1/instances/?select_filters=" + encoded("{\"label\":{\"eq\":\"x\"}}"));
        assertThat(labelled.get("instances").size()).isEqualTo(3);
        refused(client.ask("GET", "/api/v1/instances/?after_token=bogus", "{}"), 400, "token");
        refused(client.ask("GET", "/api/v1/instances/?select_filters=%7B", "{}"), 400, "JSON");
    }

    @Test
    void chargesAndCreditAgree() throws Exception {
        double before = client.get("/api/v0/users/current").get("credit").doubleValue();
        long id = client.rent("");
        client.pass(7200);
        client.post("/sim/instances/" + id + "/usage", "{\"down_bytes\":123456789,\"up_bytes\":5000}");
        client.delete("/api/v0/instances/" + id + "/");
        client.pass(2);
        double after = client.get("/api/v0/users/current").get("credit").doubleValue();
        JsonNode charge = client.get("/api/v0/charges/?latest_first=false&limit=20&format=table")
                .get("results")
                .get(0);
        assertThat(names(charge))
                .containsExactlyInAnyOrder(
                        "start", "end", "type", "source", "description", "amount", "metadata", "items");
        assertThat(charge.get("source").asString("")).isEqualTo("instance-" + id);
        assertThat(before - after).isPositive().isCloseTo(charge.get("amount").doubleValue(), within(1e-9));
        double items = 0;
        for (JsonNode item : charge.get("items")) items += item.get("amount").doubleValue();
        assertThat(items).isCloseTo(charge.get("amount").doubleValue(), within(1e-9));
        JsonNode volumes = client.get("/api/v0/charges/?select_filters=" + encoded("{\"type\":{\"in\":[\"volume\"]}}"));
        assertThat(volumes.get("total").intValue()).isZero();
        JsonNode invoice = client.get("/api/v1/invoices/").get("results").get(0);
        assertThat(invoice.get("amount").doubleValue()).isEqualTo(-100);
        JsonNode wrong = client.get("/api/v1/invoices/?select_filters=" + encoded("{\"when\":{\"gte\":5,\"lte\":4}}"));
        assertThat(wrong.get("msg").asString("")).isEqualTo("Invalid date range");
    }

    @Test
    void aFaultIsMetAsOftenAsItWasAskedFor() throws Exception {
        client.post("/sim/faults", "{\"endpoint\":\"GET /api/v0/users/\",\"times\":2,\"status\":503}");
        refused(client.ask("GET", "/api/v0/users/current", "{}"), 503, "injected");
        assertThat(client.ask("GET", "/api/v0/ssh/", "{}").status()).isEqualTo(200);
        assertThat(client.ask("GET", "/api/v0/users/current", "{}").status()).isEqualTo(503);
        assertThat(client.ask("GET", "/api/v0/users/current", "{}").status()).isEqualTo(200);
        client.post("/sim/faults", "{\"status\":502,\"body\":\"<html>Bad gateway</html>\"}");
        Client.Answer html = client.ask("GET", "/api/v0/ssh/", "{}");
        assertThat(html.type()).isEqualTo("text/html");
        assertThat(html.status()).isEqualTo(502);
    }

    @Test
    void aFaultThatNobodyKnowsIsRefusedByName() throws Exception {
        refused(client.ask("POST", "/sim/faults", "{\"status\":503,\"delay\":5,\"path\":\"/\"}"), 400, "delay, path");
        assertThat(client.get("/sim/faults").get("faults").size()).isZero();
    }

    @Test
    void anAnswerCanBeLostAfterAllWasDone() throws Exception {
        long ask = client.offer().get("id").longValue();
        client.post("/sim/faults", "{\"endpoint\":\"PUT /api/v0/asks/\",\"drop\":\"after\"}");
        assertThatThrownBy(() -> client.ask(
                        "PUT", "/api/v0/asks/" + ask + "/", "{\"image\":\"a\",\"disk\":10,\"label\":\"lost\"}"))
                .isInstanceOf(IOException.class);
        JsonNode found = client.get("/api/v1/instances/?select_filters=" + encoded("{\"label\":{\"eq\":\"lost\"}}"));
        assertThat(found.get("instances").size()).isEqualTo(1);
        client.post("/sim/faults", "{\"endpoint\":\"PUT /api/v0/asks/\",\"drop\":\"before\"}");
        long other = client.offer().get("id").longValue();
        assertThatThrownBy(() -> client.ask(
                        "PUT", "/api/v0/asks/" + other + "/", "{\"image\":\"a\",\"disk\":10,\"label\":\"never\"}"))
                .isInstanceOf(IOException.class);
        JsonNode none = client.get("/api/v1/instances/?select_filters=" + encoded("{\"label\":{\"eq\":\"never\"}}"));
        assertThat(none.get("instances").size()).isZero();
    }

    @Test
    void everyErrorIsAnObjectWithAMessage() throws Exception {
        refused(client.ask("GET", "/api/v0/nonsense/", "{}"), 404, "nonsense");
        refused(client.ask("POST", "/api/v0/bundles/", "{"), 400, "JSON");
        refused(client.ask("POST", "/api/v0/bundles/", "[]"), 400, "object");
        refused(client.ask("DELETE", "/api/v0/instances/1/", "{}"), 404, "no_such_instance");
        refused(client.ask("PUT", "/api/v0/instances/1/", "{\"state\":\"gone\"}"), 400, "gone");
        refused(
                client.ask("PUT", "/api/v0/instances/bid_price/" + client.rent("") + "/", "{\"price\":0.1}"),
                400,
                "bid");
        refused(
                client.ask("PUT", "/api/v0/instances/accept-price-increase/", "{\"pending_price_increase_id\":1}"),
                404,
                "1");
        refused(client.ask("PUT", "/api/v0/instances/accept-price-increase/", "{\"x\":1}"), 400, "exactly");
        refused(
                client.ask("POST", "/api/v0/ssh/", "{\"ssh_key\":\"ssh-rsa AAAA me\\ncommand=x ssh-rsa B\"}"),
                400,
                "key");
        refused(client.ask("POST", "/api/v0/commands/rclone/", "{}"), 400, "not simulated");
        client.post("/sim/credit", "{\"credit\":0}");
        refused(
                client.ask("PUT", "/api/v0/asks/" + client.offer().get("id") + "/", "{\"image\":\"a\"}"),
                400,
                "credit");
    }

    @Test
    void aSloppyServiceIgnoresNumbersAndPadsAddresses() throws Exception {
        long id = client.rent("");
        String many = "{\"num_gpus\":{\"eq\":8},\"rentable\":{\"eq\":true}}";
        assertThat(counts(many)).containsOnly(8);
        client.post("/sim/sloppy", "{\"on\":true}");
        assertThat(counts(many)).contains(1, 8);
        assertThat(client.instance(id).get("public_ipaddr").asString("")).endsWith("\n");
    }

    private Set<Integer> counts(String query) throws Exception {
        Set<Integer> counts = new HashSet<>();
        client.post("/api/v0/bundles/", query)
                .get("offers")
                .forEach(row -> counts.add(row.get("num_gpus").intValue()));
        return counts;
    }

    @Test
    void troublesOnRequestAreSeenInTheStates() throws Exception {
        client.post("/sim/next", "{\"instance\":\"stuck\"}");
        long stuck = client.rent("");
        client.post("/sim/next", "{\"instance\":\"image-error\"}");
        long broken = client.rent("");
        long lost = client.rent("");
        client.pass(5000);
        client.post("/sim/instances/" + lost + "/host-offline", "{}");
        client.post("/sim/instances/" + lost + "/disk-full", "{}");
        client.pass(600);
        assertThat(client.instance(stuck).get("actual_status").asString("")).isEqualTo("loading");
        assertThat(client.instance(broken).get("status_msg").asString("")).containsIgnoringCase("error");
        assertThat(client.instance(lost).get("actual_status").asString("")).isEqualTo("offline");
        assertThat(client.instance(lost).get("disk_util").doubleValue()).isEqualTo(1);
        assertThat(client.get("/sim/happenings").get("happenings").toString()).contains("Failed", "HOST_OFFLINE");
    }

    private static void refused(Client.Answer answer, int status, String words) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.type()).isEqualTo("application/json");
        assertThat(answer.json().get("msg").asString("")).contains(words);
        assertThat(answer.json().get("success").booleanValue()).isFalse();
    }

    private static Set<String> names(JsonNode object) {
        return new HashSet<>(object.propertyNames());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
