package dev.muster.core.replay;

import dev.muster.core.state.Money;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What was on offer, in order of time. A trace that is shorter than the replay begins anew.
///
/// @param length of the trace: whole days
public record Prices(List<Row> rows, Duration length) {
    /// From then on, until a later row of the same [#key].
    ///
    /// @param after   the trace began
    /// @param gpus    of each machine
    /// @param offers  machines that can be had; 0 for none any more
    /// @param perHour of one machine, all included
    /// @param bidMin  the lowest bid that wins; absent where there are no bids
    /// @param machine tells rows of one card apart that have prices of their own; may be empty
    public record Row(
            Duration after, String gpu, int gpus, int offers, Money perHour, Optional<Money> bidMin, String machine) {
        /// @throws IllegalArgumentException when a number is out of its range
        public Row {
            if (after.isNegative()) throw new IllegalArgumentException("expected a time after the trace began");
            if (gpus < 0 || gpus > 64) throw new IllegalArgumentException("expected 0 to 64 GPUs, but found " + gpus);
            if (offers < 0 || offers > 10_000)
                throw new IllegalArgumentException("expected 0 to 10000 offers, but found " + offers);
            if (perHour.micros() <= 0 || bidMin.filter(bid -> bid.micros() <= 0).isPresent())
                throw new IllegalArgumentException("expected prices above $0");
        }

        String key() {
            String name = (gpu + "-" + gpus + "x" + (machine.isEmpty() ? "" : "-" + machine));
            return name.replaceAll("[^A-Za-z0-9._-]", "_");
        }
    }

    public Prices {
        rows = rows.stream().sorted(Comparator.comparing(Row::after)).toList();
        Traces.check(length, rows.isEmpty() ? Duration.ZERO : rows.getLast().after());
    }
}
