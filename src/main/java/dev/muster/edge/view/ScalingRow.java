package dev.muster.edge.view;

import dev.muster.core.state.Scaling;
import dev.muster.core.state.TimeWindow;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// By what rented machines are scaled and kept, as it is written.
public record ScalingRow(
        boolean enabled,
        String zone,
        List<Window> windows,
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
        String onCap,
        String strays) {
    /// @param groups   empty: all
    /// @param days     `mon` to `sun`, on which it begins
    /// @param from     by the clock on the wall, as in 22:00
    /// @param to       not after `from`: of the next day
    /// @param priceMax dollars per hour
    /// @param open     now
    public record Window(
            String name,
            List<String> groups,
            List<String> days,
            String from,
            String to,
            Optional<Integer> min,
            Optional<Integer> target,
            Optional<Integer> max,
            Optional<Double> priceMax,
            boolean open) {
        static Window of(TimeWindow window, boolean open) {
            return new Window(
                    window.name(),
                    window.groups(),
                    window.days().stream().map(ScalingRow::day).toList(),
                    window.from().toString(),
                    window.to().toString(),
                    window.min(),
                    window.target(),
                    window.max(),
                    window.priceMax().map(money -> money.dollars()),
                    open);
        }
    }

    public static ScalingRow of(Scaling scaling, Instant now) {
        return new ScalingRow(
                scaling.enabled(),
                scaling.zone(),
                scaling.windows().stream()
                        .map(window -> Window.of(window, window.open(now, scaling.zoneId())))
                        .toList(),
                scaling.upCooldown(),
                scaling.downCooldown(),
                scaling.stepMax(),
                scaling.upAt(),
                scaling.downAt(),
                scaling.backlogPer(),
                scaling.idleAfter(),
                scaling.ageMin(),
                scaling.selfplayShare(),
                scaling.bootMax(),
                scaling.joinMax(),
                scaling.lostMax(),
                scaling.outbidMax(),
                scaling.drainMax(),
                scaling.stoppedMax(),
                scaling.blameFor(),
                scaling.rebid(),
                scaling.priceRiseMax(),
                scaling.onCap().name().toLowerCase(Locale.ROOT),
                scaling.strays().name().toLowerCase(Locale.ROOT));
    }

    /// `mon`.
    static String day(DayOfWeek day) {
        return day.name().substring(0, 3).toLowerCase(Locale.ROOT);
    }
}
