package dev.muster.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// Mistakes made on purpose are found by seeds: the faults reach them and the checks see them.
@Tag("seeds")
class MutationTest {
    private static final int SEEDS_MAX = 40;

    @TestFactory
    Stream<DynamicTest> aMistakeIsFound() {
        return Arrays.stream(Mutation.values())
                .filter(mutation -> mutation != Mutation.NONE)
                .map(mutation -> DynamicTest.dynamicTest(mutation.name(), () -> found(mutation)));
    }

    private static void found(Mutation mutation) {
        Optional<String> broken = LongStream.rangeClosed(1, SEEDS_MAX)
                .mapToObj(seed -> run(seed, mutation).broken())
                .flatMap(Optional::stream)
                .findFirst();
        assertThat(broken).as("%s found within %d seeds", mutation, SEEDS_MAX).isPresent();
        assertThat(broken.get()).startsWith(expected(mutation));
    }

    private static Trial.Result run(long seed, Mutation mutation) {
        Trial trial = Trial.of(new Trial.Plan(seed, 8, 5, Duration.ofMinutes(40), 1), line -> {});
        trial.world().mutate(mutation);
        return trial.result();
    }

    private static String expected(Mutation mutation) {
        return switch (mutation) {
            case QUORUM_OF_THE_LIVING -> "no majority, no commit";
            case AGENT_TAKES_OLD_STATES -> "a process is started once";
            case AGENT_CLEANS_UP -> "only the log stops a process";
            case NO_READ_BACK -> "a name points at a verified file";
            case VOTES_WITHOUT_DISK -> "no";
            case NONE -> "";
        };
    }
}
