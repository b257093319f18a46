package dev.muster.edge.cli;

import dev.muster.edge.dataset.Progress;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// A line on a terminal's stderr while a large file is read; gone when it is done.
final class Meter implements Progress, AutoCloseable {
    /// Smaller ones are done before anybody looks.
    private static final long LARGE_BYTES = 64 << 20;

    private static final Duration PACE = Duration.ofMillis(500);

    private final Shell shell;
    private final String name;
    private final long size;
    private final boolean shown;
    private final Instant began;
    private Instant told;
    private long done;
    private int width;

    Meter(Shell shell, boolean watched, Path file, int number, int of) {
        this.shell = shell;
        this.size = new File(file.toString()).length();
        this.name = (of > 1 ? number + "/" + of + " " : "") + file.getFileName();
        this.shown = watched && size >= LARGE_BYTES;
        this.began = shell.clock().instant();
        this.told = began;
    }

    /// What is hashed as well, or unpacked, is counted twice: so it is bytes and speed, and no share.
    @Override
    public void on(long bytes) {
        done += bytes;
        if (!shown) return;
        Instant now = shell.clock().instant();
        if (Duration.between(told, now).compareTo(PACE) < 0) return;
        told = now;
        long millis = Math.max(1, Duration.between(began, now).toMillis());
        String line = name.replaceAll("\\p{Cntrl}", " ") + ": " + (done >> 20) + " MiB read of " + (size >> 20) + ", "
                + done * 1000 / millis / (1 << 20) + " MiB/s";
        shell.err().print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
        shell.err().flush();
        width = line.length();
    }

    @Override
    public void close() {
        if (width == 0) return;
        shell.err().print("\r" + " ".repeat(width) + "\r");
        shell.err().flush();
    }
}
