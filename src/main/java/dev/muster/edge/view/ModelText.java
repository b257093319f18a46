package dev.muster.edge.view;

import java.time.Instant;
import java.util.stream.Collectors;

/// Models, ratings and loops for a terminal.
public final class ModelText {
    private ModelText() {}

    public static String models(Doc answer, boolean wide, Instant now) {
        TextTable table = wide
                ? new TextTable(
                        "CONFIG",
                        "MODEL",
                        ">SIZE",
                        ">GENERATION",
                        ">SINCE",
                        "DISTRIBUTED",
                        ">HOLDERS",
                        ">VERSIONS",
                        "BY",
                        "REASON")
                : new TextTable("CONFIG", "MODEL", ">SIZE", ">GENERATION", ">SINCE", "DISTRIBUTED", ">HOLDERS");
        for (Doc model : answer.list("models")) {
            String sha = Words.brief(model.text("sha"));
            String size = Words.bytes(model.number("size"));
            String since = Words.age(model.time("at"), now);
            String there = everywhere(model) ? "yes" : model.text("holders") + "/" + model.text("targets");
            if (wide) {
                table.row(
                        model.text("config"),
                        sha,
                        size,
                        model.text("generation"),
                        since,
                        there,
                        model.text("holders"),
                        model.text("versions"),
                        model.text("by"),
                        model.text("reason"));
            } else {
                table.row(
                        model.text("config"), sha, size, model.text("generation"), since, there, model.text("holders"));
            }
        }
        return table.render();
    }

    /// Do all nodes in service hold it now? A node that came, or came back, since its distribution was complete may not.
    public static boolean everywhere(Doc model) {
        return model.has("distributed_at") && model.number("holders") >= model.number("targets");
    }

    public static String model(Doc answer, Instant now) {
        Doc model = answer.get("model");
        return new Facts()
                .fact("Model of", model.text("config"))
                .fact("SHA-256", model.text("sha"))
                .fact("Size", Words.bytes(model.number("size")))
                .fact("Generation", model.number("generation") == 0 ? "promoted by hand" : model.text("generation"))
                .fact(
                        model.flag("rollback") ? "Rolled back" : "Promoted",
                        Words.age(model.time("at"), now) + " ago by " + model.text("by"))
                .fact("Reason", model.text("reason"))
                .fact("Distributed", distributed(answer, model))
                .fact("Holders", names(answer, "holders"))
                .fact("Missing on", names(answer, "missing"))
                .render();
    }

    private static String distributed(Doc answer, Doc model) {
        String known = answer.list("history").stream()
                .findFirst()
                .map(newest -> newest.get("distribution"))
                .filter(Doc::isSomething)
                .map(ProgressText::summary)
                .orElse("");
        boolean before = model.has("distributed_at");
        if (before && !everywhere(model))
            return "now on " + model.text("holders") + " of " + model.text("targets") + " nodes"
                    + (known.isEmpty() ? "" : "; it was complete: " + known);
        if (known.isEmpty()) return before ? "yes" : "on its way";
        return before ? "yes, to " + known : known;
    }

    /// TOOK, NODES, SENT and HOW are about the file's way to the nodes.
    public static String history(Doc answer, Instant now) {
        TextTable table = new TextTable(
                "MODEL", ">GENERATION", "MOVE", ">AGE", ">TOOK", ">NODES", ">SENT", "HOW", "BY", "REASON");
        boolean first = true;
        for (Doc version : answer.list("history")) {
            String move = version.flag("rollback") ? "rollback" : "promotion";
            table.row(
                    Words.brief(version.text("sha")) + (first ? " *" : ""),
                    version.text("generation"),
                    move,
                    Words.age(version.time("at"), now),
                    ProgressText.took(version.get("distribution")),
                    version.get("distribution").text("nodes"),
                    ProgressText.bytes(version.get("distribution")),
                    ProgressText.how(version.get("distribution")),
                    version.text("by"),
                    version.text("reason"));
            first = false;
        }
        return table.render();
    }

    public static String ratings(Doc answer) {
        TextTable table = new TextTable("CONFIG", "PLAYER", ">ELO", ">95% FROM", ">TO", ">GAMES", "");
        for (Doc rating : answer.list("ratings")) {
            table.row(
                    rating.text("config"),
                    Words.brief(rating.text("player")),
                    Words.decimal(rating.decimal("elo")),
                    Words.decimal(rating.decimal("low")),
                    Words.decimal(rating.decimal("high")),
                    rating.text("games"),
                    rating.flag("current")
                            ? "current model"
                            : rating.has("elo") ? " " : "no games connect it to the baseline");
        }
        return table.render();
    }

    public static String rating(Doc answer) {
        TextTable table = new TextTable("PLAYER", "OPPONENT", ">WINS", ">DRAWS", ">LOSSES", ">RATE");
        for (Doc pair : answer.list("pairs")) {
            table.row(
                    Words.brief(pair.text("first")),
                    Words.brief(pair.text("second")),
                    pair.text("wins"),
                    pair.text("draws"),
                    pair.text("losses"),
                    pair.text("win_rate"));
        }
        return ratings(answer) + "\n" + table.render();
    }

    public static String loops(Doc answer, Instant now) {
        TextTable table =
                new TextTable("CONFIG", "STATUS", ">GENERATION", "STAGE", "JOB", ">FOR", ">FAILURES", "WAITS FOR");
        for (Doc loop : answer.list("loops")) {
            String of = loop.has("generations_max") ? "/" + loop.text("generations_max") : "";
            table.row(
                    loop.text("config"),
                    loop.flag("running") ? "running" : "stopped",
                    loop.text("generation") + of,
                    NodeText.lower(loop.text("stage")),
                    loop.text("job"),
                    Words.age(loop.time("since"), now),
                    loop.text("failures"),
                    loop.text("waits_for"));
        }
        return table.render();
    }

    public static String loop(Doc answer, Instant now) {
        Doc loop = answer.get("loop");
        String text = new Facts()
                .fact("Loop of", loop.text("config"))
                .fact("Status", loop.flag("running") ? "running" : "stopped")
                .fact(
                        "Generation",
                        loop.text("generation")
                                + (loop.has("generations_max") ? " of " + loop.text("generations_max") : ""))
                .fact(
                        "Stage",
                        NodeText.lower(loop.text("stage")) + " for " + Words.age(loop.time("since"), now)
                                + (loop.has("job") ? ", job " + loop.text("job") : ""))
                .fact(
                        "Failures",
                        loop.number("failures") == 0
                                ? ""
                                : loop.text("failures") + " in a row, next try " + loop.text("retry_at"))
                .fact("Waits for", loop.text("waits_for"))
                .render();
        TextTable table = new TextTable("GENERATION", "VERDICT", ">GAMES FILES", "CANDIDATE", ">TOOK", "NOTE");
        for (Doc turn : answer.list("generations")) {
            Instant end = turn.time("ended_at").orElse(now);
            table.row(
                    turn.text("id"),
                    NodeText.lower(turn.text("verdict")),
                    turn.text("games"),
                    Words.brief(turn.text("candidate")),
                    Words.age(turn.time("started_at"), end),
                    turn.text("note"));
        }
        return text + "\n" + table.render();
    }

    private static String names(Doc answer, String key) {
        return answer.list(key).stream().map(Doc::text).collect(Collectors.joining(", "));
    }
}
