package dev.muster.edge.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {
    @TempDir
    Path folder;

    private static Child.Done sh(String script, Duration max) throws Exception {
        return new Child().run(List.of("sh", "-c", script), Map.of("MUSTER_MARK", "x"), max);
    }

    @Test
    void itTellsHowItEndedAndWhatItSaidLast() throws Exception {
        Child.Done done = sh("echo one; echo two $MUSTER_MARK >&2; exit 3", Duration.ofSeconds(10));
        assertThat(done.exit()).isEqualTo(3);
        assertThat(done.well()).isFalse();
        assertThat(done.lastLine()).isEqualTo("two x");
    }

    @Test
    void whatTakesTooLongIsKilledWithAllItStarted() throws Exception {
        Path pid = folder.resolve("pid");
        Child.Done done = sh("sleep 600 & echo $! > '" + pid + "'; wait", Duration.ofMillis(700));
        assertThat(done.late()).isTrue();
        assertThat(done.exit()).isEqualTo(-1);
        long sleeper = Long.parseLong(Files.readString(pid).strip());
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (ProcessHandle.of(sleeper).filter(ProcessHandle::isAlive).isPresent() && System.nanoTime() < end)
            Thread.onSpinWait();
        assertThat(ProcessHandle.of(sleeper).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void oneThatTalksWithoutEndKeepsItsLastWordsOnly() throws Exception {
        Child.Done done = sh("yes x | head -c 3000000; echo; echo last", Duration.ofSeconds(20));
        assertThat(done.lastLine()).isEqualTo("last");
        assertThat(done.output()).hasSizeLessThan(10_000);
    }

    @Test
    void aChildInTheBackgroundDoesNotHoldUpTheAnswer() throws Exception {
        long start = System.nanoTime();
        Child.Done done = sh("sleep 600 & echo done", Duration.ofSeconds(30));
        assertThat(done.lastLine()).isEqualTo("done");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatThrownBy(() -> new Child().run(List.of("/nowhere/python"), Map.of(), Duration.ofSeconds(5)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/nowhere/python");
    }
}
