package dev.muster.core.gossip;

import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.util.List;

/// What a member says of itself; travels with its name.
///
/// @param identity made once in the node's data directory
/// @param version  of the program
/// @param dialable others can open connections to it; false behind NAT
/// @param via      members to which one that cannot be dialled keeps a line open, so that others reach it through them
public record Profile(
        String identity,
        String version,
        Role role,
        Endpoints endpoints,
        boolean voter,
        boolean dialable,
        List<NodeId> via) {
    /// Longest text of each kind, so that a frame of profiles has a limit.
    public static final int TEXT_MAX = 255;

    /// Most of `via`.
    public static final int VIA_MAX = 3;

    /// @throws IllegalArgumentException when a text or the list is too long
    public Profile {
        via = List.copyOf(via);
        if (via.size() > VIA_MAX) {
            throw new IllegalArgumentException("expected at most " + VIA_MAX + " lines, but found " + via);
        }
        for (String text : List.of(identity, version, endpoints.host())) {
            if (text.length() > TEXT_MAX) {
                throw new IllegalArgumentException(
                        "expected at most " + TEXT_MAX + " characters, but found " + text.length());
            }
        }
    }

    public Profile withVia(List<NodeId> lines) {
        return new Profile(identity, version, role, endpoints, voter, dialable, lines);
    }

    public Profile withVoter(boolean votes) {
        return new Profile(identity, version, role, endpoints, votes, dialable, via);
    }

    /// Bytes that it takes in a letter, more or less.
    int size() {
        return 24 + identity.length() + version.length() + endpoints.host().length() + 16 * via.size();
    }
}
