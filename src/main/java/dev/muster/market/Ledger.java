package dev.muster.market;

import dev.muster.market.Charge.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The account: what came in, what all bills together take per second, what is left. It agrees with the bills to the
/// picodollar, because both change their rates in the same whole seconds.
final class Ledger {
    private final List<Bill> bills = new ArrayList<>();
    private final List<Payment> payments = new ArrayList<>();
    private long paid;
    private long spent;
    private long burn;
    private long settled;
    private boolean changed = true;

    Ledger(long second) {
        settled = second;
    }

    Bill open(long instance) {
        Bill bill = new Bill(instance);
        bills.add(bill);
        return bill;
    }

    void rate(Bill bill, Kind kind, long pico, long second) {
        long old = bill.rate(kind, pico, second);
        if (old == pico) return;
        settle(second);
        burn += pico - old;
        changed = true;
    }

    void lump(Bill bill, Kind kind, long quantity, long pico, long second) {
        settle(second);
        bill.lump(kind, quantity, pico, second);
        spent += pico;
        changed = true;
    }

    void pay(long pico, String description, long second) {
        settle(second);
        paid += pico;
        payments.add(new Payment(payments.size() + 1, Instant.ofEpochSecond(second), new Usd(pico), description));
        changed = true;
    }

    void touch() {
        changed = true;
    }

    /// Something has changed since this was asked last.
    boolean changed() {
        boolean was = changed;
        changed = false;
        return was;
    }

    private void settle(long second) {
        spent = spent(second);
        settled = second;
    }

    long paid() {
        return paid;
    }

    long spent(long second) {
        return spent + (second - settled) * burn;
    }

    long balance(long second) {
        return paid - spent(second);
    }

    /// All rates together, picodollars per second.
    long burn() {
        return burn;
    }

    List<Payment> payments() {
        return List.copyOf(payments);
    }

    List<Charge> charges(long from, long to) {
        return bills.stream().flatMap(bill -> bill.charges(from, to).stream()).toList();
    }
}
