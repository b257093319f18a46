package dev.muster.edge.swarm;

/// The leader's part, as other nodes ask for it. A node that does not lead says so.
public interface Lead {
    /// Of a node that never leads.
    Lead NEVER = new Lead() {
        @Override
        public Exchange.Answer answer(Exchange.Ask ask) {
            return Exchange.Answer.NOT_LEADING;
        }

        @Override
        public Exchange.Calls answer(Exchange.Reach reach) {
            return Exchange.Calls.NOT_LEADING;
        }
    };

    /// Blocks up to `waitMillis`.
    Exchange.Answer answer(Exchange.Ask ask);

    /// As above.
    Exchange.Calls answer(Exchange.Reach reach);
}
