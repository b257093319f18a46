package dev.muster.edge.view;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Groups, budgets and scaling for a terminal.
public final class ScaleText {
    private static final String[] HEADS = {
        "GROUP", "GPU", ">MIN", ">TARGET", ">MAX", ">MACHINES", ">$/H", ">MAX $/H", "ROLE", "WINDOW", "WAITS"
    };
    private static final String[] WIDE = {
        "GROUP",
        "PROVIDER",
        "MARKET",
        "GPU",
        ">DISK",
        "QUERY",
        "IMAGE",
        ">MIN",
        ">TARGET",
        ">MAX",
        ">MACHINES",
        ">LEAVING",
        ">$/H",
        ">MAX $/H",
        "ROLE",
        "WINDOW",
        "WAITS"
    };

    private ScaleText() {}

    /// The limits are those that hold now; a window's name stands behind.
    public static String groups(Doc answer, boolean wide, Instant now) {
        TextTable table = new TextTable(wide ? WIDE : HEADS);
        for (Doc group : answer.list("groups")) {
            Doc limits = group.get("limits");
            List<Object> cells = new ArrayList<>(List.of(group.text("name")));
            if (wide) cells.addAll(List.of(group.text("provider"), market(group)));
            cells.add(gear(group));
            if (wide) cells.addAll(List.of(group.text("disk_gb"), group.text("query"), group.text("image")));
            cells.addAll(
                    List.of(limits.text("min"), limits.text("target"), limits.text("max"), group.text("machines")));
            if (wide) cells.add(group.text("leaving"));
            cells.addAll(List.of(
                    InstanceText.amount(group, "per_hour"),
                    InstanceText.amount(limits, "price_max"),
                    NodeText.lower(group.text("role")),
                    limits.text("window"),
                    group.list("waits").stream().map(Doc::text).collect(Collectors.joining("; "))));
            table.row(cells.toArray());
        }
        StringBuilder text = new StringBuilder(table.render());
        for (Doc trouble : answer.list("troubles"))
            text.append(InstanceText.trouble(trouble, now)).append('\n');
        return text.toString();
    }

    private static String market(Doc group) {
        return NodeText.lower(group.text("market")).replace('_', '-');
    }

    /// `2x RTX 3070 or RTX 3080`; a group may take any machine.
    public static String gear(Doc group) {
        String names = group.list("gpus").stream().map(Doc::text).collect(Collectors.joining(" or "));
        if (names.isEmpty() && group.number("gpu_count") == 0) return "any";
        return group.text("gpu_count") + "x " + (names.isEmpty() ? "any GPU" : names);
    }

    public static String budget(Doc answer) {
        String facts = new Facts()
                .fact(
                        "Now",
                        InstanceText.amount(answer, "per_hour") + " per hour, "
                                + InstanceText.amount(answer, "committed") + " committed")
                .fact("Today", span(answer.get("day")))
                .fact("This month", span(answer.get("month")))
                .fact("Days begin", "at midnight in " + answer.text("zone"))
                .render();
        return facts + "\n" + caps(answer) + goesOn(answer) + shares(answer, "groups", "GROUP")
                + shares(answer, "kinds", "KIND");
    }

    private static String span(Doc span) {
        return InstanceText.amount(span, "spent") + " spent, " + InstanceText.amount(span, "forecast")
                + " at its end if all goes on";
    }

    private static String caps(Doc answer) {
        if (answer.list("caps").isEmpty()) return "no caps; `muster budget set --day 50` sets one\n";
        TextTable table = new TextTable("SCOPE", "CAP", ">AMOUNT", ">SPENT", ">RESERVED", ">LEFT", "REACHED");
        for (Doc cap : answer.list("caps"))
            table.row(
                    cap.has("scope") ? cap.text("scope") : "all",
                    "per " + cap.text("span"),
                    InstanceText.amount(cap, "cap"),
                    cap.text("span").equals("hour") ? "" : InstanceText.amount(cap, "spent"),
                    InstanceText.amount(cap, "reserved"),
                    InstanceText.amount(cap, "left"),
                    reached(answer, cap));
        return table.render();
    }

    private static String goesOn(Doc answer) {
        if (answer.list("goes_on").isEmpty()) return "";
        TextTable table = new TextTable("PAST A CAP", "CAP", ">$/H", "GOES ON, FOR");
        for (Doc one : answer.list("goes_on"))
            table.row(
                    one.text("id"),
                    (one.has("scope") ? one.text("scope") + " " : "") + "per " + one.text("span"),
                    InstanceText.amount(one, "per_hour"),
                    one.text("why"));
        return "\n" + table.render() + ends(answer) + "\n";
    }

    /// How machines that go on past a cap are ended.
    ///
    /// @param budget as it was answered
    public static String ends(Doc budget) {
        return "`muster instance destroy " + budget.list("goes_on").getFirst().text("id")
                + "` ends a machine, `muster instance stop` leaves only its disk to be paid";
    }

    /// `at 17:40 UTC`, or with its day when that is another one.
    private static String reached(Doc answer, Doc cap) {
        if (cap.time("reached_at").isEmpty()) return cap.decimal("left").orElse(0) < 0 ? "no room" : "";
        return moment(answer, cap.time("reached_at").get());
    }

    /// By the clock of the zone in which days begin.
    ///
    /// @param budget as it was answered
    public static String moment(Doc budget, Instant at) {
        ZoneId zone = ZoneId.of(budget.text("zone"));
        ZonedDateTime now = budget.time("at").orElse(Instant.EPOCH).atZone(zone);
        ZonedDateTime then = at.atZone(zone).truncatedTo(ChronoUnit.MINUTES);
        if (!then.isAfter(now)) return "now";
        return (then.toLocalDate().equals(now.toLocalDate()) ? "" : "on " + then.toLocalDate() + " ") + "at "
                + then.toLocalTime() + " " + zone;
    }

    private static String shares(Doc answer, String key, String head) {
        if (answer.list(key).isEmpty()) return "";
        TextTable table = new TextTable(head, ">MACHINES", ">$/H", ">TODAY", ">MONTH");
        for (Doc share : answer.list(key))
            table.row(
                    share.has("name") ? share.text("name") : "(no group)",
                    share.text("machines"),
                    InstanceText.amount(share, "per_hour"),
                    InstanceText.amount(share, "today"),
                    InstanceText.amount(share, "month"));
        return "\n" + table.render();
    }

    /// Every key as it would be written in a file.
    public static String policy(Doc answer) {
        Facts facts = new Facts();
        for (Map.Entry<String, Doc> entry : answer.entries().entrySet())
            if (!entry.getKey().equals("windows"))
                facts.fact(entry.getKey(), entry.getValue().text());
        if (answer.list("windows").isEmpty()) return facts.render();
        TextTable table =
                new TextTable("WINDOW", "GROUPS", "DAYS", "FROM", "TO", ">MIN", ">TARGET", ">MAX", ">MAX $/H", "OPEN");
        for (Doc window : answer.list("windows"))
            table.row(
                    window.text("name"),
                    texts(window, "groups").isEmpty() ? "all" : texts(window, "groups"),
                    texts(window, "days"),
                    window.text("from"),
                    window.text("to"),
                    window.text("min"),
                    window.text("target"),
                    window.text("max"),
                    InstanceText.amount(window, "price_max"),
                    window.flag("open") ? "now" : "");
        return facts.render() + "\n" + table.render();
    }

    private static String texts(Doc doc, String key) {
        return doc.list(key).stream().map(Doc::text).collect(Collectors.joining(","));
    }

    public static String plan(Doc answer, Instant now) {
        StringBuilder text = new StringBuilder();
        List<Doc> steps = answer.list("steps");
        text.append(
                answer.flag("enabled")
                        ? "The autoscaler is on.\n"
                        : "The autoscaler is off; `muster scale apply` switches it on.\n");
        steps(
                text,
                "\nTo be done:\n",
                steps.stream().filter(step -> !step.flag("held")).toList());
        steps(
                text,
                "\nTo be done if it were on:\n",
                steps.stream().filter(step -> step.flag("held")).toList());
        if (steps.isEmpty()) text.append("\nNothing is to be done now.\n");
        if (!answer.list("waits").isEmpty()) text.append("\nNot done:\n");
        for (Doc wait : answer.list("waits"))
            text.append("  ")
                    .append(wait.text("subject"))
                    .append(" (")
                    .append(NodeText.lower(wait.text("reason")))
                    .append("): ")
                    .append(wait.text("message"))
                    .append('\n');
        if (!answer.list("searches").isEmpty()) text.append("\nOffers:\n");
        for (Doc search : answer.list("searches"))
            text.append("  ").append(search(search, now)).append('\n');
        if (!answer.list("troubles").isEmpty()) text.append('\n');
        for (Doc trouble : answer.list("troubles"))
            text.append(InstanceText.trouble(trouble, now)).append('\n');
        return text.toString();
    }

    private static void steps(StringBuilder text, String head, List<Doc> steps) {
        if (!steps.isEmpty()) text.append(head);
        for (Doc step : steps)
            text.append("  ")
                    .append(step.text("what"))
                    .append(step.has("why") ? "  -- " + step.text("why") : "")
                    .append('\n');
    }

    /// `selfplay: 3 of 44 offers will do, from $0.07; 41 will not: 23 price, 12 reliability, 6 disk`.
    private static String search(Doc search, Instant now) {
        long seen = search.number("seen");
        String dropped = search.list("dropped").stream()
                .map(one -> one.text("count") + " " + one.text("why"))
                .collect(Collectors.joining(", "));
        long others = search.list("dropped").stream()
                .mapToLong(one -> one.number("count"))
                .sum();
        return search.text("group") + ": " + search.number("kept") + " of " + Words.count(seen, "offer")
                + " will do"
                + (search.has("cheapest") ? ", from " + InstanceText.amount(search, "cheapest") + " per hour" : "")
                + (dropped.isEmpty() ? "" : "; " + others + " will not: " + dropped) + " ("
                + Words.age(search.time("at"), now) + " ago)";
    }
}
