package dev.muster.core.keepalive;

import dev.muster.core.plan.Action;
import dev.muster.core.state.Command;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Trouble;
import java.time.Instant;
import java.util.Optional;

/// What people should find among the events though nothing changed by it; each is told once a day, and again after it was
/// over.
public final class Alarm {
    private static final int NOTE_MAX = 300;

    private Alarm() {}

    public static Optional<Action> of(Rentals rentals, Trouble kind, String subject, String note, Instant now) {
        if (rentals.told(kind, subject, now)) return Optional.empty();
        String brief = note.substring(0, Math.min(note.length(), NOTE_MAX));
        return Optional.of(new Action.Propose(new Command.TellTrouble(kind, subject, brief), brief));
    }

    static Action over(Trouble kind, String subject, String note) {
        return new Action.Propose(new Command.EndTrouble(kind, subject, note), note);
    }
}
