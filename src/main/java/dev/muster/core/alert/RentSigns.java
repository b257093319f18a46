package dev.muster.core.alert;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Budgets;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Trouble;
import dev.muster.core.state.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Of rented machines and money.
final class RentSigns {
    /// A provider that was not heard for so long says nothing of what is billed there.
    private static final Duration LISTED = Duration.ofMinutes(5);

    private RentSigns() {}

    static void add(Scene scene) {
        Rentals rentals = scene.state.rentals();
        List<Instance> open = rentals.open();
        for (Instance instance : open) {
            unhealthy(scene, instance);
            dearer(scene, instance);
        }
        counts(scene, open);
        troubles(scene, open);
        providers(scene, open);
        budgets(scene, rentals);
    }

    private static void unhealthy(Scene scene, Instance instance) {
        if (!scene.watches(AlertRule.INSTANCE_UNHEALTHY) || instance.will() != Instance.Will.RUN) return;
        String name = instance.node()
                .map(node -> instance.id() + " (" + node + ")")
                .orElse(instance.id().toString());
        Optional<String> what = instance.seen().map(Sighting::observed).flatMap(observed -> switch (observed) {
            case FAILED -> Optional.of("its provider says that it has failed");
            case HOST_LOST -> Optional.of("its provider has lost its host");
            case PREEMPTED -> Optional.of("somebody has bid more for it");
            case RUNNING -> silent(scene, instance);
            case PROVISIONING, PULLING, STOPPING, STOPPED, QUEUED, GONE, UNKNOWN -> Optional.<String>empty();
        });
        what.ifPresent(text -> scene.add(
                AlertRule.INSTANCE_UNHEALTHY, instance.id().toString(), AlertLevel.WARNING, name + ": " + text));
    }

    private static Optional<String> silent(Scene scene, Instance instance) {
        return instance.node()
                .filter(node -> scene.state.fleet().nodes().has(node))
                .filter(node -> Health.suspect(scene.state, node, scene.soft, scene.policy, scene.now))
                .map(node -> "it runs, and its node has not been heard since "
                        + FleetSigns.clock(scene.now.minus(Health.silence(scene.state, node, scene.soft, scene.now))));
    }

    private static void dearer(Scene scene, Instance instance) {
        if (!scene.watches(AlertRule.PRICE_RISE)
                || !scene.state.rentals().scaling().dearer(instance)) return;
        Money now = instance.seen().map(Sighting::perHourRunning).orElse(Money.ZERO);
        scene.add(
                AlertRule.PRICE_RISE,
                instance.id().toString(),
                AlertLevel.WARNING,
                instance.id() + " costs " + now.brief() + " per hour, and was agreed at "
                        + instance.rent().perHour().brief());
    }

    private static void counts(Scene scene, List<Instance> open) {
        List<Instance> running = open.stream()
                .filter(instance -> instance.seen()
                        .filter(seen -> seen.observed() == Observed.RUNNING)
                        .isPresent())
                .toList();
        String text = running.size() + " rented machines run";
        scene.figure(AlertRule.INSTANCES_FEW, "instances", running.size(), text);
        scene.figure(AlertRule.INSTANCES_MANY, "instances", running.size(), text);
        if (!scene.watches(AlertRule.INSTANCES_IDLE)) return;
        long idle = running.stream()
                .flatMap(instance -> instance.node().stream())
                .filter(node -> scene.state.fleet().nodes().has(node)
                        && scene.state.work().activeOn(node).isEmpty())
                .count();
        scene.figure(AlertRule.INSTANCES_IDLE, "instances", idle, idle + " rented machines have nothing to do");
    }

    // ---- what was told already, and goes on

    private static void troubles(Scene scene, List<Instance> open) {
        TreeSet<String> ids = new TreeSet<>();
        for (Instance instance : open)
            if (instance.will() != Instance.Will.RUN) ids.add(instance.id().toString());
        told(scene, Trouble.DESTROY_FAILED, AlertRule.DESTROY_FAILED).stream()
                .filter(ids::contains)
                .forEach(id -> scene.add(
                        AlertRule.DESTROY_FAILED,
                        id,
                        AlertLevel.CRITICAL,
                        id + " is to be ended and is not, and is billed: " + tried(scene, id)));
        told(scene, Trouble.INSTANCE_HELD, AlertRule.INSTANCE_HELD).stream()
                .filter(ids::contains)
                .filter(id -> open.stream()
                        .anyMatch(one ->
                                one.id().toString().equals(id) && one.released().isEmpty()))
                .forEach(id -> scene.add(
                        AlertRule.INSTANCE_HELD,
                        id,
                        AlertLevel.WARNING,
                        id + " is to be ended, and only it holds something; `muster instance show " + id
                                + "` says what"));
        for (String subject : told(scene, Trouble.KEY_REFUSED, AlertRule.KEY_REFUSED))
            scene.add(AlertRule.KEY_REFUSED, subject, AlertLevel.CRITICAL, subject + " does not take the key");
        for (String subject : told(scene, Trouble.NO_CREDIT, AlertRule.NO_CREDIT))
            scene.add(
                    AlertRule.NO_CREDIT,
                    subject,
                    AlertLevel.CRITICAL,
                    subject + " says that the account has no credit");
        for (String subject : told(scene, Trouble.STRAY_FOUND, AlertRule.STRAY_FOUND)) stray(scene, subject);
    }

    private static TreeSet<String> told(Scene scene, Trouble kind, AlertRule rule) {
        return scene.watches(rule)
                ? new TreeSet<>(scene.state.rentals().told(kind, scene.now).keySet())
                : new TreeSet<>();
    }

    private static String tried(Scene scene, String id) {
        return scene.state.rentals().open().stream()
                .filter(one -> one.id().toString().equals(id))
                .findFirst()
                .flatMap(one -> scene.soft.renting().last(new Errand.Destroy(one.id())))
                .map(Renting.Tried::note)
                .filter(note -> !note.isEmpty())
                .orElse("it is asked again and again");
    }

    /// Over as soon as its provider does not list it any more.
    private static void stray(Scene scene, String subject) {
        int space = subject.indexOf(' ');
        if (space < 0) return;
        Optional<Renting.Listings> listings = scene.soft.renting().of(subject.substring(0, space));
        if (listings.isEmpty()) {
            scene.add(AlertRule.STRAY_FOUND, subject, AlertLevel.UNKNOWN, subject + " belonged to nobody");
            return;
        }
        listings.get()
                .withId(subject.substring(space + 1))
                .ifPresent(machine -> scene.add(
                        AlertRule.STRAY_FOUND,
                        subject,
                        AlertLevel.CRITICAL,
                        subject + " belongs to nobody, and costs "
                                + machine.bill().perHourNow().brief() + " per hour"));
    }

    // ---- providers

    private static void providers(Scene scene, List<Instance> open) {
        if (!scene.watches(AlertRule.PROVIDER_SILENT)) return;
        TreeSet<String> asked = new TreeSet<>();
        for (Instance instance : open) asked.add(instance.rent().provider());
        for (String provider : asked) {
            Instant last = scene.soft
                    .renting()
                    .of(provider)
                    .map(listings -> listings.newest().at())
                    .orElse(scene.soft.leadingSince());
            Duration silence = Duration.between(last, scene.now);
            if (silence.compareTo(LISTED) <= 0) continue;
            String why = scene.soft
                    .renting()
                    .last(new Errand.Look(provider))
                    .map(Renting.Tried::note)
                    .filter(note -> !note.isEmpty())
                    .map(note -> ": " + note)
                    .orElse("");
            scene.add(
                    AlertRule.PROVIDER_SILENT,
                    provider,
                    AlertLevel.UNKNOWN,
                    provider + " has not said for " + FleetSigns.brief(silence) + " what runs and is billed there"
                            + why);
        }
    }

    // ---- money

    private static void budgets(Scene scene, Rentals rentals) {
        Windows windows = rentals.scaling().windowsAt(scene.now);
        if (scene.watches(AlertRule.BUDGET))
            for (Budgets.Use use : Budgets.uses(rentals, windows, scene.now)) {
                if (use.cap().micros() <= 0) continue;
                String subject = (use.scope().isEmpty() ? "all" : use.scope()) + " per " + use.span();
                Money used = use.span().equals("hour") ? use.open() : use.spent();
                double share = (double) used.micros() / use.cap().micros();
                scene.figure(AlertRule.BUDGET, subject, share, use.told() + " is " + (share >= 1 ? "reached" : "used"));
            }
        Money perHour = rentals.committed(Optional.empty());
        scene.figure(
                AlertRule.HOURLY_COST,
                "all",
                perHour.dollars(),
                "rented machines cost " + perHour.brief() + " per hour");
        if (scene.watches(AlertRule.DAILY_COST)) {
            Money today = rentals.spent(windows.day(), scene.now);
            scene.figure(AlertRule.DAILY_COST, "all", today.dollars(), today.brief() + " were spent today");
        }
    }
}
