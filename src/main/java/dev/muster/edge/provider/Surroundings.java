package dev.muster.edge.provider;

import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// Where a client lives: its clock, its dice, how it waits, and who listens.
///
/// @param patience for one answer
public record Surroundings(InstantSource clock, RandomGenerator dice, Pause pause, Wiretap tap, Duration patience) {
    /// As long as Vast's own command line waits.
    public static final Duration PATIENCE = Duration.ofSeconds(120);

    public interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /// The process's own.
    public static Surroundings system(Wiretap tap) {
        return new Surroundings(InstantSource.system(), RandomGenerator.getDefault(), Thread::sleep, tap, PATIENCE);
    }
}
