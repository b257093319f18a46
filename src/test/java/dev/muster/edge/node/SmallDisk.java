package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file system of some megabytes, in memory.
public record SmallDisk(Path path) implements AutoCloseable {
    /// Skips the test where mounting is not allowed.
    public static SmallDisk mount(Path path, int mib) throws IOException {
        Files.createDirectories(path);
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=" + mib + "m", "tmpfs", path.toString()))
                .as("skipped: mounting a small tmpfs needs root")
                .isZero();
        return new SmallDisk(path);
    }

    public void resize(int mib) {
        assertThat(run("mount", "-o", "remount,size=" + mib + "m", path.toString()))
                .isZero();
    }

    /// Writes until nothing more fits.
    public static void fill(Path file) throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) out.write(block);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static int run(String... command) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1; // no such program here
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    @Override
    public void close() {
        run("umount", "-l", path.toString());
    }
}
