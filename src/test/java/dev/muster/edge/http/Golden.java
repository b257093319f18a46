package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Recorded texts; `-Dmuster.golden=update` records them anew.
public final class Golden {
    private Golden() {}

    public static void check(Path file, String text) throws IOException {
        if ("update".equals(System.getProperty("muster.golden"))) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }
        assertThat(file).as("recorded with -Dmuster.golden=update").exists();
        assertThat(text).as(file.toString()).isEqualTo(Files.readString(file));
    }
}
