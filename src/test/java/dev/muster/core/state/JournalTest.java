package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Orders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private ClusterState state = ClusterState.EMPTY;

    private void order(Instant at, Command command) {
        state = Handler.step(state, at, Envelope.of(Actor.person("ann"), "", command))
                .state();
    }

    private void play(Instant at, int events) {
        Command matches = new Command.RecordMatches(Orders.HEX, List.of(new Match("a", "b", 1, 0, 0)));
        for (int count = 0; count < events; count++) order(at, matches);
    }

    private List<Event> fences() {
        return state.journal().recent().values().stream()
                .map(Journal.Entry::event)
                .filter(event -> event instanceof Event.NodeFenced)
                .toList();
    }

    @Test
    void aFenceIsRememberedForAnHourThroughAnyNumberOfEvents() {
        order(START, Orders.join("n1"));
        order(START, Orders.fence("n1"));
        play(START.plus(Duration.ofMinutes(59)), 2 * Journal.RECENT_MAX);
        assertThat(fences()).containsExactly(new Event.NodeFenced(Orders.n("n1")));
        assertThat(state.journal().recent().size()).isEqualTo(Journal.RECENT_MAX);

        play(START.plus(Duration.ofMinutes(61)), 1);
        assertThat(fences()).isEmpty();
        assertThat(state.journal().recent().size()).isEqualTo(Journal.RECENT_MAX);
    }
}
