package dev.muster.core.health;

import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Presence;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Durations;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Another agent with the same identity, alive elsewhere: one of the two runs from a copy of the other's data directory.
/// The one that was there first stays.
///
/// @param known   the agent that is there
/// @param silence since it was heard
public record Twin(Presence known, Duration silence) {
    /// What stands in the way of `asking` being the node. Nothing when the node was never heard, when it is the same agent
    /// or its successor in the same place, and when the other one has been silent for [Policy#suspectAfter]: then the
    /// node has moved.
    public static Optional<Twin> of(Soft soft, NodeId node, Presence asking, Policy policy, Instant now) {
        Soft.Heard heard = soft.heard().find(node).orElse(null);
        if (heard == null || heard.presence().isEmpty()) return Optional.empty();
        Presence known = heard.presence().get();
        if (known.id().equals(asking.id()) || asking.succeeds(known)) return Optional.empty();
        Duration silence = Duration.between(heard.at(), now);
        return silence.compareTo(policy.suspectAfter()) >= 0
                ? Optional.empty()
                : Optional.of(new Twin(known, silence.isNegative() ? Duration.ZERO : silence));
    }

    /// Whether a leader has led for long enough to have heard everybody who is there.
    public static boolean informed(Soft soft, Policy policy, Instant now) {
        Duration led = Duration.between(soft.leadingSince(), now);
        return led.compareTo(policy.heartbeat().multipliedBy(2)) >= 0;
    }

    public String message(NodeId node) {
        return "expected to be the only agent with the identity of " + node + ", but another one is alive at "
                + known.api() + ", heard " + Durations.brief(silence)
                + " ago; is this a copy of its data directory? For another node make a new directory with `muster cluster"
                + " join`; to move " + node + " here stop that agent first";
    }
}
