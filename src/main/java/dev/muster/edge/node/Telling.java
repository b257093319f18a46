package dev.muster.edge.node;

import dev.muster.core.plan.Alerting;
import dev.muster.core.state.Alerts;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Command;
import java.util.List;
import java.util.Optional;
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
        public List<String> problems() {
            return List.of();
        }

        @Override
        public void give(Bulletin bulletin, String way, Lead lead) {}

        @Override
        public void calm(Alerts alerts) {}

        @Override
        public List<Tested> test(Optional<String> way, String by) {
            return List.of();
        }
    };

    /// Those that are configured here now. Cheap, and may be some seconds old.
    List<Alerting.Way> ways();

    /// What is wrong with how they are configured here, for people.
    List<String> problems();

    /// Begins to give it and returns at once; what comes of it is told to the leader.
    void give(Bulletin bulletin, String way, Lead lead);

    /// The leader has looked whether anything is wrong: alerts work. Called after each look.
    void calm(Alerts alerts);

    /// Gives a notice that says it is a test, by each way or by one, and waits for what comes of it; whether this node leads or not.
    /// What goes wrong is a note, never thrown.
    ///
    /// @param way by its name; nothing comes back where there is none of it
    /// @param by  who wants it, for the notice
    List<Tested> test(Optional<String> way, String by);

    /// What came of a test.
    ///
    /// @param note why not, or what the other side said
    record Tested(String name, String type, boolean ok, String note) {}

    /// The leader of one term.
    interface Lead {
        /// Does it still lead, as far as it knows?
        boolean leads();

        void alerting(UnaryOperator<Alerting> news);

        /// Puts an order into the log, and waits for the answer.
        Member.Answer order(Command order, String why) throws InterruptedException;
    }
}
