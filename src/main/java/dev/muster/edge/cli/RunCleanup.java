package dev.muster.edge.cli;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Money;
import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run cleanup`: the runbook's weekly one. Machines that have been stopped for long are destroyed; runs that ended long
/// ago are archived, verified there, and forgotten with the files that only they need. What fails stays, and the rest goes on.
final class RunCleanup {
    private static final Duration STOPPED = Duration.ofDays(7);
    private static final Duration OLD = Duration.ofDays(30);

    private RunCleanup() {}

    static CommandSpec spec() {
        return Verb.of(
                        "cleanup",
                        "Destroy machines that have been stopped for long, and archive and forget runs that ended long ago.",
                        TrainingCommands.refusing(RunCleanup::run))
                .option("--stopped-for", "TIME", "machines stopped for longer; 7d unless told")
                .option("--older-than", "TIME", "runs that ended longer ago; 30d unless told")
                .option(
                        "--to",
                        "PLACE",
                        "for runs: a folder, " + RunArchive.DEFAULT + " unless told, or REMOTE:PATH of rclone")
                .asking()
                .order()
                .build();
    }

    /// @param perMonth dollars, as it is
    private record Machine(String id, String name, Duration stopped, double perMonth) {}

    /// @param bytes of its files, each counted once
    private record Old(String id, Doc answer, Duration past, long bytes) {}

    private static int run(Args args) throws Failure {
        Instant now = args.shell().clock().instant();
        Client client = Settings.client(args);
        List<Machine> machines = machines(client, now, args.duration("--stopped-for", STOPPED));
        List<Old> runs = runs(client, now, args.duration("--older-than", OLD));
        String to = args.text("--to").orElse(RunArchive.DEFAULT);
        Doc doc = doc(machines, runs, to);
        if (machines.isEmpty() && runs.isEmpty()) return said(args, doc, "nothing is to be cleaned up\n");
        if (!Confirm.goesOn(args, plan(machines, runs, to), doc)) return Exit.DONE;
        List<String> done = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        int number = 1;
        for (Machine machine : machines) destroy(args, client.another(number++), machine, done, failed);
        for (Old old : runs) archive(args, client.another(number++), old, to, done, failed);
        for (String why : failed) args.shell().err().println("muster: " + why);
        said(
                args,
                doc.with("done", Doc.of(done)).with("failed", Doc.of(failed)),
                String.join("\n", done) + (done.isEmpty() ? "" : "\n"));
        return failed.isEmpty() ? Exit.DONE : Exit.ERROR;
    }

    private static int said(Args args, Doc doc, String text) throws Failure {
        args.shell().out().print(args.output().render(doc, wide -> text, none -> List.of()));
        return Exit.DONE;
    }

    // ---- what there is

    private static List<Machine> machines(Client client, Instant now, Duration least) throws Failure {
        List<Machine> found = new ArrayList<>();
        for (Doc row : client.get("/v1/instances").doc().list("instances")) {
            if (!row.text("phase").equals("STOPPED") || row.has("ended_at")) continue;
            Doc detail = client.get(InstanceCommands.path(row.text("id"))).doc();
            // Since both are so: what is wanted, and what is seen.
            Duration stopped = since(detail, "will_at", now).compareTo(since(detail, "seen_at", now)) < 0
                    ? since(detail, "will_at", now)
                    : since(detail, "seen_at", now);
            if (stopped.compareTo(least) >= 0)
                found.add(new Machine(
                        row.text("id"),
                        InstanceCommands.name(row),
                        stopped,
                        row.decimal("per_hour_now").orElse(0) * Money.MONTH_HOURS));
        }
        return found;
    }

    private static Duration since(Doc doc, String key, Instant now) {
        return doc.time(key).map(at -> Duration.between(at, now)).orElse(Duration.ZERO);
    }

    /// Neither the best of a series, nor what is open, nor what has machines.
    private static List<Old> runs(Client client, Instant now, Duration least) throws Failure {
        Doc all = client.get("/v1/runs").doc();
        Set<String> best = new HashSet<>();
        all.get("champions").entries().values().forEach(id -> best.add(id.text()));
        List<Old> found = new ArrayList<>();
        for (Doc row : all.list("runs")) {
            boolean old = row.time("ended_at")
                    .filter(end -> Duration.between(end, now).compareTo(least) >= 0)
                    .isPresent();
            if (!old || row.text("status").equals("OPEN") || best.contains(row.text("id"))) continue;
            if (!row.list("machines").isEmpty()) continue;
            Doc answer = client.get(RunShow.path(row.text("id"))).doc();
            Set<String> seen = new HashSet<>();
            long bytes = new RunFiles(client)
                    .of(answer, Optional.empty()).stream()
                            .filter(file -> seen.add(file.sha()))
                            .mapToLong(RunFiles.Left::size)
                            .sum();
            found.add(new Old(row.text("id"), answer, since(row, "ended_at", now), bytes));
        }
        return found;
    }

    private static String plan(List<Machine> machines, List<Old> runs, String to) {
        StringBuilder plan = new StringBuilder("Clean up:");
        for (Machine machine : machines)
            plan.append("\n  destroy ")
                    .append(machine.id())
                    .append(" (")
                    .append(machine.name())
                    .append("), stopped for ")
                    .append(days(machine.stopped()))
                    .append(", ")
                    .append(dollars(machine.perMonth()))
                    .append(" a month");
        for (Old run : runs)
            plan.append("\n  archive ")
                    .append(run.id())
                    .append(" in ")
                    .append(to)
                    .append(" and forget it, ended ")
                    .append(days(run.past()))
                    .append(" ago, ")
                    .append(new Bytes(run.bytes()));
        double month = machines.stream().mapToDouble(Machine::perMonth).sum();
        long bytes = runs.stream().mapToLong(Old::bytes).sum();
        return plan.append("\nThat saves ")
                .append(dollars(month))
                .append(" a month, and ")
                .append(new Bytes(bytes))
                .append(" on each node that holds a copy.")
                .toString();
    }

    private static String days(Duration time) {
        return time.toDays() > 0 ? time.toDays() + "d" : Durations.brief(time);
    }

    private static String dollars(double amount) {
        return new Money(Math.round(amount * 1e6)).brief();
    }

    /// Amounts are dollars, sizes bytes.
    private static Doc doc(List<Machine> machines, List<Old> runs, String to) {
        return Doc.object()
                .with("to", to)
                .with(
                        "machines",
                        Doc.all(machines.stream()
                                .map(one -> Doc.object()
                                        .with("id", one.id())
                                        .with("stopped_days", one.stopped().toDays())
                                        .with("per_month", one.perMonth()))
                                .toList()))
                .with(
                        "runs",
                        Doc.all(runs.stream()
                                .map(one -> Doc.object()
                                        .with("id", one.id())
                                        .with("ended_days", one.past().toDays())
                                        .with("size", one.bytes()))
                                .toList()));
    }

    // ---- what is done

    private static void destroy(Args args, Client client, Machine machine, List<String> done, List<String> failed) {
        try {
            client.order(
                    "POST",
                    InstanceCommands.path(machine.id()) + "/destroy",
                    Words.why(args).with("abandon_data", false));
            done.add(machine.id() + " is to be destroyed, as soon as nothing is only there");
        } catch (Failure failure) {
            failed.add(machine.id() + ": " + failure.getMessage());
        }
    }

    /// It is forgotten only when all of it was verified at its new place.
    private static void archive(Args args, Client client, Old run, String to, List<String> done, List<String> failed) {
        try {
            String place = RunArchive.put(args, client, run.answer(), to);
            client.order("DELETE", RunShow.path(run.id()), Words.why(args));
            done.add(run.id() + " is in " + place + ", and forgotten here");
        } catch (Failure failure) {
            failed.add(run.id() + ": " + failure.getMessage());
        }
    }
}
