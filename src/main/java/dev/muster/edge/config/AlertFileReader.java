package dev.muster.edge.config;

import dev.muster.core.hosts.Finding;
import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.Place;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Money;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/// Reads the shapes of files of alerts one after the other; what it finds adds up.
final class AlertFileReader {
    /// Values, with each alias written out: far above any such file, far below what a bomb stands for.
    private static final long VALUES_MAX = 10_000;
    /// More ways to tell people are a mistake.
    private static final int CHANNELS_MAX = 50;

    private static final Duration COOLDOWN_MAX = Duration.ofDays(7);
    private static final int COUNT_MAX = 1_000_000;

    /// Of the prior system's file with a section for each service.
    private static final List<String> SECTIONS =
            List.of("slack", "discord", "pagerduty", "opsgenie", "generic", "webhook", "email", "alertmanager");

    private final Map<String, String> environment;
    private final List<Finding> findings = new ArrayList<>();
    private final List<AlertFile.Note> notes = new ArrayList<>();
    private final ChannelReader reader;
    private final Map<String, ChannelSpec> channels = new LinkedHashMap<>();
    private AlertNumbers numbers = AlertNumbers.NONE;
    private Optional<DeadmanSpec> deadman = Optional.empty();

    /// @param folder where files that it names are
    AlertFileReader(Path folder, Map<String, String> environment, Collection<String> rules) {
        this.environment = environment;
        this.reader = new ChannelReader(folder, environment, rules, notes);
    }

    AlertFile all() {
        for (Finding found : findings)
            notes.add(new AlertFile.Note(
                    Optional.of(found.at()),
                    found.about(),
                    Addresses.hidden(found.message()),
                    found.kind() != Kind.UNKNOWN_KEY));
        notes.sort(Comparator.comparing(note -> note.at().orElse(new Place(0, 0))));
        return new AlertFile(List.copyOf(channels.values()), numbers, deadman, notes);
    }

    void file(byte[] yaml) throws YamlTree.Unreadable {
        Place top = new Place(1, 1);
        if (yaml.length > AlertFile.BYTES_MAX)
            throw new YamlTree.Unreadable(top, "expected at most " + AlertFile.BYTES_MAX + " bytes, but found more");
        List<YamlNode> documents =
                YamlTree.readAll(HostFileReader.utf8(yaml), YamlTree.Counts.LAST, (path, at, first) -> {
                    String message = "stands in line " + first.line() + " already; this one counts";
                    findings.add(new Finding(Kind.DUPLICATE_KEY, path, at, message, ""));
                });
        for (YamlNode tree : documents) {
            if (YamlTree.standsForMore(tree, VALUES_MAX))
                throw new YamlTree.Unreadable(
                        tree.at(), "expected at most " + VALUES_MAX + " values, but its aliases stand for more");
            if (tree instanceof YamlNode.Mapping mapping) document(new Fields("", mapping, findings));
            else if (!tree.nothing())
                throw new YamlTree.Unreadable(
                        tree.at(), "expected keys and values, but found " + Addresses.hidden(tree.brief()));
        }
    }

    private void document(Fields top) {
        top.known(List.of("version"));
        numbers(top);
        notUsed(top);
        if (!top.bool(true, "enabled")) {
            note(top.at("enabled"), "enabled", "switched off, so nobody is told by what stands below it");
            top.known(top.names());
            return;
        }
        hooks(top);
        for (String name : SECTIONS) section(top, name);
        vast(top);
        channels(top);
        top.section("deadman").ifPresent(section -> deadman = reader.deadman(section));
        top.end();
    }

    // ---- numbers

    private void numbers(Fields top) {
        Optional<Fields> thresholds = top.section("thresholds");
        Optional<Fields> suppression = top.section("suppression");
        Fields limits = thresholds.orElse(NOTHING);
        Fields brake = suppression.orElse(NOTHING);
        AlertNumbers found = new AlertNumbers(
                limits.decimal(0, 100, "min_healthy_percent"),
                limits.whole(0, COUNT_MAX, "max_offline_count"),
                limits.whole(0, COUNT_MAX, "max_recovery_attempts_per_hour"),
                money(limits, "max_hourly_cost"),
                money(limits, "max_daily_cost", "daily_threshold"),
                OptionalInt.empty(),
                seconds(brake, "cooldown_seconds"),
                brake.whole(1, COUNT_MAX, "max_alerts_per_hour"));
        numbers = found.or(numbers);
        thresholds.ifPresent(Fields::end);
        suppression.ifPresent(Fields::end);
    }

    private static final Fields NOTHING =
            new Fields("", new YamlNode.Mapping(new Place(1, 1), Map.of()), new ArrayList<>());

    private static Optional<Money> money(Fields fields, String... names) {
        if (fields.text(names).isEmpty()) return Optional.empty();
        try {
            Money money = Money.parse(fields.text(names));
            if (money.micros() >= 0) return Optional.of(money);
        } catch (IllegalArgumentException e) {
            // told below
        }
        fields.wrong(Kind.WRONG_VALUE, fields.entry(names).orElseThrow().value(), "an amount such as 50.00", names);
        return Optional.empty();
    }

    private static Optional<Duration> seconds(Fields fields, String name) {
        OptionalInt seconds = fields.whole(0, (int) COOLDOWN_MAX.toSeconds(), name);
        return seconds.isPresent() ? Optional.of(Duration.ofSeconds(seconds.getAsInt())) : Optional.empty();
    }

    private void notUsed(Fields top) {
        top.entry("logging")
                .ifPresent(entry -> note(entry.at(), "logging", "not used: each notice is in the agent's own log"));
        top.entry("criteria_overrides")
                .ifPresent(entry -> note(
                        entry.at(),
                        "criteria_overrides",
                        "not used: when a model is rolled back is no business of who is told of it"));
    }

    // ---- channels

    private void hooks(Fields top) {
        for (Fields hook : elements(top, "hooks")) {
            reader.typed(hook, "hook").ifPresent(this::addInherited);
        }
    }

    private void section(Fields top, String name) {
        top.section(name)
                .ifPresent(section -> reader.channel(section, name, name).ifPresent(this::addInherited));
    }

    /// `vast_alerts`: hooks with a threshold each. They are told of everything: who wrote one hook wants to know.
    private void vast(Fields top) {
        Optional<Fields> alerts = top.section("vast_alerts");
        if (alerts.isEmpty()) return;
        for (String name : alerts.get().names()) {
            Optional<Fields> alert = alerts.get().section(name);
            if (alert.isEmpty()) continue;
            OptionalInt failures = alert.get().whole(1, COUNT_MAX, "threshold");
            Optional<Money> day = money(alert.get(), "daily_threshold");
            numbers = new AlertNumbers(
                            numbers.minHealthyPercent(),
                            numbers.maxOffline(),
                            numbers.maxRecoveries(),
                            numbers.maxHour(),
                            day.or(numbers::maxDay),
                            failures.isPresent() ? failures : numbers.failures(),
                            numbers.cooldown(),
                            numbers.maxAlerts())
                    .or(numbers);
            String word = ChannelReader.slug("vast-" + name);
            reader.hook(alert.get(), word, ChannelReader.LEVELS, "webhook", "webhook_url", "url")
                    .ifPresent(this::addInherited);
            alert.get().end();
        }
    }

    /// Ours is a list; the prior system's has the names of other keys by level.
    private void channels(Fields top) {
        Optional<YamlNode.Entry> entry = top.entry("channels");
        if (entry.isPresent() && entry.get().value() instanceof YamlNode.Sequence) {
            for (Fields channel : elements(top, "channels")) {
                reader.typed(channel, "channel").ifPresent(this::add);
            }
            addresses(top, Map.of());
        } else {
            Map<String, List<AlertLevel>> levels = new LinkedHashMap<>();
            Optional<Fields> byLevel = top.section("channels");
            byLevel.ifPresent(section -> byLevel(top, section, levels));
            addresses(top, byLevel.isPresent() ? levels : Map.of());
        }
    }

    private void byLevel(Fields top, Fields section, Map<String, List<AlertLevel>> levels) {
        TreeSet<String> known = new TreeSet<>(top.names());
        known.removeIf(name -> !isAddress(name));
        for (String word : section.names()) {
            for (String key : section.texts(word)) {
                if (!known.contains(key)) {
                    String near = Fields.nearest(key, known)
                            .map(name -> "; did you mean " + name + "?")
                            .orElse("");
                    String found = Addresses.hidden("\"" + key + "\"");
                    section.add(
                            Kind.WRONG_VALUE,
                            word,
                            section.at(word),
                            "expected the name of a key such as slack_webhook_url, but found " + found + near,
                            "");
                    continue;
                }
                List<AlertLevel> taken = levels.computeIfAbsent(key, name -> new ArrayList<>());
                for (AlertLevel level : ChannelReader.levels(word)) if (!taken.contains(level)) taken.add(level);
            }
            boolean isLevel = !ChannelReader.levels(word).isEmpty() || word.equals("info");
            if (!isLevel) reader.unknownLevel(section, word, word);
        }
    }

    private static boolean isAddress(String key) {
        return key.endsWith("webhook_url") || key.endsWith("_webhook");
    }

    /// Hooks that stand at the top: `slack_webhook_url`.
    ///
    /// @param levels by key, where the file has such a table
    private void addresses(Fields top, Map<String, List<AlertLevel>> levels) {
        boolean table = !levels.isEmpty();
        for (String key : List.copyOf(top.names())) {
            if (!isAddress(key)) continue;
            String name = ChannelReader.slug(key.replaceFirst("_?webhook(_url)?$", ""));
            List<AlertLevel> taken = table ? levels.getOrDefault(key, List.of()) : ChannelReader.LEVELS;
            Optional<ChannelSpec> found = reader.hook(top, name.isEmpty() ? "webhook" : name, taken, key);
            if (found.isPresent() && taken.isEmpty())
                note(top.at(key), key, "not used: `channels` has it for no level of ours (critical, warning, unknown)");
            else found.ifPresent(this::addInherited);
        }
    }

    /// The mappings of a list.
    private List<Fields> elements(Fields top, String name) {
        List<Fields> elements = new ArrayList<>();
        Optional<YamlNode.Entry> entry = top.entry(name);
        if (entry.isEmpty()) return elements;
        if (!(entry.get().value() instanceof YamlNode.Sequence list)) {
            top.wrong(Kind.WRONG_TYPE, entry.get().value(), "a list", name);
            return elements;
        }
        for (int index = 0; index < list.elements().size(); index++) {
            YamlNode element = list.elements().get(index);
            String path = name + "[" + index + "]";
            if (element instanceof YamlNode.Mapping mapping) elements.add(new Fields(path + ".", mapping, findings));
            else top.add(Kind.WRONG_TYPE, path, element.at(), "expected a mapping, but found " + element.brief(), "");
        }
        return elements;
    }

    /// Several of the prior system's files name the same hook; nobody is to be told twice.
    private void addInherited(ChannelSpec found) {
        Optional<ChannelSpec> same =
                channels.values().stream().filter(found::goesWhere).findFirst();
        if (same.isPresent())
            notes.add(new AlertFile.Note(
                    Optional.empty(),
                    found.name(),
                    "goes where " + same.get().name() + " goes, which tells it",
                    false));
        else add(found);
    }

    private void add(ChannelSpec found) {
        if (channels.size() == CHANNELS_MAX) {
            String message = "not used: there are " + CHANNELS_MAX + " channels already";
            notes.add(new AlertFile.Note(Optional.empty(), found.name(), message, true));
            return;
        }
        String name = found.name();
        for (int next = 2; channels.containsKey(name); next++) name = found.name() + "-" + next;
        channels.put(name, renamed(found, name));
    }

    private static ChannelSpec renamed(ChannelSpec found, String name) {
        return new ChannelSpec(
                name, found.way(), found.levels(), found.rules(), found.except(), found.always(), found.timeout());
    }

    // ---- the environment

    /// What the runbooks set there makes channels by itself, unless the file has them.
    void environment() {
        fromEnvironment("SLACK_WEBHOOK_URL", reference -> reader.slack(reference));
        fromEnvironment("PAGERDUTY_ROUTING_KEY", reference -> reader.pagerDuty(reference));
    }

    private interface Made {
        ChannelSpec of(Secret secret);
    }

    private void fromEnvironment(String variable, Made made) {
        if (environment.getOrDefault(variable, "").isBlank()) return;
        try {
            ChannelSpec found = made.of(Secret.of("${" + variable + "}", environment));
            if (channels.values().stream().noneMatch(found::goesWhere)) add(found);
        } catch (IllegalArgumentException e) {
            notes.add(new AlertFile.Note(Optional.empty(), variable, e.getMessage(), true));
        }
    }

    private void note(Place at, String about, String message) {
        notes.add(new AlertFile.Note(Optional.of(at), about, message, false));
    }
}
