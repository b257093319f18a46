package dev.muster.market;

import java.util.List;
import java.util.SplittableRandom;

/// Everybody else: renters who come and go, hosts who list, price and fail.
final class Neighbours {
    /// Of one machine, with a churn of 1.
    private static final double ARRIVAL_HOURS = 2.5;
    private static final double STAY_HOURS = 4;
    private static final double ON_DEMAND_SHARE = 0.55;
    private static final double FIRST_SHARE = 0.45;
    private static final double RELIST_HOURS = 12;
    private static final double OFFLINE_HOURS = 0.5;

    private final Desk desk;
    private final Life life;
    private final MarketSettings settings;

    Neighbours(Desk desk, Life life, MarketSettings settings) {
        this.desk = desk;
        this.life = life;
        this.settings = settings;
    }

    /// Who is there already, and what will come.
    void settle(Machine machine) {
        relistLater(machine);
        failLater(machine);
        if (settings.churn() == 0) return;
        for (Machine.Part part : machine.parts)
            if (machine.dice.nextDouble() < FIRST_SHARE / machine.parts.size() * 1.5) arrive(machine, part);
        arriveLater(machine);
    }

    private void arriveLater(Machine machine) {
        desk.in(hours(machine.dice, ARRIVAL_HOURS / settings.churn()), () -> {
            arrive(machine, machine.parts.get(machine.dice.nextInt(machine.parts.size())));
            arriveLater(machine);
        });
    }

    private void arrive(Machine machine, Machine.Part part) {
        boolean onDemand = machine.dice.nextDouble() < ON_DEMAND_SHARE;
        double generous = 1 + 0.6 * machine.dice.nextDouble();
        long stay = hours(machine.dice, onDemand ? STAY_HOURS : STAY_HOURS / 2);
        long bid = onDemand
                ? Tenant.ON_DEMAND
                : Math.min(machine.prices.gpuPico(), (long) (machine.prices.floorPico() * generous));
        if (machine.yields(part.mask(), bid, null)) moveIn(machine, part, bid, stay);
    }

    /// Somebody rents; who paid less goes.
    void moveIn(Machine machine, Machine.Part part, long bidPico, long stayMicros) {
        Tenant tenant = new Tenant(part.mask(), bidPico);
        life.take(machine, part.mask(), () -> machine.tenants.add(tenant));
        desk.in(stayMicros, () -> {
            if (machine.tenants.remove(tenant)) life.reconsider(machine);
        });
    }

    private void relistLater(Machine machine) {
        long last = machine.until - Market.DAY - desk.now();
        long wait = settings.churn() == 0 ? last : Math.min(hours(machine.dice, RELIST_HOURS / settings.churn()), last);
        desk.in(Math.max(wait, Market.SECOND), () -> {
            relist(machine);
            relistLater(machine);
        });
    }

    private void relist(Machine machine) {
        if (machine.until - desk.now() <= 2 * Market.DAY)
            machine.until = desk.now() + Market.DAY * (7 + machine.dice.nextInt(60));
        if (settings.churn() == 0) return;
        double change = 0.94 + 0.125 * machine.dice.nextDouble();
        Prices old = machine.prices;
        machine.prices = old.withGpus(
                Math.max(1, (long) (old.gpuPico() * change)), Math.max(1, (long) (old.floorPico() * change)));
        // A lower floor may be what somebody waits for.
        life.reconsider(machine);
    }

    private void failLater(Machine machine) {
        if (settings.failures() == 0) return;
        double reliability = machine.hardware.reliability();
        double upHours = OFFLINE_HOURS * reliability / (1 - reliability) / settings.failures();
        desk.in(hours(machine.dice, upHours), () -> {
            long outage = hours(machine.dice, OFFLINE_HOURS);
            if (machine.online()) {
                fail(machine);
                desk.in(outage, () -> recover(machine));
            }
            failLater(machine);
        });
    }

    void fail(Machine machine) {
        if (!machine.online()) return;
        machine.offlineSince = desk.now();
        machine.contracts.forEach(life::lose);
    }

    void recover(Machine machine) {
        if (machine.online()) return;
        machine.offlineSince = -1;
        List.copyOf(machine.contracts).forEach(life::regain);
        life.reconsider(machine);
    }

    /// Exponential: when it will be has nothing to do with how long it has not been.
    private static long hours(SplittableRandom dice, double mean) {
        double hours = Math.min(-Math.log(1 - dice.nextDouble()) * mean, 24 * 365 * 10.0);
        return Math.max(1, (long) (hours * 3600 * Market.SECOND));
    }
}
