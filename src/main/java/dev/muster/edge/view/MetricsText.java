package dev.muster.edge.view;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Desired;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Model;
import dev.muster.core.state.Node;
import dev.muster.edge.swarm.Counters;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// `GET /metrics`: the cluster and this node in Prometheus' text format 0.0.4.
///
/// Names are `muster_<noun>_<unit>`, in base units, shares as ratios of 1; counters end in `_total`. No label has a
/// value per job or task: such series would never end. The `ringrift_*` names are the runbooks' and mean what they
/// meant there.
public final class MetricsText {
    private final StringBuilder text = new StringBuilder(4096);

    private MetricsText() {}

    public static String render(
            Picture picture, Soft.Telemetry own, String version, Map<Integer, Long> answersByStatus) {
        MetricsText metrics = new MetricsText();
        metrics.mesh(picture, version);
        metrics.nodes(picture, own);
        metrics.work(picture.state());
        metrics.models(picture);
        metrics.loops(picture.state());
        metrics.answers(answersByStatus);
        return metrics.text.toString();
    }

    /// What this node's artifact port and its fetches did.
    public static String transfers(Counters.Figures figures) {
        MetricsText metrics = new MetricsText();
        metrics.count("muster_artifact_received_bytes_total", "Of files, received.", figures.bytesIn());
        metrics.count("muster_artifact_sent_bytes_total", "Of files, sent.", figures.bytesOut());
        metrics.count("muster_artifact_chunks_total", "Chunks received and verified.", figures.chunks());
        metrics.count("muster_artifact_corrupt_chunks_total", "Chunks received with another hash.", figures.corrupt());
        metrics.count("muster_artifact_chunks_twice_total", "Chunks received once more.", figures.twice());
        metrics.count("muster_artifact_uploads_refused_total", "Requests told to come back.", figures.refused());
        return metrics.text.toString();
    }

    private void count(String name, String help, long value) {
        head(name, "counter", help);
        line(name, value);
    }

    private void mesh(Picture picture, String version) {
        var standing = picture.standing();
        VoterView voters = VoterView.of(picture);
        head("muster_info", "gauge", "The program that answers.");
        line("muster_info", 1, "node", picture.self().name(), "version", version);
        one("muster_uptime_seconds", "Since this agent started.", seconds(standing.startedAt(), picture));
        one("muster_leader", "1 where this node leads.", standing.leading() ? 1 : 0);
        one("muster_term", "Raft's term.", standing.term());
        one("muster_revision", "Events applied to the state.", picture.state().revision());
        one("muster_state_age_seconds", "Since the state was known to be current.", seconds(standing.asOf(), picture));
        one(
                "muster_read_only",
                "1 while orders cannot be given.",
                standing.readOnly().isPresent() ? 1 : 0);
        one(
                "muster_voters",
                "Configured voters.",
                picture.state().fleet().voters().size());
        one("muster_voters_alive", "Configured voters known to be alive.", voters.alive());
        one("muster_voters_quorum", "Voters that must be alive.", voters.quorum());
    }

    private void nodes(Picture picture, Soft.Telemetry own) {
        Map<String, Map<Desired, Integer>> counts = new TreeMap<>();
        int active = 0;
        for (Node node : picture.state().fleet().nodes().values()) {
            Picture.Life life = picture.life(node);
            if (life == Picture.Life.ALIVE && !node.id().equals(picture.self())) active++;
            counts.computeIfAbsent(lower(life.name()), any -> new TreeMap<>()).merge(node.desired(), 1, Integer::sum);
        }
        head("muster_nodes", "gauge", "Nodes by what is known of them and what a person wants of them.");
        counts.forEach((life, byDesired) -> byDesired.forEach(
                (desired, count) -> line("muster_nodes", count, "life", life, "desired", lower(desired.name()))));
        one("ringrift_p2p_active_peers", "Other nodes that are alive.", active);
        share("muster_node_cpu_ratio", "This node's processors in use.", own.cpuShare());
        share("muster_node_memory_ratio", "This node's memory in use.", own.memoryShare());
        share("muster_node_disk_ratio", "This node's disk in use.", own.diskShare());
        share("muster_node_gpu_ratio", "This node's GPUs in use.", own.gpuShare());
        share("muster_node_gpu_memory_ratio", "This node's GPU memory in use.", own.gpuMemoryShare());
        if (own.diskFreeBytes() >= 0) {
            one("muster_node_disk_free_bytes", "Free where this node's data lies.", own.diskFreeBytes());
        }
    }

    private void work(ClusterState state) {
        one(
                "muster_jobs_open",
                "Jobs that have not ended.",
                state.work().jobs().size() - state.work().derived().ended().size());
        one("muster_tasks_waiting", "Tasks to be placed.", state.work().waitingCount());
        head("muster_attempts_active", "gauge", "Attempts placed or running, by kind.");
        for (JobKind kind : JobKind.values()) {
            line("muster_attempts_active", state.work().activeOf(kind), "kind", lower(kind.name()));
        }
        one(
                "ringrift_selfplay_jobs_total",
                "Selfplay attempts placed or running.",
                state.work().activeOf(JobKind.SELFPLAY));
        one(
                "muster_artifacts",
                "Files known to the cluster.",
                state.files().artifacts().size());
        long bytes = state.files().artifacts().values().stream()
                .mapToLong(Artifact::size)
                .sum();
        one("muster_artifacts_bytes", "Their sizes together, each counted once.", bytes);
    }

    private void models(Picture picture) {
        var models = picture.state().models().models().values();
        head("muster_model_generation", "gauge", "The loop's generation that made the current model; 0 by hand.");
        for (Model model : models)
            line(
                    "muster_model_generation",
                    model.current().generation(),
                    "config",
                    model.config().name());
        head("muster_model_promoted_timestamp_seconds", "gauge", "When the pointer last moved.");
        for (Model model : models) {
            line(
                    "muster_model_promoted_timestamp_seconds",
                    model.current().at().getEpochSecond(),
                    "config",
                    model.config().name());
        }
        head("muster_model_elo", "gauge", "The current model's rating; a random player's is 400.");
        for (Model model : models) {
            RatingRow.current(picture, model.config())
                    .ifPresent(elo -> line(
                            "muster_model_elo", elo, "config", model.config().name()));
        }
        head("ringrift_model_elo", "gauge", "The same under the runbooks' name.");
        for (Model model : models) {
            RatingRow.current(picture, model.config())
                    .ifPresent(elo -> line(
                            "ringrift_model_elo", elo, "config", model.config().name()));
        }
        head("muster_model_holders", "gauge", "Nodes that verifiably hold the current model.");
        for (Model model : models) {
            line(
                    "muster_model_holders",
                    ModelRow.of(picture, model).holders(),
                    "config",
                    model.config().name());
        }
    }

    private void loops(ClusterState state) {
        var loops = state.loops().loops().values();
        head("muster_loop_running", "gauge", "1 while the loop runs.");
        for (Loop loop : loops)
            line(
                    "muster_loop_running",
                    loop.running() ? 1 : 0,
                    "config",
                    loop.config().name());
        head("muster_loop_generation", "gauge", "The loop's current turn.");
        for (Loop loop : loops)
            line(
                    "muster_loop_generation",
                    loop.generation(),
                    "config",
                    loop.config().name());
        head("muster_loop_stage", "gauge", "1 for the stage the loop is in.");
        for (Loop loop : loops) {
            line(
                    "muster_loop_stage",
                    1,
                    "config",
                    loop.config().name(),
                    "stage",
                    lower(loop.stage().name()));
        }
        head("muster_loop_stage_failures", "gauge", "Failures of the current stage in a row.");
        for (Loop loop : loops)
            line(
                    "muster_loop_stage_failures",
                    loop.failures(),
                    "config",
                    loop.config().name());
    }

    private void answers(Map<Integer, Long> byStatus) {
        head("muster_http_answers_total", "counter", "HTTP answers since the agent started, by status.");
        new TreeMap<>(byStatus)
                .forEach((status, count) -> line("muster_http_answers_total", count, "status", status.toString()));
    }

    private void head(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void one(String name, String help, double value) {
        head(name, "gauge", help);
        line(name, value);
    }

    private void share(String name, String help, double value) {
        if (!Double.isNaN(value)) one(name, help, value);
    }

    private void line(String name, double value, String... labels) {
        text.append(name);
        for (int index = 0; index < labels.length; index += 2) {
            text.append(index == 0 ? '{' : ',').append(labels[index]).append("=\"");
            text.append(labels[index + 1]
                            .replace("\\", "\\\\")
                            .replace("\"", "\\\"")
                            .replace("\n", "\\n"))
                    .append('"');
        }
        if (labels.length > 0) text.append('}');
        text.append(' ').append(number(value)).append('\n');
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private static double seconds(Instant since, Picture picture) {
        return Math.max(0, Duration.between(since, picture.now()).toMillis() / 1000.0);
    }

    private static String lower(String word) {
        return word.toLowerCase(Locale.ROOT);
    }
}
