package dev.muster.edge.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.hosts.HostFile;
import dev.muster.edge.config.HostFileReader;
import dev.muster.edge.local.SshFleet;
import dev.muster.edge.local.SshHost;
import dev.muster.edge.ssh.SshException.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class SshFleetTest {
    @TempDir
    private Path folder;

    /// As a check of a fleet does it: all hosts of a file, and what is wrong with which.
    @Test
    void aFleetOfAllKindsIsToldApartByItsHostFile() throws Exception {
        SshFleet.missing().ifPresent(why -> assumeTrue(false, why));
        try (SshFleet fleet = SshFleet.standard(folder, Path.of("lab/lab"));
                Ssh ssh = Ssh.open(SshSettings.defaults()
                        .withKnown(fleet.known())
                        .withConfig(Files.createFile(folder.resolve("ssh_config"))))) {
            assertThat(fleet.hosts()).hasSizeGreaterThanOrEqualTo(12);
            HostFile file = HostFileReader.read("hosts.yaml", fleet.hostFile().getBytes(StandardCharsets.UTF_8))
                    .file();
            Map<String, Kind> troubles = new TreeMap<>();
            for (SshHost host : fleet.hosts()) {
                SshTarget target = SshTarget.of(file, file.host(host.name()).orElseThrow(), folder);
                try {
                    HostShell.Result result = ssh.shell(target).run("echo $HOME; pwd", List.of(), FleetTest.ENOUGH);
                    assertThat(result).isEqualTo(new HostShell.Result(0, host.home() + "\n" + host.home() + "\n", ""));
                } catch (SshException e) {
                    troubles.put(host.name(), e.kind());
                }
            }
            assertThat(troubles)
                    .isEqualTo(Map.of("down", Kind.REFUSED, "refuses-key", Kind.KEY_REFUSED, "silent", Kind.TIMEOUT));
        }
    }
}
