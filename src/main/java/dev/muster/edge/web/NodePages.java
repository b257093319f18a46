package dev.muster.edge.web;

import dev.muster.core.state.Desired;
import dev.muster.core.state.Node;
import dev.muster.core.state.Role;
import dev.muster.edge.view.DeclaredRow;
import dev.muster.edge.view.JobRow;
import dev.muster.edge.view.NodeRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.RiskRow;
import dev.muster.edge.view.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// All nodes, and one of them.
public final class NodePages {
    private static final List<String> STATES =
            List.of("alive", "suspect", "fenced", "unknown", "ready", "draining", "retired");
    /// Attempts at risk that are named one by one.
    private static final int RISKS_MAX = 8;

    private NodePages() {}

    public static Page list(Picture picture, Query query) {
        List<Node> matching = picture.nodes().stream()
                .filter(node -> matches(picture, node, query))
                .toList();
        Html list = new Html()
                .put(table(NodeRow.all(picture, query.cut(matching))))
                .put(query.pager("/nodes", matching.size()));
        return Page.of(Section.NODES, "Nodes")
                .still(new Filters("/nodes", query)
                        .choice("state", "State", STATES)
                        .choice(
                                "role",
                                "Role",
                                Arrays.stream(Role.values()).map(Tones::lower).toList())
                        .field("name", "Name contains", "gpu")
                        .html())
                .live("list", "Nodes", list)
                .live("declared", "Machines that have not joined", declared(picture))
                .page();
    }

    private static boolean matches(Picture picture, Node node, Query query) {
        String state = query.get("state");
        boolean such = state.isEmpty()
                || Tones.lower(picture.life(node)).equals(state)
                || Tones.lower(node.desired()).equals(state);
        boolean role = query.get("role").isEmpty() || Tones.lower(node.role()).equals(query.get("role"));
        return such && role && node.id().name().contains(query.get("name").toLowerCase(Locale.ROOT));
    }

    private static Html table(List<NodeRow> nodes) {
        Grid grid = new Grid(
                "Nodes",
                "Node",
                "State",
                "Role",
                "Vote",
                ">Tasks",
                "CPU",
                "Memory",
                "Disk",
                "=GPU",
                "In use",
                ">Heard",
                "=At risk");
        for (NodeRow node : nodes) {
            grid.row("n-" + node.id())
                    .cell(Places.link(node.id()))
                    .cell(Tones.chip(node))
                    .cell(Tones.lower(node.role()))
                    .cell(vote(node))
                    .cell(node.jobs() + " / " + node.jobsMax())
                    .cell(Bar.percent(node.load().cpuPercent()))
                    .cell(Bar.percent(node.load().memoryPercent()))
                    .cell(Bar.percent(node.load().diskPercent()))
                    .cell(gpu(node))
                    .cell(
                            node.gpus() == 0
                                    ? new Html()
                                    : Bar.percent(node.load().gpuPercent()))
                    .cell(heard(node))
                    .cell(
                            node.atRisk().files() == 0
                                    ? ""
                                    : Words.bytes(node.atRisk().bytes()) + " only here");
        }
        return grid.html("No node is like that. Choose other filters, or bring one in with `muster node add`.");
    }

    private static String vote(NodeRow node) {
        if (node.leader()) return "leader";
        return node.voter() ? "voter" : "";
    }

    /// Seconds are no news while a node is heard as it should be.
    private static Html heard(NodeRow node) {
        if (node.heardSeconds().isEmpty()) return new Html().text("–");
        return new Html()
                .passing(Words.seconds(OptionalDouble.of(node.heardSeconds().get())));
    }

    private static String gpu(NodeRow node) {
        return node.gpus() == 0 ? "" : node.gpus() + " × " + Figures.or(node.gpuName(), "GPU");
    }

    private static Html declared(Picture picture) {
        List<DeclaredRow> hosts = DeclaredRow.all(picture).stream()
                .filter(host -> !host.joined())
                .limit(Query.ROWS)
                .toList();
        if (hosts.isEmpty()) return new Html();
        Grid grid = new Grid("Machines that have not joined", "Machine", "Wanted", "Role", "Instance");
        for (DeclaredRow host : hosts)
            grid.row("d-" + host.id())
                    .cell(host.id().name())
                    .cell(Tones.lower(host.desired()))
                    .cell(host.role().map(Tones::lower).orElse("–"))
                    .cell(host.instance());
        return new Html().leaf("h2", "Declared, not joined").put(grid.html(""));
    }

    public static Page one(Picture picture, Node node) {
        NodeRow.Detail detail = NodeRow.Detail.of(picture, node);
        return Page.of(Section.NODES, "Node " + node.id())
                .live("state", "State", state(picture, detail.node()))
                .live("telemetry", "Telemetry", telemetry(detail.node()))
                .live("running", "What runs there", running(picture, detail.attempts()))
                .live("facts", "About the node", facts(picture, detail))
                .page();
    }

    private static Html state(Picture picture, NodeRow node) {
        Html html = new Html();
        doubt(node).forEach(why -> html.leaf("p", node.life() == Picture.Life.FENCED ? "note bad" : "note warn", why));
        html.tag("p", "actions").put(Tones.chip(node));
        if (node.desired() == Desired.READY) html.link(Places.node(node.id()) + "/drain", "Drain…");
        if (node.desired() == Desired.DRAINING) html.link(Places.node(node.id()) + "/resume", "Resume…");
        return html.link(Places.events("node/" + node.id()), "Events").end();
    }

    /// Why it is not taken to be alive; nothing of one that is.
    private static List<String> doubt(NodeRow node) {
        List<String> why = new ArrayList<>();
        String gossip = node.gossip()
                .filter(found -> !found.opinion().equals("alive"))
                .map(found -> "other nodes find it " + found.opinion() + " for "
                        + Words.seconds(OptionalDouble.of(found.seconds())))
                .orElse("");
        String heard = node.heardSeconds()
                .map(seconds -> "the leader has not heard it for " + Words.seconds(OptionalDouble.of(seconds)))
                .orElse("nobody leads, so nobody listens");
        switch (node.life()) {
            case ALIVE -> {}
            case FENCED ->
                why.add("Fenced: the cluster has declared it gone, and what it ran is placed elsewhere."
                        + " It comes back by itself when its agent is heard again.");
            case SUSPECT ->
                why.add("Suspect: " + heard + (gossip.isEmpty() ? "" : "; " + gossip)
                        + ". Nothing of it is placed elsewhere until it is fenced.");
            case UNKNOWN -> why.add("Unknown: " + heard + (gossip.isEmpty() ? "." : "; " + gossip + "."));
        }
        return why;
    }

    private static Html telemetry(NodeRow node) {
        List<Html> cards = new ArrayList<>();
        cards.add(Card.of(
                "CPU",
                Bar.percent(node.load().cpuPercent()),
                Figures.short1(node.cpusHeld()) + " of " + Figures.short1(node.cpus()) + " CPUs held"));
        cards.add(Card.of(
                "Memory",
                Bar.percent(node.load().memoryPercent()),
                Words.bytes(node.memoryHeldBytes()) + " of " + Words.bytes(node.memoryBytes()) + " held"));
        Long free = node.load().diskFreeBytes();
        cards.add(Card.of(
                "Disk", Bar.percent(node.load().diskPercent()), free == null ? "" : Words.bytes(free) + " free"));
        if (node.gpus() > 0) {
            cards.add(Card.of(
                    "GPU", Bar.percent(node.load().gpuPercent()), node.gpusHeld() + " of " + gpu(node) + " held"));
            cards.add(Card.of(
                    "GPU memory",
                    Bar.percent(node.load().gpuMemoryPercent()),
                    Words.bytes(node.gpuMemoryBytes()) + " each"));
        }
        cards.add(Card.of("Tasks", node.jobs() + " of " + node.jobsMax(), processes(node)));
        return new Html().leaf("h2", "Telemetry").put(Card.row(cards));
    }

    private static String processes(NodeRow node) {
        int count = node.load().processes();
        return count == 1 ? "1 process" : count + " processes";
    }

    private static Html running(Picture picture, List<JobRow.AttemptRow> attempts) {
        return new Html()
                .leaf("h2", "What runs there")
                .put(JobPages.attempts(picture, attempts, "Nothing runs there now."));
    }

    private static Html facts(Picture picture, NodeRow.Detail detail) {
        NodeRow node = detail.node();
        FactList facts = new FactList()
                .fact("Role", Tones.lower(node.role()))
                .fact("Votes", node.leader() ? "yes, and leads" : node.voter() ? "yes" : "no")
                .fact(
                        "Address",
                        node.host() + ", API " + node.apiPort() + ", artifacts " + node.artifactPort() + ", Raft "
                                + node.raftPort())
                .fact(
                        "Heard",
                        new Html().put(heard(node)).text(node.heardSeconds().isPresent() ? " ago" : ""))
                .fact("Gossip", node.gossip().map(Picture.Gossiped::opinion).orElse(""))
                .fact("Joined", new Html().ago(node.joinedAt(), picture.now()).text(" ago"))
                .fact(
                        "GPUs",
                        node.gpus() == 0 ? "none" : gpu(node) + ", " + Words.bytes(node.gpuMemoryBytes()) + " each")
                .fact("At risk", risk(node.atRisk()));
        return new Html().leaf("h2", "About the node").put(facts.html());
    }

    private static Html risk(RiskRow risk) {
        Html html = new Html();
        if (risk.files() == 0 && risk.attempts().isEmpty()) return html.text("nothing would be lost with it");
        if (risk.files() > 0)
            html.leaf(
                    "div",
                    Words.count(risk.files(), "file") + " of " + Words.bytes(risk.bytes())
                            + " that no other node in service holds");
        for (RiskRow.Unsaved one :
                risk.attempts().subList(0, Math.min(RISKS_MAX, risk.attempts().size())))
            html.tag("div")
                    .link(Places.attempt(one.attempt()), one.attempt().toString())
                    .passing(one.seconds()
                            .map(seconds -> " not saved for " + Words.seconds(OptionalDouble.of(seconds)))
                            .orElse(" not begun"))
                    .end();
        if (risk.attempts().size() > RISKS_MAX)
            html.leaf("div", (risk.attempts().size() - RISKS_MAX) + " more attempts");
        return html;
    }
}
