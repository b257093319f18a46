package dev.muster.edge.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which environment variable sets which key of `node.yaml`: ours first, then the prior system's under its own names.
public final class Environment {
    /// For one key the first name that is set counts. A number without a unit is seconds where the key is a duration.
    public static final Map<String, List<String>> NAMES = table();

    private Environment() {}

    private static Map<String, List<String>> table() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        names.put("name", List.of("MUSTER_NODE_NAME", "RINGRIFT_NODE_ID"));
        names.put("token", List.of("MUSTER_TOKEN", "RINGRIFT_CLUSTER_AUTH_TOKEN"));
        names.put("token_file", List.of("MUSTER_TOKEN_FILE", "RINGRIFT_CLUSTER_AUTH_TOKEN_FILE"));
        names.put("listen", List.of("MUSTER_LISTEN"));
        names.put(
                "advertise",
                List.of("MUSTER_ADVERTISE_HOST", "RINGRIFT_ADVERTISE_HOST", "RINGRIFT_P2P_ADVERTISE_HOST"));
        names.put("ports.api", List.of("MUSTER_PORT", "RINGRIFT_P2P_PORT"));
        names.put("ports.artifacts", List.of("MUSTER_ARTIFACT_PORT"));
        names.put("ports.raft", List.of("MUSTER_RAFT_PORT"));
        names.put("ports.gossip", List.of("MUSTER_GOSSIP_PORT", "RINGRIFT_P2P_GOSSIP_PORT"));
        names.put("limits.processes", List.of("MUSTER_PROCESS_CAP", "RINGRIFT_RUNAWAY_SELFPLAY_PROCESS_THRESHOLD"));
        names.put("limits.job_grace", List.of("MUSTER_JOB_GRACE", "RINGRIFT_JOB_GRACE_PERIOD"));
        return Map.copyOf(names);
    }

    /// The variable that sets the key.
    static String nameOf(String key, Map<String, String> environment) {
        return NAMES.get(key).stream()
                .filter(name -> !environment.getOrDefault(name, "").isBlank())
                .findFirst()
                .orElseThrow();
    }

    /// What the environment sets, by key.
    static Map<String, String> overrides(Map<String, String> environment) {
        Map<String, String> found = new LinkedHashMap<>();
        NAMES.forEach((key, names) -> names.stream()
                .map(environment::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .ifPresent(value -> found.put(key, value.strip())));
        return found;
    }
}
