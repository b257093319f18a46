package dev.muster.edge.vastsim;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What is not simulated: lists are empty, orders are refused with a reason.
final class OddRoutes {
    private OddRoutes() {}

    static List<Route> all() {
        List<Route> routes = new ArrayList<>();
        routes.add(list("audit_logs", Json.array()));
        routes.add(list("commands/schedule_job", Json.array()));
        routes.add(list("users/cloud_integrations", Json.array()));
        routes.add(list("notification-types", Json.array()));
        routes.add(list("webhooks", Json.array()));
        routes.add(list("subaccounts", Json.success().set("users", Json.array())));
        routes.add(list("users/me/ipaddrs", Json.success().set("results", Json.array())));
        routes.add(list("machines", Json.success().set("machines", Json.array())));
        routes.add(list("auth/apikeys", Json.success().set("apikeys", Json.array())));
        routes.add(list("tfa/status", Json.success().put("tfa_enabled", false).set("methods", Json.array())));
        for (String path : List.of("commands/copy_direct", "commands/rsync")) {
            routes.add(refused("PUT", path));
            routes.add(refused("DELETE", path));
        }
        routes.add(refused("POST", "commands/rclone"));
        routes.add(refused("POST", "volumes/copy"));
        routes.add(refused("POST", "instances/take_snapshot/{id}"));
        routes.add(refused("PUT", "instances/update_template/{id}"));
        routes.add(refused("POST", "auth/apikeys"));
        routes.add(refused("GET", "auth/apikeys/{id}"));
        routes.add(refused("DELETE", "auth/apikeys/{id}"));
        routes.add(refused("POST", "webhooks"));
        return routes;
    }

    private static Route list(String path, JsonNode empty) {
        return new Route("GET", 0, path, 0, false, call -> Reply.json(200, empty));
    }

    private static Route refused(String method, String path) {
        return new Route(method, 0, path, 0, false, call -> {
            throw new Refusal(400, "not_simulated", method + " " + path + " is not simulated");
        });
    }
}
