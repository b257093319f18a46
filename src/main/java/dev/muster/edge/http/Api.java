package dev.muster.edge.http;

import dev.muster.edge.node.Member;
import dev.muster.edge.node.PeerService;
import dev.muster.edge.view.Picture;
import java.util.Map;
import java.util.Optional;

/// What routes work with.
///
/// @param answers answers so far by status, for `/metrics`
record Api(
        Member member,
        PeerService peers,
        ApiSettings settings,
        Pulse pulse,
        Orders orders,
        EventStreams streams,
        Answers answers) {
    interface Answers {
        Map<Integer, Long> byStatus();
    }

    Picture picture() {
        return pulse.picture();
    }

    /// Why this node may not take work; what the node says of itself first.
    Optional<String> notReady() {
        return peers.unready().or(() -> Readiness.of(picture()));
    }
}
