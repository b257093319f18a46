package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FootprintTest {
    @TempDir
    Path base;

    @Test
    void countsWhatTheJobWroteAndNotWhatWasLaidForIt() throws IOException {
        Path work = Files.createDirectories(base.resolve("work/deep"));
        Files.write(work.resolve("own"), new byte[1000]);
        Files.createLink(work.resolve("input"), Files.write(base.resolve("artifact"), new byte[5000]));
        Files.createSymbolicLink(work.resolve("link"), base.resolve("artifact"));
        Instant past = Instant.now().minusSeconds(60);
        // A job that unpacks old files has written them all the same.
        Files.setLastModifiedTime(work.resolve("own"), FileTime.from(past.minusSeconds(60)));

        assertThat(Footprint.of(base.resolve("work"), past)).isEqualTo(new Footprint(1000, 1000));
        assertThat(Footprint.of(base.resolve("work"), Instant.now().plusSeconds(60)))
                .isEqualTo(new Footprint(1000, 0));
        assertThat(Footprint.of(base.resolve("gone"), past)).isEqualTo(Footprint.NONE);
    }
}
