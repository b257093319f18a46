package dev.muster.edge.node;

import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import java.util.function.UnaryOperator;

/// Who runs a leader's errands. It outlives terms: what it has sent once, it never sends again.
public interface Errands {
    /// Nobody here can ask a provider: whatever is asked stays unknown, and nothing is concluded from it.
    Errands NONE = new Errands() {
        @Override
        public boolean able() {
            return false;
        }

        @Override
        public void run(Errand errand, String why, Lead lead) {}
    };

    /// Could anything be rented now, with the keys that are here? Cheap, and may be some seconds old.
    boolean able();

    /// Begins it and returns at once; what comes of it is told to the leader. One that is under way is not begun again.
    void run(Errand errand, String why, Lead lead);

    /// The leader of one term.
    interface Lead {
        long term();

        /// Does it still lead, as far as it knows?
        boolean leads();

        /// Did it still lead after this was asked? A majority says so by the log; one that was held up may not know.
        boolean confirmed() throws InterruptedException;

        ClusterState state();

        Soft soft();

        void tell(UnaryOperator<Renting> news);

        /// Puts an order into the log, and waits for the answer.
        Member.Answer order(Command order, String why) throws InterruptedException;
    }
}
