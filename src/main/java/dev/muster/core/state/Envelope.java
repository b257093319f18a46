package dev.muster.core.state;

import java.util.Optional;

/// An order as it travels: who gives it, why, and the id under which a retry is recognised.
///
/// @param request made by the caller, the same for every retry of one order; absent where the order itself says what it
///                is about (a placement, a report with a fencing token), so that a second one changes nothing
public record Envelope(Optional<String> request, Actor actor, String why, Command command) {
    public static final int REQUEST_MAX = 64;
    public static final int WHY_MAX = 500;

    /// @throws IllegalArgumentException when the request id or the reason is too long
    public Envelope {
        if (request.isPresent() && (request.get().isBlank() || request.get().length() > REQUEST_MAX)) {
            throw new IllegalArgumentException("expected a request id of 1 to " + REQUEST_MAX
                    + " characters, but found \"" + request.get() + "\"");
        }
        if (why.length() > WHY_MAX) why = why.substring(0, WHY_MAX);
    }

    public static Envelope of(Actor actor, String why, Command command) {
        return new Envelope(Optional.empty(), actor, why, command);
    }
}
