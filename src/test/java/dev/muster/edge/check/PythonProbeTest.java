package dev.muster.edge.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.check.Measured;
import dev.muster.core.check.Readings.Python;
import dev.muster.edge.config.CheckSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PythonProbeTest {
    @TempDir
    Path folder;

    private Measured<Python> ask(Path python) throws InterruptedException {
        PythonProbe probe =
                new PythonProbe(new CheckSettings(Optional.of(python), List.of("numpy"), List.of(), 0), new Child());
        probe.ask();
        return probe.last().orElseThrow();
    }

    private Path says(String script) throws IOException {
        Path file = folder.resolve("python");
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    @Test
    void versionsDevicesAndMissingModulesAreTold() throws Exception {
        Path python = says("echo noise=1; echo muster:python=3.11.4; echo muster:missing=numpy;"
                + " echo muster:torch=2.3.0; echo a warning; echo muster:cuda=2");
        assertThat(ask(python))
                .isEqualTo(Measured.of(new Python("3.11.4", Optional.of("2.3.0"), "", 2, List.of("numpy"))));
    }

    @Test
    void anImportThatFailsOrCrashesIsNoPytorch() throws Exception {
        assertThat(ask(says("echo muster:python=3.11.4; echo \"muster:failure=No module named 'torch'\"")))
                .isEqualTo(
                        Measured.of(new Python("3.11.4", Optional.empty(), "No module named 'torch'", -1, List.of())));
        assertThat(ask(says("echo muster:python=3.11.4; exit 139")))
                .isEqualTo(Measured.of(new Python(
                        "3.11.4", Optional.empty(), "it ended with 139 when it was imported", -1, List.of())));
    }

    @Test
    void aPythonThatIsNotThereOrDoesNotRunIsNone() throws Exception {
        assertThat(ask(Path.of("/nowhere/python")))
                .isInstanceOfSatisfying(
                        Measured.Value.class,
                        none -> assertThat(none.value()).isEqualTo(Python.none("cannot run /nowhere/python")));
        assertThat(ask(says("echo broken; exit 2")).toString()).contains("ended with 2: broken");
    }

    @Test
    void anAnswerIsKeptAndAFailureIsKeptForLess() throws Exception {
        PythonProbe probe = new PythonProbe(
                new CheckSettings(Optional.of(says("echo muster:python=3.11.4")), List.of(), List.of(), 0),
                new Child());
        assertThat(probe.stale()).isTrue();
        probe.ask();
        assertThat(probe.stale()).isFalse();
    }
}
