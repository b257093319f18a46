package dev.muster.core.gossip;

import dev.muster.core.state.NodeId;
import java.util.List;

/// What members send each other. Each letter carries rumors besides.
public sealed interface Letter {
    List<Rumor> rumors();

    /// Does the sender wait for an answer? A line on which none comes is stale.
    default boolean asks() {
        return this instanceof Ping || this instanceof PingFor || this instanceof Compare;
    }

    /// Are you there?
    record Ping(long number, List<Rumor> rumors) implements Letter {
        public Ping {
            rumors = List.copyOf(rumors);
        }
    }

    /// Yes; also from the third side, for the one who asked for it.
    record Ack(long number, List<Rumor> rumors) implements Letter {
        public Ack {
            rumors = List.copyOf(rumors);
        }
    }

    /// Please ask `target` for me, and pass its answer on.
    record PingFor(long number, NodeId target, List<Rumor> rumors) implements Letter {
        public PingFor {
            rumors = List.copyOf(rumors);
        }
    }

    /// I asked, and it did not answer. Tells the one who asked that it is not its own network that fails.
    record Nack(long number, List<Rumor> rumors) implements Letter {
        public Nack {
            rumors = List.copyOf(rumors);
        }
    }

    /// Rumors only.
    record News(List<Rumor> rumors) implements Letter {
        public News {
            rumors = List.copyOf(rumors);
        }
    }

    /// My table's digest is this; if yours differs, let us exchange them.
    record Compare(long digest, List<Rumor> rumors) implements Letter {
        public Compare {
            rumors = List.copyOf(rumors);
        }
    }

    /// Part of a whole table.
    ///
    /// @param last    the last part
    /// @param answer  send yours back after the last part
    record Table(boolean last, boolean answer, List<Rumor> rumors) implements Letter {
        public Table {
            rumors = List.copyOf(rumors);
        }
    }

    /// The tables are the same.
    record Same(List<Rumor> rumors) implements Letter {
        public Same {
            rumors = List.copyOf(rumors);
        }
    }
}
