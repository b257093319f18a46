package dev.muster.core.state;

import java.util.Optional;

/// What people have written down about a machine, whether or not it has joined. How it is reached by SSH, and what it
/// has, is not kept here: the one is the business of whoever keeps the file of hosts, the other the machine tells itself.
///
/// @param desired   what a person wants of it; a node that joins starts with it
/// @param role      as it was written; once the machine has joined, what its own configuration says counts
/// @param instance  what its provider calls it, `vast:29129529`; empty for a machine that nobody rents
/// @param ephemeral its provider may take it away at any time
public record Declared(NodeId node, Desired desired, Optional<Role> role, String instance, boolean ephemeral) {
    public static final int INSTANCE_MAX = 120;

    /// @throws IllegalArgumentException when the instance's name is too long
    public Declared {
        if (instance.length() > INSTANCE_MAX) {
            throw new IllegalArgumentException(node + ": expected an instance of at most " + INSTANCE_MAX
                    + " characters, but found " + instance.length());
        }
    }

    public Declared withDesired(Desired wanted) {
        return new Declared(node, wanted, role, instance, ephemeral);
    }
}
