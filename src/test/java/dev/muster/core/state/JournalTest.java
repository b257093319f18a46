package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Orders;
import dev.muster.core.Rents;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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

    @Test
    void whatBefellMachinesAndMoneyIsRememberedThroughAnyNumberOfOtherEvents() {
        order(START, Rents.order(Rents.rent("0.10")));
        order(START, Rents.sight(1, "77", Observed.RUNNING));
        order(START, Rents.sight(1, "77", Observed.PREEMPTED));
        order(START, new Command.TellTrouble(Trouble.NO_CREDIT, "vast", "none"));
        long before = state.revision();
        play(START, 2 * Journal.RECENT_MAX);
        assertThat(names(0)).startsWith("INSTANCE_ORDERED", "INSTANCE_OUTBID", "NO_CREDIT", "MATCHES_RECORDED");
        assertThat(names(0)).hasSize(3 + Journal.RECENT_MAX).doesNotContain("INSTANCE_SEEN");
        assertThat(names(before)).startsWith("NO_CREDIT", "MATCHES_RECORDED");
        order(START, Rents.end(1));
        assertThat(names(state.revision())).as("once, though it is new, too").containsExactly("INSTANCE_ENDING");
    }

    private List<String> names(long from) {
        return state.journal().from(from).stream()
                .map(entry -> EventNames.of(entry.event()))
                .toList();
    }

    @Test
    void whatIsRememberedOfMachinesHasAnEnd() {
        for (int count = 0; count <= Journal.LASTING_MAX; count++)
            order(
                    START,
                    new Command.SetBudget(
                            "", new Caps(Optional.empty(), Optional.of(Money.ofDollars(1 + count)), Optional.empty())));
        assertThat(state.journal().lasting().size()).isEqualTo(Journal.LASTING_MAX);
    }

    @Test
    void aSnapshotOfAnEarlierBuildRemembersNoneOfIt() {
        assertThat(new Journal(Table.empty(), Table.empty(), Table.empty(), Table.empty(), null, null).from(0))
                .isEmpty();
    }
}
