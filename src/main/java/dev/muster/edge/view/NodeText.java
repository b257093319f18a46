package dev.muster.edge.view;

import dev.muster.core.plan.DiskFloor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Nodes and voters for a terminal.
public final class NodeText {
    /// Attempts of which it is told how long they have not been saved.
    private static final int RISKS_MAX = 8;

    private NodeText() {}

    public static String list(Doc answer, boolean wide) {
        TextTable table = wide
                ? new TextTable(
                        "NODE",
                        "ROLE",
                        "STATUS",
                        "VOTE",
                        ">JOBS",
                        ">CPUS",
                        ">MEMORY",
                        "GPU",
                        ">CPU%",
                        ">MEM%",
                        ">DISK%",
                        ">GPU%",
                        ">HEARD",
                        "GOSSIP",
                        ">UNSAVED",
                        ">ONLY HERE",
                        "ADDRESS")
                : new TextTable("NODE", "ROLE", "STATUS", "VOTE", ">JOBS", ">CPUS", ">MEMORY", "GPU", ">HEARD");
        for (Doc node : answer.list("nodes")) {
            Doc load = node.get("load");
            String jobs = node.number("jobs") + "/" + node.number("jobs_max");
            String cpus = Words.decimal(node.decimal("cpus_held")) + "/" + Words.decimal(node.decimal("cpus"));
            String memory = Words.bytes(node.number("memory_bytes"));
            String heard = Words.seconds(node.decimal("heard_seconds"));
            if (wide) {
                table.row(
                        node.text("id"),
                        lower(node.text("role")),
                        status(node),
                        vote(node),
                        jobs,
                        cpus,
                        memory,
                        gpu(node),
                        Words.percent(load.decimal("cpu_percent")),
                        Words.percent(load.decimal("memory_percent")),
                        Words.percent(load.decimal("disk_percent")),
                        Words.percent(load.decimal("gpu_percent")),
                        heard,
                        gossip(node),
                        unsaved(node.get("at_risk")),
                        node.get("at_risk").number("files") == 0
                                ? ""
                                : Words.bytes(node.get("at_risk").number("bytes")),
                        node.text("host") + ":" + node.text("api_port"));
            } else {
                table.row(
                        node.text("id"),
                        lower(node.text("role")),
                        status(node),
                        vote(node),
                        jobs,
                        cpus,
                        memory,
                        gpu(node),
                        heard);
            }
        }
        for (Doc host : answer.list("declared")) {
            if (host.flag("joined")) continue;
            List<Object> cells = new ArrayList<>(
                    List.of(host.text("id"), lower(host.text("role")), lower(host.text("desired")) + ",not joined"));
            while (cells.size() < (wide ? 16 : 9)) cells.add("");
            table.row(cells.toArray());
        }
        return table.render();
    }

    public static String show(Doc answer, Instant now) {
        Doc node = answer.get("node");
        Doc load = node.get("load");
        String text = new Facts()
                .fact("Node", node.text("id"))
                .fact("Status", status(node))
                .fact("Role", lower(node.text("role")))
                .fact("Votes", vote(node).isEmpty() ? "no" : vote(node))
                .fact(
                        "Address",
                        node.text("host") + ", API " + node.text("api_port") + ", artifacts "
                                + node.text("artifact_port") + ", Raft " + node.text("raft_port"))
                .fact(
                        "Heard",
                        node.has("heard_seconds")
                                ? Words.seconds(node.decimal("heard_seconds")) + " ago"
                                : "unknown: nobody leads")
                .fact("Gossip", gossip(node))
                .fact("Joined", Words.age(node.time("joined_at"), now) + " ago")
                .fact(
                        "CPUs",
                        Words.decimal(node.decimal("cpus_held")) + " of " + Words.decimal(node.decimal("cpus"))
                                + " held, " + Words.percent(load.decimal("cpu_percent")) + " in use")
                .fact(
                        "Memory",
                        Words.bytes(node.number("memory_held_bytes")) + " of "
                                + Words.bytes(node.number("memory_bytes")) + " held, "
                                + Words.percent(load.decimal("memory_percent")) + " in use")
                .fact(
                        "GPUs",
                        gpu(node).isEmpty()
                                ? "none"
                                : node.number("gpus_held") + " of " + gpu(node) + " held, "
                                        + Words.percent(load.decimal("gpu_percent")) + " in use")
                .fact(
                        "Disk",
                        Words.percent(load.decimal("disk_percent")) + " in use"
                                + (load.has("disk_free_bytes")
                                        ? ", " + Words.bytes(load.number("disk_free_bytes")) + " free"
                                        : ""))
                .fact("Jobs", node.number("jobs") + " of at most " + node.number("jobs_max"))
                .fact("At risk", risk(node.get("at_risk")))
                .render();
        return answer.list("attempts").isEmpty() ? text : text + "\n" + JobText.attempts(answer, now);
    }

    /// The longest time of any attempt.
    private static String unsaved(Doc risk) {
        return risk.list("attempts").stream()
                .filter(one -> one.has("seconds"))
                .map(one -> one.decimal("seconds"))
                .flatMapToDouble(seconds -> seconds.stream())
                .boxed()
                .max(Double::compare)
                .map(longest -> Words.seconds(OptionalDouble.of(longest)))
                .orElse("");
    }

    private static String risk(Doc risk) {
        List<String> parts = new ArrayList<>();
        List<Doc> attempts = risk.list("attempts");
        for (Doc one : attempts.subList(0, Math.min(RISKS_MAX, attempts.size())))
            parts.add(one.text("attempt") + " "
                    + (one.has("seconds") ? Words.seconds(one.decimal("seconds")) + " not saved" : "not begun")
                    + (one.number("saved") > 0
                            ? ", " + Words.count(one.number("saved"), "file") + " saved before"
                            : ""));
        if (attempts.size() > RISKS_MAX) parts.add((attempts.size() - RISKS_MAX) + " more attempts");
        long files = risk.number("files");
        if (files > 0)
            parts.add(Words.count(files, "file") + " of " + Words.bytes(risk.number("bytes"))
                    + " that no other node in service holds");
        return parts.isEmpty() ? "nothing" : String.join("; ", parts);
    }

    public static String voters(Doc answer) {
        String first = answer.flag("quorum_ok")
                ? "Quorum: " + answer.number("alive") + " of "
                        + Words.count(answer.list("voters").size(), "voter") + " alive, " + answer.number("quorum")
                        + " needed; leader " + or(answer.text("leader"), "none yet") + ", term " + answer.text("term")
                : "NO QUORUM: " + answer.number("alive") + " of "
                        + Words.count(answer.list("voters").size(), "voter") + " alive, " + answer.number("quorum")
                        + " needed; the cluster is read-only, running jobs go on";
        TextTable table =
                new TextTable("VOTER", "STATUS", "ROLE", "ADDRESS", ">BEHIND", ">DISK FREE", "VERSION", "READINESS");
        for (Doc voter : answer.list("voters")) {
            String change =
                    voter.flag("votes") == voter.flag("wanted") ? "" : voter.flag("wanted") ? ", joining" : ", leaving";
            table.row(
                    voter.text("id"),
                    voterLife(voter) + change,
                    voter.flag("leader") ? "leader" : "follower",
                    or(voter.text("api"), "-"),
                    or(voter.text("behind"), "-"),
                    voter.has("disk_free_bytes") ? Words.bytes(voter.number("disk_free_bytes")) : "-",
                    or(voter.text("version"), "-"),
                    voter.text("readiness"));
        }
        return first + "\n\n" + table.render();
    }

    /// `alive`, or `not heard from for 12s`.
    public static String voterLife(Doc voter) {
        if (voter.flag("alive")) return "alive";
        return voter.has("heard_seconds")
                ? "not heard from for " + Words.seconds(voter.decimal("heard_seconds"))
                : "never heard from";
    }

    /// What a person wants and what is seen, in one word each where both matter.
    static String status(Doc node) {
        return status(lower(node.text("desired")), lower(node.text("life")), node.get("load"));
    }

    /// The same for a page.
    public static String status(NodeRow node) {
        Long free = node.load().diskFreeBytes();
        return status(
                lower(node.desired().name()),
                lower(node.life().name()),
                free == null ? OptionalLong.empty() : OptionalLong.of(free));
    }

    static String status(String desired, String life, Doc load) {
        boolean known = load.has("disk_free_bytes");
        return status(desired, life, known ? OptionalLong.of(load.number("disk_free_bytes")) : OptionalLong.empty());
    }

    /// A node that is alive and may work, but whose disk keeps it from it, says so.
    private static String status(String desired, String life, OptionalLong free) {
        if (!life.equals("alive")) return desired.equals("ready") ? life : desired + "," + life;
        return desired + (free.isEmpty() ? "" : disk(free.getAsLong()));
    }

    private static String disk(long free) {
        if (free < DiskFloor.DEFAULT.reserve()) return ",disk full";
        return free < DiskFloor.DEFAULT.work() ? ",short of disk" : "";
    }

    private static String vote(Doc node) {
        if (node.flag("leader")) return "leader";
        return node.flag("voter") ? "voter" : "";
    }

    private static String gpu(Doc node) {
        long gpus = node.number("gpus");
        if (gpus == 0) return "";
        return gpus + "x " + or(node.text("gpu_name"), "GPU") + " " + Words.bytes(node.number("gpu_memory_bytes"));
    }

    /// `alive`, or `dead 12s`: what the other nodes find.
    static String gossip(Doc node) {
        if (!node.has("gossip")) return "";
        Doc gossip = node.get("gossip");
        String opinion = gossip.text("opinion");
        return opinion.equals("alive") ? opinion : opinion + " " + Words.seconds(gossip.decimal("seconds"));
    }

    static String lower(String word) {
        return word.toLowerCase(Locale.ROOT);
    }

    static String or(String text, String absent) {
        return text.isEmpty() ? absent : text;
    }
}
