package dev.muster.edge.view;

import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.TimeWindow;
import java.util.List;
import java.util.Optional;

/// A group of rented machines: what is wanted, and what there is. Amounts are dollars per hour.
///
/// @param machines that are to run
/// @param leaving  that are to be stopped or ended, and are not yet
/// @param limits   that hold now
/// @param waits    why it does not grow or shrink
public record GroupRow(
        String name,
        String provider,
        List<String> gpus,
        int gpuCount,
        String query,
        int min,
        int target,
        int max,
        double priceMax,
        Market market,
        String role,
        int diskGb,
        String image,
        int machines,
        int leaving,
        double perHour,
        Limits limits,
        List<String> waits) {
    /// @param window that is open; empty: the group's own limits
    public record Limits(Optional<String> window, int min, int target, int max, double priceMax) {}

    public static GroupRow of(Picture picture, Group group, Optional<RentReport> report) {
        Rentals rentals = picture.state().rentals();
        List<Instance> members = rentals.open().stream()
                .filter(instance -> instance.group().equals(Optional.of(group.name())))
                .toList();
        int machines = (int)
                members.stream().filter(one -> one.will() == Instance.Will.RUN).count();
        double perHour = members.stream()
                .map(Instance::committed)
                .reduce(Money.ZERO, Money::plus)
                .dollars();
        return new GroupRow(
                group.name(),
                group.provider(),
                group.gpus(),
                group.gpuCount(),
                group.query(),
                group.min(),
                group.target(),
                group.max(),
                group.priceMax().dollars(),
                group.market(),
                group.role().name(),
                group.diskGb(),
                group.image(),
                machines,
                members.size() - machines,
                perHour,
                limits(picture, group),
                waits(group, report));
    }

    private static Limits limits(Picture picture, Group group) {
        Group now = picture.state().rentals().scaling().at(group, picture.now());
        Optional<String> open = picture.state().rentals().scaling().windows().stream()
                .filter(window -> window.isFor(group.name()))
                .filter(window -> window.open(
                        picture.now(), picture.state().rentals().scaling().zoneId()))
                .map(TimeWindow::name)
                .findFirst();
        return new Limits(
                open, now.min(), now.target(), now.max(), now.priceMax().dollars());
    }

    private static List<String> waits(Group group, Optional<RentReport> report) {
        return report.stream()
                .flatMap(known -> known.waits().stream())
                .filter(wait -> wait.subject().equals("group " + group.name())
                        || wait.subject().equals(RentReport.AUTOSCALER))
                .map(Wait::message)
                .toList();
    }
}
