package dev.muster.edge.config;

import dev.muster.core.rent.BadQuery;
import dev.muster.core.rent.GpuName;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.scale.ScalePolicy;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Group;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Table;
import dev.muster.core.state.TimeWindow;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/// `config/policy.yaml`: what is rented, under which caps, scaled how. What is not written in a section is as usual;
/// docs/SCALING.md lists the keys.
public final class PolicyFile {
    private static final int DISK_GB = 20;
    private static final String DAY_ENDS = "24:00";
    private static final int NEAR_MAX = 3;

    private final Problems problems;

    private PolicyFile(Problems problems) {
        this.problems = problems;
    }

    /// @throws ConfigException with all problems at once, in the order of their lines
    public static ScalePolicy read(Path file, byte[] yaml) throws ConfigException {
        Problems problems = new Problems(file, "the policy");
        ObjectNode tree = problems.read(yaml);
        problems.check();
        Optional<ScalePolicy> policy = new PolicyFile(problems).policy(new Section("", tree, problems));
        problems.inOrder();
        problems.check();
        return policy.orElseThrow();
    }

    /// The sections in which something is written.
    public static List<String> sections(Path file, byte[] yaml) throws ConfigException {
        Problems problems = new Problems(file, "the policy");
        ObjectNode tree = problems.read(yaml);
        problems.check();
        return tree.propertyNames().stream()
                .filter(name -> !tree.path(name).isNull())
                .toList();
    }

    private Optional<ScalePolicy> policy(Section file) {
        Table<String, Caps> caps = caps(Table.empty(), Rentals.ALL, file.section("budget"));
        List<Group> groups = new ArrayList<>();
        Section named = file.section("groups");
        for (String name : named.names()) {
            Section section = named.section(name);
            caps = caps(caps, name, section.section("budget"));
            group(name, section).ifPresent(groups::add);
        }
        List<TimeWindow> windows = windows(file.section("windows"), named.names());
        for (TimeWindow window : windows) within(window, groups);
        Optional<Scaling> scaling = scaling(file.section("scaling"), windows);
        file.end();
        if (problems.count() > 0) return Optional.empty();
        Table<String, Caps> all = caps;
        return whole("", () -> new ScalePolicy(groups, all, scaling.orElseThrow()));
    }

    /// What holds for several values together. Where one of them was wrong, the usual one stands in, so that what the others
    /// contradict each other in is told, too.
    private <T> Optional<T> whole(String key, Supplier<T> made) {
        try {
            return Optional.of(made.get());
        } catch (IllegalArgumentException e) {
            problems.add(key, e.getMessage());
            return Optional.empty();
        }
    }

    // ---- groups

    private Optional<Group> group(String name, Section section) {
        int before = problems.count();
        List<String> gpus = new ArrayList<>();
        for (String written : section.texts("gpu")) gpus.addAll(gpu(name, written));
        int min = section.integer("min", 0, 0, Group.SIZE_MAX);
        int target = section.integer("target", min, 0, Group.SIZE_MAX);
        int max = section.integer("max", Math.max(min, target), 0, Group.SIZE_MAX);
        Optional<Money> priceMax = section.value("price_max", PolicyFile::price);
        if (section.text("price_max").isEmpty())
            problems.add("groups." + name, "expected price_max, the most per hour for one machine, as in 0.08");
        String provider = section.text("provider").orElse("vast");
        int count = section.integer("gpus", gpus.isEmpty() ? 0 : 1, 0, 64);
        String query = section.value("query", PolicyFile::query).orElse("");
        Market market = section.value("market", text -> word(Market.class, text, List.of(Market.ON_DEMAND, Market.BID)))
                .orElse(Market.ON_DEMAND);
        Role role = section.value(
                        "role", text -> word(Role.class, text, List.of(Role.SELFPLAY, Role.TRAINING, Role.MIXED)))
                .orElse(Role.SELFPLAY);
        int disk = section.integer("disk_gb", DISK_GB, 1, Group.DISK_MAX_GB);
        String image = section.value("image", PolicyFile::image).orElse("");
        section.end();
        Optional<Group> group = whole(
                "groups." + name,
                () -> new Group(
                        name,
                        provider,
                        gpus,
                        count,
                        query,
                        min,
                        target,
                        max,
                        priceMax.orElse(Money.ofDollars(1)),
                        market,
                        role,
                        disk,
                        image));
        return problems.count() > before ? Optional.empty() : group;
    }

    private List<String> gpu(String group, String written) {
        List<String> found = GpuName.find(written, List.of());
        if (found.isEmpty()) {
            List<String> near = GpuName.known().stream()
                    .sorted(Comparator.comparingInt(
                            (String known) -> Nearest.distance(GpuName.key(written), GpuName.key(known))))
                    .limit(NEAR_MAX)
                    .toList();
            problems.add(
                    "groups." + group + ".gpu",
                    "expected a GPU that is rented out, but found \"" + written + "\"; near are "
                            + String.join(", ", near));
        }
        return found;
    }

    private static String image(String text) {
        if (text.isEmpty() || RentOrder.isImage(text)) return text;
        throw new IllegalArgumentException(RentOrder.noImage(text));
    }

    /// Checked here, so that nobody learns of a slip when the first machine is missing.
    private static String query(String words) {
        try {
            OfferQuery.DEFAULT.and(words);
            return words;
        } catch (BadQuery e) {
            String near = Fields.nearest(e.word(), e.known())
                    .map(word -> "; did you mean " + word + "?")
                    .orElse("");
            throw new IllegalArgumentException(e.getMessage() + near, e);
        }
    }

    // ---- money

    private Table<String, Caps> caps(Table<String, Caps> before, String scope, Section section) {
        if (section.absent()) return before;
        Optional<Money> hour = section.value("hour", PolicyFile::cap);
        Optional<Money> day = section.value("day", PolicyFile::cap);
        Optional<Money> month = section.value("month", PolicyFile::cap);
        section.end();
        return before.with(scope, new Caps(hour, day, month));
    }

    private static Money cap(String text) {
        Money money = Money.parse(text);
        if (money.micros() >= 0) return money;
        throw new IllegalArgumentException("expected a cap of $0 or more, but found \"" + text + "\"");
    }

    private static Money price(String text) {
        Money money = Money.parse(text);
        if (money.micros() > 0) return money;
        throw new IllegalArgumentException("expected a price above $0, but found \"" + text + "\"");
    }

    // ---- windows

    private List<TimeWindow> windows(Section section, List<String> groups) {
        List<TimeWindow> windows = new ArrayList<>();
        for (String name : section.names()) {
            Optional<TimeWindow> window = window(name, section.section(name), groups);
            for (TimeWindow other : windows) {
                if (window.filter(other::overlaps).isPresent())
                    problems.add(
                            "windows." + name,
                            "expected windows of one group that are not open at the same time, but it overlaps with "
                                    + other.name() + " (" + hours(window.get()) + " and " + hours(other) + ")");
            }
            window.ifPresent(windows::add);
        }
        return windows;
    }

    private void within(TimeWindow window, List<Group> groups) {
        for (Group group : groups)
            if (window.isFor(group.name()))
                window.contradiction(group).ifPresent(what -> problems.add("windows." + window.name(), what));
    }

    private static String hours(TimeWindow window) {
        return window.from() + " to " + (window.to().equals(LocalTime.MIDNIGHT) ? DAY_ENDS : window.to());
    }

    private Optional<TimeWindow> window(String name, Section section, List<String> groups) {
        int before = problems.count();
        String key = "windows." + name;
        List<String> of = section.texts("groups");
        for (String group : of) {
            // Those of a file without any are the cluster's.
            if (!groups.isEmpty() && !groups.contains(group))
                problems.add(key + ".groups", "expected one of " + groups + ", but found \"" + group + "\"");
        }
        List<DayOfWeek> days = days(key, section.texts("days"));
        Optional<LocalTime> from = section.value("from", PolicyFile::time);
        Optional<LocalTime> to = section.value("to", text -> text.equals(DAY_ENDS) ? LocalTime.MIDNIGHT : time(text));
        if (from.isPresent() && from.equals(to) && !section.text("to").equals(Optional.of(DAY_ENDS)))
            problems.add(
                    key + ".to",
                    "expected a time other than from, but found " + to.get() + " twice; a whole day is from 00:00 to "
                            + DAY_ENDS);
        if (section.text("from").isEmpty() || section.text("to").isEmpty())
            problems.add(key, "expected from and to, as in from: 22:00 and to: 06:00");
        Optional<Integer> min = size(section, "min");
        Optional<Integer> target = size(section, "target");
        Optional<Integer> max = size(section, "max");
        Optional<Money> priceMax = section.value("price_max", PolicyFile::price);
        section.end();
        LocalTime begins = from.orElse(LocalTime.MIN);
        Optional<TimeWindow> window = whole(
                key,
                () -> new TimeWindow(name, of, days, begins, to.orElse(LocalTime.NOON), min, target, max, priceMax));
        return problems.count() > before ? Optional.empty() : window;
    }

    private static Optional<Integer> size(Section section, String key) {
        if (section.text(key).isEmpty()) return Optional.empty();
        return Optional.of(section.integer(key, 0, 0, Group.SIZE_MAX));
    }

    private static LocalTime time(String text) {
        try {
            return LocalTime.parse(text.matches("\\d:.*") ? "0" + text : text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("expected a time such as 22:00, but found \"" + text + "\"", e);
        }
    }

    /// `mon-fri`, `sat,sun`, `fri-mon`; every day where nothing is written.
    private List<DayOfWeek> days(String key, List<String> written) {
        if (written.isEmpty()) return List.of(DayOfWeek.values());
        List<DayOfWeek> days = new ArrayList<>();
        for (String part : written) {
            List<Optional<DayOfWeek>> ends =
                    Arrays.stream(part.split("-", 2)).map(PolicyFile::day).toList();
            if (ends.contains(Optional.<DayOfWeek>empty())) {
                problems.add(key + ".days", "expected days such as mon-fri or sat,sun, but found \"" + part + "\"");
                continue;
            }
            DayOfWeek last = ends.getLast().orElseThrow();
            for (DayOfWeek day = ends.getFirst().orElseThrow(); day != last; day = day.plus(1)) days.add(day);
            days.add(last);
        }
        // What was wrong is told; a window needs a day to be looked at further.
        return days.isEmpty() ? List.of(DayOfWeek.MONDAY) : days;
    }

    private static Optional<DayOfWeek> day(String text) {
        String word = text.strip().toUpperCase(Locale.ROOT);
        return Arrays.stream(DayOfWeek.values())
                .filter(day -> word.length() >= 2 && day.name().startsWith(word))
                .findFirst();
    }

    // ---- numbers

    private Optional<Scaling> scaling(Section section, List<TimeWindow> windows) {
        Scaling usual = Scaling.DEFAULT;
        boolean enabled = section.bool("enabled", usual.enabled());
        String zone = section.value("zone", PolicyFile::zone).orElse(usual.zone());
        var upCooldown = section.duration("up_cooldown", usual.upCooldown());
        var downCooldown = section.duration("down_cooldown", usual.downCooldown());
        int stepMax = section.integer("step_max", usual.stepMax(), 1, Group.SIZE_MAX);
        double upAt = section.share("up_at", usual.upAt());
        double downAt = factor(section, "down_at", usual.downAt(), 1);
        int backlogPer = section.integer("backlog_per", usual.backlogPer(), 1, 1_000_000);
        var idleAfter = section.duration("idle_after", usual.idleAfter());
        var ageMin = section.duration("age_min", usual.ageMin());
        double selfplayShare = section.share("selfplay_share", usual.selfplayShare());
        var bootMax = section.duration("boot_max", usual.bootMax());
        var joinMax = section.duration("join_max", usual.joinMax());
        var lostMax = section.duration("lost_max", usual.lostMax());
        var outbidMax = section.duration("outbid_max", usual.outbidMax());
        var drainMax = section.duration("drain_max", usual.drainMax());
        var stoppedMax = section.duration("stopped_max", usual.stoppedMax());
        var blameFor = section.duration("blame_for", usual.blameFor());
        double rebid = factor(section, "rebid", usual.rebid(), 10);
        double priceRiseMax = factor(section, "price_rise_max", usual.priceRiseMax(), 10);
        Scaling.OnCap onCap =
                section.value("on_cap", text -> word(Scaling.OnCap.class, text)).orElse(usual.onCap());
        Scaling.Strays strays = section.value("strays", text -> word(Scaling.Strays.class, text))
                .orElse(usual.strays());
        section.end();
        // Overlaps are told already, each with its place.
        List<TimeWindow> apart = problems.count() > 0 ? List.of() : windows;
        return whole(
                "scaling",
                () -> new Scaling(
                        enabled,
                        zone,
                        apart,
                        upCooldown,
                        downCooldown,
                        stepMax,
                        upAt,
                        downAt,
                        backlogPer,
                        idleAfter,
                        ageMin,
                        selfplayShare,
                        bootMax,
                        joinMax,
                        lostMax,
                        outbidMax,
                        drainMax,
                        stoppedMax,
                        blameFor,
                        rebid,
                        priceRiseMax,
                        onCap,
                        strays));
    }

    private static double factor(Section section, String key, double absent, int most) {
        Function<String, Double> parse = text -> {
            if (text.matches("\\d{1,3}(\\.\\d+)?|\\.\\d+") && Double.parseDouble(text) <= most)
                return Double.parseDouble(text);
            throw new IllegalArgumentException("expected a number of 0 to " + most + ", but found \"" + text + "\"");
        };
        return section.value(key, parse).orElse(absent);
    }

    private static String zone(String text) {
        try {
            return ZoneId.of(text).getId();
        } catch (java.time.DateTimeException e) {
            String near = Fields.nearest(
                            text, ZoneId.getAvailableZoneIds().stream().sorted().toList())
                    .map(name -> "; did you mean " + name + "?")
                    .orElse("");
            throw new IllegalArgumentException(
                    "expected a time zone such as Europe/Berlin, but found \"" + text + "\"" + near, e);
        }
    }

    private static <E extends Enum<E>> E word(Class<E> type, String text) {
        return word(type, text, List.of(type.getEnumConstants()));
    }

    private static <E extends Enum<E>> E word(Class<E> type, String text, List<E> taken) {
        String word = text.strip().toUpperCase(Locale.ROOT).replace('-', '_');
        return taken.stream()
                .filter(one -> one.name().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected "
                        + String.join(
                                " or ",
                                taken.stream()
                                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                                        .toList())
                        + ", but found \"" + text + "\""));
    }
}
