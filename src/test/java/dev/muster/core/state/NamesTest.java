package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Names that become paths on nodes lead nowhere else.
class NamesTest {
    private static final Sha256 SHA = new Sha256("ab".repeat(32));
    private static final List<String> CLIMBING = List.of("..", "../x", "a/../../x", "a/..", "/etc/passwd", "a//b", "");

    private static void refused(Function<String, Object> made, String expected) {
        for (String name : CLIMBING) {
            assertThatThrownBy(() -> made.apply(name))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected " + expected);
        }
    }

    @Test
    void aPathOfAJobStaysInItsWorkingDirectory() {
        refused(path -> new JobSpec.Input(SHA, path), "a path inside the working directory");
        refused(path -> new JobSpec.Output(path, true), "a path inside the working directory");
        JobSpec spec = JobSpec.of("x", JobKind.OTHER, List.of("x"));
        refused(
                path -> new JobSpec(
                        spec.name(),
                        spec.kind(),
                        spec.config(),
                        spec.tasks(),
                        spec.command(),
                        spec.env(),
                        spec.resources(),
                        spec.inputs(),
                        spec.outputs(),
                        Optional.of(path),
                        spec.priority(),
                        spec.maxAttempts(),
                        spec.grace(),
                        spec.timeout(),
                        spec.node()),
                "a path inside the working directory");
    }

    @Test
    void whatNamesFilesOnANodeIsOneName() {
        refused(ConfigKey::new, "a config key");
        refused(NodeId::new, "a node");
        for (String name : CLIMBING)
            assertThatThrownBy(() -> new Sha256(name)).as(name).isInstanceOf(IllegalArgumentException.class);
    }
}
