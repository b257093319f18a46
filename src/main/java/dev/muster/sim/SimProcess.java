package dev.muster.sim;

import dev.muster.core.state.AttemptId;
import java.util.OptionalInt;

/// A process on a machine, and what its supervisor leaves on disk. It lives on while the agent is down, and ends when
/// its work is done, when it is told to, or with its machine.
final class SimProcess {
    final AttemptId attempt;
    final long pid;
    boolean alive = true;
    /// Written by the supervisor when the process ended; a machine's fall leaves none.
    OptionalInt exit = OptionalInt.empty();

    SimProcess(AttemptId attempt, long pid) {
        this.attempt = attempt;
        this.pid = pid;
    }
}
