package dev.muster.market;

import dev.muster.market.Happening.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// What happens when the money runs out: everything is stopped; after a grace that grows with what is usually spent in
/// a day, a card pays, or everything is destroyed.
final class Funds {
    private final Desk desk;
    private final Life life;
    private final MarketSettings settings;
    private final TreeMap<Long, Contract> contracts;
    private boolean broke;
    /// The credit below which there is no more grace.
    private long floor;
    private long watch;

    Funds(Desk desk, Life life, MarketSettings settings, TreeMap<Long, Contract> contracts) {
        this.desk = desk;
        this.life = life;
        this.settings = settings;
        this.contracts = contracts;
    }

    long escrow() {
        long escrow = 0;
        for (Contract contract : contracts.values()) escrow += contract.escrowLeft(desk.second());
        return escrow;
    }

    long credit() {
        return desk.ledger.balance(desk.second()) - escrow();
    }

    /// Looks when the credit may be used up next, if anything has changed. What is prepaid only makes it later, so it
    /// looks again then.
    void look() {
        if (!desk.ledger.changed()) return;
        long number = ++watch;
        long credit = credit();
        if (credit > 0) broke = false;
        long left = credit - (broke ? floor : 0);
        long burn = desk.ledger.burn();
        if (left > 0 && burn == 0) return;
        long seconds = left <= 0 ? 0 : Math.ceilDiv(left, burn);
        long at = seconds == 0 ? desk.now() : (desk.second() + seconds) * Market.SECOND;
        desk.agenda.enter(at, () -> {
            if (number == watch) due();
        });
    }

    private void due() {
        desk.ledger.touch();
        long credit = credit();
        if (!broke && credit <= 0) {
            broke = true;
            floor = -Math.max(Usd.of(0.5).pico(), usualPerDay());
            for (Contract contract : all()) life.stop(contract, Cause.NO_CREDIT);
        } else if (broke && credit <= floor) {
            if (settings.card())
                desk.ledger.pay(Usd.of(10).pico() - credit, "Automatic billing from card", desk.second());
            else for (Contract contract : all()) life.destroy(contract, Cause.NO_CREDIT);
            if (contracts.isEmpty()) floor = Long.MIN_VALUE / 2;
        }
    }

    private List<Contract> all() {
        return new ArrayList<>(contracts.values());
    }

    private long usualPerDay() {
        long days = Math.max(1, (desk.now() - settings.startMicros()) / Market.DAY);
        return desk.ledger.spent(desk.second()) / days;
    }
}
