package dev.muster.edge.cli;

import dev.muster.core.check.Thresholds;
import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.Bytes;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.NodeText;
import dev.muster.edge.view.NotJson;
import dev.muster.edge.view.VoterView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/// `muster doctor`: looks at everything that usually goes wrong, and says what to do about each. Exit 3 when something
/// fails.
final class Doctor {
    private static final int LOOP_FAILURES = 3;
    private static final int ALERTS_TOLD = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Report report = new Report();

    private Doctor() {}

    static CommandSpec spec() {
        return Verb.of("doctor", "Look for what usually goes wrong, and say what to do.", Doctor::run)
                .option("-f,--file", "FILE", "look at a file of hosts instead, without a cluster; - reads stdin")
                .build();
    }

    private static int run(Args args) throws Failure {
        if (args.text("--file").isPresent())
            return HostCommands.doctor(args, args.text("--file").get());
        args.output();
        Doctor doctor = new Doctor();
        doctor.examine(Settings.client(args), args.shell());
        return doctor.report.print(args);
    }

    private void examine(Client client, Shell shell) {
        Client.Answer answer;
        try {
            answer = client.get("/status");
        } catch (Failure failure) {
            fail("api", failure.getMessage(), failure.hint());
            return;
        }
        Doc status = answer.doc();
        ok("api", answer.node() + " answers as " + status.text("node_id") + ", version " + status.text("version"));
        quorum(status);
        voters(status, shell);
        RentedHealth rented = RentedHealth.ask(client);
        nodes(status, rented);
        ready(status);
        authorised(client);
        rented.examine(client, report, shell.clock().instant());
        alerts(client);
    }

    private void quorum(Doc status) {
        int voters = status.list("voter_node_ids").size();
        String count = status.text("voters_alive") + " of " + voters + " voters alive, "
                + status.text("voter_quorum_size") + " needed";
        if (status.has("read_only")) {
            fail("quorum", "read-only: " + status.text("read_only"), restores(status));
        } else if (status.number("voters_alive") < voters) {
            warn("quorum", count, "start the agents of " + silent(status) + " before another one fails");
        } else {
            ok("quorum", count + "; leader " + status.text("leader_id") + ", term " + status.text("term"));
        }
        if (voters > 0 && voters % 2 == 0) {
            warn(
                    "voters",
                    voters + " voters survive the loss of " + (voters - 1) / 2 + ", as " + (voters - 1) + " would",
                    "`muster voter add` one, or remove one");
        } else if (voters == 1) {
            warn("voters", "one voter: its loss stops the control plane", "`muster voter add` two more nodes");
        } else {
            ok("voters", voters + " voters survive the loss of " + (voters - 1) / 2);
        }
    }

    private static String silent(Doc status) {
        return status.list("voters").stream()
                .filter(voter -> voter.flag("votes") && !voter.flag("alive"))
                .map(voter -> voter.text("id"))
                .collect(Collectors.joining(", "));
    }

    /// Nothing but voters that come back makes a majority.
    private static String restores(Doc status) {
        int voters = status.list("voter_node_ids").size();
        long needed = status.number("voter_quorum_size") - status.number("voters_alive");
        return needed <= 0
                ? "a majority is there and elects a leader; if it stays so, can the voters reach each other's Raft ports?"
                : "start the agents of " + needed + " of " + silent(status) + ": " + status.text("voter_quorum_size")
                        + " of " + voters + " voters are a majority, and nothing else restores it";
    }

    /// Whether a voter is there is the answering node's word, as in `voter list`; those that are there are asked
    /// themselves for clock, leader and version.
    private void voters(Doc status, Shell shell) {
        for (Doc voter : status.list("voters")) {
            if (!voter.flag("alive")) {
                fail(
                        voter.text("id"),
                        NodeText.voterLife(voter) + ", says " + status.text("node_id"),
                        voter.has("api")
                                ? "is its agent up and not stopped (`ps`), its port open, its machine reachable?"
                                : "no node of that name has ever joined: was its agent ever set up and started there?");
                continue;
            }
            // Its version it is asked itself, below.
            String readiness = voter.text("readiness");
            if (!readiness.equals(VoterView.Row.READY) && !readiness.startsWith("runs version"))
                warn(voter.text("id"), readiness, advice(voter));
            for (Doc node : status.list("nodes")) {
                if (node.text("node_id").equals(voter.text("id"))) voter(node, status, shell);
            }
        }
    }

    private static String advice(Doc voter) {
        if (voter.flag("votes") != voter.flag("wanted"))
            return "`muster voter list` shows when it is done; if it stays so, which voters are silent?";
        return "make room on its disk, or look why it is slow: `muster node show " + voter.text("id") + "`";
    }

    private void voter(Doc node, Doc status, Shell shell) {
        String id = node.text("node_id");
        String base = "http://" + node.text("host") + ":" + node.text("port");
        Doc own;
        Instant before = shell.clock().instant();
        try (Http.Exchange exchange = Http.open(base, "GET", "/status", List.of(), new byte[0], PATIENCE)) {
            own = Doc.json(exchange.body().readAllBytes());
        } catch (IOException | NotJson e) {
            warn(
                    id,
                    "alive, says " + status.text("node_id") + ", but this machine cannot reach " + base + ": "
                            + e.getMessage(),
                    "the cluster does not need that; for the command line name another node, or open the port");
            return;
        }
        Instant middle =
                before.plus(Duration.between(before, shell.clock().instant()).dividedBy(2));
        Duration skew = own.time("timestamp")
                .map(at -> Duration.between(middle, at).abs())
                .orElse(Duration.ZERO);
        if (skew.compareTo(Thresholds.SKEW_FAIL) > 0) {
            fail(
                    id,
                    "its clock is off by " + skew.toSeconds() + " s from this machine's",
                    "`timedatectl set-ntp true` on both");
        } else if (skew.compareTo(Thresholds.SKEW_WARN) > 0) {
            warn(
                    id,
                    "its clock is off by " + skew.toMillis() + " ms from this machine's",
                    "`timedatectl set-ntp true` on both");
        } else if (!own.text("leader_id").equals(status.text("leader_id"))) {
            String other = own.has("leader_id") ? own.text("leader_id") : "nobody";
            warn(
                    id,
                    "follows " + other + ", " + status.text("node_id") + " follows " + status.text("leader_id"),
                    "ask again in some seconds; if it stays so, can " + id + " reach the other voters' Raft ports?");
        } else if (!own.text("version").equals(status.text("version"))) {
            warn(
                    id,
                    "runs version " + own.text("version") + ", " + status.text("node_id") + " runs "
                            + status.text("version"),
                    "upgrade the older one");
        } else {
            ok(id, base + " answers, clock within " + Math.max(1, skew.toMillis()) + " ms");
        }
    }

    private void nodes(Doc status, RentedHealth rented) {
        List<String> silent = new ArrayList<>();
        int well = 0;
        int wanted = 0;
        for (Doc node : status.list("nodes")) {
            String id = node.text("node_id");
            // A retired node is not missed.
            if (node.flag("retired")) continue;
            wanted++;
            if (!node.flag("is_alive") || silentVoter(status, id)) silent.add(id);
            long free = node.get("load").has("disk_free_bytes")
                    ? node.get("load").number("disk_free_bytes")
                    : Long.MAX_VALUE; // not measured
            if (node.text("status").equals("fenced")) {
                fail(
                        id,
                        "fenced: the cluster declared it gone and replaced what it ran",
                        rented.advice(id).orElse("start its agent, or `muster node remove " + id + "`"));
            } else if (node.text("status").equals("suspect")) {
                warn(
                        id,
                        "silent; the leader heard it last at " + node.text("last_heartbeat"),
                        rented.advice(id).orElse("is its agent up, and can it reach the voters?"));
            } else if (free < DiskFloor.DEFAULT.work()) {
                fail(
                        id,
                        "disk full: " + new Bytes(free) + " free, keeps " + new Bytes(DiskFloor.DEFAULT.work())
                                + " (policy.disk_free_min)",
                        "make room on the disk of its data directory; it takes no new work meanwhile");
            } else if (free < DiskFloor.DEFAULT.soon()) {
                warn(
                        id,
                        "disk nearly full: " + new Bytes(free) + " free",
                        "make room soon; below " + new Bytes(DiskFloor.DEFAULT.work()) + " it takes no new work");
            } else {
                well += silent.contains(id) ? 0 : 1;
            }
        }
        String count = well + " of " + wanted + " nodes heard and not short of disk";
        if (!silent.isEmpty()) {
            warn(
                    "nodes",
                    count + "; not heard: " + String.join(", ", silent),
                    silent.stream().allMatch(id -> rented.advice(id).isPresent())
                            ? "their machines are rented, and looked after: `muster instance list`"
                            : "are their agents up, and can they reach the voters?");
        } else if (well < wanted) {
            warn("nodes", count, "make room on the others");
        } else {
            ok("nodes", count);
        }
    }

    /// The answering node may still take it for alive as a worker, as long as it knows of no leader that listens.
    private static boolean silentVoter(Doc status, String id) {
        return status.list("voters").stream().anyMatch(voter -> voter.text("id").equals(id) && !voter.flag("alive"));
    }

    private void ready(Doc status) {
        String why = status.get("self").text("not_ready");
        if (why.isEmpty()) ok("ready", status.text("node_id") + " takes work");
        else warn("ready", status.text("node_id") + " takes no work: " + why, "`curl …/ready` tells when it does");
    }

    private void authorised(Client client) {
        Doc loops;
        try {
            loops = client.get("/v1/loops").doc();
        } catch (Failure failure) {
            fail("token", failure.getMessage(), failure.hint());
            return;
        }
        ok("token", "accepted");
        for (Doc loop : loops.list("loops")) {
            String config = loop.text("config");
            if (loop.number("failures") >= LOOP_FAILURES) {
                fail(
                        "loop " + config,
                        loop.text("stage") + " failed " + loop.text("failures") + " times in a row",
                        "`muster job list --config " + config + " --status failed`, then `muster job logs`");
            } else if (loop.number("failures") > 0) {
                warn(
                        "loop " + config,
                        loop.text("stage") + " failed and is tried again at " + loop.text("retry_at"),
                        "`muster loop show " + config + "`");
            }
        }
    }

    private void alerts(Client client) {
        Doc view;
        try {
            view = client.get("/v1/alerts").doc();
        } catch (Failure failure) {
            // What is wrong with the token or the node was told.
            return;
        }
        List<Doc> open = view.list("alerts");
        String sum = open.stream()
                .map(alert -> alert.text("id") + " (" + alert.text("level") + ")")
                .limit(ALERTS_TOLD)
                .collect(Collectors.joining(", "));
        String more = open.size() > ALERTS_TOLD ? " and " + (open.size() - ALERTS_TOLD) + " more" : "";
        boolean critical = open.stream().anyMatch(alert -> alert.text("level").equals("critical"));
        if (critical) fail("alerts", sum + more, "`muster alert list` says what, `alert show` what to do");
        else if (!open.isEmpty()) warn("alerts", sum + more, "`muster alert list` says what, `alert show` what to do");
        else if (view.flag("led")) ok("alerts", "none is open");
        if (view.flag("led") && view.list("channels").isEmpty())
            warn(
                    "channels",
                    "the leader has no channel: nobody is told of alerts",
                    "SLACK_WEBHOOK_URL in the environment of each voter's agent, or DATA/alerts.yaml there;"
                            + " `muster alert test` tries it");
    }

    private void ok(String about, String text) {
        report.ok(about, text);
    }

    private void warn(String about, String text, String advice) {
        report.warn(about, text, advice);
    }

    private void fail(String about, String text, String advice) {
        report.fail(about, text, advice);
    }
}
