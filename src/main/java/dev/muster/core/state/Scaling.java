package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;

/// By what rented machines are scaled and kept: one value, replaced as a whole.
///
/// @param enabled      whether the autoscaler orders anything; what is wanted of machines is kept up either way
/// @param zone         of budgets' days and of windows, as in `Europe/Berlin`
/// @param windows      in which groups' limits are others; no two are open for one group at one time
/// @param upCooldown   between two steps up of one group
/// @param downCooldown between two steps down, and after a step up
/// @param stepMax      machines that are ordered in one step of one group
/// @param upAt         share of slots in use from which a group grows
/// @param downAt       share of slots in use up to which it shrinks
/// @param backlogPer   waiting tasks for which one more machine is ordered
/// @param idleAfter    without work, after which a machine may be ended
/// @param ageMin       a machine is not scaled down before: its first hour is the dearest
/// @param selfplayShare of busy machines that play, wanted where a loop plays and trains; above it a selfplay group does not grow
/// @param bootMax      from order to running; then it is ended, and its host blamed
/// @param joinMax      from running to having joined; likewise
/// @param lostMax      without being heard, or reachable for its provider, after which it is replaced
/// @param outbidMax    outbid, after which it is replaced
/// @param drainMax     for what runs to end by itself, before it is told to
/// @param stoppedMax   stopped, after which it is ended
/// @param blameFor     nothing is rented on a machine that failed; longer with each failure
/// @param rebid        share of its bid by which an outbid machine's bid may be raised, within its group's price cap
/// @param priceRiseMax share by which a price may rise before the machine is replaced
/// @param onCap        what happens when a cap is reached by what runs already
/// @param strays       what is done with machines that carry our label and are in no state
public record Scaling(
        boolean enabled,
        String zone,
        List<TimeWindow> windows,
        Duration upCooldown,
        Duration downCooldown,
        int stepMax,
        double upAt,
        double downAt,
        int backlogPer,
        Duration idleAfter,
        Duration ageMin,
        double selfplayShare,
        Duration bootMax,
        Duration joinMax,
        Duration lostMax,
        Duration outbidMax,
        Duration drainMax,
        Duration stoppedMax,
        Duration blameFor,
        double rebid,
        double priceRiseMax,
        OnCap onCap,
        Strays strays) {
    public enum OnCap {
        /// Nothing new is rented. What runs goes on, so that a day may cost what runs all day, whatever its cap.
        REFUSE,
        /// Machines are drained and ended, early enough that the cap is not passed.
        DRAIN
    }

    public enum Strays {
        /// Shown, and told of.
        REPORT,
        /// Ended, when they carry our label; others are only shown.
        END
    }

    private static final int WINDOWS_MAX = 100;
    private static final Duration TIME_MAX = Duration.ofDays(365);
    private static final Duration CONTRACT_NOTICE = Duration.ofMinutes(10);
    /// After what runs has had its time: for it to be told to end, and its machine to be released and destroyed.
    private static final Duration GOES = Duration.ofMinutes(5);
    static final Duration BLAME_MAX = Duration.ofDays(30);

    /// Cooldowns, steps and shares are the prior system's; a machine is idle after half an hour, since a quarter ended nodes
    /// between two batches.
    public static final Scaling DEFAULT = new Scaling(
            true,
            "UTC",
            List.of(),
            Duration.ofMinutes(15),
            Duration.ofMinutes(10),
            2,
            0.8,
            0.3,
            4,
            Duration.ofMinutes(30),
            Duration.ofMinutes(30),
            1.0,
            Duration.ofMinutes(15),
            Duration.ofMinutes(10),
            Duration.ofMinutes(10),
            Duration.ofMinutes(10),
            Duration.ofMinutes(15),
            Duration.ofHours(24),
            Duration.ofHours(24),
            0.25,
            0.2,
            OnCap.DRAIN,
            Strays.END);

    /// @throws IllegalArgumentException when a field is out of its range, or two windows overlap; the message names it
    public Scaling {
        windows = List.copyOf(windows);
        zone(zone);
        if (windows.size() > WINDOWS_MAX) throw wrong("at most " + WINDOWS_MAX + " windows", windows.size());
        for (int one = 0; one < windows.size(); one++)
            for (int two = 0; two < one; two++) apart(windows.get(one), windows.get(two));
        for (Duration time : List.of(upCooldown, downCooldown, idleAfter, ageMin, drainMax, stoppedMax, blameFor))
            if (time.isNegative()) throw wrong("times of 0s or more", time);
        for (Duration time : List.of(bootMax, joinMax, lostMax, outbidMax))
            if (time.compareTo(Duration.ofSeconds(1)) < 0) throw wrong("deadlines of 1s or more", time);
        for (Duration time : List.of(
                upCooldown,
                downCooldown,
                idleAfter,
                ageMin,
                bootMax,
                joinMax,
                lostMax,
                outbidMax,
                drainMax,
                stoppedMax))
            if (time.compareTo(TIME_MAX) > 0) throw wrong("times of at most " + Durations.brief(TIME_MAX), time);
        if (blameFor.compareTo(BLAME_MAX) > 0)
            throw wrong("a blame_for of at most " + Durations.brief(BLAME_MAX), blameFor);
        if (stepMax < 1 || backlogPer < 1)
            throw wrong("step_max and backlog_per of 1 or more", stepMax + ", " + backlogPer);
        if (!(0 <= downAt && downAt < upAt && upAt <= 1))
            throw wrong("0 <= down_at < up_at <= 1", downAt + ", " + upAt);
        if (!(0 < selfplayShare && selfplayShare <= 1)) throw wrong("a selfplay_share above 0, up to 1", selfplayShare);
        if (!(0 <= rebid && rebid <= 10) || !(0 <= priceRiseMax && priceRiseMax <= 10))
            throw wrong("rebid and price_rise_max of 0 to 10", rebid + ", " + priceRiseMax);
    }

    private static void apart(TimeWindow one, TimeWindow two) {
        if (one.name().equals(two.name())) throw wrong("windows with names of their own", one.name() + " twice");
        if (one.overlaps(two))
            throw wrong(
                    "windows that are not open at the same time for one group",
                    two.name() + " and " + one.name() + ", which overlap");
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (java.time.DateTimeException e) {
            throw new IllegalArgumentException(
                    "expected a time zone such as Europe/Berlin, but found \"" + name + "\"", e);
        }
    }

    public ZoneId zoneId() {
        return zone(zone);
    }

    public Scaling withEnabled(boolean now) {
        return new Scaling(
                now,
                zone,
                windows,
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
                strays);
    }

    /// When the day and the month of that moment began.
    public Windows windowsAt(Instant at) {
        ZonedDateTime day = at.atZone(zoneId()).toLocalDate().atStartOfDay(zoneId());
        ZonedDateTime month = day.toLocalDate().withDayOfMonth(1).atStartOfDay(zoneId());
        return new Windows(day.toInstant(), month.toInstant());
    }

    /// Of a machine, from being told to end until it is gone.
    public Duration notice() {
        return drainMax.plus(GOES);
    }

    /// Does its contract end, or has its price risen, so that another takes its place?
    public boolean replaces(Instance instance, Instant at) {
        return contractEnds(instance, at).isPresent() || dearer(instance);
    }

    /// Its contract's end, where that leaves just the time to drain it.
    public Optional<Instant> contractEnds(Instance instance, Instant at) {
        Instant notice = at.plus(drainMax).plus(CONTRACT_NOTICE);
        return instance.seen().flatMap(Sighting::contractEnds).filter(end -> !end.isAfter(notice));
    }

    /// Does it cost more than was agreed, by more than is allowed?
    public boolean dearer(Instance instance) {
        double most = instance.rent().perHour().dollars() * (1 + priceRiseMax);
        return instance.seen()
                .filter(seen -> seen.perHourRunning().dollars() > most)
                .isPresent();
    }

    /// When that day ends.
    public Instant dayEnds(Instant at) {
        return at.atZone(zoneId())
                .toLocalDate()
                .plusDays(1)
                .atStartOfDay(zoneId())
                .toInstant();
    }

    /// When that month of the calendar ends.
    public Instant monthEnds(Instant at) {
        return at.atZone(zoneId())
                .toLocalDate()
                .withDayOfMonth(1)
                .plusMonths(1)
                .atStartOfDay(zoneId())
                .toInstant();
    }

    /// The group with the limits that hold at that moment.
    public Group at(Group group, Instant at) {
        for (TimeWindow window : windows) {
            if (window.isFor(group.name()) && window.open(at, zoneId())) return within(group, window);
        }
        return group;
    }

    /// In what a window contradicts the group's own limits; the planner would go on with one of the two.
    public Optional<String> contradiction(Group group) {
        return windows.stream()
                .filter(window -> window.isFor(group.name()))
                .flatMap(window ->
                        window
                                .contradiction(group)
                                .map(what -> "in the window " + window.name() + ", " + what)
                                .stream())
                .findFirst();
    }

    /// A limit that the window does not name gives way to one that it does.
    private static Group within(Group group, TimeWindow window) {
        int max = window.max()
                .orElse(Math.max(
                        group.max(),
                        Math.max(window.min().orElse(0), window.target().orElse(0))));
        int min = Math.min(max, window.min().orElse(group.min()));
        int target = Math.clamp(window.target().orElse(group.target()), min, max);
        return new Group(
                group.name(),
                group.provider(),
                group.gpus(),
                group.gpuCount(),
                group.query(),
                min,
                target,
                max,
                window.priceMax().orElse(group.priceMax()),
                group.market(),
                group.role(),
                group.diskGb(),
                group.image());
    }

    private static IllegalArgumentException wrong(String expected, Object found) {
        return new IllegalArgumentException("expected " + expected + ", but found " + found);
    }
}
