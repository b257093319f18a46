package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Orders;
import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Match;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventHistoryTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final int EVENTS_MAX = 1_500;

    @TempDir
    Path base;

    private final Replica replica = new Replica();
    private ClusterState state = ClusterState.EMPTY;
    private Instant now = START;

    private EventHistory open() throws IOException {
        return new EventHistory(base.resolve("events.db"), replica, Room.open(base, new DiskFloor(1, 1)), EVENTS_MAX);
    }

    private void happen(int events) {
        for (int count = 0; count < events; count++) happened(Orders.HEX.name(), "player-" + (state.revision() + 1));
    }

    private void happened(String config, String player) {
        Command matches = new Command.RecordMatches(new ConfigKey(config), List.of(new Match(player, "b", 1, 0, 0)));
        Handler.Step step = Handler.step(state, now, Envelope.of(Actor.person("ann"), "", matches));
        state = step.state();
        replica.advanced(state, step.transition().orElseThrow());
        now = now.plus(Duration.ofSeconds(1));
    }

    private static List<Long> revisions(List<Journal.Entry> entries) {
        return entries.stream().map(Journal.Entry::revision).toList();
    }

    private static List<Long> all(EventHistory history) {
        try {
            return revisions(history.find(0, Instant.MIN, Integer.MAX_VALUE, Set.of(), entry -> true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatTheStateHasForgottenIsHereUntilItIsTooMuch() throws Exception {
        try (EventHistory history = open()) {
            for (int batch = 0; batch < 14; batch++) {
                happen(100);
                history.keep(state);
            }
            assertThat(state.journal().recent().size()).isEqualTo(Journal.RECENT_MAX);
            assertThat(all(history)).hasSize(1_400).isSorted().startsWith(1L).endsWith(1_400L);
            happen(300);
            history.keep(state);
            assertThat(all(history))
                    .hasSize(EVENTS_MAX)
                    .isSorted()
                    .startsWith(201L)
                    .endsWith(1_700L);
        }
    }

    @Test
    void theNewestThatAreWantedAreFound() throws Exception {
        try (EventHistory history = open()) {
            assertThat(all(history)).as("before it began").isEmpty();
            Files.createFile(base.resolve("events.db"));
            assertThat(all(history)).as("as it begins").isEmpty();
            happen(300);
            history.keep(state);
            assertThat(revisions(history.find(0, Instant.MIN, 3, Set.of(), entry -> entry.revision() <= 250)))
                    .containsExactly(248L, 249L, 250L);
            assertThat(revisions(history.find(297, Instant.MIN, 100, Set.of(), entry -> true)))
                    .containsExactly(298L, 299L, 300L);
            assertThat(revisions(history.find(0, START.plusSeconds(298), 100, Set.of(), entry -> true)))
                    .containsExactly(299L, 300L);
            assertThat(revisions(
                            history.find(0, Instant.MIN, 100, Set.of("player-77\"", "player-78\""), entry -> true)))
                    .containsExactly(77L, 78L);
        }
    }

    @Test
    void afterARestartItGoesOn() throws Exception {
        try (EventHistory history = open()) {
            happen(10);
            history.keep(state);
        }
        happen(5);
        try (EventHistory history = open()) {
            history.keep(state);
            assertThat(all(history)).hasSize(15).doesNotHaveDuplicates().isSorted();
        }
    }

    @Test
    void aDamagedFileIsPutAside() throws Exception {
        Files.writeString(
                base.resolve("events.db"), "this is no database, and long enough to be looked at ".repeat(40));
        happen(3);
        try (EventHistory history = open()) {
            history.keep(state);
            assertThat(all(history)).containsExactly(1L, 2L, 3L);
        }
        assertThat(base.resolve("events.db.damaged")).content().startsWith("this is no database");
    }

    @Test
    void whatIsAppliedIsWrittenByItself() throws Exception {
        try (EventHistory history = open()) {
            history.start();
            happen(3);
            Eventually.await(
                    "three events", Duration.ofSeconds(10), () -> all(history).size() == 3);
            happen(2);
        }
        try (EventHistory history = open()) {
            assertThat(all(history)).as("closing writes the rest").hasSize(5);
        }
    }
}
