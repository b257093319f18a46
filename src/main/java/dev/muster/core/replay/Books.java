package dev.muster.core.replay;

import dev.muster.core.state.Budgets;
import dev.muster.core.state.Instance;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// Keeps count of a replay, minute by minute.
final class Books {
    private final Scaling scaling;
    private final Duration sampled;
    private final TreeMap<LocalDate, Page> pages = new TreeMap<>();
    private final TreeMap<JobKind, Integer> done = new TreeMap<>();
    private final TreeMap<String, Refusal> refusals = new TreeMap<>();
    /// Tasks by the minutes that they waited.
    private final TreeMap<Long, Integer> waits = new TreeMap<>();

    /// By when it ended, and which.
    private final TreeMap<String, Replayed.Passed> passed = new TreeMap<>();

    private final TreeSet<String> rented = new TreeSet<>();
    private final TreeMap<String, Pause> pauses = new TreeMap<>();
    private final List<Replayed.Sample> samples = new ArrayList<>();
    private int outbid;
    private int most;

    private static final class Page {
        Money spent = Money.ZERO;
        int done;
        int most;
        long rented;
        long idle;
        long refused;
    }

    private static final class Refusal {
        final Money limit;
        long minutes;

        Refusal(Money limit) {
            this.limit = limit;
        }
    }

    /// Why a group rented nothing when the most was to do.
    private record Pause(int waiting, String why) {}

    /// @param sampled between two samples
    Books(Scaling scaling, Duration sampled) {
        this.scaling = scaling;
        this.sampled = sampled;
    }

    private Page page(Instant at) {
        return pages.computeIfAbsent(date(at), date -> new Page());
    }

    private LocalDate date(Instant at) {
        return at.atZone(scaling.zoneId()).toLocalDate();
    }

    void done(JobKind kind, Instant at) {
        done.merge(kind, 1, Integer::sum);
        page(at).done++;
    }

    void began(Duration waited) {
        waits.merge(waited.toMinutes(), 1, Integer::sum);
    }

    void outbid() {
        outbid++;
    }

    void rented(String group) {
        rented.add(group);
    }

    void pauses(String group, int waiting, String why) {
        pauses.merge(group, new Pause(waiting, why), (old, now) -> now.waiting() >= old.waiting() ? now : old);
    }

    private Table<String, String> unused() {
        Table<String, String> unused = Table.empty();
        for (var entry : pauses.entrySet())
            if (!rented.contains(entry.getKey()))
                unused = unused.with(entry.getKey(), entry.getValue().why());
        return unused;
    }

    /// What kept groups from growing in this minute.
    void refused(List<Budgets.Use> caps, Instant at) {
        if (caps.isEmpty()) return;
        page(at).refused++;
        TreeSet<String> told = new TreeSet<>();
        for (Budgets.Use use : caps) {
            if (told.add(name(use))) refusals.computeIfAbsent(name(use), any -> new Refusal(use.cap())).minutes++;
        }
    }

    /// The minute that ends now.
    ///
    /// @param open    machines that are wanted or not yet gone
    /// @param running of them, what is paid for
    /// @param busy    of those, with work
    void minute(Instant at, Instant since, Rentals rentals, List<Instance> open, int running, int busy, int waiting) {
        Page page = page(at.minusMillis(1));
        most = Math.max(most, open.size());
        page.most = Math.max(page.most, open.size());
        page.rented += running;
        page.idle += running - busy;
        boolean sample = Duration.between(since, at).toMinutes() % sampled.toMinutes() == 0;
        boolean dayEnds = !date(at).equals(date(at.minusMillis(1)));
        if (sample || dayEnds) spend(at, rentals);
        if (dayEnds) passed(at, rentals, false);
        if (!sample) return;
        TreeMap<String, Integer> groups = new TreeMap<>();
        for (Instance instance : open) groups.merge(instance.group().orElse(""), 1, Integer::sum);
        samples.add(new Replayed.Sample(at, open.size(), Table.copyOf(groups), busy, waiting, total()));
    }

    private void spend(Instant at, Rentals rentals) {
        page(at.minusMillis(1)).spent =
                rentals.spent(scaling.windowsAt(at.minusMillis(1)).day(), at);
    }

    /// The caps of the day that ends then, and of the month if that ends, too.
    ///
    /// @param all it is the end of all
    private void passed(Instant ends, Rentals rentals, boolean all) {
        Instant last = ends.minusMillis(1);
        boolean monthEnds = all || !scaling.monthEnds(last).isAfter(ends);
        for (Budgets.Use use : Budgets.uses(rentals, scaling.windowsAt(last), ends)) {
            boolean over = use.spent().compareTo(use.cap()) > 0;
            if (!over || use.span().equals("hour") || use.span().equals("month") && !monthEnds) continue;
            boolean drains = scaling.onCap() == Scaling.OnCap.DRAIN;
            passed.put(
                    date(last) + " " + name(use),
                    new Replayed.Passed(date(last), name(use), use.cap(), use.spent(), drains));
        }
    }

    private static String name(Budgets.Use use) {
        return use.scope().isEmpty() ? use.span() : use.scope() + ": " + use.span();
    }

    private Money total() {
        Money sum = Money.ZERO;
        for (Page page : pages.values()) sum = sum.plus(page.spent);
        return sum;
    }

    Replayed closed(String name, Instant from, Instant at, Rentals rentals, int left) {
        spend(at, rentals);
        passed(at, rentals, true);
        List<Replayed.Day> days = new ArrayList<>();
        long rented = 0;
        long idle = 0;
        for (var entry : pages.entrySet()) {
            Page page = entry.getValue();
            rented += page.rented;
            idle += page.idle;
            days.add(new Replayed.Day(
                    entry.getKey(),
                    page.spent,
                    page.done,
                    page.most,
                    Duration.ofMinutes(page.rented),
                    Duration.ofMinutes(page.idle),
                    Duration.ofMinutes(page.refused)));
        }
        List<Replayed.Refused> refused = refusals.entrySet().stream()
                .map(one -> new Replayed.Refused(
                        one.getKey(), one.getValue().limit, Duration.ofMinutes(one.getValue().minutes)))
                .sorted(Comparator.comparing(Replayed.Refused::time).reversed())
                .toList();
        Replayed.Machines machines = new Replayed.Machines(
                (int) (rentals.next() - 1), most, Duration.ofMinutes(rented), Duration.ofMinutes(idle), outbid);
        return new Replayed(
                name,
                total(),
                days,
                length(from, at),
                Table.copyOf(done),
                left,
                waiting(),
                machines,
                refused,
                unused(),
                List.copyOf(passed.values()),
                samples);
    }

    private double length(Instant from, Instant to) {
        double days = 0;
        for (Instant at = from; at.isBefore(to); at = scaling.dayEnds(at)) {
            Instant ends = scaling.dayEnds(at);
            Instant part = ends.isBefore(to) ? ends : to;
            Duration whole = Duration.between(scaling.windowsAt(at).day(), ends);
            days += (double) Duration.between(at, part).toSeconds() / whole.toSeconds();
        }
        return days;
    }

    private Replayed.Waiting waiting() {
        long tasks = waits.values().stream().mapToLong(Integer::longValue).sum();
        if (tasks == 0) return new Replayed.Waiting(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
        long sum = waits.entrySet().stream()
                .mapToLong(one -> one.getKey() * one.getValue())
                .sum();
        return new Replayed.Waiting(
                Duration.ofMinutes(Math.round((double) sum / tasks)),
                waited(tasks, 0.5),
                waited(tasks, 0.95),
                Duration.ofMinutes(waits.lastKey()));
    }

    /// So many of them waited no longer.
    private Duration waited(long tasks, double share) {
        long rest = (long) Math.ceil(share * tasks);
        for (var entry : waits.entrySet()) {
            rest -= entry.getValue();
            if (rest <= 0) return Duration.ofMinutes(entry.getKey());
        }
        return Duration.ofMinutes(waits.lastKey());
    }
}
