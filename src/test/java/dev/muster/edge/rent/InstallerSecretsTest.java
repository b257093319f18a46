package dev.muster.edge.rent;

import static dev.muster.core.Launches.job;
import static dev.muster.core.Launches.launch;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.renting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Instance;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.SecretBlanks;
import dev.muster.edge.fleet.HostAnswer;
import dev.muster.edge.fleet.HostScript;
import dev.muster.edge.fleet.TestShell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which secrets a rented machine gets, and how they are laid there.
class InstallerSecretsTest {
    @TempDir
    Path home;

    private static RunSpec.Stage stage(String name, Map<String, String> env) {
        JobSpec job = job(name);
        return new RunSpec.Stage(name, job.with(job.command(), env, List.of()), Optional.empty(), false);
    }

    @Test
    void aRunsMachineGetsWhatItsStagesNameAndOthersGetNothing() throws Exception {
        FakeLead lead = new FakeLead(3);
        RunSpec spec = renting(
                "r1",
                stage("train", Map.of("WANDB_API_KEY", SecretBlanks.of("WANDB"), "SEED", "7")),
                stage("eval", Map.of("URL", "s3://{secret:USER}:{secret:KEY}@here")));
        lead.order(launch("r1", spec), "");
        Instance own = lead.orderedFor(r("r1"));
        assertThat(Installer.secretsOf(own, lead.state())).containsExactly("KEY", "USER", "WANDB");
        assertThat(Installer.secretsOf(lead.ordered(), lead.state())).isEmpty();
    }

    @Test
    void aSecretIsLaidForItsOwnerOnlyAndReplacesTheOneBefore() throws Exception {
        HostScript host = TestShell.host(home);
        assertThat(host.secret("KEY", "one")).isInstanceOf(HostAnswer.Refused.class);
        Path data = Files.createDirectories(home.resolve(".muster/data"));
        assertThat(host.secret("KEY", "one")).isEqualTo(new HostAnswer.Done<>("KEY"));
        assertThat(host.secret("KEY", "it's $two\n")).isEqualTo(new HostAnswer.Done<>("KEY"));
        Path file = data.resolve("secrets/KEY");
        assertThat(file).hasContent("it's $two");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.getPosixFilePermissions(file.getParent()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(host.secret("../KEY", "x")).isInstanceOf(HostAnswer.Refused.class);
    }

    @Test
    void aNameIsAName() {
        assertThatThrownBy(() -> SecretBlanks.of("../x")).hasMessageContaining("expected a secret's name");
        assertThat(SecretBlanks.filled("{secret:A}-{secret:../x}", name -> "$1"))
                .isEqualTo("$1-{secret:../x}");
    }
}
