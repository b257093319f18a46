package dev.muster.core.gossip;

import dev.muster.core.state.NodeId;

/// What one node holds of a member.
///
/// @param sinceMs by the clock that was given to [Gossip]: when the opinion was formed, or for one of another's making
///                that long ago
public record Sighting(NodeId member, Profile profile, Opinion opinion, long incarnation, long sinceMs) {}
