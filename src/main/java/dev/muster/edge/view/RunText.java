package dev.muster.edge.view;

import dev.muster.core.run.Failure;
import dev.muster.edge.wire.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// Training runs for a terminal.
public final class RunText {
    private RunText() {}

    public static String list(Doc answer, boolean wide, Instant now) {
        TextTable table = wide
                ? new TextTable(
                        "RUN",
                        "SERIES",
                        "STATUS",
                        "STAGE",
                        ">DONE",
                        ">COST",
                        ">CAP",
                        ">HOURS",
                        ">ESTIMATED",
                        "MACHINES",
                        "LAUNCHED",
                        "MESSAGE")
                : new TextTable("RUN", "STATUS", "STAGE", ">COST", ">HOURS", ">ESTIMATED", "MESSAGE");
        for (Doc run : answer.list("runs")) {
            String status = status(run);
            String cost = money(run.decimal("spent"));
            String hours = hours(run.decimal("hours"));
            String estimated = hours(run.decimal("estimated"));
            if (wide)
                table.row(
                        run.text("id"),
                        run.text("series"),
                        status,
                        run.text("stage"),
                        run.text("done") + "/" + run.text("stages"),
                        cost,
                        money(run.decimal("total_max")),
                        hours,
                        estimated,
                        join(run.list("machines")),
                        Words.age(run.time("launched_at"), now),
                        run.text("message"));
            else table.row(run.text("id"), status, run.text("stage"), cost, hours, estimated, run.text("message"));
        }
        return table.render();
    }

    private static String status(Doc run) {
        return run.text("status") + (run.flag("champion") ? " (best)" : "");
    }

    private static String join(List<Doc> texts) {
        return String.join(", ", texts.stream().map(Doc::text).toList());
    }

    public static String show(Doc answer, Instant now) {
        Doc run = answer.get("run");
        Facts facts = new Facts()
                .fact("Run", run.text("id"))
                .fact("Series", run.text("series") + champion(answer, run))
                .fact("Status", status(run) + (run.text("message").isEmpty() ? "" : ": " + run.text("message")))
                .fact("Launched", Words.age(run.time("launched_at"), now) + " ago by " + answer.text("submitter"))
                .fact("Took", took(run))
                .fact("Cost", cost(answer, run));
        Doc config = answer.get("spec").get("config");
        if (config.isSomething()) facts.fact("Config", config.text("path") + ", " + Words.brief(config.text("sha")));
        Doc tags = answer.get("spec").get("tags");
        if (!tags.entries().isEmpty())
            facts.fact(
                    "Tags",
                    String.join(
                            ", ",
                            tags.entries().entrySet().stream()
                                    .map(tag ->
                                            tag.getKey() + "=" + tag.getValue().text())
                                    .toList()));
        StringBuilder text = new StringBuilder(facts.render());
        for (Doc warning : answer.list("warnings")) text.append("  ").append(warned(warning));
        for (Doc wait : answer.list("waits"))
            text.append("  waits: ").append(wait.text()).append('\n');
        text.append('\n').append(stages(answer, now));
        for (Doc stage : answer.list("stages")) text.append(advice(stage)).append(seen(stage));
        if (!answer.list("instances").isEmpty()) text.append('\n').append(machines(answer));
        for (Doc stage : answer.list("stages")) text.append(results(stage));
        return text.toString();
    }

    private static String champion(Doc answer, Doc run) {
        String best = answer.text("champion");
        if (best.isEmpty()) return "";
        return best.equals(run.text("id")) ? ", of which it is the best" : ", the best of which is " + best;
    }

    private static String took(Doc run) {
        String hours = hours(run.decimal("hours"));
        if (run.decimal("estimated").isEmpty()) return hours;
        double share = run.decimal("hours").orElse(0)
                / Math.max(1e-9, run.decimal("estimated").getAsDouble());
        return hours + " of " + hours(run.decimal("estimated")) + " estimated (" + Math.round(share * 100) + "%)";
    }

    private static String cost(Doc answer, Doc run) {
        if (answer.list("instances").isEmpty() && run.decimal("spent").orElse(0) == 0)
            return answer.get("spec").get("machines").isSomething()
                    ? "nothing so far"
                    : "nothing: on nodes that are there";
        StringBuilder text = new StringBuilder(money(run.decimal("spent")));
        if (run.decimal("estimated_cost").orElse(0) > 0)
            text.append(" of ").append(money(run.decimal("estimated_cost"))).append(" estimated");
        if (run.decimal("total_max").isPresent()) text.append(", stopped at ").append(money(run.decimal("total_max")));
        if (run.flag("settled")) text.append("; billed");
        return text.toString();
    }

    private static String stages(Doc answer, Instant now) {
        TextTable table = new TextTable("STAGE", "PHASE", ">RAN", "JOB", ">TRIES", "NODE", "NOTE");
        for (Doc stage : answer.list("stages")) {
            boolean stopped = stage.text("phase").equals("FAILED")
                    && answer.get("run").text("status").equals("STOPPED");
            table.row(
                    stage.text("name"),
                    stage.flag("waiting") ? "WAITING" : stopped ? "STOPPED" : stage.text("phase"),
                    ran(stage),
                    stage.text("job"),
                    stage.number("tries") == 0 ? "" : stage.text("tries"),
                    stage.text("node"),
                    note(stage));
        }
        return table.render();
    }

    /// For how long its attempts have run: what it waited for, and was resumed after, is not in it.
    static String ran(Doc stage) {
        Duration ran = stage.text("ran").isEmpty() ? Duration.ZERO : Durations.parse(stage.text("ran"));
        return ran.isPositive() ? Words.span(ran) : "-";
    }

    private static String note(Doc stage) {
        List<String> notes = new ArrayList<>();
        if (!stage.text("from").isEmpty()) notes.add("taken from " + stage.text("from"));
        if (!stage.text("failure").isEmpty())
            notes.add(stage.text("failure").toLowerCase(Locale.ROOT).replace('_', ' '));
        if (!stage.text("note").isEmpty()) notes.add(stage.text("note"));
        Doc verdict = stage.get("verdict");
        if (verdict.isSomething())
            notes.add(verdict.text("answer").toLowerCase(Locale.ROOT) + ": " + verdict.text("why"));
        return String.join("; ", notes);
    }

    /// What the runbook says of such a failure.
    private static String advice(Doc stage) {
        for (Failure.Kind kind : Failure.Kind.values())
            if (kind.name().equals(stage.text("failure")))
                return "\n" + stage.text("name") + " failed, " + kind.words() + ": " + kind.advice() + "\n";
        return "";
    }

    /// How it goes while it runs, and what is kept of it.
    private static String seen(Doc stage) {
        StringBuilder text = new StringBuilder();
        String name = stage.text("name");
        if (stage.has("load")) text.append(load(stage));
        for (Doc warning : stage.list("warnings"))
            text.append(name).append(", ").append(warned(warning));
        if (stage.has("tracked"))
            text.append(name).append(", W&B: ").append(tracked(stage)).append('\n');
        for (Doc file : stage.list("kept"))
            if (file.text("path").endsWith(".log"))
                text.append(name)
                        .append(", output kept: ")
                        .append(Words.bytes(file.number("size")))
                        .append(", ")
                        .append(Words.brief(file.text("sha")))
                        .append("; `muster job logs ")
                        .append(file.text("path").replaceAll("^logs/|\\.log$", ""))
                        .append("` prints it\n");
        return text.isEmpty() ? "" : "\n" + text;
    }

    private static String warned(Doc warning) {
        return TextTable.oneLine(WarningRow.words(warning))
                + (warning.has("advice") ? "; " + warning.text("advice") : "") + "\n";
    }

    /// The page, else the id by which `wandb sync` will make one.
    static String tracked(Doc stage) {
        Doc tracked = stage.get("tracked");
        return tracked.has("url") ? tracked.text("url") : tracked.text("id") + ", not online";
    }

    private static String load(Doc stage) {
        Doc load = stage.get("load");
        List<String> shares = new ArrayList<>();
        share(shares, "GPU", load.decimal("gpu_percent"));
        share(shares, "GPU memory", load.decimal("gpu_memory_percent"));
        share(shares, "CPU", load.decimal("cpu_percent"));
        share(shares, "memory", load.decimal("memory_percent"));
        return shares.isEmpty()
                ? ""
                : stage.text("name") + " on " + stage.text("node") + " now: " + String.join(", ", shares) + "\n";
    }

    private static void share(List<String> shares, String what, OptionalDouble percent) {
        if (percent.isPresent()) shares.add(what + " " + Math.round(percent.getAsDouble()) + " %");
    }

    private static String machines(Doc answer) {
        TextTable table = new TextTable("MACHINE", "PHASE", "GPU", ">$/H", ">SPENT", "NODE", "MESSAGE");
        for (Doc machine : answer.list("instances"))
            table.row(
                    machine.text("id"),
                    machine.text("phase"),
                    machine.number("gpus") == 0 ? "" : machine.text("gpus") + "x " + machine.text("gpu"),
                    money(machine.decimal("per_hour_now")),
                    money(machine.decimal("spent")),
                    machine.text("node"),
                    machine.text("message"));
        return table.render();
    }

    private static String results(Doc stage) {
        Map<String, Doc> numbers = stage.get("results").entries();
        if (numbers.isEmpty()) return "";
        StringBuilder text =
                new StringBuilder("\nResults of ").append(stage.text("name")).append('\n');
        numbers.forEach((name, number) -> text.append("  ")
                .append(name)
                .append(": ")
                .append(number.text())
                .append('\n'));
        return text.toString();
    }

    /// How far it is, in one line that changes only when something does.
    public static String line(Doc answer) {
        Doc run = answer.get("run");
        StringBuilder text = new StringBuilder(run.text("id")).append(' ').append(status(run));
        for (Doc stage : answer.list("stages")) {
            if (stage.text("phase").equals("WAITING")) continue;
            String phase = stage.flag("waiting") ? "WAITING" : stage.text("phase");
            text.append(", ").append(stage.text("name")).append(' ').append(phase.toLowerCase(Locale.ROOT));
            if (phase.equals("RUNNING") && !stage.text("node").isEmpty())
                text.append(" on ").append(stage.text("node"));
        }
        for (Doc machine : answer.list("instances"))
            if (!machine.has("ended_at"))
                text.append("; ").append(machine.text("id")).append(' ').append(machine.text("phase"));
        if (!run.text("status").equals("OPEN") && !run.text("message").isEmpty())
            text.append(": ").append(run.text("message"));
        return text.toString();
    }

    /// What a person may want to do next.
    public static String launched(String id, boolean rented) {
        return "launched " + id + "; the cluster sees to it from now on, whatever becomes of this shell\n"
                + "Useful commands:\n"
                + "  muster run show " + id + " --watch    phase, curves, cost\n"
                + (rented ? "  muster instance list             its machine, as soon as one is rented\n" : "")
                + "  muster run stop " + id + "            keeps what it has saved\n"
                + "  muster run resume " + id + "          goes on from there\n"
                + "  muster run results " + id + "         what it has made\n";
    }

    static String hours(OptionalDouble hours) {
        return hours.isEmpty() ? "-" : Words.span(Duration.ofMillis(Math.round(hours.getAsDouble() * 3_600_000)));
    }

    /// Not String.format: it would cost a command 20 ms to load.
    public static String money(OptionalDouble dollars) {
        if (dollars.isEmpty()) return "-";
        long cents = Math.round(dollars.getAsDouble() * 10_000);
        String rest = Long.toString(10_000 + cents % 10_000).substring(1);
        return "$" + cents / 10_000 + "." + (rest.endsWith("00") ? rest.substring(0, 2) : rest);
    }
}
