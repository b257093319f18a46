package dev.muster.edge.config;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.state.AlertPolicy.Limits;
import dev.muster.core.state.QuietHours;
import dev.muster.core.state.Table;
import dev.muster.edge.wire.Durations;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// A policy of alerts as people write it; docs/ALERTS.md lists the keys. What is not written stays as it is.
public final class AlertPolicyFile {
    private static final Duration TIME_MAX = Duration.ofDays(7);
    private static final int NOTICES_MAX = 100_000;

    private final Problems problems;
    private final Section file;

    private AlertPolicyFile(Problems problems, JsonNode tree) {
        this.problems = problems;
        this.file = new Section("", tree, problems);
    }

    /// @throws ConfigException with all problems at once, in the order of their lines
    public static AlertWish read(Path file, byte[] yaml) throws ConfigException {
        Problems problems = new Problems(file, "the policy");
        JsonNode tree = problems.read(yaml);
        problems.check();
        return new AlertPolicyFile(problems, tree).wish();
    }

    /// What came as JSON.
    ///
    /// @throws ConfigException with all problems at once
    public static AlertWish read(JsonNode body) throws ConfigException {
        return new AlertPolicyFile(new Problems(Path.of("policy"), "the policy"), body).wish();
    }

    private AlertWish wish() throws ConfigException {
        AlertWish wish = new AlertWish(
                file.value("gather", AlertPolicyFile::time),
                file.value("again", AlertPolicyFile::time),
                file.value("cooldown", AlertPolicyFile::time),
                file.value("clear", AlertPolicyFile::time),
                file.value("hour_max", AlertPolicyFile::notices),
                file.value("zone", AlertPolicyFile::zone),
                list("quiet", QuietHours::parse),
                limits(file.section("limits")),
                list("off", text -> AlertWish.rule(text).word()));
        file.end();
        problems.inOrder();
        problems.check();
        return wish;
    }

    /// Absent is another thing than empty.
    private <T> Optional<List<T>> list(String key, Function<String, T> parse) {
        if (!file.has(key)) return Optional.empty();
        List<T> values = new ArrayList<>();
        for (String text : file.texts(key)) {
            try {
                values.add(parse.apply(text));
            } catch (IllegalArgumentException e) {
                problems.add(key, e.getMessage());
            }
        }
        return Optional.of(values);
    }

    private Table<String, Optional<Limits>> limits(Section section) {
        Table<String, Optional<Limits>> limits = Table.empty();
        for (String name : section.names()) {
            int before = problems.count();
            Section figures = section.section(name);
            Optional<AlertRule> rule = section.name(name, AlertWish::rule);
            Optional<Double> warning = figures.value("warning", AlertPolicyFile::figure);
            Optional<Double> critical = figures.value("critical", AlertPolicyFile::figure);
            figures.end();
            if (rule.isEmpty() || problems.count() > before) continue;
            Optional<Limits> made = figures.absent()
                    ? Optional.empty()
                    : section.name(name, any -> AlertWish.limits(rule.get(), warning, critical));
            limits = limits.with(rule.get().word(), made);
        }
        return limits;
    }

    private static Duration time(String text) {
        Duration time = text.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(text)) : Durations.parse(text);
        if (time.compareTo(TIME_MAX) <= 0) return time;
        throw new IllegalArgumentException("expected a time of up to 7d, but found \"" + text + "\"");
    }

    private static int notices(String text) {
        if (text.matches("\\d{1,6}")) {
            int count = Integer.parseInt(text);
            if (count >= 1 && count <= NOTICES_MAX) return count;
        }
        throw new IllegalArgumentException(
                "expected a whole number of 1 to " + NOTICES_MAX + ", but found \"" + text + "\"");
    }

    private static String zone(String text) {
        try {
            return ZoneId.of(text).getId();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "expected a time zone such as Europe/Berlin, but found \"" + text + "\"", e);
        }
    }

    private static double figure(String text) {
        try {
            double figure = Double.parseDouble(text);
            if (Double.isFinite(figure)) return figure;
        } catch (NumberFormatException e) {
            // told below, with what was expected
        }
        throw new IllegalArgumentException("expected a number, but found \"" + text + "\"");
    }
}
