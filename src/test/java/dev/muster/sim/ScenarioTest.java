package dev.muster.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Each file in `src/test/scenarios` plays out as it was recorded. After a wanted change run with
/// `-Dmuster.golden=update`, read the difference, and keep it only if every line can be explained.
class ScenarioTest {
    private static final Path SCENARIOS = Path.of("src/test/scenarios");
    private static final boolean UPDATE = "update".equals(System.getProperty("muster.golden"));

    @TestFactory
    Stream<DynamicTest> aScenarioPlaysOutAsRecorded() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(SCENARIOS)) {
            files = found.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        assertThat(files).hasSizeGreaterThanOrEqualTo(20);
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
    }

    private static void check(Path file) throws IOException {
        String recorded = Files.readString(file);
        String played = Scenario.play(recorded);
        if (UPDATE) Files.writeString(file, played);
        else assertThat(played).isEqualTo(recorded);
    }

    @Test
    void aScenarioIsTheSameEachTime() {
        String story = "voters 3\nnodes 2\nrun 10s\nsubmit a tasks=3\nreboot n1\nrun 2m\nshow\n----\n";
        assertThat(Scenario.play(story)).isEqualTo(Scenario.play(story)).contains("JOB_SUCCEEDED j1");
    }

    @Test
    void whatWasRecordedBeforeIsNotPlayed() {
        String played = Scenario.play("voters 1\nrun 5s\n----\n");
        assertThat(Scenario.play(played)).isEqualTo(played).contains("LEADER_ELECTED v1");
    }

    @Test
    void aWordThatIsNoneIsNamedWithItsLine() {
        assertThatThrownBy(() -> Scenario.play("voters 1\nrun 5s\ndance n1\n----\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 3 \"dance n1\"");
    }

    @Test
    void aStoryWithoutAnEndIsRefused() {
        assertThatThrownBy(() -> Scenario.play("voters 1\nrun 5s\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("----");
    }
}
