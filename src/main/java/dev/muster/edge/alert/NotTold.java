package dev.muster.edge.alert;

import java.time.Duration;
import java.util.Optional;

/// A notice did not arrive, or nobody knows whether it did.
public final class NotTold extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean lasting;
    private final transient Optional<Duration> after;

    private NotTold(String message, boolean lasting, Optional<Duration> after) {
        super(message);
        this.lasting = lasting;
        this.after = after;
    }

    /// It may go better later: no answer, out of order.
    public static NotTold now(String message) {
        return new NotTold(message, false, Optional.empty());
    }

    /// It asked to wait.
    public static NotTold before(String message, Duration after) {
        return new NotTold(message, false, Optional.of(after));
    }

    /// It will not go better until somebody changes something: a wrong key, a hook that is gone.
    public static NotTold lasting(String message) {
        return new NotTold(message, true, Optional.empty());
    }

    public boolean isLasting() {
        return lasting;
    }

    public Optional<Duration> after() {
        return after == null ? Optional.empty() : after;
    }
}
