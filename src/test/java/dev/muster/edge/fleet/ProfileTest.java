package dev.muster.edge.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.hosts.Host;
import dev.muster.edge.config.HostFileReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileTest {
    private static List<String> joiner(String keys) throws Exception {
        String text = "hosts:\n  n1:\n    ssh_host: 127.0.0.9\n    role: gpu_selfplay\n" + keys;
        Host host = HostFileReader.read("hosts.yaml", text.getBytes(StandardCharsets.UTF_8))
                .file()
                .host("n1")
                .orElseThrow();
        return Profile.joiner(host, Profile.advertise(host, Host::name), List.of("127.0.0.1:8770"), "muster");
    }

    @ParameterizedTest
    @CsvSource({
        "source ~/trainer/venv/bin/activate, ~/trainer/venv",
        ". /opt/venv/bin/activate, /opt/venv",
        "/opt/venv/bin/activate, /opt/venv",
    })
    void theEnvironmentThatJobsBeginInIsTheOneThatIsChecked(String activate, String venv) throws Exception {
        assertThat(joiner("    venv_activate: " + activate + "\n")).containsSequence("--venv", venv);
    }

    @ParameterizedTest
    @CsvSource({
        "conda activate base",
        "source $HOME/venv/bin/activate",
        "source a/bin/activate",
        "cd /a; . /b/bin/activate"
    })
    void anotherCommandSaysNothingOfPython(String activate) throws Exception {
        assertThat(joiner("    venv_activate: '" + activate + "'\n")).doesNotContain("--venv");
    }

    @Test
    void whatTheFileDoesNotSayIsNotSaid() throws Exception {
        assertThat(joiner(""))
                .doesNotContain("--venv", "--max-parallel-jobs", "--dialable")
                .startsWith("127.0.0.1:8770");
        assertThat(joiner("    max_parallel_jobs: 3\n    nat_blocked: true\n"))
                .containsSequence("--max-parallel-jobs", "3")
                .containsSequence("--dialable", "false");
        assertThat(joiner("    tailscale_ip: 100.64.0.9\n")).containsSequence("--advertise", "100.64.0.9");
        assertThat(joiner("")).as("what ssh_host stands for").containsSequence("--advertise", "n1");
    }
}
