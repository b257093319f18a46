package dev.muster.edge.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.edge.local.SshFleet;
import dev.muster.edge.local.SshHost;
import dev.muster.edge.local.SshHost.Trait;
import dev.muster.edge.ssh.SshException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// Hosts that cannot be reached, each in its way.
class SshTroubleTest extends FleetTest {
    @Test
    void aKeyThatIsRefusedIsSaidWithTheCure() throws Exception {
        SshTarget target = fleet.add("stranger", Trait.REFUSES_KEY).target();
        assertFails(Kind.KEY_REFUSED, () -> run(target, "true"))
                .hasMessageContaining("stranger (" + target.endpoint() + "): it takes none of our keys")
                .hasMessageContaining("Permission denied (publickey)")
                .hasMessageContaining("`ssh-copy-id -i " + fleet.key() + ".pub -p " + target.port() + " "
                        + target.user() + "@" + target.address() + "`");
    }

    @Test
    void aKeyThatIsMissingIsSaidToBeMissing() throws Exception {
        SshTarget target = fleet.add("host", Trait.PLAIN).target();
        assertFails(Kind.KEY_REFUSED, () -> run(withKey(target, Path.of("/no/such/key")), "true"))
                .hasMessageContaining("(/no/such/key does not exist)");
    }

    @Test
    void aKeyThatOthersMayReadIsSaidWithTheCure() throws Exception {
        SshTarget target = fleet.add("host", Trait.PLAIN).target();
        Files.setPosixFilePermissions(fleet.key(), PosixFilePermissions.fromString("rw-r--r--"));
        assertFails(Kind.KEY_REFUSED, () -> run(target, "true"))
                .hasMessageContaining("`chmod 600 " + fleet.key() + "`");
    }

    @Test
    void aHostThatIsDownRefuses() throws Exception {
        SshTarget target = fleet.add("down", Trait.DOWN).target();
        assertFails(Kind.REFUSED, () -> run(target, "true"))
                .hasMessageContaining("down (" + target.endpoint() + "): nobody listens there")
                .hasMessageContaining("ssh_port");
    }

    @Test
    void aHostThatSaysNothingIsGivenUpInTime() throws Exception {
        SshTarget target = fleet.add("silent", Trait.SILENT).target();
        long begunNanos = System.nanoTime();
        try (Ssh hasty = Ssh.open(settings().withConnectMax(Duration.ofSeconds(1)))) {
            assertFails(Kind.TIMEOUT, () -> hasty.shell(target).run("true", List.of(), ENOUGH))
                    .hasMessageContaining("ufw allow " + target.port());
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begunNanos)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void anotherHostKeyIsNeverBelieved() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        run(host.target(), "true");
        host.sshd().orElseThrow().changeHostKey();
        try (Ssh later = Ssh.open(settings())) {
            assertFails(Kind.HOST_KEY_CHANGED, () -> later.shell(host.target()).run("true", List.of(), ENOUGH))
                    .hasMessageContaining("its host key is not the one that is known")
                    .hasMessageContaining("ssh-keygen -f \"" + fleet.known() + "\" -R \""
                            + host.target().known() + "\"");
        }
        assertThat(host.logins()).isEqualTo(1);
    }

    @Test
    void aNameWithoutAddressIsSaid() {
        assertFails(Kind.NO_ADDRESS, () -> run(SshTargetTest.bare("no-such-host.invalid"), "true"))
                .hasMessageContaining("no-such-host.invalid");
        assertFails(Kind.NO_ADDRESS, () -> run(SshTargetTest.bare(""), "true")).hasMessageContaining("ssh_host");
        assertFails(Kind.NO_ADDRESS, () -> run(SshTargetTest.bare("$(touch /tmp/x)"), "true"))
                .hasMessageContaining("ssh_host");
        assertFails(Kind.NO_ADDRESS, () -> run(SshTargetTest.bare("-oProxyCommand=false"), "true"))
                .hasMessageContaining("ssh_host");
    }

    @Test
    void anAddressNobodyLeadsToIsUnreachable() {
        // 240.0.0.0/4 is reserved: the kernel sends nothing there.
        assertFails(Kind.UNREACHABLE, () -> run(SshTargetTest.bare("255.255.255.255"), "true"))
                .hasMessageContaining("no way to it");
    }

    @Test
    void aHostThatDiesWhileTheScriptRunsIsLost() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        Thread killer = Thread.ofPlatform().start(() -> {
            Polled.until(() -> Files.exists(host.home().resolve("begun")));
            host.sshd().orElseThrow().kill();
        });
        assertFails(Kind.LOST, () -> run(host.target(), "touch begun; sleep 60"))
                .hasMessageContaining("whether it ended as well is not known");
        killer.join();
        assertFails(Kind.REFUSED, () -> run(host.target(), "true"));
    }

    @Test
    void anAccountWithoutAShellIsSaid() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        Files.writeString(host.home().resolve("login"), "#!/bin/sh\necho This account is not available.\nexit 1\n");
        assertFails(Kind.REFUSED, () -> run(host.target(), "true"))
                .hasMessageContaining("got no shell: its command ended with 1 (This account is not available.)");
    }

    @Test
    void withoutSshThereIsNoSsh() {
        assertFails(Kind.NO_SSH, () -> Ssh.open(SshSettings.defaults().withProgram("no-such-ssh")))
                .hasMessageContaining("install openssh-client");
    }

    @Test
    void aConfigurationThatSshDoesNotTakeIsSaid() throws IOException, InterruptedException {
        SshTarget target = fleet.add("host", Trait.PLAIN).target();
        configure("NoSuchOption yes\n");
        assertFails(Kind.NO_SSH, () -> run(target, "true")).hasMessageContaining("~/.ssh/config");
    }

    @Test
    void aSocksProxyLeadsThere() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        try (SocksProxy proxy = SocksProxy.start(host.target().port())) {
            // The proxy alone knows the name: it is not resolved here.
            SshTarget target = overSocks(host.target(), "machine.in.its.network", proxy.port());
            assertThat(run(target, "echo there").out()).isEqualTo("there\n");
            assertThat(run(target, "echo again").out()).isEqualTo("again\n");
            assertThat(proxy.asked())
                    .containsExactly("machine.in.its.network:" + host.target().port());
        }
        assertThat(Files.readString(fleet.known()))
                .contains("[machine.in.its.network]:" + host.target().port());
    }

    @Test
    void aSocksProxyThatSaysNoIsSaid() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        try (SocksProxy proxy = SocksProxy.start(0)) {
            assertFails(Kind.PROXY_FAILED, () -> run(overSocks(host.target(), "127.0.0.1", proxy.port()), "true"))
                    .hasMessageContaining(
                            "SOCKS proxy on 127.0.0.1:" + proxy.port() + " did not connect: its rules do not allow it")
                    .hasMessageContaining("--socks5-server");
        }
    }

    @Test
    void withoutTheSocksProxyItIsTriedDirectly() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        SshHost down = fleet.add("down", Trait.DOWN);
        int nobody = down.target().port();
        assertThat(run(overSocks(host.target(), host.target().address(), nobody), "echo there")
                        .out())
                .isEqualTo("there\n");
        assertFails(
                        Kind.PROXY_FAILED,
                        () -> run(overSocks(down.target(), down.target().address(), nobody), "true"))
                .hasMessageContaining("no SOCKS proxy listens on 127.0.0.1:" + nobody);
    }

    @Test
    void aHostBehindAnotherIsReachedOverItAndNoOtherWay() throws Exception {
        fleet.close();
        fleet = SshFleet.standard(folder().resolve("standard"), Path.of("lab/lab"));
        assumeTrue(fleet.hosts().stream().anyMatch(host -> host.trait() == Trait.BEHIND), "no lab can be made here");
        ssh.close();
        ssh = Ssh.open(settings());
        SshHost behind = fleet.host("behind");
        SshHost jump = fleet.host("jump");

        assertThat(run(behind.target(), "pwd").out()).isEqualTo(behind.home() + "\n");
        assertThat(run(behind.target(), "echo again").out()).isEqualTo("again\n");
        assertThat(run(jump.target(), "echo jump").out()).isEqualTo("jump\n");
        assertThat(jump.logins()).isEqualTo(1);
        assertThat(behind.logins()).isEqualTo(1);

        SshTarget direct = new SshTarget(
                "direct",
                behind.target().address(),
                behind.target().port(),
                "",
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty());
        try (Ssh hasty = Ssh.open(settings().withConnectMax(Duration.ofSeconds(1)))) {
            SshException thrown = catchThrowableOfType(
                    SshException.class, () -> hasty.shell(direct).run("true", List.of(), ENOUGH));
            assertThat(thrown.kind()).isIn(Kind.UNREACHABLE, Kind.TIMEOUT);
        }
        behind.sshd().orElseThrow().kill();
        Polled.until(() -> gone(behind.target()));
        assertFails(Kind.UNREACHABLE, () -> run(behind.target(), "true"))
                .hasMessageContaining(
                        "the jump host jump (" + jump.target().endpoint() + ") let us in, but cannot reach it");
        jump.sshd().orElseThrow().kill();
        assertFails(Kind.JUMP_FAILED, () -> run(behind.target(), "true"))
                .hasMessageContaining("the jump host failed: jump (");
    }

    @Test
    void aWayOfTheUsersConfigurationIsTakenAndItsFailureTold() throws Exception {
        SshHost host = fleet.add("host", Trait.PLAIN);
        SshHost gate = fleet.add("gate", Trait.PLAIN);
        // ssh gives its jump's own ssh this file, but not the words of its command line.
        configure("UserKnownHostsFile %s\nStrictHostKeyChecking accept-new\n".formatted(fleet.known())
                + "Host gate\n  HostName %s\n  Port %d\n  IdentityFile %s\n"
                        .formatted(gate.target().address(), gate.target().port(), fleet.key())
                + "Host %s\n  ProxyJump gate\n".formatted(host.target().address()));
        assertThat(run(host.target(), "echo jumped").out()).isEqualTo("jumped\n");
        assertThat(gate.logins()).isEqualTo(1);
        host.sshd().orElseThrow().kill();
        gate.sshd().orElseThrow().kill();

        try (Ssh later = Ssh.open(settings())) {
            assertFails(Kind.JUMP_FAILED, () -> later.shell(host.target()).run("true", List.of(), ENOUGH))
                    .hasMessageContaining("the way that ~/.ssh/config names (ProxyJump, ProxyCommand) failed")
                    .hasMessageContaining("port " + gate.target().port() + ": Connection refused");
        }
    }

    /// Its connection has noticed.
    private boolean gone(SshTarget target) {
        try {
            run(target, "true");
            return false;
        } catch (SshException e) {
            return e.kind() == Kind.UNREACHABLE;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SshTarget withKey(SshTarget target, Path key) {
        return new SshTarget(
                target.name(),
                target.address(),
                target.port(),
                target.user(),
                Optional.of(key),
                target.jump(),
                target.socksPort());
    }

    private static SshTarget overSocks(SshTarget target, String address, int proxy) {
        return new SshTarget(
                target.name(),
                address,
                target.port(),
                target.user(),
                target.identity(),
                Optional.empty(),
                OptionalInt.of(proxy));
    }
}
