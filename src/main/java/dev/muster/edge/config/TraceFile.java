package dev.muster.edge.config;

import dev.muster.core.replay.Demand;
import dev.muster.core.replay.Prices;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Money;
import dev.muster.edge.wire.Durations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// Traces of prices and of demand, for `scale simulate`: comma-separated values under a line with the columns' names, `#`
/// for remarks. docs/SCALING.md lists the columns.
public final class TraceFile {
    /// Where a trace counts its time from its beginning, that is a Monday.
    private static final LocalDate MONDAY = LocalDate.of(2026, 1, 5);

    private static final List<String> PRICES =
            List.of("time", "gpu", "per_hour", "offers", "gpus", "bid_min", "machine");
    private static final List<String> PRICES_NEEDED = List.of("time", "gpu", "per_hour");
    private static final List<String> DEMAND = List.of("time", "kind", "tasks", "minutes", "gpus");
    private static final List<String> DEMAND_NEEDED = List.of("time", "kind", "tasks", "minutes");

    private final Path file;
    private final ZoneId zone;
    private final Problems problems;
    private final List<Line> lines = new ArrayList<>();

    /// @param from midnight before the first line, or a Monday
    public record Loaded<T>(T trace, Instant from) {}

    private record Line(int number, Moment time, TreeMap<String, String> values) {}

    /// @param after since the beginning of the trace, where it counts so
    private record Moment(Optional<Instant> at, Duration after) {}

    private TraceFile(Path file, String about, ZoneId zone) {
        this.file = file;
        this.zone = zone;
        this.problems = new Problems(file, about);
    }

    /// @param zone of times without one
    /// @throws ConfigException with all problems at once
    public static Loaded<Prices> prices(Path file, byte[] csv, ZoneId zone) throws ConfigException {
        TraceFile trace = new TraceFile(file, "the prices", zone);
        trace.lines(csv, PRICES, PRICES_NEEDED);
        Instant from = trace.from();
        List<Prices.Row> rows = trace.rows(line -> {
            Duration after = trace.after(line, from);
            int gpus = trace.whole(line, "gpus", 1);
            int offers = trace.whole(line, "offers", 1);
            Money perHour = trace.value(line, "per_hour", Money::parse).orElse(Money.ofDollars(1));
            Optional<Money> bidMin = text(line, "bid_min").flatMap(text -> trace.value(line, "bid_min", Money::parse));
            return new Prices.Row(
                    after,
                    text(line, "gpu").orElse(""),
                    gpus,
                    offers,
                    perHour,
                    bidMin,
                    text(line, "machine").orElse(""));
        });
        return new Loaded<>(
                new Prices(rows, days(rows.stream().map(Prices.Row::after).toList())), from);
    }

    /// As [#prices].
    public static Loaded<Demand> demand(Path file, byte[] csv, ZoneId zone) throws ConfigException {
        TraceFile trace = new TraceFile(file, "the demand", zone);
        trace.lines(csv, DEMAND, DEMAND_NEEDED);
        Instant from = trace.from();
        List<Demand.Row> rows = trace.rows(line -> {
            JobKind kind = trace.value(line, "kind", TraceFile::kind).orElse(JobKind.OTHER);
            int tasks = trace.whole(line, "tasks", 1);
            Duration each = Duration.ofMinutes(trace.whole(line, "minutes", 1));
            return new Demand.Row(trace.after(line, from), kind, tasks, each, trace.whole(line, "gpus", 1));
        });
        return new Loaded<>(
                new Demand(rows, days(rows.stream().map(Demand.Row::after).toList())), from);
    }

    /// Whole days that hold them all.
    private static Duration days(List<Duration> times) {
        return times.stream()
                .max(Duration::compareTo)
                .map(last -> Duration.ofDays(last.toDays() + 1))
                .orElse(Duration.ofDays(1));
    }

    /// What holds for several values together is told besides: where one was wrong, another stands in.
    private <R> List<R> rows(Function<Line, R> made) throws ConfigException {
        List<R> rows = new ArrayList<>();
        for (Line line : lines) {
            try {
                rows.add(made.apply(line));
            } catch (IllegalArgumentException e) {
                problems.unreadable(line.number(), e.getMessage());
            }
        }
        problems.inOrder();
        problems.check();
        return rows;
    }

    // ---- lines

    private void lines(byte[] csv, List<String> known, List<String> needed) throws ConfigException {
        List<String> heads = List.of();
        int number = 0;
        for (String text : new String(csv, StandardCharsets.UTF_8).split("\\R")) {
            number++;
            if (text.isBlank() || text.strip().startsWith("#")) continue;
            List<String> cells =
                    Arrays.stream(text.split(",", -1)).map(String::strip).toList();
            if (heads.isEmpty()) {
                heads = cells;
                heads(number, heads, known, needed);
                problems.check();
            } else {
                line(number, heads, cells);
            }
        }
        if (lines.isEmpty() && problems.count() == 0)
            problems.unreadable(
                    0, "expected a line " + String.join(",", needed) + " and at least one below it, but found none");
    }

    private void heads(int number, List<String> heads, List<String> known, List<String> needed) {
        for (String head : heads) {
            if (known.contains(head)) continue;
            String near = Fields.nearest(head, known)
                    .map(name -> "; did you mean " + name + "?")
                    .orElse("; known are " + String.join(", ", known));
            problems.unreadable(number, "unknown column " + Section.quoted(head) + near);
        }
        for (String head : needed) if (!heads.contains(head)) problems.unreadable(number, "expected a column " + head);
        if (heads.stream().distinct().count() < heads.size()) problems.unreadable(number, "expected each column once");
    }

    private void line(int number, List<String> heads, List<String> cells) {
        if (cells.size() != heads.size()) {
            problems.unreadable(number, "expected " + heads.size() + " values, but found " + cells.size());
            return;
        }
        TreeMap<String, String> values = new TreeMap<>();
        for (int column = 0; column < heads.size(); column++) values.put(heads.get(column), cells.get(column));
        Moment time = new Moment(Optional.empty(), Duration.ZERO);
        try {
            time = moment(values.getOrDefault("time", ""));
        } catch (IllegalArgumentException e) {
            problems.unreadable(number, e.getMessage());
        }
        lines.add(new Line(number, time, values));
    }

    // ---- time

    private Moment moment(String text) {
        if (text.matches("(\\d+(ms|s|m|h|d))+")) return new Moment(Optional.empty(), Durations.parse(text));
        for (Function<String, Instant> form : List.<Function<String, Instant>>of(
                Instant::parse,
                one -> ZonedDateTime.parse(one).toInstant(),
                one -> LocalDateTime.parse(one.replace(' ', 'T')).atZone(zone).toInstant(),
                one -> LocalDate.parse(one).atStartOfDay(zone).toInstant())) {
            try {
                return new Moment(Optional.of(form.apply(text)), Duration.ZERO);
            } catch (DateTimeParseException e) {
                // told below, with what was expected
            }
        }
        throw new IllegalArgumentException(
                "expected a time such as 2026-01-05T08:30, 2026-01-05T08:30:00Z or 8h30m after the beginning, but found "
                        + Section.quoted(text));
    }

    private Instant from() {
        return lines.stream()
                .flatMap(line -> line.time().at().stream())
                .min(Instant::compareTo)
                .map(first -> first.atZone(zone).toLocalDate())
                .orElse(MONDAY)
                .atStartOfDay(zone)
                .toInstant();
    }

    private Duration after(Line line, Instant from) {
        return line.time()
                .at()
                .map(at -> Duration.between(from, at))
                .orElse(line.time().after());
    }

    // ---- values

    private static Optional<String> text(Line line, String head) {
        return Optional.of(line.values().getOrDefault(head, "")).filter(text -> !text.isEmpty());
    }

    private <T> Optional<T> value(Line line, String head, Function<String, T> parse) {
        try {
            return Optional.of(parse.apply(text(line, head).orElse("")));
        } catch (IllegalArgumentException e) {
            problems.unreadable(line.number(), head + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private int whole(Line line, String head, int absent) {
        return text(line, head)
                .flatMap(any -> value(line, head, TraceFile::whole))
                .orElse(absent);
    }

    private static int whole(String text) {
        if (text.matches("\\d{1,7}")) return Integer.parseInt(text);
        throw new IllegalArgumentException("expected a whole number, but found " + Section.quoted(text));
    }

    private static JobKind kind(String text) {
        try {
            return JobKind.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected selfplay, training, evaluation or other, but found " + Section.quoted(text), e);
        }
    }
}
