package dev.muster.edge.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.hosts.HostFile;
import dev.muster.edge.config.HostFileReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SshTargetTest {
    private static final Path HOME = Path.of("/home/ada");

    /// As somebody would type it.
    static SshTarget bare(String address) {
        return new SshTarget("", address, 22, "", Optional.empty(), Optional.empty(), OptionalInt.empty());
    }

    private static SshTarget over(String jump) {
        return new SshTarget("", "n", 22, "", Optional.empty(), Optional.of(jump), OptionalInt.empty())
                .hop()
                .orElseThrow();
    }

    @Test
    void aHostOfTheFileIsExpanded() throws Exception {
        SshTarget target = target("""
                hosts:
                  n1:
                    ssh_host: 127.0.0.9
                    ssh_port: 33085
                    ssh_user: root
                    ssh_key: ~/.ssh/id_cluster
                    socks5_port: 1055
                """, "n1");
        assertThat(target)
                .isEqualTo(new SshTarget(
                        "n1",
                        "127.0.0.9",
                        33085,
                        "root",
                        Optional.of(HOME.resolve(".ssh/id_cluster")),
                        Optional.empty(),
                        OptionalInt.of(1055)));
        assertThat(target.shown()).isEqualTo("n1 (root@127.0.0.9:33085)");
    }

    @Test
    void aProxyThatIsAnotherHostBringsItsUserPortKeyAndProxy() throws Exception {
        SshTarget target = target("""
                hosts:
                  gate: {ssh_host: gate.invalid, ssh_user: ops, ssh_port: 2222, ssh_key: /keys/gate}
                  inner: {ssh_host: 127.0.0.8, ssh_user: ubuntu, ssh_proxy: gate}
                  n1: {ssh_host: 127.0.0.9, ssh_user: root, ssh_proxy: inner}
                """, "n1");
        assertThat(target.jump()).contains("ubuntu@127.0.0.8:22");
        SshTarget inner = target.hop().orElseThrow();
        assertThat(inner.name()).isEqualTo("inner");
        SshTarget gate = inner.hop().orElseThrow();
        assertThat(gate.identity()).contains(Path.of("/keys/gate"));
        assertThat(gate.endpoint()).isEqualTo("ops@gate.invalid:2222");
        assertThat(gate.hop()).isEmpty();
    }

    @Test
    void aCircleOfProxiesEnds() throws Exception {
        SshTarget target = target(
                "hosts:\n  a: {ssh_host: 127.0.0.8, ssh_proxy: b}\n  b: {ssh_host: 127.0.0.9, ssh_proxy: a}\n", "a");
        assertThat(target.hop().orElseThrow().hop().orElseThrow().address()).isEqualTo("a");
        assertThat(target.hop().orElseThrow().hop().orElseThrow().hop()).isEmpty();
    }

    @Test
    void aProxyIsWrittenAsProxyJumpTakesIt() {
        assertThat(over("gate"))
                .isEqualTo(
                        new SshTarget("gate", "gate", 22, "", Optional.empty(), Optional.empty(), OptionalInt.empty()));
        assertThat(over("ops@gate.invalid:2222").endpoint()).isEqualTo("ops@gate.invalid:2222");
        assertThat(over("ssh://ops@gate:24").endpoint()).isEqualTo("ops@gate:24");
        assertThat(over("[::1]:24").address()).isEqualTo("::1");
        assertThat(over("::1").address()).isEqualTo("::1");
        assertThat(over("[::1]").port()).isEqualTo(22);
        assertThat(over("a,b:24").address()).isEqualTo("b");
        assertThat(over("a,b:24").jump()).contains("a");
        assertThat(over("gate:99999").port()).isZero();
        SshTarget none = new SshTarget("", "n", 22, "", Optional.empty(), Optional.of("none"), OptionalInt.empty());
        assertThat(none.hop()).isEmpty();
        assertThat(none.jumpsNowhere()).isTrue();
    }

    private static SshTarget target(String yaml, String name) throws Exception {
        HostFile file = HostFileReader.read("hosts.yaml", yaml.getBytes(StandardCharsets.UTF_8))
                .file();
        return SshTarget.of(file, file.host(name).orElseThrow(), HOME);
    }
}
