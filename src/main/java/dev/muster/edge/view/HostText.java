package dev.muster.edge.view;

import dev.muster.core.hosts.Finding;
import dev.muster.core.hosts.GpuSpec;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.HostRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A file of hosts for a terminal and for programs.
public final class HostText {
    private HostText() {}

    /// One row a host, in the manner of `node list`.
    public static String list(Doc answer, boolean wide) {
        TextTable table = wide
                ? new TextTable(
                        "NODE",
                        "ROLE",
                        "STATUS",
                        ">CPUS",
                        ">MEMORY",
                        "GPU",
                        "ENDPOINT",
                        "FLAGS",
                        "TAILSCALE",
                        "INSTANCE",
                        "REGION",
                        "NOTE")
                : new TextTable("NODE", "ROLE", "STATUS", ">CPUS", ">MEMORY", "GPU", "ENDPOINT", "FLAGS");
        for (Doc node : answer.list("nodes")) {
            List<Object> cells = new ArrayList<>(List.of(
                    node.text("id"),
                    node.text("role"),
                    node.text("status"),
                    Words.decimal(node.decimal("cpus")),
                    node.has("memory_bytes") ? Words.bytes(node.number("memory_bytes")) : "",
                    gpu(node),
                    node.text("endpoint"),
                    String.join(",", node.list("flags").stream().map(Doc::text).toList())));
            if (wide) {
                String instance = node.text("instance");
                cells.add(node.text("tailscale_ip"));
                cells.add(instance.isEmpty() ? "" : node.text("provider") + ":" + instance);
                cells.add(node.text("region"));
                cells.add(node.text("note"));
            }
            table.row(cells.toArray());
        }
        return table.render();
    }

    private static String gpu(Doc node) {
        if (node.number("gpus") == 0) return "";
        String memory = node.has("gpu_memory_bytes") ? " " + Words.bytes(node.number("gpu_memory_bytes")) : "";
        return node.number("gpus") + "x " + node.text("gpu_name") + memory;
    }

    /// @param findings what is wrong with the text
    public static Doc doc(HostFile file, String name, List<Finding> findings) {
        Doc nodes = Doc.of(List.of());
        for (Host host : file.hosts()) nodes = nodes.plus(doc(host, file.votes(host.name())));
        Doc problems = Doc.of(List.of());
        for (Finding found : findings) {
            problems = problems.plus(Doc.object()
                    .with("grade", found.grade().name())
                    .with("kind", found.kind().name())
                    .with("line", (long) found.at().line())
                    .with("column", (long) found.at().column())
                    .with("about", found.about())
                    .with("message", found.message())
                    .with("hint", found.hint()));
        }
        Doc limits = Doc.object();
        for (HostFile.BandwidthLimit limit : file.bandwidth()) {
            limits = limits.with(limit.glob(), limit.megabitsPerSecond());
        }
        return Doc.object()
                .with("file", name)
                .with("nodes", nodes)
                .with(
                        "voters",
                        Doc.of(file.voters().stream().map(HostFile.Voter::name).toList()))
                .with("bandwidth_mbit_per_second", limits)
                .with("problems", problems);
    }

    private static Doc doc(Host host, boolean votes) {
        Host.Reach reach = host.reach();
        GpuSpec gpus = host.machine().gpus();
        List<String> roles = host.work().roles().stream().map(HostRole::word).toList();
        Doc doc = Doc.object()
                .with("id", host.name())
                .with("line", (long) host.at().line())
                .with("role", String.join(",", roles))
                .with("roles", Doc.of(roles))
                .with("status", host.status().shown())
                .with("service", host.status().service().name().toLowerCase(Locale.ROOT))
                .with("in_service", host.inService())
                .with("voter", votes)
                .with("endpoint", endpoint(reach))
                .with("address", reach.address())
                .with("port", (long) reach.port())
                .with("user", reach.user())
                .with("ssh_key", reach.identity())
                .with("ssh_proxy", reach.proxy())
                .with("tailscale_ip", reach.tailscale())
                .with("gpus", (long) gpus.count())
                .with("gpu_name", gpus.name());
        if (gpus.each().isPresent())
            doc = doc.with("gpu_memory_bytes", gpus.each().get().count());
        if (host.machine().cpus().isPresent())
            doc = doc.with("cpus", host.machine().cpus().getAsDouble());
        if (host.machine().memory().isPresent())
            doc = doc.with("memory_bytes", host.machine().memory().get().count());
        if (host.work().jobsMax().isPresent())
            doc = doc.with("jobs_max", (long) host.work().jobsMax().getAsInt());
        return doc.with("path", host.work().path())
                .with("activate", host.work().activate())
                .with("provider", host.rented().provider())
                .with("instance", host.rented().id())
                .with("region", host.rented().region())
                .with("flags", Doc.of(flags(host, votes)))
                .with("note", host.note());
    }

    /// `user@host:port`.
    private static String endpoint(Host.Reach reach) {
        String host = reach.dialled();
        if (host.isEmpty()) return "";
        String user = reach.user().isEmpty() ? "" : reach.user() + "@";
        return user + host + ":" + (reach.port() == Host.NO_PORT ? "?" : reach.port());
    }

    private static List<String> flags(Host host, boolean votes) {
        List<String> flags = new ArrayList<>();
        if (votes) flags.add("voter");
        if (host.reach().nat()) flags.add("nat");
        if (host.reach().relay()) flags.add("relay");
        if (host.machine().ephemeral()) flags.add("ephemeral");
        if (!host.reach().p2p()) flags.add("no-p2p");
        if (!host.work().training()) flags.add("no-training");
        if (!host.work().selfplay()) flags.add("no-selfplay");
        return flags;
    }
}
