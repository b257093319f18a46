package dev.muster.edge.config;

import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.state.AlertLevel;
import dev.muster.edge.config.ChannelSpec.Security;
import dev.muster.edge.config.ChannelSpec.Way;
import dev.muster.edge.wire.Durations;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/// Reads one channel; its keys have the names of all shapes.
final class ChannelReader {
    /// Everything, the worst first.
    static final List<AlertLevel> LEVELS = List.of(AlertLevel.CRITICAL, AlertLevel.WARNING, AlertLevel.UNKNOWN);

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int TIMEOUT_MAX_SECONDS = 120;
    private static final Duration EVERY = Duration.ofSeconds(60);

    private static final URI PAGERDUTY = URI.create("https://events.pagerduty.com/v2/enqueue");
    private static final Map<String, URI> OPSGENIE =
            Map.of("us", URI.create("https://api.opsgenie.com"), "eu", URI.create("https://api.eu.opsgenie.com"));
    private static final List<String> SEVERITIES = List.of("critical", "error", "warning", "info");
    private static final List<String> PRIORITIES = List.of("P1", "P2", "P3", "P4", "P5");

    private static final Map<String, String> TYPES = types();
    /// The prior system's events, and the rules that tell of them here.
    private static final Map<String, String> EVENTS = Map.of(
            "at_risk", "rating-regression",
            "rollback_triggered", "rollback",
            "rollback_completed", "rollback");

    private static final String MAILBOX = "[^\\s@<>\",;:()\\p{Cntrl}]+@[A-Za-z0-9.-]+";

    private final Map<String, String> environment;
    private final TreeSet<String> rules;
    private final SecretReader secrets;

    /// @param rules that there are; none where nobody knows
    ChannelReader(Path folder, Map<String, String> environment, Collection<String> rules, List<AlertFile.Note> notes) {
        this.environment = environment;
        this.rules = new TreeSet<>(rules);
        this.secrets = new SecretReader(folder, environment, notes);
    }

    private static Map<String, String> types() {
        Map<String, String> types = new TreeMap<>();
        for (String own : List.of("slack", "discord", "pagerduty", "opsgenie", "webhook", "email", "alertmanager"))
            types.put(own, own);
        types.put("generic", "webhook");
        types.put("mail", "email");
        types.put("smtp", "email");
        types.put("prometheus", "alertmanager");
        return types;
    }

    /// What a level's word stands for; nothing for other words. What is not known goes to whoever takes warnings.
    static List<AlertLevel> levels(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "critical" -> List.of(AlertLevel.CRITICAL);
            case "warning" -> List.of(AlertLevel.WARNING, AlertLevel.UNKNOWN);
            case "unknown" -> List.of(AlertLevel.UNKNOWN);
            default -> List.of();
        };
    }

    /// A key as a channel's name.
    static String slug(String key) {
        String name = key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        return name.length() > 50 ? name.substring(0, 50) : name;
    }

    // ---- what the environment names

    ChannelSpec slack(Secret url) {
        Addresses.parse(url.text());
        return plain("slack", new Way.Slack(url), LEVELS);
    }

    ChannelSpec pagerDuty(Secret key) {
        return plain("pagerduty", new Way.PagerDuty(PAGERDUTY, key, Map.of()), List.of(AlertLevel.CRITICAL));
    }

    private static ChannelSpec plain(String name, Way way, List<AlertLevel> levels) {
        return new ChannelSpec(name, way, levels, List.of(), List.of(), List.of(), TIMEOUT);
    }

    // ---- what files name

    /// A hook that is only an address; its key, its host or its variable tells the service.
    Optional<ChannelSpec> hook(Fields fields, String name, List<AlertLevel> levels, String... keys) {
        Optional<Secret> url = secrets.address(fields, keys);
        boolean slack = List.of(keys).stream().anyMatch(key -> key.contains("slack"));
        return url.map(found -> plain(name, slack ? new Way.Slack(found) : hook(found), levels));
    }

    static Way hook(Secret url) {
        String host = url.text().isEmpty() ? "" : Addresses.parse(url.text()).getHost();
        if (host.endsWith("slack.com") || url.origin().contains("SLACK")) return new Way.Slack(url);
        if (host.matches("(.*\\.)?discord(app)?\\.com") || url.origin().contains("DISCORD"))
            return new Way.Discord(url);
        return new Way.Webhook(url, Map.of());
    }

    /// One that says its own type.
    Optional<ChannelSpec> typed(Fields fields, String what) {
        String type = fields.text("type").toLowerCase(Locale.ROOT);
        if (TYPES.containsKey(type)) return channel(fields, type, TYPES.get(type));
        String near = Fields.nearest(type, TYPES.keySet())
                .map(word -> "; did you mean " + word + "?")
                .orElse("");
        String found = type.isEmpty() ? "none" : Addresses.hidden("\"" + type + "\"");
        fields.add(
                Kind.WRONG_VALUE,
                "type",
                fields.at("type"),
                "expected the " + what + "'s type, one of " + String.join(", ", TYPES.keySet()) + ", but found " + found
                        + near,
                "");
        return Optional.empty();
    }

    /// @param usual its name where it says none
    Optional<ChannelSpec> channel(Fields fields, String type, String usual) {
        if (!fields.bool(true, "enabled")) {
            secrets.note(fields, "switched off", "enabled");
            return Optional.empty();
        }
        fields.known(List.of("type", "description"));
        String name = fields.text("name").isEmpty() ? slug(usual) : fields.text("name");
        Optional<Way> way = way(fields, TYPES.get(type));
        Selection taken = selection(fields, TYPES.get(type));
        Duration timeout = timeout(fields);
        fields.end();
        if (way.isEmpty()) return Optional.empty();
        try {
            return Optional.of(
                    new ChannelSpec(name, way.get(), taken.levels, taken.rules, taken.except, taken.always, timeout));
        } catch (IllegalArgumentException e) {
            fields.add(Kind.WRONG_VALUE, "name", fields.at("name"), e.getMessage(), "");
            return Optional.empty();
        }
    }

    private Optional<Way> way(Fields fields, String type) {
        return switch (type) {
            case "slack" -> url(fields).map(Way.Slack::new);
            case "discord" -> url(fields).map(Way.Discord::new);
            case "pagerduty" -> pagerDuty(fields);
            case "opsgenie" -> opsgenie(fields);
            case "alertmanager" -> {
                Map<String, Secret> headers = secrets.headers(fields);
                yield url(fields).map(url -> new Way.Alertmanager(url, headers));
            }
            case "email" -> mail(fields);
            default -> {
                Map<String, Secret> headers = secrets.headers(fields);
                yield url(fields).map(url -> new Way.Webhook(url, headers));
            }
        };
    }

    private Optional<Secret> url(Fields fields) {
        return secrets.address(fields, "url", "webhook_url", "webhook");
    }

    private Optional<Way> pagerDuty(Fields fields) {
        Map<String, String> severities = mapping(fields, "severity_mapping", SEVERITIES);
        Optional<URI> url = base(fields, PAGERDUTY);
        Optional<Secret> key = secrets.secret(fields, "key", "routing_key", "integration_key");
        return key.isPresent() && url.isPresent()
                ? Optional.of(new Way.PagerDuty(url.get(), key.get(), severities))
                : Optional.empty();
    }

    private Optional<Way> opsgenie(Fields fields) {
        Map<String, String> priorities = mapping(fields, "priority_mapping", PRIORITIES);
        String region =
                fields.text("region").isEmpty() ? "us" : fields.text("region").toLowerCase(Locale.ROOT);
        if (!OPSGENIE.containsKey(region)) {
            fields.wrong(Kind.WRONG_VALUE, fields.entry("region").orElseThrow().value(), "us or eu", "region");
            region = "us";
        }
        Optional<URI> url = base(fields, OPSGENIE.get(region));
        Optional<Secret> key = secrets.secret(fields, "key", "api_key");
        return key.isPresent() && url.isPresent()
                ? Optional.of(new Way.Opsgenie(url.get(), key.get(), priorities))
                : Optional.empty();
    }

    /// An address that is no secret: of a proxy, or of a trial.
    private Optional<URI> base(Fields fields, URI usual) {
        String written = fields.text("url");
        if (written.isEmpty()) return Optional.of(usual);
        try {
            return Optional.of(Addresses.parse(Secret.of(written, environment).text()));
        } catch (IllegalArgumentException e) {
            fields.add(Kind.WRONG_VALUE, "url", fields.at("url"), e.getMessage(), "");
            return Optional.empty();
        }
    }

    // ---- mail

    private Optional<Way> mail(Fields fields) {
        String host = resolved(fields, "host", "smtp_host");
        Security security = security(fields);
        int usual = security == Security.TLS ? 465 : security == Security.NONE ? 25 : 587;
        int port = fields.whole(1, 65_535, "port", "smtp_port").orElse(usual);
        String user = resolved(fields, "user", "username");
        Optional<Secret> password =
                fields.entry("password").isPresent() ? secrets.secret(fields, "password") : Optional.empty();
        String from = resolved(fields, "from");
        List<String> to = fields.texts("to");
        boolean whole = !host.isEmpty() && from.matches(MAILBOX) && !to.isEmpty();
        for (String one : to) whole &= one.matches(MAILBOX);
        if (!whole || !host.matches("[A-Za-z0-9.:-]+")) {
            String message = "expected host, from and to, with addresses such as ops@example.org";
            fields.add(Kind.WRONG_VALUE, "to", fields.at("to"), message, "");
            return Optional.empty();
        }
        if (user.isEmpty() == password.isPresent()) {
            fields.add(Kind.WRONG_VALUE, "user", fields.at("user", "password"), "expected user and password", "");
            return Optional.empty();
        }
        if (security == Security.NONE && password.isPresent() && !isHere(host)) {
            String message = "expected starttls or tls, because a password goes to another machine, but found none";
            fields.add(Kind.WRONG_VALUE, "security", fields.at("security"), message, "");
            return Optional.empty();
        }
        return Optional.of(new Way.Mail(host, port, security, user, password, from, to));
    }

    private static boolean isHere(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
    }

    private static Security security(Fields fields) {
        String written = fields.text("security").toUpperCase(Locale.ROOT);
        for (Security one : Security.values()) if (one.name().equals(written)) return one;
        if (!written.isEmpty())
            fields.wrong(
                    Kind.WRONG_VALUE,
                    fields.entry("security").orElseThrow().value(),
                    "starttls, tls or none",
                    "security");
        return Security.STARTTLS;
    }

    private String resolved(Fields fields, String... names) {
        try {
            return Secret.of(fields.text(names), environment).text();
        } catch (IllegalArgumentException e) {
            secrets.note(fields, e.getMessage(), names);
            return "";
        }
    }

    // ---- which notices

    private record Selection(List<AlertLevel> levels, List<String> rules, List<String> except, List<String> always) {}

    private Selection selection(Fields fields, String type) {
        boolean pages = type.equals("pagerduty") || type.equals("opsgenie");
        List<AlertLevel> usual = pages ? List.of(AlertLevel.CRITICAL) : LEVELS;
        boolean says = fields.entry("levels").isPresent();
        List<AlertLevel> levels = says ? levels(fields, usual) : usual;
        List<String> except = new ArrayList<>(rules(fields, "except"));
        fields.section("events").ifPresent(events -> except.addAll(silenced(events)));
        List<String> always = pages && !says ? mappedEvents(fields) : List.of();
        return new Selection(levels, rules(fields, "rules"), except, always);
    }

    private List<AlertLevel> levels(Fields fields, List<AlertLevel> usual) {
        List<AlertLevel> levels = new ArrayList<>();
        for (String word : fields.texts("levels")) {
            Optional<AlertLevel> level = LEVELS.stream()
                    .filter(one -> one.name().equalsIgnoreCase(word))
                    .findFirst();
            if (level.isEmpty()) unknownLevel(fields, "levels", word);
            else if (!levels.contains(level.get())) levels.add(level.get());
        }
        // A slip is to make nobody deaf.
        return levels.isEmpty() ? usual : levels;
    }

    void unknownLevel(Fields fields, String key, String word) {
        List<String> known = List.of("critical", "warning", "unknown");
        String near = Fields.nearest(word, known)
                .map(one -> "; did you mean " + one + "?")
                .orElse("");
        String message = "expected critical, warning or unknown, but found " + Addresses.hidden("\"" + word + "\"");
        fields.add(Kind.WRONG_VALUE, key, fields.at(key), message + near, "");
    }

    /// Without slips: a channel for a rule that nobody has would hear of nothing.
    private List<String> rules(Fields fields, String key) {
        List<String> named = fields.texts(key);
        if (rules.isEmpty()) return named;
        for (String name : named) if (!rules.contains(name)) unknownRule(fields, key, name);
        named.retainAll(rules);
        return named;
    }

    private void unknownRule(Fields fields, String key, String name) {
        String near = Fields.nearest(name, rules)
                .map(one -> "; did you mean " + one + "?")
                .orElse("");
        String message = "expected a rule, but found " + Addresses.hidden("\"" + name + "\"");
        fields.add(Kind.WRONG_VALUE, key, fields.at(key), message + near, "");
    }

    /// A rollback is one alert from its beginning to its end, so one of its two events is enough to hear of both.
    private static List<String> silenced(Fields events) {
        List<String> silenced = new ArrayList<>();
        if (!events.bool(true, "at_risk")) silenced.add(EVENTS.get("at_risk"));
        boolean triggered = events.bool(true, "rollback_triggered");
        boolean completed = events.bool(true, "rollback_completed");
        if (!triggered && !completed) silenced.add(EVENTS.get("rollback_triggered"));
        events.end();
        return silenced;
    }

    private static List<String> mappedEvents(Fields fields) {
        List<String> always = new ArrayList<>();
        for (String key : List.of("severity_mapping", "priority_mapping")) {
            Optional<Fields> mapping = fields.section(key);
            if (mapping.isEmpty()) continue;
            for (String event : List.of("at_risk", "rollback_triggered")) {
                if (mapping.get().names().contains(event)) always.add(EVENTS.get(event));
            }
        }
        return always;
    }

    /// The service's words by our levels, by rules, or by the prior system's events. What ends needs no word.
    private Map<String, String> mapping(Fields fields, String key, List<String> words) {
        Map<String, String> mapping = new TreeMap<>();
        Optional<Fields> section = fields.section(key);
        if (section.isEmpty()) return mapping;
        for (String name : section.get().names()) {
            String written = section.get().text(name);
            Optional<String> word =
                    words.stream().filter(one -> one.equalsIgnoreCase(written)).findFirst();
            if (word.isEmpty())
                section.get()
                        .wrong(
                                Kind.WRONG_VALUE,
                                section.get()
                                        .entry(name)
                                        .map(YamlNode.Entry::value)
                                        .orElse(new YamlNode.Scalar(
                                                section.get().at(name), "", true)),
                                "one of " + String.join(", ", words),
                                name);
            else if (!name.equals("rollback_completed")) mapping.put(EVENTS.getOrDefault(name, name), word.get());
        }
        return mapping;
    }

    private static Duration timeout(Fields fields) {
        OptionalInt seconds = fields.whole(1, TIMEOUT_MAX_SECONDS, "timeout_seconds");
        if (seconds.isPresent()) return Duration.ofSeconds(seconds.getAsInt());
        Duration written = duration(fields, "timeout", TIMEOUT);
        boolean fits = written.compareTo(Duration.ofSeconds(TIMEOUT_MAX_SECONDS)) <= 0 && written.isPositive();
        if (!fits)
            fields.wrong(
                    Kind.WRONG_VALUE,
                    fields.entry("timeout").orElseThrow().value(),
                    "more than 0s and at most 2m",
                    "timeout");
        return fits ? written : TIMEOUT;
    }

    /// A bare number is seconds.
    private static Duration duration(Fields fields, String name, Duration usual) {
        String written = fields.text(name);
        if (written.isEmpty()) return usual;
        if (written.matches("\\d{1,6}")) return Duration.ofSeconds(Long.parseLong(written));
        try {
            return Durations.parse(written);
        } catch (IllegalArgumentException | ArithmeticException e) {
            fields.wrong(Kind.WRONG_VALUE, fields.entry(name).orElseThrow().value(), "a duration such as 45s", name);
            return usual;
        }
    }

    // ---- the one who misses us

    Optional<DeadmanSpec> deadman(Fields fields) {
        Duration every = duration(fields, "every", EVERY);
        String method = fields.text("method").toUpperCase(Locale.ROOT);
        if (!List.of("", "GET", "POST").contains(method))
            fields.wrong(Kind.WRONG_VALUE, fields.entry("method").orElseThrow().value(), "GET or POST", "method");
        Map<String, Secret> headers = secrets.headers(fields);
        Duration timeout = timeout(fields);
        Optional<Secret> url = url(fields);
        boolean enabled = fields.bool(true, "enabled");
        fields.end();
        try {
            return enabled
                    ? url.map(found -> new DeadmanSpec(found, every, method.equals("POST"), headers, timeout))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            fields.add(Kind.WRONG_VALUE, "every", fields.at("every"), e.getMessage(), "");
            return Optional.empty();
        }
    }
}
