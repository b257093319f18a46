package dev.muster.market;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// What all parts of the market share: the time, what is to happen, what has happened, and the account.
final class Desk {
    final Agenda agenda = new Agenda();
    final Ledger ledger;
    private final List<Happening> told = new ArrayList<>();
    private long now;

    Desk(long now) {
        this.now = now;
        this.ledger = new Ledger(Market.second(now));
    }

    long now() {
        return now;
    }

    long second() {
        return Market.second(now);
    }

    void in(long micros, Runnable what) {
        agenda.enter(now + micros, what);
    }

    void tell(Happening happening) {
        told.add(happening);
    }

    boolean hasNews() {
        return !told.isEmpty();
    }

    List<Happening> news() {
        List<Happening> news = List.copyOf(told);
        told.clear();
        return news;
    }

    /// Everything until then, in order.
    ///
    /// @param after called after each
    void runUntil(long to, Runnable after) {
        if (to < now)
            throw new IllegalArgumentException(
                    "expected a time from " + Market.instant(now) + " on, but found " + Market.instant(to));
        while (agenda.next() <= to) {
            now = Math.max(now, agenda.next());
            agenda.take().run();
            after.run();
        }
        now = to;
    }

    /// A step of one contract, void if the contract has moved on meanwhile.
    void step(Contract contract, long micros, Consumer<Contract> what) {
        long generation = ++contract.generation;
        in(micros, () -> {
            if (contract.generation == generation) what.accept(contract);
        });
    }
}
