package dev.muster.edge.view;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// `muster status` for a terminal.
public final class StatusText {
    private StatusText() {}

    public static String render(Doc status, boolean wide) {
        Instant now = status.time("timestamp").orElse(Instant.EPOCH);
        String readOnly = status.text("read_only");
        Facts facts = new Facts()
                .fact("READ-ONLY", readOnly)
                .fact("Leader", leader(status))
                .fact(
                        "Voters",
                        status.text("voters_alive") + " of "
                                + status.list("voter_node_ids").size() + " alive, " + status.text("voter_quorum_size")
                                + " needed")
                .fact("Nodes", status.text("total_nodes") + ": " + alive(status) + " alive")
                .fact(
                        "Jobs",
                        status.text("open_jobs") + " open: " + status.text("active_jobs") + " tasks placed or running ("
                                + status.text("selfplay_jobs") + " selfplay, " + status.text("training_jobs")
                                + " training), "
                                + status.text("work_queue_size") + " waiting")
                .fact("Alerts", AlertText.sum(status.get("alerts")))
                .fact("Asked", asked(status));
        StringBuilder text = new StringBuilder(facts.render()).append('\n').append(nodes(status, now, wide));
        List<Doc> loops = status.list("loops");
        if (!loops.isEmpty()) text.append('\n').append(ModelText.loops(status, now));
        if (!status.list("models").isEmpty()) text.append('\n').append(ModelText.models(status, false, now));
        return text.toString();
    }

    private static String leader(Doc status) {
        String term = "term " + status.text("term") + ", revision " + status.text("revision");
        return (status.has("leader_id") ? status.text("leader_id") : "none") + " (" + term + ")";
    }

    private static long alive(Doc status) {
        return status.list("nodes").stream()
                .filter(node -> node.flag("is_alive"))
                .count();
    }

    private static String asked(Doc status) {
        long up = (long) status.decimal("uptime_seconds").orElse(0);
        String ready = status.get("self").text("not_ready");
        return status.text("node_id") + ", version " + status.text("version") + ", up "
                + Words.span(Duration.ofSeconds(up)) + (ready.isEmpty() ? "" : ", not ready: " + ready);
    }

    private static String nodes(Doc status, Instant now, boolean wide) {
        TextTable table = wide
                ? new TextTable(
                        "NODE", "ROLE", "STATUS", "VOTE", ">JOBS", "GPU", ">CPU%", ">MEM%", ">DISK%", ">GPU%", ">HEARD",
                        "GOSSIP", "ADDRESS")
                : new TextTable("NODE", "ROLE", "STATUS", "VOTE", ">JOBS", "GPU", ">CPU%", ">DISK%", ">HEARD");
        for (Doc node : status.list("nodes")) {
            Doc load = node.get("load");
            String vote = node.text("node_id").equals(status.text("leader_id"))
                    ? "leader"
                    : node.flag("voter") ? "voter" : "";
            String desired = NodeText.lower(node.text("desired"));
            String life = node.text("status");
            String shown = NodeText.status(desired, life, load);
            String jobs = node.text("active_job_count") + "/" + node.text("max_parallel_jobs");
            String cpu = Words.percent(load.decimal("cpu_percent"));
            String disk = Words.percent(load.decimal("disk_percent"));
            String heard = Words.age(node.time("last_heartbeat"), now);
            if (wide) {
                table.row(
                        node.text("node_id"),
                        node.text("role"),
                        shown,
                        vote,
                        jobs,
                        node.text("gpu_name"),
                        cpu,
                        Words.percent(load.decimal("memory_percent")),
                        disk,
                        Words.percent(load.decimal("gpu_percent")),
                        heard,
                        NodeText.gossip(node),
                        node.text("host") + ":" + node.text("port"));
            } else {
                table.row(
                        node.text("node_id"),
                        node.text("role"),
                        shown,
                        vote,
                        jobs,
                        node.text("gpu_name"),
                        cpu,
                        disk,
                        heard);
            }
        }
        return table.render();
    }
}
