package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFileStoreTest {
    private static final Instant AT = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("hosts.yaml"), "old");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(one -> one.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theOldTextIsKeptAndModeStays() throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        Path backup = HostFileStore.replace(file, bytes("old"), bytes("new"), AT);
        assertThat(backup).hasFileName("hosts.yaml.bak-20260301T120000Z").hasContent("old");
        assertThat(file).hasContent("new");
        for (Path one : List.of(file, backup))
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one)))
                    .isEqualTo("rw-rw-r--");
        assertThat(names()).hasSize(2);
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link.yaml"), Path.of("hosts.yaml"));
        HostFileStore.replace(link, bytes("old"), bytes("new"), AT);
        assertThat(link).isSymbolicLink();
        assertThat(file).hasContent("new").isRegularFile();
        assertThat(names()).containsExactly("hosts.yaml", "hosts.yaml.bak-20260301T120000Z", "link.yaml");
    }

    @Test
    void whatSomebodyElseHasChangedIsLeftAlone() throws IOException {
        assertThatThrownBy(() -> HostFileStore.replace(file, bytes("older"), bytes("new"), AT))
                .hasMessageContaining("somebody has changed it since");
        assertThat(file).hasContent("old");
        assertThat(names()).containsExactly("hosts.yaml");
    }

    @Test
    void onlySomeCopiesAreKeptTheNewest() throws IOException {
        Path other = Files.writeString(folder.resolve("hosts.yaml.bak-mine"), "mine");
        for (int i = 0; i < HostFileStore.BACKUPS_MAX + 5; i++)
            HostFileStore.replace(file, Files.readAllBytes(file), bytes("new " + i), AT.plusSeconds(i / 2));
        assertThat(names()).hasSize(HostFileStore.BACKUPS_MAX + 2).contains("hosts.yaml.bak-20260301T120012Z");
        assertThat(names()).doesNotContain("hosts.yaml.bak-20260301T120001Z");
        assertThat(other).exists();
    }
}
