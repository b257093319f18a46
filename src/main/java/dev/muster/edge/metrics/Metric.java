package dev.muster.edge.metrics;

import java.util.List;

/// Everything that is served. Names are `muster_<noun>_<unit>` in base units, shares are ratios of 1, and counters end in
/// `_total`. No label has a value per job, run or machine: such series would never end. The `ringrift_*` names are those of
/// the runbooks' dashboard and rules.
public enum Metric {
    INFO("muster_info", Type.GAUGE, Of.NODE, "1; the program that answers.", "node", "version"),
    UPTIME("muster_uptime_seconds", Type.GAUGE, Of.NODE, "Since this agent started."),
    LEADER("muster_leader", Type.GAUGE, Of.NODE, "1 where this node leads."),
    TERM("muster_term", Type.GAUGE, Of.NODE, "Raft's term."),
    REVISION("muster_revision", Type.GAUGE, Of.NODE, "Events applied to the state."),
    STATE_AGE("muster_state_age_seconds", Type.GAUGE, Of.NODE, "Since the state was known to be current."),
    READ_ONLY("muster_read_only", Type.GAUGE, Of.NODE, "1 while orders cannot be given."),
    READY("muster_node_ready", Type.GAUGE, Of.NODE, "1 while this node may take work, as /ready says."),
    CPU("muster_node_cpu_ratio", Type.GAUGE, Of.NODE, "Processors in use; absent where it cannot be read."),
    MEMORY("muster_node_memory_ratio", Type.GAUGE, Of.NODE, "Memory in use; absent where it cannot be read."),
    DISK("muster_node_disk_ratio", Type.GAUGE, Of.NODE, "Of the file system that holds the data, in use."),
    DISK_FREE("muster_node_disk_free_bytes", Type.GAUGE, Of.NODE, "Free on that file system."),
    GPU("muster_node_gpu_ratio", Type.GAUGE, Of.NODE, "GPUs in use; absent without any."),
    GPU_MEMORY("muster_node_gpu_memory_ratio", Type.GAUGE, Of.NODE, "GPU memory in use; absent without any."),
    PROCESSES("muster_node_processes", Type.GAUGE, Of.NODE, "Processes of all attempts here."),
    NODE_ATTEMPTS("muster_node_attempts", Type.GAUGE, Of.NODE, "Attempts placed or running here."),
    NODE_COST("muster_node_cost_dollars_per_hour", Type.GAUGE, Of.NODE, "What this rented machine costs now."),
    RECEIVED("muster_artifact_received_bytes_total", Type.COUNTER, Of.NODE, "Of files, received."),
    SENT("muster_artifact_sent_bytes_total", Type.COUNTER, Of.NODE, "Of files, sent."),
    CHUNKS("muster_artifact_chunks_total", Type.COUNTER, Of.NODE, "Chunks received and verified."),
    CORRUPT("muster_artifact_corrupt_chunks_total", Type.COUNTER, Of.NODE, "Chunks received with another hash."),
    TWICE("muster_artifact_chunks_twice_total", Type.COUNTER, Of.NODE, "Chunks received once more."),
    UPLOADS_REFUSED("muster_artifact_uploads_refused_total", Type.COUNTER, Of.NODE, "Requests told to come back."),
    ANSWERS("muster_http_answers_total", Type.COUNTER, Of.NODE, "HTTP answers since the agent started.", "status"),

    VOTERS("muster_voters", Type.GAUGE, Of.CLUSTER, "Configured voters."),
    VOTERS_ALIVE("muster_voters_alive", Type.GAUGE, Of.CLUSTER, "Configured voters known to be alive."),
    QUORUM("muster_voters_quorum", Type.GAUGE, Of.CLUSTER, "Voters that must be alive."),
    NODES(
            "muster_nodes",
            Type.GAUGE,
            Of.CLUSTER,
            "Nodes by what is known and what is wanted of them.",
            "life",
            "desired"),
    JOBS("muster_jobs_open", Type.GAUGE, Of.CLUSTER, "Jobs that have not ended."),
    WAITING("muster_tasks_waiting", Type.GAUGE, Of.CLUSTER, "Tasks to be placed."),
    ATTEMPTS("muster_attempts_active", Type.GAUGE, Of.CLUSTER, "Attempts placed or running.", "kind"),
    EVENTS("muster_events_total", Type.COUNTER, Of.CLUSTER, "Events since the cluster began.", "event"),
    ARTIFACTS("muster_artifacts", Type.GAUGE, Of.CLUSTER, "Files known to the cluster."),
    ARTIFACT_BYTES("muster_artifacts_bytes", Type.GAUGE, Of.CLUSTER, "Their sizes together, each counted once."),
    GENERATION("muster_model_generation", Type.GAUGE, Of.CLUSTER, "That made the current model; 0 by hand.", "config"),
    PROMOTED(
            "muster_model_promoted_timestamp_seconds",
            Type.GAUGE,
            Of.CLUSTER,
            "When the pointer last moved.",
            "config"),
    ELO("muster_model_elo", Type.GAUGE, Of.CLUSTER, "The current model's rating; a random player's is 400.", "config"),
    HOLDERS("muster_model_holders", Type.GAUGE, Of.CLUSTER, "Nodes that verifiably hold the current model.", "config"),
    LOOP("muster_loop_running", Type.GAUGE, Of.CLUSTER, "1 while the loop runs.", "config"),
    LOOP_GENERATION("muster_loop_generation", Type.GAUGE, Of.CLUSTER, "The loop's current turn.", "config"),
    LOOP_STAGE("muster_loop_stage", Type.GAUGE, Of.CLUSTER, "1 for the stage that the loop is in.", "config", "stage"),
    LOOP_FAILURES("muster_loop_stage_failures", Type.GAUGE, Of.CLUSTER, "Of the current stage, in a row.", "config"),
    GAMES("muster_games_total", Type.COUNTER, Of.CLUSTER, "Games that selfplay told in its results.", "config"),
    RUNS("muster_runs", Type.GAUGE, Of.CLUSTER, "Training runs that are remembered.", "status"),
    INSTANCES("muster_instances", Type.GAUGE, Of.CLUSTER, "Rented machines that are open.", "provider", "phase"),
    COST("muster_cost_dollars_per_hour", Type.GAUGE, Of.CLUSTER, "What rented machines cost now.", "provider"),
    SPENT("muster_spent_dollars", Type.GAUGE, Of.CLUSTER, "Spent since the day and the month began.", "span"),
    CAP("muster_budget_dollars", Type.GAUGE, Of.CLUSTER, "Caps of all machines that are set.", "span"),
    ALERTS("muster_alerts", Type.GAUGE, Of.CLUSTER, "Subjects of alerts that are open.", "rule", "level"),
    NOTICES_OWED(
            "muster_alert_notices_owed",
            Type.GAUGE,
            Of.CLUSTER,
            "Notices that a channel has not taken yet.",
            "channel"),

    PEERS("ringrift_p2p_active_peers", Type.GAUGE, Of.CLUSTER, "Other nodes that are alive."),
    VAST_PEERS("ringrift_p2p_vast_peers", Type.GAUGE, Of.CLUSTER, "Nodes that are alive and rented at Vast."),
    RETIRED_PEERS("ringrift_p2p_retired_peers", Type.GAUGE, Of.CLUSTER, "Nodes that are retired."),
    VAST_RUNNING("ringrift_vast_running_instances", Type.GAUGE, Of.CLUSTER, "Machines at Vast that run."),
    VAST_COST("ringrift_vast_hourly_cost", Type.GAUGE, Of.CLUSTER, "Dollars an hour of machines at Vast."),
    VAST_DAILY("ringrift_vast_daily_cost", Type.GAUGE, Of.CLUSTER, "The same for a day, if they all go on."),
    VAST_GPUS("ringrift_vast_instances_by_gpu", Type.GAUGE, Of.CLUSTER, "Machines at Vast that run.", "gpu_name"),
    SELFPLAY("ringrift_selfplay_jobs_total", Type.GAUGE, Of.CLUSTER, "Selfplay attempts placed or running."),
    SELFPLAY_VAST("ringrift_selfplay_jobs_vast", Type.GAUGE, Of.CLUSTER, "Of these, on machines at Vast."),
    GAMES_GENERATED(
            "ringrift_games_generated_total", Type.COUNTER, Of.CLUSTER, "As muster_games_total, of all configs."),
    GAMES_COMPLETED("ringrift_games_completed_total", Type.COUNTER, Of.CLUSTER, "The same."),
    MODEL_ELO(
            "ringrift_model_elo",
            Type.GAUGE,
            Of.CLUSTER,
            "As muster_model_elo; the board is what the config is called before its `_`.",
            "board_type",
            "model_id"),
    ELO_DRIFT(
            "ringrift_elo_drift_from_baseline",
            Type.GAUGE,
            Of.CLUSTER,
            "The current model's rating less the best of the models before it.",
            "board_type",
            "config"),
    AUTOSCALER("ringrift_autoscaler_events", Type.GAUGE, Of.CLUSTER, "Machines ordered, ended and lost.", "event"),
    ROLLBACKS("ringrift_rollback_triggered_total", Type.COUNTER, Of.CLUSTER, "Models rolled back."),
    ROLLED_BACK("ringrift_rollback_completed_total", Type.COUNTER, Of.CLUSTER, "The same: the pointer moves at once."),
    PROMOTIONS("ringrift_model_promotions_total", Type.COUNTER, Of.CLUSTER, "Models promoted."),
    NODE_UP(
            "ringrift_cluster_node_up",
            Type.GAUGE,
            Of.BOTH,
            "1, as each node tells of itself; 0, as the leader tells of one that is not there.",
            "node",
            "gpu_type"),
    NODE_HOURLY(
            "ringrift_cluster_node_cost_per_hour",
            Type.GAUGE,
            Of.BOTH,
            "Dollars; the leader tells of machines that nobody hears.",
            "node",
            "gpu_type"),
    NODE_GPU("ringrift_cluster_gpu_utilization", Type.GAUGE, Of.NODE, "As muster_node_gpu_ratio.", "node", "gpu_type"),
    NODE_GPU_MEMORY(
            "ringrift_cluster_gpu_memory_used_bytes", Type.GAUGE, Of.NODE, "Of all its cards.", "node", "gpu_type");

    /// As Prometheus has them.
    public enum Type {
        GAUGE,
        COUNTER
    }

    /// Who tells it.
    public enum Of {
        NODE,
        CLUSTER,
        BOTH
    }

    private final String text;
    private final Type type;
    private final Of of;
    private final String help;
    private final List<String> labels;

    Metric(String text, Type type, Of of, String help, String... labels) {
        this.text = text;
        this.type = type;
        this.of = of;
        this.help = help;
        this.labels = List.of(labels);
    }

    /// As it is served.
    public String text() {
        return text;
    }

    public Type type() {
        return type;
    }

    public Of of() {
        return of;
    }

    public String help() {
        return help;
    }

    public List<String> labels() {
        return labels;
    }
}
