package dev.muster.edge.node;

import dev.muster.core.plan.Alerting;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Command;
import java.util.List;
import java.util.function.UnaryOperator;

/// Who gives people a leader's notices.
public interface Telling {
    /// There is no way to tell anybody.
    Telling NONE = new Telling() {
        @Override
        public List<Alerting.Way> ways() {
            return List.of();
        }

        @Override
        public void give(Bulletin bulletin, String way, Lead lead) {}

        @Override
        public void calm() {}
    };

    /// Those that are configured here now. Cheap, and may be some seconds old.
    List<Alerting.Way> ways();

    /// Begins to give it and returns at once; what comes of it is told to the leader.
    void give(Bulletin bulletin, String way, Lead lead);

    /// The leader has looked whether anything is wrong: alerts work. Called after each look.
    void calm();

    /// The leader of one term.
    interface Lead {
        /// Does it still lead, as far as it knows?
        boolean leads();

        void alerting(UnaryOperator<Alerting> news);

        /// Puts an order into the log, and waits for the answer.
        Member.Answer order(Command order, String why) throws InterruptedException;
    }
}
