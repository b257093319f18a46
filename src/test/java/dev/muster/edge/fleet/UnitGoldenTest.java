package dev.muster.edge.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The unit file that systemd gets, as root and as a user; `-Dmuster.golden=update` records it anew.
class UnitGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/golden/fleet");

    @TempDir
    Path folder;

    @Test
    void theUnitIsAsRecorded() throws Exception {
        check("muster-system.service", "systemd", "/srv/muster");
        check("muster-user.service", "user", "/home/u/.muster");
    }

    @Test
    void systemdHasNothingToSayAgainstIt() throws Exception {
        Path analyze = Path.of("/usr/bin/systemd-analyze");
        assumeTrue(Files.exists(analyze), "systemd-analyze is not installed");
        Path unit = folder.resolve("muster.service");
        Files.writeString(unit, unit("systemd", "/srv/muster"));
        Process process = new ProcessBuilder(analyze.toString(), "verify", "--man=no", unit.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(said.lines().filter(line -> line.contains("muster.service"))).isEmpty();
        process.waitFor();
    }

    private static void check(String name, String init, String root) throws Exception {
        Path file = GOLDEN.resolve(name);
        String text = unit(init, root);
        if ("update".equals(System.getProperty("muster.golden"))) {
            Files.createDirectories(GOLDEN);
            Files.writeString(file, text);
        }
        assertThat(text).isEqualTo(Files.readString(file));
    }

    private static String unit(String init, String root) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                List.of("/bin/sh", "-c", HostScript.text(), "host.sh", "--root", root, "--init", init, "unit"));
        builder.environment().clear();
        builder.environment().put("HOME", "/home/u");
        builder.environment().put("PATH", "/usr/bin:/bin:/opt/100% \"mine\"/bin");
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).isZero();
        return text;
    }
}
