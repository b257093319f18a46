package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyncTest {
    private static boolean matches(String pattern, String path) {
        return new Sync(List.of("other", pattern), Sync.EVERY_DEFAULT)
                .pattern()
                .matcher(path)
                .matches();
    }

    @Test
    void aStarIsAnyPartOfAName() {
        assertThat(matches("games/*.jsonl", "games/a.jsonl")).isTrue();
        assertThat(matches("games/*.jsonl", "games/a/b.jsonl")).isFalse();
        assertThat(matches("games/*.jsonl", "more/games/a.jsonl")).isFalse();
        assertThat(matches("elo.d?", "elo.db")).isTrue();
        assertThat(matches("elo.db", "elo_db")).isFalse();
        assertThat(matches("a[1]{b}(c)+", "a[1]{b}(c)+")).isTrue();
    }

    @Test
    void twoStarsAreAnyFolders() {
        assertThat(matches("checkpoints/**", "checkpoints/1/model.pt")).isTrue();
        assertThat(matches("checkpoints/**", "checkpoints")).isFalse();
        assertThat(matches("**/elo.db", "elo.db")).isTrue();
        assertThat(matches("**/elo.db", "a/b/elo.db")).isTrue();
        assertThat(matches("**/elo.db", "a/xelo.db")).isFalse();
    }

    @Test
    void whatLeadsElsewhereIsNone() {
        for (String path : List.of("../a", "a/../b", "/a", "", "a//b"))
            assertThatIllegalArgumentException().isThrownBy(() -> new Sync(List.of(path), Sync.EVERY_DEFAULT));
    }

    @Test
    void thereAreLimits() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sync(Collections.nCopies(33, "a"), Sync.EVERY_DEFAULT))
                .withMessageContaining("32");
        assertThatIllegalArgumentException().isThrownBy(() -> new Sync(List.of(), Sync.EVERY_DEFAULT));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sync(List.of("a"), Duration.ofSeconds(9)))
                .withMessageContaining("10s");
    }
}
