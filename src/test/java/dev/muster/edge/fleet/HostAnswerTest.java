package dev.muster.edge.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.fleet.HostAnswer.Done;
import dev.muster.edge.fleet.HostAnswer.Refusal;
import dev.muster.edge.fleet.HostAnswer.Refused;
import dev.muster.edge.ssh.HostShell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is asked of a host, and what its words become, by a shell that only answers.
class HostAnswerTest {
    private static final String PROBE = """
            root=/home/ann/.muster
            arch=aarch64
            kernel=Linux 6.8.0-1013-nvidia-64k
            libc=glibc
            hostname=gh200-1
            user=ann
            user_root=no
            init=systemd
            missing=
            python3=yes
            cores=72
            disk_free=78186758144
            clock_ms=1795383587080
            releases=muster-1-a muster-1-b\s
            current=muster-1-b
            previous=muster-1-a
            node=gh200-1
            init=systemd
            supervised=yes
            agent=running
            pid=4711
            health_node=gh200-1
            health_version=1-b
            """;

    /// Gives one answer, and remembers what it was asked.
    private static final class Answering implements HostShell {
        private final Result result;
        private final List<List<String>> calls = new ArrayList<>();
        private String sent = "";

        private Answering(int exit, String out, String err) {
            this.result = new Result(exit, out, err);
        }

        @Override
        public Result run(String script, List<String> args, Duration timeout) {
            calls.add(args);
            return result;
        }

        @Override
        public Result send(String script, List<String> args, Path file, Duration timeout) {
            calls.add(args);
            try {
                sent = Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return result;
        }
    }

    private static HostScript on(HostShell shell) {
        return new HostScript(shell, HostScript.Place.DEFAULT);
    }

    @Test
    void aProbeSaysWhatTheHostIsAndHowItsAgentDoes() throws Exception {
        HostProbe probe = ((Done<HostProbe>) on(new Answering(0, PROBE, "")).probe()).value();
        assertThat(probe.arch()).isEqualTo("aarch64");
        assertThat(probe.releases()).containsExactly("muster-1-a", "muster-1-b");
        assertThat(probe.diskFree()).isEqualTo(78_186_758_144L);
        assertThat(probe.unfit()).isEmpty();
        assertThat(probe.status().init()).isEqualTo(HostStatus.Init.SYSTEMD);
        assertThat(probe.status().pid()).contains(4711L);
        assertThat(probe.status().well()).isTrue();
    }

    @Test
    void anotherNodesAnswerIsNotThisAgents() throws Exception {
        String other = PROBE.replace("health_node=gh200-1", "health_node=gh200-2");
        HostProbe probe = ((Done<HostProbe>) on(new Answering(0, other, "")).probe()).value();
        assertThat(probe.status().agent()).isEqualTo(HostStatus.Agent.RUNNING);
        assertThat(probe.status().well()).isFalse();
    }

    @Test
    void aHostWithoutWhatIsNeededIsUnfit() throws Exception {
        String poor = PROBE.replace("missing=", "missing=bash setsid");
        HostProbe probe = ((Done<HostProbe>) on(new Answering(0, poor, "")).probe()).value();
        assertThat(probe.unfit()).hasValueSatisfying(why -> assertThat(why).contains("bash, setsid on gh200-1"));
        String alpine = PROBE.replace("libc=glibc", "libc=musl");
        HostProbe small = ((Done<HostProbe>) on(new Answering(0, alpine, "")).probe()).value();
        assertThat(small.unfit()).hasValueSatisfying(why -> assertThat(why).contains("found musl"));
    }

    @Test
    void eachExitStatusHasItsReasonAndTheHostsOwnWords() throws Exception {
        for (Refusal why : Refusal.values()) {
            int exit = List.of(1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17).get(why.ordinal());
            assertThat(on(new Answering(exit, "", "expected this, but found that\n"))
                            .stop())
                    .isEqualTo(new Refused<>(why, "expected this, but found that"));
        }
        assertThat(on(new Answering(77, "", "")).stop())
                .isEqualTo(new Refused<>(Refusal.FAILED, "the host said nothing, and exit status 77"));
    }

    @Test
    void anAnswerThatMakesNoSenseIsABrokenWire() {
        assertThatThrownBy(() -> on(new Answering(0, "Welcome to Ubuntu\n", "")).status())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected the host to say init=");
        assertThatThrownBy(() -> on(new Answering(0, PROBE.replace("agent=running", "agent=well"), ""))
                        .status())
                .isInstanceOf(IOException.class);
    }

    @Test
    void theTokenIsSentAndNeverAnArgument() throws Exception {
        Answering shell = new Answering(0, "state=configured\nnode=n1\n", "");
        HostAnswer<HostScript.Configured> answer =
                on(shell).configure(new NodeId("n1"), List.of("join", "http://n0:8770"), "very-secret");
        assertThat(answer).isEqualTo(new Done<>(new HostScript.Configured(new NodeId("n1"), false)));
        assertThat(shell.calls)
                .containsExactly(
                        List.of("--init", "auto", "--wait", "60", "configure", "n1", "join", "http://n0:8770"));
        assertThat(shell.sent).isEqualTo("very-secret");
    }

    @Test
    void anInstallSaysHowLargeTheBundleIsBeforeItSendsIt() throws Exception {
        Answering shell = new Answering(0, "state=there\nrelease=muster-1-a\n", "");
        Bundle bundle = new Bundle(
                Path.of("/dev/null"), "muster-1-a", "aarch64", new Sha256("a".repeat(64)), 70_000_000, 200_000_000);
        HostScript host = new HostScript(shell, new HostScript.Place("/srv/m", "none", Duration.ofSeconds(5)));
        assertThat(host.install(bundle)).isEqualTo(new Done<>(new HostScript.Installed("muster-1-a", true)));
        assertThat(shell.calls)
                .containsExactly(List.of(
                        "--root",
                        "/srv/m",
                        "--init",
                        "none",
                        "--wait",
                        "5",
                        "install",
                        "muster-1-a",
                        "a".repeat(64),
                        "aarch64",
                        "70000000",
                        "200000000"));
    }
}
