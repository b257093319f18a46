package dev.muster.edge.cli;

import dev.muster.core.state.Money;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.InstanceText;
import dev.muster.edge.view.ScaleText;
import dev.muster.edge.wire.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Model.CommandSpec;

/// `muster budget …`
final class BudgetCommands {
    private static final List<String> SPANS = List.of("hour", "day", "month");
    private static final String NONE = "none";

    private BudgetCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "budget",
                "What may be spent on rented machines, and what was.",
                Verb.of(
                                "show",
                                "Show what was spent, what is committed, and when a cap is reached.",
                                args -> Show.answer(
                                        args,
                                        "/v1/budget",
                                        (doc, wide, now) -> ScaleText.budget(doc),
                                        Show.names("groups", "name")))
                        .watchable()
                        .build(),
                Verb.of("set", "Cap what is spent; a cap that is not named stays as it is.", BudgetCommands::set)
                        .option("--hour", "DOLLARS", "what all machines cost together at any moment, per hour; or none")
                        .option("--day", "DOLLARS", "from midnight to midnight; or none")
                        .option("--month", "DOLLARS", "of the calendar; or none")
                        .option("--group", "GROUP", "only this group's machines; all unless told")
                        .asking()
                        .order()
                        .build());
    }

    private static int set(Args args) throws Failure {
        Doc body = Words.why(args);
        for (String span : SPANS) {
            Optional<String> written = args.text("--" + span);
            if (written.isPresent()) body = body.with(span, amount("--" + span, written.get()));
        }
        if (SPANS.stream().noneMatch(body::has))
            throw Failure.usage("expected --hour, --day or --month, but found none", "`muster budget set --day 50`");
        Client client = Settings.client(args);
        String group = args.text("--group").orElse("");
        Doc budget = client.get("/v1/budget").doc();
        String plan = plan(budget, body, group, goesOn(client), notice(budget));
        if (!goesOn(args, plan)) return Exit.DONE;
        String path = group.isEmpty() ? "/v1/budget" : "/v1/budget/" + Words.segment(group);
        return Show.done(args, client.order("PUT", path, body), plan);
    }

    private static String amount(String option, String written) throws Failure {
        if (written.equalsIgnoreCase(NONE)) return NONE;
        try {
            Money amount = Money.parse(written);
            if (amount.compareTo(Money.ZERO) >= 0) return amount.toString();
            throw Failure.usage(
                    "expected " + option + " to be $0 or more, but found " + amount,
                    "`" + option + " none` takes it away");
        } catch (IllegalArgumentException e) {
            throw Failure.usage(option + ": " + e.getMessage(), "`" + option + " none` takes it away");
        }
    }

    /// Nothing is lost by a cap, so nobody is asked; what is over it already is told.
    private static boolean goesOn(Args args, String plan) throws Failure {
        return !args.dryRun() || Confirm.goesOn(args, plan);
    }

    /// Only a running autoscaler ends anything.
    private static String goesOn(Client client) throws Failure {
        Doc scaling = client.get("/v1/scaling").doc();
        if (!scaling.flag("enabled")) return "the autoscaler is off";
        return scaling.text("on_cap").equalsIgnoreCase("drain") ? "" : "on_cap: refuse";
    }

    private static String plan(Doc budget, Doc body, String group, String goesOn, Duration notice) {
        List<String> lines = new ArrayList<>();
        for (String span : SPANS) {
            if (!body.has(span)) continue;
            Optional<Doc> before = budget.list("caps").stream()
                    .filter(cap ->
                            cap.text("scope").equals(group) && cap.text("span").equals(span))
                    .findFirst();
            String was = before.map(
                            cap -> InstanceText.amount(cap.decimal("cap").orElse(0)))
                    .orElse("no cap");
            String now = body.text(span).equals(NONE) ? "no cap" : body.text(span);
            lines.add((group.isEmpty() ? "all machines" : group) + " per " + span + ": " + was + " -> " + now
                    + over(budget, body.text(span), span, group, goesOn, notice));
        }
        return String.join("\n", lines);
    }

    /// Where what is spent, and an hour of what runs, is more than the new cap; and where what runs would pass it later.
    ///
    /// @param goesOn why machines are not ended for it; empty when they are
    /// @param notice of a machine that is ended for it, until it is gone
    static String over(Doc budget, String written, String span, String group, String goesOn, Duration notice) {
        if (written.equals(NONE)) return "";
        double cap = Money.parse(written).dollars();
        boolean rate = span.equals("hour");
        double open = committed(budget, group);
        double spent = rate ? 0 : spent(budget, span, group);
        if (open == 0 && spent <= cap) return "";
        String from = rate ? "now" : from(budget, cap - spent, open, machines(budget, group), notice);
        if (spent + open > cap)
            return ";\n  " + InstanceText.amount(spent + open) + " is "
                    + (rate ? "open now" : "used, with an hour of what runs") + ": nothing more is rented, and "
                    + (goesOn.isEmpty()
                            ? "the autoscaler ends machines from " + from + " on, until the rest fits (on_cap: drain)"
                            : "what runs goes on past it (" + goesOn + ")");
        if (rate) return "";
        double forecast = spent + open * left(budget, span).toSeconds() / 3_600.0;
        if (forecast <= cap) return "";
        return ";\n  what runs now would come to " + InstanceText.amount(forecast) + ": "
                + (goesOn.isEmpty()
                        ? "machines are ended from " + from + " on (on_cap: drain)"
                        : "it goes on past the cap (" + goesOn + ")");
    }

    /// As the autoscaler has it: the last machine's notice still fits, and of several the first goes one notice earlier.
    private static String from(Doc budget, double left, double perHour, long machines, Duration notice) {
        Instant now = budget.time("at").orElse(Instant.EPOCH);
        if (perHour == 0) return "now";
        Duration lasts = Duration.ofSeconds((long) (left / perHour * 3_600));
        String from = ScaleText.moment(budget, now.plus(lasts).minus(notice.multipliedBy(machines > 1 ? 2 : 1)));
        return from.equals("now") ? from : from.replaceFirst("^(on|at) ", "");
    }

    static Duration notice(Doc budget) {
        return Durations.parse(budget.text("notice"));
    }

    private static long machines(Doc budget, String group) {
        return budget.list("groups").stream()
                .filter(one -> group.isEmpty() || one.text("name").equals(group))
                .mapToLong(one -> one.number("machines"))
                .sum();
    }

    private static double committed(Doc budget, String group) {
        if (group.isEmpty()) return budget.decimal("committed").orElse(0);
        return share(budget, group).flatMap(one -> box(one.decimal("per_hour"))).orElse(0.0);
    }

    private static double spent(Doc budget, String span, String group) {
        if (group.isEmpty()) return budget.get(span).decimal("spent").orElse(0);
        return share(budget, group)
                .flatMap(one -> box(one.decimal(span.equals("day") ? "today" : "month")))
                .orElse(0.0);
    }

    private static Optional<Doc> share(Doc budget, String group) {
        return budget.list("groups").stream()
                .filter(one -> one.text("name").equals(group))
                .findFirst();
    }

    private static Optional<Double> box(OptionalDouble number) {
        return number.isPresent() ? Optional.of(number.getAsDouble()) : Optional.empty();
    }

    private static Duration left(Doc budget, String span) {
        Instant now = budget.time("at").orElse(Instant.EPOCH);
        return Duration.between(now, budget.get(span).time("ends").orElse(now));
    }
}
