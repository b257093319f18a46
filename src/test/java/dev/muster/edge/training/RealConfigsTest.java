package dev.muster.edge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Configs of a real project, and what its own validator said of each where it did not crash.
class RealConfigsTest {
    private static final Path CONFIGS = Path.of("../shared/data/training-configs");

    /// In it lie the folder of data and the two checkpoints that the verdicts were taken with.
    @TempDir
    static Path folder;

    private static final Map<JsonNode, Verdict> VERDICTS = new HashMap<>();

    @BeforeAll
    static void judge() throws Exception {
        assumeTrue(Files.isDirectory(CONFIGS), "no real configs here");
        Files.createDirectories(folder.resolve("data/pdebench"));
        Files.createDirectories(folder.resolve("checkpoints"));
        Files.createFile(folder.resolve("checkpoints/operator.pt"));
        Files.createFile(folder.resolve("checkpoints/diffusion_residual.pt"));
        List<CheckPack> packs = List.of(CheckPack.builtIn(CheckPack.DEFAULT));
        for (JsonNode expected : new JsonMapper()
                .readTree(CONFIGS.resolve("expected_verdicts.json").toFile())) {
            Path config = CONFIGS.resolve(expected.path("branch").asString().replace("/", "--"))
                    .resolve(expected.path("config").asString());
            VERDICTS.put(expected, CheckPack.verdict(config.toString(), packs, folder));
        }
    }

    private static boolean crashed(JsonNode expected) {
        return !expected.path("err").asString().isEmpty();
    }

    private static Set<String> failed(Verdict verdict) {
        return verdict.checks().stream()
                .filter(check -> check.state() == Check.State.FAILED)
                .map(Check::name)
                .collect(Collectors.toSet());
    }

    private static Set<String> fails(JsonNode expected) {
        Set<String> names = new HashSet<>();
        expected.path("fails").forEach(name -> names.add(name.asString()));
        return names;
    }

    @Test
    void theVerdictAndEveryFailedCheckAreTheSame() {
        assertThat(VERDICTS).hasSizeGreaterThan(80);
        List<String> differ = new ArrayList<>();
        VERDICTS.forEach((expected, verdict) -> {
            if (crashed(expected)) return;
            boolean same = verdict.valid() == (expected.path("rc").asInt() == 0)
                    && failed(verdict).equals(fails(expected));
            if (!same)
                differ.add(verdict.config() + ": expected " + fails(expected) + ", but found " + failed(verdict) + " "
                        + verdict.error());
        });
        assertThat(differ).isEmpty();
    }

    @Test
    void whatCrashedTheOldValidatorHasAVerdict() {
        VERDICTS.forEach((expected, verdict) -> {
            if (!crashed(expected)) return;
            assertThat(verdict.error()).isEmpty();
            // It came no further than to the batch.
            assertThat(failed(verdict)).containsAll(fails(expected));
            assertThat(verdict.checks()).anySatisfy(check -> {
                assertThat(check.name()).isEqualTo("gradient clip in range");
                assertThat(check.state()).isEqualTo(Check.State.SKIPPED);
                assertThat(check.found()).isEqualTo("null: gradients are not clipped");
            });
        });
    }

    @Test
    void noConfigHasFewerChecksThanAnother() {
        VERDICTS.forEach((expected, verdict) -> {
            assertThat(verdict.checks()).hasSizeBetween(27, 28);
            if (verdict.valid() && expected.path("total").asInt() >= 27)
                assertThat(verdict.count(Check.State.PASSED))
                        .as(verdict.config())
                        .isEqualTo(expected.path("passed").asInt());
        });
    }
}
