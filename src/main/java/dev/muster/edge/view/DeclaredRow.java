package dev.muster.edge.view;

import dev.muster.core.state.Declared;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.util.List;
import java.util.Optional;

/// What people have written down of a machine.
///
/// @param role     as it was written; the node's own word counts once it has joined
/// @param instance `vast:29129529`; empty for a machine that nobody rents
/// @param joined   it is a node as well
public record DeclaredRow(
        NodeId id, Desired desired, Optional<Role> role, String instance, boolean ephemeral, boolean joined) {
    public static List<DeclaredRow> all(Picture picture) {
        return picture.state().fleet().declared().values().stream()
                .map(host -> of(picture, host))
                .toList();
    }

    private static DeclaredRow of(Picture picture, Declared host) {
        boolean joined = picture.state().fleet().nodes().has(host.node());
        return new DeclaredRow(host.node(), host.desired(), host.role(), host.instance(), host.ephemeral(), joined);
    }
}
