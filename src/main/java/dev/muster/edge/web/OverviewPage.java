package dev.muster.edge.web;

import dev.muster.core.plan.Wait;
import dev.muster.core.state.Job;
import dev.muster.core.state.Node;
import dev.muster.core.state.Role;
import dev.muster.edge.view.AlertSum;
import dev.muster.edge.view.BudgetView;
import dev.muster.edge.view.LoopRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.VoterView;
import dev.muster.edge.view.Words;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// How the cluster is, at a glance.
public final class OverviewPage {
    /// Loops of a team; more are on the models' page.
    private static final int LOOPS_MAX = 30;

    private OverviewPage() {}

    public static Page of(Picture picture, List<Wait> waits) {
        VoterView voters = VoterView.of(picture);
        BudgetView budget = BudgetView.of(picture);
        return Page.of(Section.OVERVIEW, "Overview")
                .live("standing", "Standing", standing(picture, voters))
                .live("figures", "Figures", figures(picture, voters, budget))
                .live("quorum", "Voters and quorum", voters(picture, voters))
                .live("fleet", "Nodes and jobs", fleet(picture))
                .live("loops", "Loops", loops(picture, waits))
                .page();
    }

    /// What a person has to know before all else; nothing while all is well.
    private static Html standing(Picture picture, VoterView voters) {
        Html html = new Html();
        picture.standing().readOnly().ifPresent(why -> html.leaf("p", "note bad", "Read-only: " + why));
        if (voters.quorumOk()
                && voters.alive() == voters.quorum()
                && voters.voters().size() > 1)
            html.leaf("p", "note warn", "Quorum at risk: one more voter lost, and the cluster is read-only.");
        return html;
    }

    private static Html figures(Picture picture, VoterView voters, BudgetView budget) {
        return Card.row(List.of(
                Card.of(
                        "Leader",
                        picture.standing().leader().map(Places::link).orElseGet(() -> Tone.BAD.chip("none")),
                        "term " + voters.term()),
                Card.of("Voters alive", voters.alive() + " / " + votes(voters), majority(voters)),
                alertCard(picture),
                nodeCard(picture),
                jobCard(picture),
                Card.of("Cost per hour", Figures.dollars(budget.perHour()), cap(budget, "hour")),
                Card.of("Spent today", Figures.dollars(budget.day().spent()), cap(budget, "day"))));
    }

    private static long votes(VoterView voters) {
        return voters.voters().stream().filter(VoterView.Row::votes).count();
    }

    private static String majority(VoterView voters) {
        if (!voters.quorumOk()) return "no quorum: " + voters.quorum() + " needed";
        int spare = voters.alive() - voters.quorum();
        return voters.quorum() + " needed; " + (spare == 0 ? "none" : Integer.toString(spare)) + " may be lost";
    }

    private static Html alertCard(Picture picture) {
        AlertSum alerts = AlertSum.of(picture.state().alerts());
        Html value = new Html().tag("a").with("href", Places.alerts());
        alerts.level()
                .ifPresentOrElse(
                        level -> value.put(Tones.level(level, alerts.open() + " open")), () -> value.text("none open"));
        String looked = picture.soft()
                .map(soft -> soft.alerting().lookedAt().equals(Instant.EPOCH)
                        ? "the leader has not looked yet"
                        : "nothing is wrong")
                .orElse("nobody leads, so nobody looks");
        return Card.of("Alerts", value.end(), Figures.or(alerts.counts(), looked));
    }

    private static Html nodeCard(Picture picture) {
        List<Node> nodes = picture.nodes();
        long alive = nodes.stream()
                .filter(node -> picture.life(node) == Picture.Life.ALIVE)
                .count();
        long other = nodes.size() - alive;
        return Card.of(
                "Nodes alive",
                Figures.whole(alive) + " / " + Figures.whole(nodes.size()),
                other == 0 ? "all are heard" : Figures.whole(other) + " suspect, fenced or unknown");
    }

    private static Html jobCard(Picture picture) {
        var work = picture.state().work();
        int active = work.derived().held().values().stream()
                .mapToInt(held -> held.attempts())
                .sum();
        return Card.of(
                "Tasks running",
                Figures.whole(active),
                Figures.whole(work.waitingCount()) + " wait; "
                        + Figures.whole(
                                work.jobs().size() - work.derived().ended().size()) + " jobs open");
    }

    private static String cap(BudgetView budget, String span) {
        Optional<BudgetView.Cap> cap = budget.caps().stream()
                .filter(one -> one.scope().isEmpty() && one.span().equals(span))
                .findFirst();
        String of = cap.map(one -> "cap " + Figures.dollars(one.cap())).orElse("no cap");
        if (span.equals("hour")) return of + "; " + Figures.dollars(budget.committed()) + " committed";
        return of + "; " + Figures.dollars(budget.day().forecast()) + " at its end";
    }

    private static Html voters(Picture picture, VoterView voters) {
        Grid grid = new Grid("Voters", "Voter", "State", "Role", ">Behind", ">Disk free", "Readiness");
        for (VoterView.Row voter : voters.voters()) {
            boolean known = picture.state().fleet().nodes().has(voter.id());
            boolean ready = voter.readiness().equals(VoterView.Row.READY);
            grid.row("v-" + voter.id())
                    .cell(
                            known
                                    ? Places.link(voter.id())
                                    : new Html().text(voter.id().name()))
                    .cell(voter.alive() ? Tone.GOOD.chip("alive") : Tone.BAD.chip(silence(voter)))
                    .cell(voter.leader() ? "leader" : "follower")
                    .cell(voter.behind().map(Figures::whole).orElse("–"))
                    .cell(voter.diskFreeBytes().map(Words::bytes).orElse("–"))
                    .cell(ready ? new Html().text("ready") : Tone.WARN.chip(voter.readiness()));
        }
        return new Html()
                .leaf("h2", "Voters")
                .put(grid.html("No voter is known yet: this node has not heard from its cluster."));
    }

    private static String silence(VoterView.Row voter) {
        return voter.heardSeconds()
                .map(seconds -> "silent for " + Words.seconds(OptionalDouble.of(seconds)))
                .orElse("never heard");
    }

    private static Html fleet(Picture picture) {
        return new Html()
                .tag("div", "split")
                .tag("div")
                .put(nodes(picture))
                .end()
                .tag("div")
                .put(jobs(picture))
                .end()
                .end();
    }

    private static Html nodes(Picture picture) {
        Map<Role, long[]> counts = new EnumMap<>(Role.class);
        for (Node node : picture.nodes()) {
            long[] row = counts.computeIfAbsent(node.role(), role -> new long[Column.values().length]);
            row[column(picture, node).ordinal()]++;
        }
        List<Column> columns = Arrays.stream(Column.values())
                .filter(column -> counts.values().stream().anyMatch(row -> row[column.ordinal()] > 0))
                .toList();
        List<String> heads = new ArrayList<>(List.of("Role", ">All"));
        for (Column column : columns) heads.add(">" + Tones.lower(column));
        Grid grid = new Grid("Nodes by role and state", heads.toArray(String[]::new));
        counts.forEach((role, row) -> {
            grid.row("r-" + Tones.lower(role)).link("/nodes?role=" + Tones.lower(role), Tones.lower(role));
            grid.cell(Arrays.stream(row).sum());
            for (Column column : columns)
                grid.cell(row[column.ordinal()] == 0 ? "·" : Figures.whole(row[column.ordinal()]));
        });
        return new Html()
                .leaf("h2", "Nodes")
                .put(grid.html("No node has joined yet. `muster node add` brings one in."));
    }

    private enum Column {
        READY,
        DRAINING,
        RETIRED,
        SUSPECT,
        FENCED,
        UNKNOWN
    }

    private static Column column(Picture picture, Node node) {
        return switch (picture.life(node)) {
            case SUSPECT -> Column.SUSPECT;
            case FENCED -> Column.FENCED;
            case UNKNOWN -> Column.UNKNOWN;
            case ALIVE ->
                switch (node.desired()) {
                    case READY -> Column.READY;
                    case DRAINING -> Column.DRAINING;
                    case RETIRED -> Column.RETIRED;
                };
        };
    }

    private static Html jobs(Picture picture) {
        Map<Job.Status, Integer> counts = new EnumMap<>(Job.Status.class);
        for (Job job : picture.state().work().jobs().values()) counts.merge(job.status(), 1, Integer::sum);
        Grid grid = new Grid("Jobs by state", "State", ">Jobs");
        for (Job.Status status : Job.Status.values()) {
            if (!counts.containsKey(status)) continue;
            grid.row("s-" + Tones.lower(status))
                    .cell(new Html()
                            .tag("a")
                            .with("href", "/jobs?status=" + Tones.lower(status))
                            .put(Tones.chip(status))
                            .end())
                    .cell(counts.get(status));
        }
        return new Html().leaf("h2", "Jobs").put(grid.html("No job yet. `muster job run -- COMMAND` submits one."));
    }

    private static Html loops(Picture picture, List<Wait> waits) {
        List<LoopRow> rows = new ArrayList<>();
        picture.state().loops().loops().values().stream()
                .limit(LOOPS_MAX)
                .forEach(loop -> rows.add(LoopRow.of(loop, waits)));
        return new Html()
                .leaf("h2", "Loops")
                .put(loops(rows, picture, "No loop runs. `muster loop start` begins one from a config file."));
    }

    private static Html loops(List<LoopRow> rows, Picture picture, String empty) {
        Grid grid = new Grid("Loops", "Config", "State", ">Generation", "Stage", "For", ">Failures", "Waits for");
        for (LoopRow loop : rows) {
            String of = loop.generationsMax().map(most -> " of " + most).orElse("");
            grid.row("l-" + loop.config())
                    .link(Places.model(loop.config()), loop.config().name())
                    .cell(loop.running() ? Tone.BUSY.chip("running") : Tone.QUIET.chip("stopped"))
                    .cell(loop.generation() + of)
                    .cell(stage(loop))
                    .cell(new Html().ago(loop.since(), picture.now()))
                    .cell(loop.failures())
                    .cell(loop.waitsFor().orElse(""));
        }
        return grid.html(empty);
    }

    private static Html stage(LoopRow loop) {
        Html html = new Html().text(Tones.lower(loop.stage()));
        loop.job().ifPresent(job -> html.text(" ").put(Places.link(job)));
        return html;
    }
}
