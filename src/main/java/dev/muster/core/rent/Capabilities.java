package dev.muster.core.rent;

/// What can be done at a provider. What cannot is refused before anything is asked of it.
///
/// @param rent       machines are ordered and destroyed there
/// @param stop       a machine can be stopped and started again, and keeps its disk meanwhile
/// @param bid        machines are rented at a bid, too
/// @param logs       what a machine wrote can be had without reaching it
/// @param containers an order names an image; elsewhere it is a whole machine with the provider's system on it
/// @param ports      an order names ports, which are mapped to others outside
/// @param keys       an SSH key can be added to a machine that is there
/// @param balance    the account's money is told
/// @param charges    what was charged is told
public record Capabilities(
        boolean rent,
        boolean stop,
        boolean bid,
        boolean logs,
        boolean containers,
        boolean ports,
        boolean keys,
        boolean balance,
        boolean charges) {
    /// Only tells what there is.
    public static final Capabilities LIST_ONLY =
            new Capabilities(false, false, false, false, false, false, false, false, false);
}
