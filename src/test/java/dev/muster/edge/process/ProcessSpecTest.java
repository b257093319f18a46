package dev.muster.edge.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessSpecTest {
    private static final Path WORK = Path.of("/");

    @Test
    void aKeyOfLettersDigitsDotsAndDashesIsTaken() {
        assertThat(new ProcessSpec("t7.a-1_B", List.of("true"), Map.of(), WORK).key())
                .isEqualTo("t7.a-1_B");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", ".hidden", "a/b", "a b", "a\n", "é"})
    void aKeyThatIsNoSafeFileNameIsRefused(String key) {
        assertThatThrownBy(() -> new ProcessSpec(key, List.of("true"), Map.of(), WORK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected a key that matches");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1A", "A-B", "A=B", "muster_dir", "A B"})
    void aVariableThatAShellWouldDropOrThatIsOursIsRefused(String name) {
        assertThatThrownBy(() -> new ProcessSpec("a1", List.of("true"), Map.of(name, "x"), WORK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("but found " + name);
    }

    @Test
    void aCommandThatNamesNoProgramIsRefused() {
        for (List<String> command : List.of(List.<String>of(), List.of(""), List.of("-c", "x"))) {
            assertThatThrownBy(() -> new ProcessSpec("a1", command, Map.of(), WORK))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("expected a command");
        }
    }

    @Test
    void aNulCharacterIsRefused() {
        assertThatThrownBy(() -> new ProcessSpec("a1", List.of("echo", "a\0b"), Map.of(), WORK))
                .hasMessageContaining("no NUL character in the command of a1");
        assertThatThrownBy(() -> new ProcessSpec("a1", List.of("echo"), Map.of("A", "a\0b"), WORK))
                .hasMessageContaining("no NUL character in A");
    }
}
