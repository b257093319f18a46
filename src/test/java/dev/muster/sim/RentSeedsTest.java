package dev.muster.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Small clusters that rent: leaders die before, while and after they ask, answers are lost, late and doubled, providers
/// are silent; nothing is rented twice, forgotten, overspent or ended with what only it holds, and in the end the bills
/// are the provider's, to the cent. `./dev sim --rent --seed 1 --seeds 1000` runs a thousand.
class RentSeedsTest {
    @TestFactory
    Stream<DynamicTest> aClusterThatRentsKeepsItsPromises() {
        return seeds(1, 30, RentTrial.UNTIL_DEFAULT);
    }

    @TestFactory
    @Tag("seeds")
    Stream<DynamicTest> manyClustersThatRentKeepTheirPromises() {
        return seeds(1_000, 100, RentTrial.UNTIL_DEFAULT);
    }

    @TestFactory
    @Tag("seeds")
    Stream<DynamicTest> aLongerRunKeepsThem() {
        return seeds(5_000, 20, Duration.ofHours(2));
    }

    private static Stream<DynamicTest> seeds(long first, int count, Duration until) {
        return LongStream.range(first, first + count)
                .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> {
                    RentTrial.Result result = RentTrial.run(seed, until);
                    assertThat(result.broken()).as(result.command()).isEmpty();
                }));
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        RentTrial.Result once = RentTrial.run(7, RentTrial.UNTIL_DEFAULT);
        assertThat(RentTrial.run(7, RentTrial.UNTIL_DEFAULT)).isEqualTo(once);
        assertThat(once.rented()).isPositive();
        assertThat(RentTrial.run(8, RentTrial.UNTIL_DEFAULT).hash()).isNotEqualTo(once.hash());
    }
}
