package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Orders;
import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Match;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventHistoryTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final long FILE_MAX = 20_000;

    @TempDir
    Path base;

    private final Replica replica = new Replica();
    private ClusterState state = ClusterState.EMPTY;
    private Instant now = START;

    private EventHistory open() throws IOException {
        return EventHistory.open(
                base.resolve("events"), replica, Room.open(base, new DiskFloor(1, 1)), FILE_MAX, 5 * FILE_MAX);
    }

    private void happen(int events) {
        for (int count = 0; count < events; count++) {
            Command matches = new Command.RecordMatches(Orders.HEX, List.of(new Match("a", "b", 1, 0, 0)));
            Handler.Step step = Handler.step(state, now, Envelope.of(Actor.person("ann"), "", matches));
            state = step.state();
            replica.advanced(state, step.transition().orElseThrow());
            now = now.plus(Duration.ofSeconds(1));
        }
    }

    private static List<Long> revisions(List<Journal.Entry> entries) {
        return entries.stream().map(Journal.Entry::revision).toList();
    }

    private static List<Long> all(EventHistory history) {
        try {
            return revisions(history.find(0, Instant.MIN, Integer.MAX_VALUE, entry -> true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(EventHistory history, ClusterState state) throws IOException {
        history.write(state.journal().from(0));
    }

    @Test
    void whatTheStateHasForgottenIsHere() throws IOException {
        try (EventHistory history = open()) {
            for (int batch = 0; batch < 20; batch++) {
                happen(Journal.RECENT_MAX / 10);
                write(history, state);
            }
            assertThat(state.journal().recent().size()).isEqualTo(Journal.RECENT_MAX);
            List<Long> kept = all(history);
            assertThat(kept).isSorted().doesNotHaveDuplicates().endsWith(2L * Journal.RECENT_MAX);
        }
    }

    @Test
    void theNewestThatAreWantedAreFound() throws IOException {
        try (EventHistory history = open()) {
            happen(300);
            write(history, state);
            assertThat(revisions(history.find(0, Instant.MIN, 3, entry -> entry.revision() <= 250)))
                    .containsExactly(248L, 249L, 250L);
            assertThat(revisions(history.find(297, Instant.MIN, 100, entry -> true)))
                    .containsExactly(298L, 299L, 300L);
            assertThat(revisions(history.find(0, START.plusSeconds(298), 100, entry -> true)))
                    .containsExactly(299L, 300L);
        }
    }

    /// The oldest files go, and what is left has no holes.
    @Test
    void itHasAnEnd() throws IOException {
        try (EventHistory history = open()) {
            for (int batch = 0; batch < 100; batch++) {
                happen(20);
                write(history, state);
            }
            List<Long> kept = all(history);
            assertThat(kept.getLast() - kept.getFirst()).isEqualTo(kept.size() - 1);
            assertThat(kept.size()).isBetween(200, 1_999);
            try (Stream<Path> files = Files.list(base.resolve("events"))) {
                assertThat(files.mapToLong(file -> file.toFile().length()).sum())
                        .isLessThanOrEqualTo(5 * FILE_MAX);
            }
        }
    }

    @Test
    void afterARestartItGoesOnAndATornLineIsLeftOut() throws IOException {
        try (EventHistory history = open()) {
            happen(10);
            write(history, state);
        }
        Path file;
        try (Stream<Path> files = Files.list(base.resolve("events"))) {
            file = files.findFirst().orElseThrow();
        }
        Files.writeString(file, "{\"revision\":11,\"at\":\"20", StandardOpenOption.APPEND);
        happen(5);
        try (EventHistory history = open()) {
            write(history, state);
            assertThat(all(history)).hasSize(15).doesNotHaveDuplicates().isSorted();
        }
        Files.writeString(file, "{\"revision\":\"of another build\"}\n", StandardOpenOption.APPEND);
        try (EventHistory history = open()) {
            assertThat(all(history)).hasSize(15);
        }
    }

    @Test
    void whatIsAppliedIsWrittenByItself() throws IOException {
        try (EventHistory history = open()) {
            history.start();
            happen(3);
            Eventually.await(
                    "three lines", Duration.ofSeconds(10), () -> all(history).size() == 3);
            happen(2);
        }
        try (EventHistory history = open()) {
            assertThat(all(history)).as("closing writes the rest").hasSize(5);
        }
    }
}
