package dev.muster.edge.view;

import dev.muster.core.state.Money;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// Rented machines for a terminal.
public final class InstanceText {
    private static final String[] HEADS = {
        "INSTANCE", "NODE", "PHASE", "GPU", ">$/H", ">RUNNING", ">SPENT", ">AGE", "GROUP", "PROVIDER", "MESSAGE"
    };
    private static final String[] WIDE = {
        "INSTANCE",
        "NODE",
        "PHASE",
        "WILL",
        "SEEN",
        "GPU",
        "MARKET",
        ">$/H",
        ">RUNNING",
        ">SPENT",
        ">AGE",
        "GROUP",
        "PROVIDER",
        "LABEL",
        "MESSAGE"
    };

    /// Of a message in a table that is not wide; `instance show` has all of it.
    private static final int MESSAGE_MAX = 120;

    private InstanceText() {}

    public static String list(Doc answer, boolean wide, Instant now) {
        TextTable table = new TextTable(wide ? WIDE : HEADS);
        for (Doc one : answer.list("instances")) {
            List<Object> cells =
                    new ArrayList<>(List.of(one.text("id"), one.text("node"), NodeText.lower(one.text("phase"))));
            if (wide) cells.addAll(List.of(NodeText.lower(one.text("will")), NodeText.lower(one.text("observed"))));
            cells.add(gear(one));
            if (wide) cells.add(market(one));
            cells.addAll(List.of(
                    amount(one, "per_hour_now"),
                    amount(one, "per_hour_running"),
                    amount(one, "spent"),
                    Words.age(one.time("ordered_at"), one.time("ended_at").orElse(now)),
                    one.text("group"),
                    place(one)));
            if (wide) cells.add(one.text("label"));
            cells.add(wide ? one.text("message") : brief(one.text("message")));
            table.row(cells.toArray());
        }
        return table.render() + "\n" + below(answer, now);
    }

    private static String below(Doc answer, Instant now) {
        long ended = answer.list("instances").stream()
                .filter(one -> one.has("ended_at"))
                .count();
        StringBuilder text = new StringBuilder(
                        Words.count(answer.list("instances").size() - ended, "machine"))
                .append(ended == 0 ? ", " : " and " + ended + " that ended, ")
                .append(amount(answer, "committed"))
                .append(" per hour committed\n");
        if (!answer.flag("led")) text.append("nobody leads: what is at providers besides is not known\n");
        for (Doc source : answer.list("listed"))
            text.append(source.text("provider"))
                    .append(" listed ")
                    .append(Words.count(source.number("machines"), "machine"))
                    .append(' ')
                    .append(Words.age(source.time("at"), now))
                    .append(" ago\n");
        for (Doc stray : answer.list("strays")) text.append(stray(stray)).append('\n');
        for (Doc trouble : answer.list("troubles"))
            text.append(trouble(trouble, now)).append('\n');
        return text.toString();
    }

    private static String stray(Doc stray) {
        String label = stray.text("label");
        return "stray: " + stray.text("provider") + " " + stray.text("id") + " (" + stray.text("gear") + ", "
                + amount(stray, "per_hour_now") + " per hour, "
                + (label.isEmpty() ? "no label" : "label " + label)
                + ") " + stray.text("whose") + "; `muster instance adopt " + stray.text("id") + " --provider "
                + stray.text("provider") + "` looks after it";
    }

    /// `no answer (3 times in 2m)`.
    public static String failed(Doc trouble, Instant now) {
        return trouble.text("note") + " (" + Words.count(trouble.number("failures"), "time") + " in "
                + Words.age(trouble.time("since"), now) + ")";
    }

    /// `3 machines, $0.21 per hour; vast listed its machines 5s ago`.
    public static String sum(Doc answer, Instant now) {
        StringBuilder text = new StringBuilder(
                        Words.count(answer.list("instances").size(), "machine"))
                .append(", ")
                .append(amount(answer, "committed"))
                .append(" per hour");
        for (Doc source : answer.list("listed"))
            text.append("; ")
                    .append(source.text("provider"))
                    .append(" listed its machines ")
                    .append(Words.age(source.time("at"), now))
                    .append(" ago");
        return text.toString();
    }

    static String trouble(Doc trouble, Instant now) {
        if (trouble.text("errand").startsWith("credit "))
            return "trouble: " + trouble.text("note") + ", for " + Words.age(trouble.time("since"), now);
        if (trouble.flag("denied"))
            return "trouble: " + trouble.text("errand") + ": the key is refused, first "
                    + Words.age(trouble.time("since"), now) + " ago: " + trouble.text("note");
        return "trouble: " + trouble.text("errand") + " failed " + Words.count(trouble.number("failures"), "time")
                + ", first " + Words.age(trouble.time("since"), now) + " ago: " + trouble.text("note");
    }

    private static String brief(String message) {
        return message.length() <= MESSAGE_MAX
                ? message
                : message.substring(0, MESSAGE_MAX - 3).stripTrailing() + "...";
    }

    /// `1x RTX 3070`.
    public static String gear(Doc one) {
        return one.number("gpus") == 0 ? "" : one.text("gpus") + "x " + one.text("gpu");
    }

    private static String market(Doc one) {
        return NodeText.lower(one.text("market")).replace('_', '-');
    }

    /// `vast:123`, or only the provider as long as nobody has found it there.
    private static String place(Doc one) {
        String id = one.text("rented");
        return id.isEmpty() ? one.text("provider") : one.text("provider") + ":" + id;
    }

    /// Dollars, to a hundredth of a cent.
    static String amount(Doc doc, String key) {
        OptionalDouble amount = doc.decimal(key);
        return amount.isEmpty() ? "" : amount(amount.getAsDouble());
    }

    public static String amount(double dollars) {
        return new Money(Math.round(dollars * 1e4) * 100).toString();
    }

    public static String show(Doc answer, Instant now) {
        Doc one = answer.get("instance");
        Facts facts = new Facts()
                .fact("Instance", one.text("id"))
                .fact("Node", one.text("node"))
                .fact("Phase", phase(answer, now))
                .fact("Wanted", wanted(answer, now))
                .fact("Released", released(answer, now))
                .fact("Ended", ended(one, now))
                .fact("Group", one.text("group"))
                .fact("Machine", machine(answer))
                .fact("Provider", place(one))
                .fact("Label", one.text("label"))
                .fact("Role", NodeText.lower(answer.text("role")))
                .fact("Costs", costs(answer))
                .fact("Spent", spent(answer, now))
                .fact("Contract", contract(answer, now))
                .fact("Instead of", one.text("instead_of"))
                .fact("Message", one.has("ended_at") ? "" : one.text("message"));
        for (int index = 0; index < answer.list("troubles").size(); index++)
            facts.fact(
                    index == 0 ? "Trouble" : "Trouble " + (index + 1),
                    answer.list("troubles").get(index).text());
        facts.fact("At risk", one.has("ended_at") ? "" : risk(answer.get("at_risk")));
        facts.fact("Held", answer.text("hindrance"));
        return facts.fact("SSH", ssh(answer))
                .fact("Ports", ports(answer.get("reach")))
                .render();
    }

    private static String ended(Doc one, Instant now) {
        return one.has("ended_at") ? Words.age(one.time("ended_at"), now) + " ago: " + one.text("message") : "";
    }

    private static String phase(Doc answer, Instant now) {
        Doc one = answer.get("instance");
        String seen = one.text("observed");
        return NodeText.lower(one.text("phase"))
                + (seen.isEmpty() || one.has("ended_at")
                        ? ""
                        : "; seen " + NodeText.lower(seen) + " for " + Words.age(answer.time("seen_at"), now));
    }

    private static String wanted(Doc answer, Instant now) {
        Doc one = answer.get("instance");
        if (one.has("ended_at")) return "";
        return NodeText.lower(one.text("will")) + " for " + Words.age(answer.time("will_at"), now)
                + (answer.has("why") ? ": " + answer.text("why") : "")
                + (answer.flag("abandon") ? " (its data is abandoned)" : "");
    }

    private static String released(Doc answer, Instant now) {
        return answer.has("released") ? Words.age(answer.time("released"), now) + " ago: nothing is only there" : "";
    }

    private static String machine(Doc answer) {
        Doc one = answer.get("instance");
        List<String> parts = new ArrayList<>();
        parts.add(gear(one).isEmpty() ? "no GPU" : gear(one));
        if (answer.number("disk_gb") > 0) parts.add(answer.text("disk_gb") + " GB of disk");
        if (answer.has("image")) parts.add(answer.text("image"));
        if (answer.has("machine")) parts.add("machine " + answer.text("machine"));
        if (answer.has("offer")) parts.add("offer " + answer.text("offer"));
        return String.join(", ", parts);
    }

    private static String costs(Doc answer) {
        Doc one = answer.get("instance");
        Doc raised = answer.get("raised");
        String from = raised.isSomething() ? ", raised from " + amount(raised, "from") + ": " + raised.text("why") : "";
        String bid = answer.has("bid") ? " (bid " + amount(answer, "bid") + from + ")" : "";
        if (one.has("ended_at")) return amount(one, "per_hour_running") + " per hour running" + bid;
        return amount(one, "per_hour_now") + " per hour now, " + amount(one, "per_hour_running") + " running" + bid
                + ", " + amount(answer, "per_hour_stopped") + " stopped";
    }

    private static String spent(Doc answer, Instant now) {
        Doc one = answer.get("instance");
        String since = Words.age(one.time("ordered_at"), one.time("ended_at").orElse(now));
        return amount(one, "spent") + " in " + since
                + (answer.has("charged")
                        ? "; as its provider charges up to " + Words.age(answer.time("charged"), now) + " ago"
                        : "; by price and clock");
    }

    private static String contract(Doc answer, Instant now) {
        return answer.time("contract_ends")
                .map(end -> end.isAfter(now)
                        ? "ends in " + Words.span(Duration.between(now, end)) + " at the latest"
                        : "over")
                .orElse("");
    }

    /// What would be lost with the machine now.
    public static String risk(Doc risk) {
        List<String> parts = new ArrayList<>();
        List<Doc> attempts = risk.list("attempts");
        if (!attempts.isEmpty())
            parts.add("runs "
                    + attempts.stream().limit(3).map(Doc::text).collect(Collectors.joining(", "))
                    + (attempts.size() > 3 ? " and " + (attempts.size() - 3) + " more" : ""));
        if (risk.number("files") > 0)
            parts.add(Words.count(risk.number("files"), "file") + " of " + Words.bytes(risk.number("bytes"))
                    + " only there: "
                    + risk.list("named").stream().limit(3).map(Doc::text).collect(Collectors.joining(", "))
                    + (risk.number("files") > 3 ? ", …" : ""));
        return parts.isEmpty() ? "nothing that the cluster knows of" : String.join("; ", parts);
    }

    /// The line that gets there; empty when the way is not known.
    private static String ssh(Doc answer) {
        Doc reach = answer.get("reach");
        String to = reach.has("direct") ? reach.text("direct") : reach.text("proxy");
        if (to.isEmpty()) return "";
        int colon = to.lastIndexOf(':');
        return "ssh -p " + to.substring(colon + 1) + " " + reach.text("user") + "@" + to.substring(0, colon);
    }

    private static String ports(Doc reach) {
        return reach.get("ports").entries().entrySet().stream()
                .map(InstanceText::port)
                .collect(Collectors.joining(", "));
    }

    private static String port(Map.Entry<String, Doc> port) {
        return port.getKey() + " at " + port.getValue().text();
    }
}
