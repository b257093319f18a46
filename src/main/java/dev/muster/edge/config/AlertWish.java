package dev.muster.edge.config;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.AlertPolicy.Limits;
import dev.muster.core.state.Money;
import dev.muster.core.state.QuietHours;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.DoubleFunction;

/// What somebody wants changed in the policy of alerts; what is empty stays as it is.
///
/// @param limits by rule; empty of one that is to have its own again
/// @param off    all rules that nobody wants
public record AlertWish(
        Optional<Duration> gather,
        Optional<Duration> again,
        Optional<Duration> cooldown,
        Optional<Duration> clear,
        Optional<Integer> hourMax,
        Optional<String> zone,
        Optional<List<QuietHours>> quiet,
        Table<String, Optional<Limits>> limits,
        Optional<List<String>> off) {
    public AlertWish {
        quiet = quiet.map(List::copyOf);
        off = off.map(List::copyOf);
    }

    /// As the prior system's files have it: their numbers are the most that is well.
    public static AlertWish of(AlertNumbers old) {
        Table<String, Optional<Limits>> limits = Table.empty();
        limits = with(limits, AlertRule.HEALTHY_SHARE, old.minHealthyPercent(), percent -> critical(percent / 100));
        limits = with(limits, AlertRule.NODES_OFFLINE, count(old.maxOffline()), most -> critical(most + 1));
        limits = with(limits, AlertRule.RECOVERIES, count(old.maxRecoveries()), most -> warning(most + 1));
        limits = with(limits, AlertRule.HOURLY_COST, dollars(old.maxHour()), AlertWish::warning);
        limits = with(limits, AlertRule.DAILY_COST, dollars(old.maxDay()), AlertWish::warning);
        return new AlertWish(
                Optional.empty(),
                Optional.empty(),
                old.cooldown(),
                Optional.empty(),
                old.maxAlerts().stream().boxed().findFirst(),
                Optional.empty(),
                Optional.empty(),
                limits,
                Optional.empty());
    }

    private static Table<String, Optional<Limits>> with(
            Table<String, Optional<Limits>> limits, AlertRule rule, OptionalDouble value, DoubleFunction<Limits> made) {
        return value.isPresent() ? limits.with(rule.word(), Optional.of(made.apply(value.getAsDouble()))) : limits;
    }

    private static Limits warning(double limit) {
        return new Limits(Optional.of(limit), Optional.empty());
    }

    private static Limits critical(double limit) {
        return new Limits(Optional.empty(), Optional.of(limit));
    }

    private static OptionalDouble count(OptionalInt count) {
        return count.isPresent() ? OptionalDouble.of(count.getAsInt()) : OptionalDouble.empty();
    }

    private static OptionalDouble dollars(Optional<Money> money) {
        return money.map(amount -> OptionalDouble.of(amount.dollars())).orElse(OptionalDouble.empty());
    }

    /// @throws IllegalArgumentException when the whole is out of range
    public AlertPolicy on(AlertPolicy known) {
        Table<String, Limits> all = known.limits();
        for (String rule : limits.keys()) {
            Optional<Limits> wanted = limits.require(rule);
            all = wanted.isPresent() ? all.with(rule, wanted.get()) : all.without(rule);
        }
        return new AlertPolicy(
                gather.orElse(known.gather()),
                again.orElse(known.again()),
                cooldown.orElse(known.cooldown()),
                clear.orElse(known.clear()),
                hourMax.orElse(known.hourMax()),
                zone.orElse(known.zone()),
                quiet.orElse(known.quiet()),
                all,
                off.orElse(known.off()));
    }

    /// There is a rule of that name.
    ///
    /// @throws IllegalArgumentException when there is none; names the nearest
    public static AlertRule rule(String word) {
        return AlertRule.find(word)
                .orElseThrow(() -> new IllegalArgumentException("expected a rule, but found \"" + word + "\""
                        + Nearest.of(word, AlertRule.words())
                                .map(near -> "; did you mean " + near + "?")
                                .orElse("; `muster alert rules` shows those there are")));
    }

    /// The rule watches a figure, and its warning comes first.
    ///
    /// @throws IllegalArgumentException when not
    static Limits limits(AlertRule rule, Optional<Double> warning, Optional<Double> critical) {
        AlertRule.Side side = rule.side()
                .orElseThrow(() -> new IllegalArgumentException("expected a rule that watches a figure, but found "
                        + rule.word() + ", which has no limits; `off` switches it off, a silence does so for a time"));
        for (Optional<Double> limit : List.of(warning, critical))
            if (limit.filter(value -> value < 0).isPresent())
                throw new IllegalArgumentException("expected limits of 0 or more, but found " + limit.get());
        Limits limits = new Limits(warning, critical);
        if (warning.isPresent() && critical.isPresent()) {
            double before = side == AlertRule.Side.MOST ? warning.get() : critical.get();
            double after = side == AlertRule.Side.MOST ? critical.get() : warning.get();
            if (before > after)
                throw new IllegalArgumentException("expected the critical limit of " + rule.word()
                        + (side == AlertRule.Side.MOST ? " not below" : " not above")
                        + " its warning, since " + (side == AlertRule.Side.MOST ? "more" : "less")
                        + " is worse there, but found warning " + warning.get() + " and critical " + critical.get());
        }
        return limits;
    }
}
