package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.core.replay.Demand;
import dev.muster.core.replay.Prices;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Money;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TraceFileTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static TraceFile.Loaded<Prices> prices(String csv) throws ConfigException {
        return TraceFile.prices(Path.of("p.csv"), csv.getBytes(StandardCharsets.UTF_8), BERLIN);
    }

    private static TraceFile.Loaded<Demand> demand(String csv) throws ConfigException {
        return TraceFile.demand(Path.of("d.csv"), csv.getBytes(StandardCharsets.UTF_8), BERLIN);
    }

    private static List<String> problems(String csv) {
        return catchThrowableOfType(ConfigException.class, () -> demand(csv)).problems();
    }

    @Test
    void pricesWithTimesOfTheClock() throws ConfigException {
        TraceFile.Loaded<Prices> loaded = prices("""
                # what we saw
                time,gpu,per_hour,offers,bid_min
                2026-03-02T08:00,RTX 3070,0.07,12,0.04

                2026-03-03T08:00:00Z,RTX 3070,$0.08,,
                """);
        assertThat(loaded.from()).isEqualTo(Instant.parse("2026-03-01T23:00:00Z"));
        assertThat(loaded.trace().length()).isEqualTo(Duration.ofDays(2));
        assertThat(loaded.trace().rows())
                .containsExactly(
                        new Prices.Row(
                                Duration.ofHours(8),
                                "RTX 3070",
                                1,
                                12,
                                Money.parse("0.07"),
                                Optional.of(Money.parse("0.04")),
                                ""),
                        new Prices.Row(
                                Duration.ofHours(33), "RTX 3070", 1, 1, Money.parse("0.08"), Optional.empty(), ""));
    }

    @Test
    void demandWithTimesSinceItsBeginning() throws ConfigException {
        TraceFile.Loaded<Demand> loaded = demand("time,kind,tasks,minutes,gpus\n1d2h30m,training,2,90,4\n");
        assertThat(loaded.from()).isEqualTo(Instant.parse("2026-01-04T23:00:00Z"));
        assertThat(loaded.trace())
                .isEqualTo(new Demand(
                        List.of(new Demand.Row(
                                Duration.ofMinutes(26 * 60 + 30), JobKind.TRAINING, 2, Duration.ofMinutes(90), 4)),
                        Duration.ofDays(2)));
    }

    @Test
    void allProblemsAreToldAtOnceEachWithItsLine() {
        assertThat(problems("time,kind,taks,minutes\n0h,selfplay,1,10\n"))
                .containsExactly(
                        "d.csv:1: unknown column \"taks\"; did you mean tasks?", "d.csv:1: expected a column tasks");
        assertThat(problems("""
                        time,kind,tasks,minutes
                        0h,chess,1,10
                        noon,selfplay,1,10
                        0h,selfplay,many,long
                        0h,selfplay,0,10
                        0h,selfplay,1
                        """))
                .containsExactly(
                        "d.csv:2: kind: expected selfplay, training, evaluation or other, but found \"chess\"",
                        "d.csv:3: expected a time such as 2026-01-05T08:30, 2026-01-05T08:30:00Z or 8h30m after the"
                                + " beginning, but found \"noon\"",
                        "d.csv:4: tasks: expected a whole number, but found \"many\"",
                        "d.csv:4: minutes: expected a whole number, but found \"long\"",
                        "d.csv:5: expected 1 to 10000 tasks, but found 0",
                        "d.csv:6: expected 4 values, but found 3");
        assertThat(problems("")).hasSize(1);
    }
}
