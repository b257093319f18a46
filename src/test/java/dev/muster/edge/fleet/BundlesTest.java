package dev.muster.edge.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundlesTest {
    @TempDir
    Path folder;

    private Path home;
    private final List<String> progress = new ArrayList<>();

    @BeforeEach
    void makeAnInstall() throws IOException {
        home = Files.createDirectories(folder.resolve("an install"));
    }

    private Bundles bundles() {
        return new Bundles(home, folder.resolve("cache"), progress::add);
    }

    @Test
    void theNewestBundleBesideTheProgramForThatMachineIsTaken() throws Exception {
        beside("muster-1-old-aarch64.tgz", 10);
        Path file = beside("muster-1-new-aarch64.tgz", 5);
        beside("muster-1-newer-x86_64.tgz", 1);
        beside("notes.tgz", 0);
        Bundle bundle = bundles().find("aarch64");
        assertThat(bundle.file()).isEqualTo(file);
        assertThat(bundle.release()).isEqualTo("muster-1-new");
        assertThat(bundle.size()).isEqualTo(Files.size(file));
        assertThat(bundle.unpacked()).isEqualTo(100_000);
        assertThat(bundle.sha().hex()).isEqualTo(sha256sum(file));
    }

    @Test
    void anInstalledBundleIsPackedAgainOnceUnderItsOwnName() throws Exception {
        String release = "muster-1-abc";
        Files.writeString(
                home.resolve("bundle.properties"), "release=" + release + "\narch=" + Bundles.ownArch() + "\n");
        Files.writeString(home.resolve("muster.jar"), "jar");
        Path java = Files.createDirectories(home.resolve("runtime/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Bundle bundle = bundles().find(Bundles.ownArch());
        assertThat(bundle.release()).isEqualTo(release);
        assertThat(run("tar", "-tzf", bundle.file().toString()).lines())
                .contains(release + "/muster.jar", release + "/runtime/bin/java");
        assertThat(progress).hasSize(1);
        assertThat(bundles().find(Bundles.ownArch())).isEqualTo(bundle);
        assertThat(progress).hasSize(1);
        assertThat(folder.resolve("cache")).isDirectoryNotContaining("glob:**/new*");
    }

    @Test
    void sourcesMakeTheirBundleThemselves() throws Exception {
        Path file = beside("muster-2-def-" + Bundles.ownArch() + ".tgz", 0);
        Path made = Files.move(file, folder.resolve(file.getFileName()));
        Files.createFile(home.resolve("pom.xml"));
        script("echo making it >&2; echo " + made);
        assertThat(bundles().find(Bundles.ownArch()).release()).isEqualTo("muster-2-def");
        assertThat(progress).containsExactly("making it");
        script("echo the build failed >&2; exit 1");
        assertThatThrownBy(() -> bundles().find(Bundles.ownArch()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("failed with status 1");
        assertThat(progress).contains("the build failed");
    }

    @Test
    void withoutAnyTheMessageSaysWhereToMakeOne() {
        assertThatThrownBy(() -> bundles().find("aarch64"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected a bundle for aarch64 in " + home.resolve("bundle"))
                .hasMessageContaining("./dev dist --runtime");
        assertThatThrownBy(() -> Bundles.of(Map.of(), progress::add)).hasMessageContaining("MUSTER_HOME");
    }

    private void script(String text) throws IOException {
        Path dev = home.resolve("dev");
        Files.writeString(dev, "#!/bin/sh\n" + text + "\n");
        assertThat(dev.toFile().setExecutable(true)).isTrue();
    }

    private Path beside(String name, int minutesAgo) throws IOException {
        Path file = Files.createDirectories(home.resolve("bundle")).resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(new byte[100_000]);
        }
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60L * minutesAgo)));
        return file;
    }

    private static String sha256sum(Path file) throws Exception {
        return run("sha256sum", file.toString()).substring(0, 64);
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        String out = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).isZero();
        return out;
    }
}
