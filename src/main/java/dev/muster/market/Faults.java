package dev.muster.market;

/// Troubles on request: each is one that comes by itself on a lively market.
public final class Faults {
    private final Market market;

    Faults(Market market) {
        this.market = market;
    }

    /// Somebody takes this instance's GPUs: by a higher bid from an interruptible one; one on demand only loses them
    /// when it stops.
    ///
    /// @param hours how long he stays
    public Answer outbid(long instance, double hours) {
        return market.onMachine(instance, (neighbours, contract) -> {
            long price = contract.isBid() ? contract.bidPerGpu() + contract.bidPerGpu() / 10 + 1 : Tenant.ON_DEMAND;
            long stay = (long) (hours * 3600 * Market.SECOND);
            if (contract.machine.yields(contract.part.mask(), price, null))
                neighbours.moveIn(contract.machine, contract.part, price, stay);
        });
    }

    /// The machine of this instance loses power or network.
    public Answer hostOffline(long instance) {
        return market.onMachine(instance, (neighbours, contract) -> neighbours.fail(contract.machine));
    }

    public Answer hostReturns(long instance) {
        return market.onMachine(instance, (neighbours, contract) -> neighbours.recover(contract.machine));
    }

    /// Its disk is full, until it is recycled.
    public Answer diskFull(long instance) {
        return market.onMachine(instance, (neighbours, contract) -> contract.diskFull = true);
    }

    /// The next instance stays in `loading` for ever.
    public void nextIsStuck() {
        market.next(Contract.Fate.STUCK);
    }

    /// The image of the next instance cannot be started.
    public void nextHasBadImage() {
        market.next(Contract.Fate.BAD_IMAGE);
    }

    /// The next instance boots, whatever the dice say.
    public void nextBoots() {
        market.next(Contract.Fate.BOOTS);
    }

    /// The next machine that is asked for is taken by somebody quicker: the order is queued, or refused where it does
    /// not want that.
    public void nextIsBusy() {
        market.nextBusy();
    }

    /// From now on this instance does not get beyond `loading`, also if it is loading now.
    public Answer stuck(long instance) {
        return market.onMachine(instance, (neighbours, contract) -> contract.fate = Contract.Fate.STUCK);
    }

    /// From now on the image of this instance cannot be started, also if it is loading now.
    public Answer badImage(long instance) {
        return market.onMachine(instance, (neighbours, contract) -> contract.fate = Contract.Fate.BAD_IMAGE);
    }

    /// Its host offers a price increase for a later end.
    public Answer offerRise(long instance) {
        return market.offerRise(instance);
    }

    /// The credit is so much now.
    public void credit(Usd amount) {
        market.pay(amount.minus(market.account().credit()), "Adjustment");
    }
}
