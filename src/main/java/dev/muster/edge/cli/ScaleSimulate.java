package dev.muster.edge.cli;

import dev.muster.core.replay.Demand;
import dev.muster.core.replay.Prices;
import dev.muster.core.replay.Replay;
import dev.muster.core.replay.Replayed;
import dev.muster.core.scale.ScalePolicy;
import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.PolicyFile;
import dev.muster.edge.config.TraceFile;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.ReplayText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// `muster scale simulate`: what a policy would have cost, on a trace of prices and of demand. Asks no node and no provider.
final class ScaleSimulate {
    private static final String POLICY = "config/policy.yaml";
    private static final int DAYS_MAX = 366;
    private static final int COLUMNS = 80;

    private ScaleSimulate() {}

    static CommandSpec spec() {
        return Verb.of(
                        "simulate",
                        "Say what a policy would have cost: the cluster's own planners in virtual time, on a trace of"
                                + " prices and of demand.",
                        ScaleSimulate::run)
                .option("--prices", "FILE", "CSV: time,gpu,per_hour[,offers,gpus,bid_min,machine]")
                .option("--demand", "FILE", "CSV: time,kind,tasks,minutes[,gpus]")
                .option("--policy", "FILE", "groups, budgets and windows; " + POLICY + " unless told")
                .option("--compare", "FILE", "another policy, to stand beside it")
                .option("--days", "COUNT", "so many; as long as the longer trace unless told; shorter ones begin anew")
                .build();
    }

    private static int run(Args args) throws Failure {
        Output output = args.output();
        Mistakes mistakes = new Mistakes();
        Optional<List<Named>> read = mistakes.take(() -> policies(args));
        ZoneId zone =
                read.map(found -> found.getFirst().policy().scaling().zoneId()).orElse(ZoneOffset.UTC);
        Optional<TraceFile.Loaded<Prices>> pricesRead = mistakes.take(() -> prices(args, zone));
        Optional<TraceFile.Loaded<Demand>> demandRead = mistakes.take(() -> demand(args, zone));
        mistakes.check();
        List<Named> policies = read.orElseThrow();
        TraceFile.Loaded<Prices> prices = pricesRead.orElseThrow();
        TraceFile.Loaded<Demand> demand = demandRead.orElseThrow();
        Duration longer = prices.trace().length().compareTo(demand.trace().length()) > 0
                ? prices.trace().length()
                : demand.trace().length();
        long days = args.number("--days", longer.toDays());
        if (days < 1 || days > DAYS_MAX)
            throw Failure.usage("expected --days of 1 to " + DAYS_MAX + ", but found " + days, "");
        List<Replayed> replays = new ArrayList<>();
        // By the calendar: a day on which clocks change has 23 hours or 25.
        Instant end = demand.from().atZone(zone).plusDays(days).toInstant();
        Duration time = Duration.between(demand.from(), end);
        for (Named one : policies)
            replays.add(Replay.of(
                    one.name(),
                    one.policy(),
                    prices.trace(),
                    demand.trace(),
                    demand.from(),
                    time,
                    progress(args.shell(), one.name(), time)));
        Doc doc = ReplayText.doc(replays, days, demand.from().toString());
        args.shell()
                .out()
                .print(output.render(
                        doc,
                        wide -> ReplayText.table(replays, columns(args)),
                        any -> replays.stream().map(Replayed::name).toList()));
        return Exit.DONE;
    }

    /// A line that is written over until it is done, for a person who waits.
    private static Replay.Watch progress(Shell shell, String name, Duration time) {
        if (!shell.terminal().getAsBoolean()) return passed -> {};
        return passed -> {
            boolean last = passed.plusHours(1).compareTo(time) >= 0;
            String line = name + ": day " + (passed.toDays() + 1) + " of " + Math.max(1, time.toDays());
            if (passed.toHours() % 24 == 0 && !last) shell.err().print("\r" + line);
            else if (last) shell.err().print("\r" + " ".repeat(line.length() + 4) + "\r");
            if (passed.toHours() % 24 == 0 || last) shell.err().flush();
        };
    }

    private record Named(String name, ScalePolicy policy) {}

    private static List<Named> policies(Args args) throws Failure {
        String first = args.text("--policy").orElse(POLICY);
        Mistakes mistakes = new Mistakes();
        List<Named> policies = new ArrayList<>();
        mistakes.take(() -> policy(first, "--policy")).ifPresent(policies::add);
        if (args.text("--compare").isPresent())
            mistakes.take(() -> policy(args.text("--compare").get(), "--compare"))
                    .ifPresent(policies::add);
        mistakes.check();
        boolean same = policies.stream().map(Named::name).distinct().count() < policies.size();
        // Then only their paths tell them apart.
        return same
                ? List.of(
                        new Named(first, policies.getFirst().policy()),
                        new Named(
                                args.text("--compare").orElse(""),
                                policies.getLast().policy()))
                : policies;
    }

    private static Named policy(String written, String option) throws Failure {
        Path file = Path.of(written);
        byte[] bytes = read(file, option);
        try {
            ScalePolicy policy = PolicyFile.read(file, bytes);
            if (policy.groups().isEmpty())
                throw Failure.usage(file + ": expected at least one group, but found none", "");
            return new Named(file.getFileName().toString().replaceFirst("\\.ya?ml$", ""), policy);
        } catch (ConfigException e) {
            throw Failure.usage(e.getMessage(), "docs/SCALING.md lists what a policy may say");
        }
    }

    private static TraceFile.Loaded<Prices> prices(Args args, ZoneId zone) throws Failure {
        Path file = needed(args, "--prices");
        byte[] bytes = read(file, "--prices");
        try {
            return TraceFile.prices(file, bytes, zone);
        } catch (ConfigException e) {
            throw Failure.usage(e.getMessage(), "docs/SCALING.md has an example");
        }
    }

    private static TraceFile.Loaded<Demand> demand(Args args, ZoneId zone) throws Failure {
        Path file = needed(args, "--demand");
        byte[] bytes = read(file, "--demand");
        try {
            return TraceFile.demand(file, bytes, zone);
        } catch (ConfigException e) {
            throw Failure.usage(e.getMessage(), "docs/SCALING.md has an example");
        }
    }

    private static Path needed(Args args, String option) throws Failure {
        Optional<String> written = args.text(option);
        if (written.isEmpty())
            throw Failure.usage("expected " + option + " FILE, but found none", "docs/SCALING.md has an example");
        return Path.of(written.get());
    }

    private static byte[] read(Path file, String option) throws Failure {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw Failure.usage(option + ": there is no file " + file, "");
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot read " + file + ": " + e.getMessage(), "");
        }
    }

    private static int columns(Args args) {
        String columns = args.shell().env().getOrDefault("COLUMNS", "");
        return columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : COLUMNS;
    }
}
