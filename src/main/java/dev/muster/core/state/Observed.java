package dev.muster.core.state;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// What is seen of a rented machine. What we want of it is another thing.
public enum Observed {
    /// Ordered; nothing has begun there, or it is being started again.
    PROVISIONING,
    /// Its image is being fetched. Some never get any further: whoever waits has a deadline.
    PULLING,
    RUNNING,
    STOPPING,
    /// The disk is kept, and billed.
    STOPPED,
    /// A start was accepted, but somebody else has the GPU: it starts, and bills, by itself when that is over.
    QUEUED,
    /// Taken away by a higher bid; it comes back by itself when ours wins again. The disk is kept, and billed.
    PREEMPTED,
    /// It will never run; its message says why.
    FAILED,
    /// The provider cannot reach the machine. Nothing is billed meanwhile.
    HOST_LOST,
    /// No longer there.
    GONE,
    /// The provider says something that we do not know.
    UNKNOWN;

    /// What a container's host says when it cannot be made, whatever else follows.
    private static final Pattern ERROR = Pattern.compile(
            "\\berror\\b|\\bfailed to\\b|create failed|no space left|unauthorized|pull access denied|manifest unknown",
            Pattern.CASE_INSENSITIVE);

    /// What Vast's four fields mean together; the pairs are `docs`' and other clients' (see its list of states).
    ///
    /// That somebody outbid us is nowhere said: a machine at a bid that is stopped, and that we did not stop, was
    /// taken. So a machine at a bid that *we* stopped looks the same; `Rented.observed(boolean)` is for who knows.
    ///
    /// @param actual   what the host reports; empty where nothing is
    /// @param current  the contract on the market
    /// @param intended what we last asked for
    /// @param bid      rented at a bid
    /// @param message  the host's last words
    public static Observed vast(String actual, String current, String intended, boolean bid, String message) {
        boolean wanted = intended.isEmpty() || intended.equals("running");
        boolean held = current.isEmpty() || current.equals("running");
        boolean runs = actual.equals("running");
        if (current.equals("unloaded")) return GONE;
        if (actual.equals("offline") || actual.equals("unknown")) return HOST_LOST;
        if (!wanted && (runs || held && !List.of("exited", "stopped", "frozen").contains(actual))) return STOPPING;
        if (!held) return bid ? PREEMPTED : wanted ? QUEUED : STOPPED;
        if (!wanted) return STOPPED;
        if (!runs && ERROR.matcher(message).find()) return FAILED;
        return running(actual.toLowerCase(Locale.ROOT));
    }

    private static Observed running(String actual) {
        return switch (actual) {
            case "running" -> RUNNING;
            case "loading" -> PULLING;
            // A machine that was started again says "exited" for up to ten minutes.
            case "", "created", "exited", "stopped", "rebooting", "recycling" -> PROVISIONING;
            case "frozen" -> STOPPED;
            default -> UNKNOWN;
        };
    }

    /// Does somebody keep it from running, by a higher bid or as we asked?
    boolean held() {
        return this == STOPPED || this == QUEUED || this == PREEMPTED;
    }

    /// Is the machine itself charged for, and not only its disk?
    public boolean bills() {
        return this == RUNNING || this == STOPPING;
    }
}
