package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.hosts.Finding;
import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.HostFileCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The prior system's own files, where they are at hand.
class RealHostFilesTest {
    private static final Path FOLDER = Path.of("..", "shared", "data", "hosts");

    private static final Map<String, HostFileReader.Loaded> LOADED = new TreeMap<>();

    @BeforeAll
    static void load() throws IOException, ConfigException {
        assumeTrue(Files.isDirectory(FOLDER), "the real host files are not in " + FOLDER + "; nothing is tested here");
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".yaml")).toList()) {
                String name = file.getFileName().toString();
                LOADED.put(name, HostFileReader.read(name, Files.readAllBytes(file)));
            }
        }
    }

    @Test
    void allOfThemLoad() {
        assertThat(LOADED).hasSizeGreaterThanOrEqualTo(50);
        LOADED.forEach((name, loaded) -> {
            assertThat(loaded.broken()).as("%s: %s", name, loaded.findings()).isFalse();
            assertThat(loaded.file().hosts()).as(name).isNotEmpty();
        });
    }

    /// Only a template's invented port is wrong in all of them; a key that nobody knows here would show up as well.
    @Test
    void thereIsNothingInThemThatIsNotUnderstood() {
        List<String> found = new ArrayList<>();
        LOADED.forEach((name, loaded) -> loaded.findings().stream()
                .filter(one -> one.kind() != Kind.UNKNOWN_HOST)
                .forEach(one -> found.add(name.substring(0, 9) + " " + one.kind() + " " + one.about())));
        assertThat(found).containsExactly("bcd163dc5 WRONG_VALUE vast_ai.nodes[1].port");
    }

    @Test
    void namesThatNobodyHasAreFound() {
        List<String> found = new ArrayList<>();
        LOADED.forEach((name, loaded) -> loaded.findings().stream()
                .filter(one -> one.kind() == Kind.UNKNOWN_HOST)
                .forEach(one -> found.add(name.substring(0, 9) + " " + one.message())));
        assertThat(found)
                .containsExactly(
                        "0fe741a54 expected a host of this file, but found \"your-training-node-1\"",
                        "0fe741a54 expected a host of this file, but found \"your-training-node-2\"");
    }

    @Test
    void theKnownAnomaliesAreFound() {
        assertThat(kinds("0e21de8ac"))
                .containsEntry(Kind.VOTER_OUT_OF_SERVICE, 8L)
                .containsEntry(Kind.EVEN_VOTERS, 1L);
        assertThat(kinds("0e21de8ac")).containsEntry(Kind.VOTER_BEHIND_NAT, 2L).containsEntry(Kind.NO_MAJORITY, 1L);
        assertThat(kinds("0710f577e")).containsEntry(Kind.SAME_ENDPOINT, 12L);
        assertThat(kinds("0fe741a54")).containsEntry(Kind.VOTER_MISSING, 5L).containsEntry(Kind.PLACEHOLDER, 2L);
        assertThat(kinds("832bc220e")).containsEntry(Kind.TRAINING_DISABLED, 2L).containsEntry(Kind.LOCAL_ADDRESS, 1L);
        assertThat(kinds("e50c06c5a")).containsEntry(Kind.NOTE_SAYS_GONE, 4L);
        assertThat(kinds("c6e33a16b")).containsEntry(Kind.SAME_ENDPOINT, 1L).containsEntry(Kind.NO_VOTERS, 1L);
        assertThat(kinds("09a531ce4")).doesNotContainKeys(Kind.EVEN_VOTERS, Kind.VOTER_MISSING, Kind.NO_MAJORITY);
    }

    private static Map<Kind, Long> kinds(String commit) {
        String name = LOADED.keySet().stream()
                .filter(one -> one.startsWith(commit))
                .findFirst()
                .orElseThrow(() -> new AssertionError("expected a file " + commit + "… in " + FOLDER));
        Map<Kind, Long> kinds = new TreeMap<>();
        for (Finding found : HostFileCheck.of(LOADED.get(name).file())) kinds.merge(found.kind(), 1L, Long::sum);
        return kinds;
    }
}
