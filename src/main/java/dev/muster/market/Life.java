package dev.muster.market;

import dev.muster.market.Charge.Kind;
import dev.muster.market.Happening.Cause;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// How a contract gets from one phase to the next. Delays are drawn from the contract's own dice; where the real
/// market's are not known, they are guesses: seconds for what a daemon does at once, a minute or some for an image, up
/// to ten minutes for a relaunch.
final class Life {
    private static final long STARTING_MAX = 600 * Market.SECOND;
    private static final long LOADING_MAX = 900 * Market.SECOND;

    private static final List<String> IMAGE_ERRORS = List.of(
            "Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create"
                    + " failed: runc create failed: unable to start container process",
            "docker_build() error writing dockerfile",
            "Error response from daemon: pull access denied, repository does not exist or may require 'docker login'",
            "Error: failed to inject CDI devices: unresolvable CDI devices");

    private final Desk desk;
    /// Takes a contract's row away.
    private final Consumer<Contract> remove;

    Life(Desk desk, Consumer<Contract> remove) {
        this.desk = desk;
        this.remove = remove;
    }

    /// It has its GPUs and begins.
    void provision(Contract contract) {
        hold(contract);
        enter(contract, Phase.PROVISIONING);
        desk.step(contract, seconds(contract.dice, 1, 4), this::created);
    }

    private void created(Contract contract) {
        enter(contract, Phase.CREATED);
        desk.step(contract, seconds(contract.dice, 1, 8), this::load);
    }

    private void load(Contract contract) {
        enter(contract, Phase.LOADING);
        long layer = contract.dice.nextLong(1L << 48);
        contract.message = Optional.of(String.format("%012x: Pulling fs layer", layer));
        long whole = longTail(contract.dice, 45, 0.8, LOADING_MAX);
        desk.step(contract, whole / 2, loading -> {
            loading.message = Optional.of(String.format("%012x: Download complete", layer));
            desk.step(loading, whole - whole / 2, this::loaded);
        });
    }

    private void loaded(Contract contract) {
        switch (contract.fate) {
            case BOOTS -> boot(contract);
            case BAD_IMAGE -> fail(contract);
            case STUCK -> {}
        }
    }

    private void fail(Contract contract) {
        String message = IMAGE_ERRORS.get(contract.dice.nextInt(IMAGE_ERRORS.size()));
        enter(contract, Phase.FAILED);
        contract.message = Optional.of(message);
        desk.tell(new Happening.Failed(Market.instant(desk.now()), contract.id, message));
    }

    private void boot(Contract contract) {
        contract.up = true;
        contract.runningFor = desk.now();
        enter(contract, Phase.RUNNING);
        contract.generation++;
        contract.message = Optional.of("success, running " + contract.order.image() + "/ssh");
        desk.tell(new Happening.Booted(Market.instant(desk.now()), contract.id));
    }

    /// Its processes are gone.
    private void halt(Contract contract, Cause cause) {
        if (!contract.up) return;
        contract.up = false;
        contract.runningFor = -1;
        desk.tell(new Happening.Halted(Market.instant(desk.now()), contract.id, cause));
    }

    /// As its user asks, or as the market has to.
    void stop(Contract contract, Cause cause) {
        switch (contract.phase) {
            case STOPPED -> {}
            // It would have gone on by itself; now it does not.
            case OUTBID, QUEUED -> rest(contract, Phase.STOPPED);
            case STOPPING -> {}
            default -> {
                if (!contract.machine.online()) {
                    rest(contract, Phase.STOPPED);
                    return;
                }
                contract.reported = contract.phase.actual();
                enter(contract, Phase.STOPPING);
                desk.step(contract, seconds(contract.dice, 1, 9), stopping -> {
                    halt(stopping, cause);
                    rest(stopping, Phase.STOPPED);
                });
            }
        }
    }

    /// It has its GPUs, or waits for them.
    ///
    /// @return it has them
    boolean start(Contract contract) {
        if (contract.phase.active() && contract.phase != Phase.STOPPING) return true;
        if (contract.phase == Phase.STOPPING) {
            halt(contract, Cause.ASKED);
            contract.phase = Phase.STOPPED;
        }
        if (contract.wins()) {
            relaunch(contract);
            return true;
        }
        contract.queuedAt = desk.now();
        rest(contract, Phase.QUEUED);
        desk.tell(new Happening.Queued(Market.instant(desk.now()), contract.id));
        return false;
    }

    private void relaunch(Contract contract) {
        hold(contract);
        if (contract.fate == Contract.Fate.BOOTS && contract.message.isPresent()) {
            enter(contract, Phase.STARTING);
            desk.step(contract, longTail(contract.dice, 25, 1.1, STARTING_MAX), this::boot);
        } else {
            load(contract);
        }
    }

    void reboot(Contract contract) {
        // A machine that is gone comes back by a reboot anyway.
        if (contract.phase != Phase.RUNNING || !contract.machine.online()) return;
        halt(contract, Cause.REBOOT);
        enter(contract, Phase.REBOOTING);
        desk.step(contract, seconds(contract.dice, 5, 40), this::boot);
    }

    /// The container is made anew: what was on its disk is lost.
    void recycle(Contract contract) {
        halt(contract, Cause.RECYCLE);
        contract.diskFull = false;
        desk.tell(new Happening.Wiped(Market.instant(desk.now()), contract.id));
        if (contract.phase != Phase.RUNNING) return;
        enter(contract, Phase.RECYCLING);
        if (!contract.machine.online()) return;
        desk.step(contract, seconds(contract.dice, 4, 20), this::load);
    }

    /// Its price or its competitors are others now.
    void reprice(Contract contract) {
        bill(contract);
        if (contract.holds && contract.isBid() && contract.bidPerGpu() < contract.machine.prices.floorPico())
            outbid(contract);
        else reconsider(contract.machine);
    }

    /// Somebody who pays more has its GPUs.
    void outbid(Contract contract) {
        halt(contract, Cause.OUTBID);
        contract.queuedAt = desk.now();
        rest(contract, contract.phase == Phase.STOPPING ? Phase.STOPPED : Phase.OUTBID);
    }

    void destroy(Contract contract, Cause cause) {
        contract.up = false;
        contract.holds = false;
        contract.generation++;
        contract.phase = Phase.STOPPED;
        remove.accept(contract);
        desk.ledger.rate(contract.bill, Kind.GPU, 0, desk.second());
        desk.ledger.rate(contract.bill, Kind.DISK, 0, desk.second());
        desk.tell(new Happening.Destroyed(Market.instant(desk.now()), contract.id, cause));
        reconsider(contract.machine);
    }

    /// Its host is gone: nothing runs and nothing is billed.
    void lose(Contract contract) {
        halt(contract, Cause.HOST_OFFLINE);
        contract.generation++;
        bill(contract);
    }

    /// Its host is back: what ran is launched again, what was being loaded is loaded from the beginning.
    void regain(Contract contract) {
        switch (contract.phase) {
            case RUNNING, STARTING, REBOOTING -> relaunch(contract);
            case PROVISIONING, CREATED, LOADING, RECYCLING -> load(contract);
            case STOPPING -> rest(contract, Phase.STOPPED);
            case FAILED, STOPPED, OUTBID, QUEUED -> bill(contract);
        }
    }

    /// Who waits for GPUs of this machine and can have them now gets them: who rents on demand in the order of asking,
    /// then the highest bid.
    void reconsider(Machine machine) {
        if (machine.contracts.isEmpty()) return;
        List<Contract> waiting = machine.contracts.stream()
                .filter(Life::waits)
                .sorted(Comparator.comparingLong((Contract contract) -> -contract.bidPerGpu())
                        .thenComparingLong(contract -> contract.queuedAt)
                        .thenComparingLong(contract -> contract.id))
                .toList();
        for (Contract contract : waiting) {
            // One that got its GPUs may have taken another's chance, or made one.
            if (waits(contract) && contract.wins()) relaunch(contract);
        }
    }

    private static boolean waits(Contract contract) {
        return !contract.holds && (contract.phase == Phase.QUEUED || contract.phase == Phase.OUTBID);
    }

    /// Takes GPUs for somebody, from those who pay less.
    ///
    /// @param holder marks them as taken, before those who lost look for others
    void take(Machine machine, int mask, Runnable holder) {
        boolean left = machine.tenants.removeIf(tenant -> (tenant.mask & mask) != 0);
        List<Contract> losers = machine.contracts.stream()
                .filter(contract -> contract.holds && (contract.part.mask() & mask) != 0)
                .toList();
        losers.forEach(contract -> contract.holds = false);
        holder.run();
        losers.forEach(this::outbid);
        // They may have held more than was taken.
        if (left || !losers.isEmpty()) reconsider(machine);
    }

    private void hold(Contract contract) {
        if (contract.holds) return;
        take(contract.machine, contract.part.mask(), () -> contract.holds = true);
    }

    private void rest(Contract contract, Phase phase) {
        boolean held = contract.holds;
        contract.holds = false;
        contract.generation++;
        contract.up = false;
        contract.runningFor = -1;
        enter(contract, phase);
        if (held) reconsider(contract.machine);
    }

    private void enter(Contract contract, Phase phase) {
        contract.phase = phase;
        bill(contract);
    }

    void bill(Contract contract) {
        desk.ledger.rate(contract.bill, Kind.GPU, contract.gpuRate(), desk.second());
        desk.ledger.rate(contract.bill, Kind.DISK, contract.diskRate(), desk.second());
    }

    static long seconds(SplittableRandom dice, double from, double to) {
        return (long) ((from + (to - from) * dice.nextDouble()) * Market.SECOND);
    }

    /// Around a median, sometimes far more: what pulls or waits does not take the same time twice.
    private static long longTail(SplittableRandom dice, double medianSeconds, double sigma, long max) {
        return Math.min(max, (long) (medianSeconds * Market.SECOND * Math.exp(sigma * dice.nextGaussian())));
    }
}
