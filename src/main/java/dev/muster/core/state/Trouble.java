package dev.muster.core.state;

/// What goes into the events though nothing changes by it: a person has to do something.
public enum Trouble {
    /// A machine is at a provider that belongs to no order.
    STRAY_FOUND,
    /// The provider does not take the key.
    KEY_REFUSED,
    /// A machine that is to be ended is not, whatever its provider is asked.
    DESTROY_FAILED,
    /// A machine that is to be stopped or ended is not, because of what only it holds.
    INSTANCE_HELD,
    /// The provider lets nothing be rented or started, for the account has no credit.
    NO_CREDIT;

    /// Does anybody see when it is over?
    public boolean passes() {
        return this == KEY_REFUSED || this == NO_CREDIT;
    }
}
