package dev.muster.edge.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.AlertLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Channels while their file changes.
class ChannelsTest {
    private static final Map<String, String> ENV =
            Map.of("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/secretsecret");

    @TempDir
    Path folder;

    private Instant now = Notices.AT;

    private Channels open(Path file) {
        return Channels.open(Optional.of(file), ENV, List.of(), () -> now);
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("hooks.yaml"), yaml);
    }

    private static String webhook(String name) {
        return "channels: [{name: " + name + ", type: webhook, url: 'http://127.0.0.1:9/in'}]\n";
    }

    private static List<String> names(Channels channels) {
        return channels.list().stream().map(Channels.Listed::name).toList();
    }

    @Test
    void withoutAFileTheEnvironmentsChannelsAreThere() {
        try (Channels channels = Channels.open(Optional.empty(), ENV, List.of(), () -> now)) {
            assertThat(names(channels)).containsExactly("slack");
            assertThat(channels.of("slack")).isPresent();
            assertThat(channels.of("other")).isEmpty();
            assertThat(channels.list().toString()).doesNotContain("secretsecret");
        }
    }

    @Test
    void aFileThatChangesIsReadAgainAfterSomeSeconds() throws IOException {
        Path file = write(webhook("one"));
        try (Channels channels = open(file)) {
            Channel slack = channels.of("slack").orElseThrow();
            write(webhook("other"));
            now = now.plusSeconds(4);
            assertThat(names(channels)).containsExactly("one", "slack");
            now = now.plusSeconds(1);
            assertThat(names(channels)).containsExactly("other", "slack");
            assertThat(channels.of("slack")).as("as it was").containsSame(slack);
        }
    }

    @Test
    void aBrokenFileChangesNothingAndSaysSo() throws IOException {
        Path file = write(webhook("one"));
        try (Channels channels = open(file)) {
            write("channels: [");
            now = now.plusSeconds(5);
            assertThat(names(channels)).containsExactly("one", "slack");
            assertThat(channels.broken())
                    .hasValueSatisfying(why -> assertThat(why).contains("hooks.yaml:", "expected YAML"));
            now = now.plusSeconds(5);
            assertThat(channels.broken()).as("still").isPresent();
            write(webhook("mended"));
            now = now.plusSeconds(5);
            assertThat(names(channels)).containsExactly("mended", "slack");
            assertThat(channels.broken()).isEmpty();
        }
    }

    @Test
    void aFileThatIsGoneForAMomentIsMissedByNobody() throws IOException {
        Path file = write(webhook("one"));
        try (Channels channels = open(file)) {
            Files.delete(file);
            now = now.plusSeconds(5);
            assertThat(names(channels)).containsExactly("one", "slack");
            assertThat(channels.broken())
                    .hasValueSatisfying(why -> assertThat(why).endsWith("is gone"));
            write(webhook("one"));
            now = now.plusSeconds(5);
            assertThat(names(channels)).containsExactly("one", "slack");
            assertThat(channels.broken()).isEmpty();
            Files.delete(file);
            now = now.plusSeconds(5);
            channels.list();
            now = now.plusSeconds(5);
            assertThat(names(channels)).containsExactly("slack");
            assertThat(channels.broken()).isEmpty();
        }
    }

    @Test
    void aFileMayComeLater() throws IOException {
        try (Channels channels = open(folder.resolve("hooks.yaml"))) {
            assertThat(channels.broken()).isEmpty();
            write(webhook("late"));
            now = now.plusSeconds(5);
            assertThat(names(channels)).containsExactly("late", "slack");
        }
    }

    @Test
    void whoTakesWhatIsLookedUp() throws IOException {
        Path file = write("channels:\n"
                + "  - {name: a, type: webhook, url: 'http://127.0.0.1:9/a', levels: [critical]}\n"
                + "  - {name: b, type: webhook, url: 'http://127.0.0.1:9/b', rules: [disk]}\n");
        try (Channels channels = open(file)) {
            assertThat(channels.takers("disk", AlertLevel.CRITICAL)).containsExactly("a", "b", "slack");
            assertThat(channels.takers("disk", AlertLevel.WARNING)).containsExactly("b", "slack");
            assertThat(channels.takers("node-lost", AlertLevel.UNKNOWN)).containsExactly("slack");
        }
    }
}
