package dev.muster.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFilesTest {
    @TempDir
    Path proc;

    private void file(String name, String text) throws IOException {
        Path file = proc.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void thisProcessHasSomeOpenAndALimit() {
        OpenFiles own = OpenFiles.own().orElseThrow();
        assertThat(own.open()).isPositive();
        assertThat(own.limit() == 0 || own.limit() >= own.open()).isTrue();
    }

    @Test
    void theSoftLimitCountsAndUnlimitedIsNone() throws IOException {
        Files.createDirectories(proc.resolve("self/fd/0"));
        Files.createDirectories(proc.resolve("self/fd/1"));
        file(
                "self/limits",
                "Limit  Soft Limit  Hard Limit  Units\nMax open files            256                  4096                 files\n");
        assertThat(OpenFiles.own(proc)).contains(new OpenFiles(2, 256));
        file("self/limits", "Max open files            unlimited            unlimited            files\n");
        assertThat(OpenFiles.own(proc)).contains(new OpenFiles(2, 0));
    }

    @Test
    void theMachinesLimitMayBeNone() throws IOException {
        file("sys/fs/file-nr", "1536\t0\t9223372036854775807\n");
        assertThat(OpenFiles.system(proc)).contains(new OpenFiles(1536, 0));
        file("sys/fs/file-nr", "1536\t0\t2000\n");
        assertThat(OpenFiles.system(proc)).contains(new OpenFiles(1536, 2000));
    }

    @Test
    void whereThereIsNothingNothingIsKnown() {
        assertThat(OpenFiles.own(proc)).isEmpty();
        assertThat(OpenFiles.system(proc)).isEmpty();
    }
}
