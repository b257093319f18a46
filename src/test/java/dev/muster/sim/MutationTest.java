package dev.muster.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.plan.Policy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Mistakes made on purpose are found by seeds: the faults reach them and the checks see them.
@Tag("seeds")
class MutationTest {
    private static final int SEEDS_MAX = 40;

    @TestFactory
    Stream<DynamicTest> aMistakeIsFound() {
        return Arrays.stream(Mutation.values())
                .filter(mutation -> mutation != Mutation.NONE && mutation != Mutation.VOTES_WITHOUT_DISK)
                .map(mutation -> DynamicTest.dynamicTest(mutation.name(), () -> found(mutation)));
    }

    /// Too rare for seeds: it takes a lost disk, a lost leader and a voter that was away, within seconds.
    @Test
    void aVoterThatVotesWithoutItsDiskLosesWhatWasCommitted() {
        assertThatThrownBy(() -> loseDiskAndLeader(Mutation.VOTES_WITHOUT_DISK))
                .isInstanceOf(Violation.class)
                .hasMessageStartingWith("no forks");
        loseDiskAndLeader(Mutation.NONE);
    }

    private static void loseDiskAndLeader(Mutation mutation) {
        World world = World.calm(Policy.DEFAULT);
        world.mutate(mutation);
        Script script = new Script(world);
        List.of(
                        "voters 3",
                        "nodes 1",
                        "begin",
                        "partition v1,v2,n1 | v3",
                        "submit work run=1s",
                        "run 5s",
                        "crash-agent v1",
                        "lose-disk v2",
                        "heal",
                        "run 20s")
                .forEach(script::perform);
    }

    private static void found(Mutation mutation) {
        Optional<String> broken = LongStream.rangeClosed(1, SEEDS_MAX)
                .mapToObj(seed -> mutation.rents()
                        ? RentTrial.run(seed, RentTrial.UNTIL_DEFAULT, mutation).broken()
                        : run(seed, mutation).broken())
                .flatMap(Optional::stream)
                .filter(why -> !mutation.rents() || why.startsWith(expected(mutation)))
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
            case TELLS_WITHOUT_ASKING -> "what is told arrives";
            case CREATES_AGAIN -> "nothing is rented twice";
            case FAILED_IS_EMPTY -> "what is there has not ended";
            case NO_SWEEP -> "nothing goes unlisted";
            case DESTROYS_AT_ONCE -> "only what is safe is ended";
            case NONE, VOTES_WITHOUT_DISK -> throw new IllegalArgumentException(mutation + " is not for seeds");
        };
    }
}
