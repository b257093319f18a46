package dev.muster.edge.view;

import dev.muster.core.replay.Replayed;
import dev.muster.core.state.Durations;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Money;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// What policies would have cost, for a terminal and for programs; two stand side by side, on one scale.
public final class ReplayText {
    private static final int LINES = 6;
    private static final int LINES_COMPARED = 4;
    /// A chart of a narrower line tells nothing.
    private static final int WIDTH_MIN = 40;

    private ReplayText() {}

    // ---- for programs

    public static Doc doc(List<Replayed> replays, long days, String from) {
        Doc policies = Doc.of(List.of());
        for (Replayed replay : replays) policies = policies.plus(doc(replay));
        return Doc.object().with("from", from).with("days", days).with("policies", policies);
    }

    private static Doc doc(Replayed replay) {
        Doc done = Doc.object();
        for (Map.Entry<JobKind, Integer> kind : replay.done())
            done = done.with(kind.getKey().name().toLowerCase(Locale.ROOT), (long) kind.getValue());
        Replayed.Waiting waiting = replay.waiting();
        Replayed.Machines machines = replay.machines();
        return Doc.object()
                .with("name", replay.name())
                .with("spent", replay.spent().dollars())
                .with("tasks_done", (long) replay.tasks())
                .with("done", done)
                .with("tasks_left", (long) replay.left())
                .with(
                        "waiting_seconds",
                        Doc.object()
                                .with("mean", waiting.mean().toSeconds())
                                .with("median", waiting.median().toSeconds())
                                .with("p95", waiting.p95().toSeconds())
                                .with("most", waiting.most().toSeconds()))
                .with(
                        "machines",
                        Doc.object()
                                .with("ordered", (long) machines.ordered())
                                .with("most", (long) machines.most())
                                .with("rented_hours", hours(machines.rented()))
                                .with("idle_hours", hours(machines.idle()))
                                .with("used", machines.used())
                                .with("outbid", (long) machines.outbid()))
                .with("refused", refused(replay))
                .with("never_rented", unused(replay))
                .with("caps_passed", passed(replay))
                .with("per_day", perDay(replay))
                .with("samples", samples(replay));
    }

    private static Doc refused(Replayed replay) {
        Doc refused = Doc.of(List.of());
        for (Replayed.Refused one : replay.refused())
            refused = refused.plus(Doc.object()
                    .with("cap", one.cap())
                    .with("limit", one.limit().dollars())
                    .with("hours", hours(one.time())));
        return refused;
    }

    private static Doc unused(Replayed replay) {
        Doc unused = Doc.object();
        for (Map.Entry<String, String> group : replay.unused()) unused = unused.with(group.getKey(), group.getValue());
        return unused;
    }

    private static Doc passed(Replayed replay) {
        Doc passed = Doc.of(List.of());
        for (Replayed.Passed one : replay.passed())
            passed = passed.plus(Doc.object()
                    .with("date", one.date().toString())
                    .with("cap", one.cap())
                    .with("limit", one.limit().dollars())
                    .with("spent", one.spent().dollars())
                    .with("drains", one.drains()));
        return passed;
    }

    private static Doc perDay(Replayed replay) {
        Doc days = Doc.of(List.of());
        for (Replayed.Day day : replay.days())
            days = days.plus(Doc.object()
                    .with("date", day.date().toString())
                    .with("spent", day.spent().dollars())
                    .with("tasks_done", (long) day.done())
                    .with("machines_most", (long) day.most())
                    .with("rented_hours", hours(day.rented()))
                    .with("idle_hours", hours(day.idle()))
                    .with("refused_hours", hours(day.refused())));
        return days;
    }

    private static Doc samples(Replayed replay) {
        Doc samples = Doc.of(List.of());
        for (Replayed.Sample sample : replay.samples()) {
            Doc groups = Doc.object();
            for (Map.Entry<String, Integer> group : sample.groups())
                groups = groups.with(group.getKey(), (long) group.getValue());
            samples = samples.plus(Doc.object()
                    .with("at", sample.at().toString())
                    .with("machines", (long) sample.machines())
                    .with("groups", groups)
                    .with("busy", (long) sample.busy())
                    .with("waiting", (long) sample.waiting())
                    .with("spent", sample.spent().dollars()));
        }
        return samples;
    }

    private static double hours(Duration time) {
        return Math.round(time.toMinutes() / 0.6) / 100.0;
    }

    // ---- for people

    /// @param width of a line
    public static String table(List<Replayed> replays, int width) {
        int wide = Math.max(WIDTH_MIN, width);
        StringBuilder text = new StringBuilder(figures(replays));
        for (Replayed replay : replays) {
            String name = replays.size() > 1 ? replay.name() + ": " : "";
            unused(text, replay, name);
            passed(text, replay, name);
        }
        int lines = replays.size() > 1 ? LINES_COMPARED : LINES;
        charts(text, replays, wide, lines, "machines", ReplayText::machines, ReplayText::count);
        charts(text, replays, wide, lines, "tasks waiting", ReplayText::waiting, ReplayText::count);
        charts(
                text,
                replays,
                wide,
                lines,
                "dollars a day",
                ReplayText::spent,
                most -> String.format(Locale.ROOT, "$%.2f", most));
        return text.toString();
    }

    /// A policy that does nothing costs nothing, and looks perfect.
    private static void unused(StringBuilder text, Replayed replay, String name) {
        for (Map.Entry<String, String> group : replay.unused())
            text.append('\n')
                    .append(name)
                    .append("NEVER RENTED: ")
                    .append(group.getKey())
                    .append("\n  ")
                    .append(group.getValue())
                    .append('\n');
    }

    /// A cap that was not kept has to be seen.
    private static void passed(StringBuilder text, Replayed replay, String name) {
        Map<String, List<Replayed.Passed>> caps = new TreeMap<>();
        for (Replayed.Passed one : replay.passed())
            caps.computeIfAbsent(one.cap(), any -> new ArrayList<>()).add(one);
        caps.forEach((cap, list) -> {
            Replayed.Passed most = Collections.max(list, Comparator.comparing(Replayed.Passed::by));
            text.append('\n')
                    .append(name)
                    .append("CAP PASSED: ")
                    .append(cents(most.limit()))
                    .append(" per ")
                    .append(cap)
                    .append(", on ")
                    .append(list.size() == 1 ? most.date().toString() : Words.count(list.size(), "day"))
                    .append(list.size() == 1 ? " by " : ", most on " + most.date() + " by ")
                    .append(cents(most.by()))
                    .append(" (")
                    .append(cents(most.spent()))
                    .append(" spent)\n  ")
                    .append(
                            most.drains()
                                    ? "machines were ended for it, and not all were gone in time\n"
                                    : "what ran went on (on_cap: refuse); on_cap: drain ends machines in time\n");
        });
    }

    private static String figures(List<Replayed> replays) {
        boolean two = replays.size() == 2;
        List<String> heads = new ArrayList<>(List.of(""));
        for (Replayed replay : replays) heads.add(">" + replay.name());
        if (two) heads.add(">change");
        TextTable table = new TextTable(heads.toArray(String[]::new));
        row(
                table,
                replays,
                "spent",
                one -> cents(one.spent()),
                one -> one.spent().dollars());
        row(table, replays, "a day", ReplayText::daily, one -> one.spent().dollars() / one.length());
        row(table, replays, "tasks done", one -> count(one.tasks()), Replayed::tasks);
        for (JobKind kind : JobKind.values()) {
            if (replays.stream().noneMatch(one -> one.done().has(kind))) continue;
            row(
                    table,
                    replays,
                    "  " + kind.name().toLowerCase(Locale.ROOT),
                    one -> count(one.done().getOrDefault(kind, 0)),
                    one -> one.done().getOrDefault(kind, 0));
        }
        row(table, replays, "not done", one -> count(one.left()), Replayed::left);
        row(table, replays, "a task", ReplayText::perTask, one -> one.spent().dollars() / Math.max(1, one.tasks()));
        row(
                table,
                replays,
                "waited, mean",
                one -> span(one.waiting().mean()),
                one -> one.waiting().mean().toMinutes());
        row(
                table,
                replays,
                "waited, 95 %",
                one -> span(one.waiting().p95()),
                one -> one.waiting().p95().toMinutes());
        row(
                table,
                replays,
                "waited, most",
                one -> span(one.waiting().most()),
                one -> one.waiting().most().toMinutes());
        row(
                table,
                replays,
                "machines, most",
                one -> count(one.machines().most()),
                one -> one.machines().most());
        row(
                table,
                replays,
                "machines ordered",
                one -> count(one.machines().ordered()),
                one -> one.machines().ordered());
        row(
                table,
                replays,
                "outbid",
                one -> count(one.machines().outbid()),
                one -> one.machines().outbid());
        row(
                table,
                replays,
                "hours rented",
                one -> wholeHours(one.machines().rented()),
                one -> one.machines().rented().toMinutes());
        row(
                table,
                replays,
                "hours idle",
                ReplayText::idle,
                one -> one.machines().idle().toMinutes());
        caps(replays)
                .forEach(cap -> row(
                        table,
                        replays,
                        "kept back by " + cap,
                        one -> span(refusedBy(one, cap)),
                        one -> refusedBy(one, cap).toMinutes()));
        return table.render();
    }

    private static void row(
            TextTable table,
            List<Replayed> replays,
            String name,
            Function<Replayed, String> cell,
            ToDoubleFunction<Replayed> number) {
        List<Object> cells = new ArrayList<>(List.of(name));
        for (Replayed replay : replays) cells.add(cell.apply(replay));
        if (replays.size() == 2)
            cells.add(change(number.applyAsDouble(replays.getFirst()), number.applyAsDouble(replays.getLast())));
        table.row(cells.toArray());
    }

    private static String change(double from, double to) {
        if (from == to) return "=";
        return from == 0 ? "new" : String.format(Locale.ROOT, "%+.0f %%", 100 * (to - from) / from);
    }

    private static List<String> caps(List<Replayed> replays) {
        return replays.stream()
                .flatMap(replay -> replay.refused().stream())
                .map(Replayed.Refused::cap)
                .distinct()
                .sorted()
                .toList();
    }

    private static Duration refusedBy(Replayed replay, String cap) {
        return replay.refused().stream()
                .filter(one -> one.cap().equals(cap))
                .map(Replayed.Refused::time)
                .findFirst()
                .orElse(Duration.ZERO);
    }

    private static void charts(
            StringBuilder text,
            List<Replayed> replays,
            int width,
            int lines,
            String what,
            Function<Replayed, double[]> values,
            Function<Double, String> label) {
        double most = 0;
        for (Replayed replay : replays) for (double value : values.apply(replay)) most = Math.max(most, value);
        // Nothing to see.
        if (most == 0) return;
        for (Replayed replay : replays) {
            String title = replays.size() > 1 ? what + ", " + replay.name() : what;
            String first = replay.days().getFirst().date().toString();
            String last = replay.days().getLast().date().toString();
            text.append('\n')
                    .append(new Chart(title, values.apply(replay), most, label.apply(most))
                            .render(width, lines, first, first.equals(last) ? "" : last));
        }
    }

    private static double[] machines(Replayed replay) {
        return replay.samples().stream().mapToDouble(Replayed.Sample::machines).toArray();
    }

    private static double[] waiting(Replayed replay) {
        return replay.samples().stream().mapToDouble(Replayed.Sample::waiting).toArray();
    }

    private static double[] spent(Replayed replay) {
        return replay.days().stream().mapToDouble(day -> day.spent().dollars()).toArray();
    }

    // ---- words

    private static String cents(Money money) {
        return String.format(Locale.ROOT, "$%,.2f", money.dollars());
    }

    private static String daily(Replayed replay) {
        return String.format(Locale.ROOT, "$%,.2f", replay.spent().dollars() / replay.length());
    }

    private static String perTask(Replayed replay) {
        return replay.tasks() == 0
                ? "-"
                : String.format(Locale.ROOT, "$%.4f", replay.spent().dollars() / replay.tasks());
    }

    private static String idle(Replayed replay) {
        return wholeHours(replay.machines().idle())
                + String.format(
                        Locale.ROOT, " (%.0f %%)", 100 * (1 - replay.machines().used()));
    }

    private static String wholeHours(Duration time) {
        return count(Math.round(time.toMinutes() / 60.0));
    }

    private static String count(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }

    private static String span(Duration time) {
        return time.isZero() ? "0m" : Durations.brief(time);
    }
}
