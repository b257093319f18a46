package dev.muster.core.plan;

import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Command;
import dev.muster.core.state.NodeId;
import java.util.List;

/// Something to be done at the edge, with its reason.
public sealed interface Action {
    String why();

    /// Put an order into the log.
    record Propose(Command command, String why) implements Action {}

    /// Bring Raft's configuration one step towards what is wanted. Raft takes one change at a time.
    record SetVoters(List<NodeId> voters, String why) implements Action {
        public SetVoters {
            voters = List.copyOf(voters);
        }
    }

    /// Ask a provider for something, or do something on one of its machines. What comes of it is told to [Renting], or by
    /// orders.
    record Run(Errand errand, String why) implements Action {}

    /// Give people a notice by one of the ways there are. How it went is told to [Alerting], or by an order.
    record Tell(Bulletin bulletin, String way, String why) implements Action {}
}
