package dev.muster.market;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Price increases that hosts offer for longer contracts.
final class Rises {
    private final Desk desk;
    private final Life life;
    private final TreeMap<Long, Contract> contracts;
    private final TreeMap<Long, Rise> pending = new TreeMap<>();
    private long next = 1;

    Rises(Desk desk, Life life, TreeMap<Long, Contract> contracts) {
        this.desk = desk;
        this.life = life;
        this.contracts = contracts;
    }

    /// Some time in the two days before the contract's end, or within the hour when it is that near.
    void offerLater(Contract contract) {
        long before = (long) (2 * Market.DAY * contract.dice.nextDouble());
        long at = Math.max(contract.end - before, desk.now() + Market.DAY / 24);
        desk.agenda.enter(at, () -> offer(contract));
    }

    void offer(Contract contract) {
        if (contracts.get(contract.id) != contract || contract.end <= desk.now()) return;
        long pico = (long) (contract.gpuPico * (1.03 + 0.25 * contract.dice.nextDouble()));
        long end = contract.end + Market.DAY * (7 + contract.dice.nextInt(60));
        Rise rise = new Rise(
                next++,
                contract.id,
                contract.machine.hardware.hostId(),
                contract.gpuPico,
                pico,
                Market.instant(contract.end),
                Market.instant(end),
                Market.instant(desk.now()));
        pending.put(rise.id(), rise);
        desk.tell(new Happening.RiseOffered(rise.at(), contract.id, rise.id()));
    }

    /// Those that can still be accepted.
    List<Rise> pending() {
        pending.values().removeIf(rise -> contract(rise).isEmpty());
        return List.copyOf(pending.values());
    }

    /// @return the contract that has a new price and a new end; empty when there is no such offer any more
    Optional<Contract> accept(long id) {
        Rise rise = pending.remove(id);
        if (rise == null) return Optional.empty();
        Optional<Contract> found = contract(rise);
        found.ifPresent(contract -> {
            contract.gpuPico = rise.newPico();
            contract.end = Market.micros(rise.newEnd());
            contract.prices = contract.prices.withGpus(
                    Math.max(1, rise.newPico() / contract.part.gpus()), contract.prices.floorPico());
            life.bill(contract);
        });
        return found;
    }

    boolean reject(long id) {
        Rise rise = pending.remove(id);
        return rise != null && contract(rise).isPresent();
    }

    private Optional<Contract> contract(Rise rise) {
        return Optional.ofNullable(contracts.get(rise.instance()))
                .filter(contract -> desk.now() < Market.micros(rise.end()) && contract.gpuPico == rise.oldPico());
    }
}
