package dev.muster.sim;

import dev.muster.core.check.FixTurn;
import dev.muster.core.check.LocalFix;
import dev.muster.core.state.Fix;
import dev.muster.core.state.Table;
import java.util.Optional;

/// Carries out the fixes ordered for one node, with a journal on its disk.
final class SimFixes {
    private static final long TAKES_MS = 3_000;

    private final World world;
    private final SimNode node;
    /// On disk.
    private Table<Long, LocalFix> journal = Table.empty();
    private boolean stuck;

    SimFixes(World world, SimNode node) {
        this.world = world;
        this.node = node;
    }

    /// Nothing can be put right on this machine.
    void stick() {
        stuck = true;
    }

    void wipe() {
        journal = Table.empty();
    }

    void turn() {
        if (!node.member()) return;
        for (FixTurn.Turn turn : FixTurn.decide(node.seen(), node.id, journal)) {
            switch (turn) {
                case FixTurn.Turn.Begin(Fix fix) -> begin(fix);
                case FixTurn.Turn.Report(var order) -> node.report(order);
                case FixTurn.Turn.Discard(long token) -> journal = journal.without(token);
            }
        }
    }

    private void begin(Fix fix) {
        world.checks().fixBegun(node.id, fix.token(), world.state());
        world.tell("fix " + fix.kind() + " on " + node.id + " begun", "");
        journal = journal.with(fix.token(), new LocalFix(fix.token(), fix.kind(), Optional.empty()));
        int life = node.life();
        world.agenda().in(TAKES_MS, () -> {
            if (node.running() && node.life() == life) end(fix.token(), "");
        });
    }

    /// What an earlier life of the agent began is not begun again: whether it helped is looked at.
    void recover() {
        for (LocalFix local : journal.values())
            if (local.end().isEmpty()) end(local.token(), "; the agent was restarted meanwhile");
    }

    private void end(long token, String more) {
        LocalFix local = journal.require(token);
        String note = (stuck ? "it did not help" : "the check passes") + more;
        Fix.Ended end = new Fix.Ended(world.clockOf(node.id), !stuck, note);
        journal = journal.with(token, new LocalFix(token, local.kind(), Optional.of(end)));
        turn();
    }
}
