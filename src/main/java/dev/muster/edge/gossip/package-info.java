/// Carries [dev.muster.core.gossip] over streams, on port 8765.
///
/// Owns: the lines to other members, who may open one, how letters are written. Decides nothing of membership.
/// May use: `core`, `edge.config`, `edge.wire`. Start reading at [GossipPort].
package dev.muster.edge.gossip;
