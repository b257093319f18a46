package dev.muster.edge.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarTest {
    @TempDir
    Path folder;

    private Path target;

    @BeforeEach
    void make() {
        target = folder.resolve("target");
    }

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve("source").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private byte[] packed(String... files) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Tar.pack(folder.resolve("source"), List.of(files), out);
        return out.toByteArray();
    }

    private Path archive(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("archive"), bytes);
    }

    @Test
    void whatIsPackedComesOutAgain() throws IOException {
        String name = "a/" + "long-".repeat(30) + "ü.py";
        file(name, "print(1)\n");
        assertThat(file("run.sh", "#!/bin/sh\n").toFile().setExecutable(true)).isTrue();
        file("empty", "");
        Tar.unpack(archive(packed(name, "empty", "run.sh")), target);
        assertThat(target.resolve(name)).hasContent("print(1)\n");
        assertThat(target.resolve("empty")).isEmptyFile();
        assertThat(Files.isExecutable(target.resolve("run.sh"))).isTrue();
        assertThat(Files.isExecutable(target.resolve(name))).isFalse();
    }

    @Test
    void theSameFilesGiveTheSameBytesWheneverTheyWereWritten() throws IOException {
        Path file = file("a.py", "x");
        byte[] first = packed("a.py");
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        assertThat(packed("a.py")).isEqualTo(first);
        Files.writeString(file, "y");
        assertThat(packed("a.py")).isNotEqualTo(first);
    }

    @Test
    void anArchiveThatIsNoneIsRefused() throws IOException {
        file("a.py", "some text that is not so short ".repeat(5_000));
        byte[] whole = packed("a.py");
        refused(java.util.Arrays.copyOf(whole, whole.length / 2));
        refused("no archive at all".repeat(100).getBytes(StandardCharsets.UTF_8));
        refused(new byte[0]);
        refused(new byte[10_240]);
    }

    private void refused(byte[] bytes) throws IOException {
        Path archive = archive(bytes);
        assertThatThrownBy(() -> Tar.unpack(archive, target)).isInstanceOf(IOException.class);
    }

    /// What a hostile or broken archive could hold.
    private byte[] of(TarArchiveEntry... entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream((OutputStream) out)) {
            for (TarArchiveEntry entry : entries) {
                byte[] text = entry.isFile() && !entry.isLink() ? "x".getBytes(StandardCharsets.UTF_8) : new byte[0];
                entry.setSize(text.length);
                tar.putArchiveEntry(entry);
                tar.write(text);
                tar.closeArchiveEntry();
            }
        }
        return out.toByteArray();
    }

    private static TarArchiveEntry link(String name, String to) {
        TarArchiveEntry link = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        link.setLinkName(to);
        return link;
    }

    @Test
    void nothingIsLaidElsewhere() throws IOException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        refused(of(new TarArchiveEntry("../evil")));
        refused(of(new TarArchiveEntry("a/../../evil")));
        refused(of(link("out", outside.toString())));
        refused(of(link("out", "../outside"), new TarArchiveEntry("out/evil")));
        refused(of(new TarArchiveEntry("pipe", TarConstants.LF_FIFO)));
        Tar.unpack(archive(of(new TarArchiveEntry("/etc/evil"))), target);
        assertThat(target.resolve("etc/evil")).hasContent("x");
        assertThat(outside).isEmptyDirectory();
        assertThat(folder.resolve("evil")).doesNotExist();
    }

    @Test
    void aFileTakesThePlaceOfALinkAndNotOfWhatItLeadsTo() throws IOException {
        Files.createDirectories(target);
        Path outside = Files.writeString(folder.resolve("mine"), "mine");
        Files.createSymbolicLink(target.resolve("a"), outside);
        Tar.unpack(archive(of(new TarArchiveEntry("a"), link("b", "a"))), target);
        assertThat(outside).hasContent("mine");
        assertThat(target.resolve("a")).hasContent("x");
        assertThat(target.resolve("b")).isSymbolicLink().hasContent("x");
    }
}
