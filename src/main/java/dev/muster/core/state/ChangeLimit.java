package dev.muster.core.state;

import java.time.Duration;

/// How much of the fleet may go out of service before a person has to say how much.
///
/// @param share  of the nodes in service, but always one node
/// @param window within which changes are counted together, so that many small ones are a large one
public record ChangeLimit(double share, Duration window) {
    /// Whoever wants a longer one wants a smaller share.
    public static final Duration WINDOW_MAX = Duration.ofDays(7);

    /// A fifth within an hour: what the prior system took out at once by mistake was two thirds, and its smaller mistakes
    /// followed each other within minutes.
    public static final ChangeLimit DEFAULT = new ChangeLimit(0.2, Duration.ofHours(1));

    /// @throws IllegalArgumentException when the share or the window is out of range
    public ChangeLimit {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("expected a change_share above 0 and at most 1, but found " + share);
        }
        if (window.isNegative() || window.compareTo(WINDOW_MAX) > 0) {
            throw new IllegalArgumentException("expected a change_window of 0s to " + Durations.brief(WINDOW_MAX)
                    + ", but found " + Durations.brief(window));
        }
    }
}
