package dev.muster.edge.view;

import dev.muster.core.state.Budgets;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/// What was spent, what is committed, and when a cap is reached if all goes on as it does. Amounts are dollars.
///
/// @param zone      of days and months
/// @param notice    of a machine that is ended for a cap, until it is gone
/// @param perHour   charged now
/// @param committed per hour, with what is ordered and what is to come up again
/// @param goesOn    machines that go on though a cap has no room for them
/// @param groups    with what belongs to none under the empty name; of deleted ones what they spent
/// @param kinds     by the role that machines were rented for
public record BudgetView(
        Instant at,
        String zone,
        Duration notice,
        double perHour,
        double committed,
        Span day,
        Span month,
        List<Cap> caps,
        List<GoesOn> goesOn,
        List<Share> groups,
        List<Share> kinds) {
    private static final double HOUR_SECONDS = 3_600;

    /// @param forecast spent at its end, if what is committed goes on
    public record Span(Instant began, Instant ends, double spent, double forecast) {}

    /// @param scope     empty: all machines; else a group's name
    /// @param span      hour, day or month
    /// @param spent     of the hour's cap nothing: it is about what is open
    /// @param reserved  an hour of what is open
    /// @param left      below 0 when more is open than a lowered cap allows
    /// @param reachedAt when all of it is spent; absent when that does not happen in this span
    public record Cap(
            String scope,
            String span,
            double cap,
            double spent,
            double reserved,
            double left,
            Optional<Instant> reachedAt) {}

    /// @param scope of the first cap that it passes, with its span
    /// @param why   nobody ends it
    public record GoesOn(InstanceId id, String scope, String span, double perHour, String why) {}

    /// @param machines open now
    public record Share(String name, int machines, double perHour, double today, double month) {}

    public static BudgetView of(Picture picture) {
        Rentals rentals = picture.state().rentals();
        Instant now = picture.now();
        Scaling scaling = rentals.scaling();
        Windows windows = scaling.windowsAt(now);
        Instant dayEnds = scaling.dayEnds(now);
        Instant monthEnds = scaling.monthEnds(now);
        List<Share> groups = groups(rentals, windows, now);
        return new BudgetView(
                now,
                scaling.zone(),
                scaling.notice(),
                charged(rentals.open()).dollars(),
                rentals.committed(Optional.empty()).dollars(),
                span(rentals, windows.day(), dayEnds, now),
                span(rentals, windows.month(), monthEnds, now),
                Budgets.uses(rentals, windows, now).stream()
                        .map(use -> cap(use, use.span().equals("day") ? dayEnds : monthEnds, now))
                        .toList(),
                goesOn(picture, Budgets.uses(rentals, windows, now)),
                groups,
                kinds(rentals, windows, groups, now));
    }

    private static Money charged(List<Instance> open) {
        return open.stream().map(one -> one.bill().perHour()).reduce(Money.ZERO, Money::plus);
    }

    private static Span span(Rentals rentals, Instant began, Instant ends, Instant now) {
        Money spent = rentals.spent(began, now);
        Duration left = Duration.between(now, ends);
        Money more = rentals.committed(Optional.empty()).perHourFor(left.isNegative() ? Duration.ZERO : left);
        return new Span(began, ends, spent.dollars(), spent.plus(more).dollars());
    }

    private static Cap cap(Budgets.Use use, Instant ends, Instant now) {
        boolean rate = use.span().equals("hour");
        return new Cap(
                use.scope(),
                use.span(),
                use.cap().dollars(),
                use.spent().dollars(),
                use.open().dollars(),
                use.left().dollars(),
                rate ? Optional.empty() : reached(use.cap().minus(use.spent()), use.open(), now, ends));
    }

    private static List<GoesOn> goesOn(Picture picture, List<Budgets.Use> uses) {
        List<GoesOn> rows = new ArrayList<>();
        for (Instance instance : picture.state().rentals().open()) {
            Optional<Budgets.Use> passed = uses.stream()
                    .filter(use -> use.left().micros() < 0)
                    .filter(use -> use.scope().isEmpty() || instance.group().equals(Optional.of(use.scope())))
                    .findFirst();
            Optional<String> why = kept(picture, instance);
            if (passed.isPresent() && why.isPresent() && instance.will() != Instance.Will.STOP)
                rows.add(new GoesOn(
                        instance.id(),
                        passed.get().scope(),
                        passed.get().span(),
                        instance.committed().dollars(),
                        why.get()));
        }
        return rows;
    }

    /// Why no cap ends it; empty when one does.
    private static Optional<String> kept(Picture picture, Instance instance) {
        Scaling scaling = picture.state().rentals().scaling();
        if (instance.will() == Instance.Will.END)
            return instance.released().isEmpty()
                            && picture.now().isAfter(instance.willAt().plus(scaling.notice()))
                    ? Optional.of("it drains, and holds what nobody else has")
                    : Optional.empty();
        if (instance.node().filter(picture.state().fleet()::votes).isPresent()) return Optional.of("its node votes");
        if (instance.adopted()) return Optional.of("it was adopted");
        if (instance.group().isEmpty()) return Optional.of("a person rented it");
        if (!scaling.enabled()) return Optional.of("the autoscaler is off");
        return scaling.onCap() == Scaling.OnCap.REFUSE ? Optional.of("on_cap: refuse") : Optional.empty();
    }

    private static Optional<Instant> reached(Money left, Money perHour, Instant now, Instant ends) {
        if (left.micros() <= 0) return Optional.of(now);
        if (perHour.micros() <= 0) return Optional.empty();
        double seconds = left.dollars() / perHour.dollars() * HOUR_SECONDS;
        if (seconds > Duration.between(now, ends).toSeconds()) return Optional.empty();
        return Optional.of(now.plusSeconds((long) seconds));
    }

    private static List<Share> groups(Rentals rentals, Windows windows, Instant now) {
        TreeSet<String> names = new TreeSet<>();
        rentals.groups().keys().forEach(names::add);
        rentals.ledger().hours().values().forEach(groups -> groups.keys().forEach(names::add));
        rentals.open().forEach(instance -> names.add(instance.group().orElse("")));
        List<Share> shares = new ArrayList<>();
        for (String name : names) {
            List<Instance> open = rentals.open().stream()
                    .filter(one -> one.group().orElse("").equals(name))
                    .toList();
            Share share = new Share(
                    name,
                    open.size(),
                    charged(open).dollars(),
                    rentals.spent(windows.day(), now, name).dollars(),
                    rentals.spent(windows.month(), now, name).dollars());
            boolean something = rentals.groups().has(name) || share.machines() > 0 || share.month() != 0;
            if (something) shares.add(share);
        }
        return shares;
    }

    /// What machines spend is for the role that they were rented for. What earlier builds booked of none is `other`.
    private static List<Share> kinds(Rentals rentals, Windows windows, List<Share> groups, Instant now) {
        List<Share> kinds = new ArrayList<>();
        for (Role role : Role.values()) {
            List<Instance> open = rentals.open().stream()
                    .filter(one -> one.rent().role() == role)
                    .toList();
            kinds.add(new Share(
                    role.name().toLowerCase(Locale.ROOT),
                    open.size(),
                    charged(open).dollars(),
                    rentals.spent(windows.day(), now, role).dollars(),
                    rentals.spent(windows.month(), now, role).dollars()));
        }
        double today = sum(groups, Share::today) - sum(kinds, Share::today);
        double month = sum(groups, Share::month) - sum(kinds, Share::month);
        kinds.add(new Share("other", 0, 0, whole(today), whole(month)));
        return kinds.stream()
                .filter(one -> one.machines() > 0 || one.month() != 0)
                .sorted(Comparator.comparing(Share::name))
                .toList();
    }

    private static double sum(List<Share> shares, ToDoubleFunction<Share> amount) {
        return shares.stream().mapToDouble(amount).sum();
    }

    /// All are whole millionths, and so is what is shown.
    private static double whole(double amount) {
        return new Money(Math.round(amount * 1e6)).dollars();
    }
}
