package dev.muster.edge.rent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.rent.Offer;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.edge.node.SecretFiles;
import dev.muster.edge.provider.Providers;
import dev.muster.edge.ssh.SshSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is told of a machine that nobody gets into; `edge.program.RentedNodeTest` has those that become nodes.
class InstallerTest {
    @TempDir
    Path folder;

    private final FakeProvider provider = new FakeProvider();
    private FakeLead lead;
    private Instance instance;
    private Installer installer;
    private KnownMachines known;

    @BeforeEach
    void rent() throws Exception {
        lead = new FakeLead(3);
        instance = lead.sighted(lead.ordered().id(), "41");
        Files.writeString(folder.resolve("key.pub"), "ssh-ed25519 AAAA us\n");
        known = new KnownMachines(folder.resolve("known"));
        installer = new Installer(new Installer.Setup(
                "muster",
                Optional.empty(),
                () -> new Providers.Preferences(folder.resolve("key"), "base:1", Optional.empty()),
                SshSettings.defaults().withConnectMax(Duration.ofSeconds(2)),
                known,
                arch -> {
                    throw new IOException("no bundle");
                },
                new SecretFiles(folder.resolve("secrets"))));
    }

    private static Rented machine(Optional<Rented.Endpoint> direct, Optional<Rented.Endpoint> proxy) {
        Money price = new Money(5);
        return new Rented(
                "fake",
                "41",
                "x-i1",
                "offer-7",
                "m1",
                Observed.RUNNING,
                new Offer.Gpus("RTX 3070", 1, 8_192),
                new Rented.Reach("root", direct, proxy, new TreeMap<>()),
                new Rented.Bill(price, price, price, false, Optional.empty(), Optional.empty()),
                "",
                "",
                "");
    }

    private static Optional<Rented.Endpoint> nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Optional.of(new Rented.Endpoint("127.0.0.1", socket.getLocalPort()));
        }
    }

    @Test
    void aMachineWithoutAWayInIsToldAndTheKeyIsThereAlready() {
        assertThatThrownBy(
                        () -> installer.install(instance, machine(Optional.empty(), Optional.empty()), provider, lead))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("to name a way to fake-41 by SSH");
        assertThat(provider.asked()).containsExactly("key 41");
    }

    @Test
    void bothWaysAreTriedAndEachSaysWhatIsWrong() throws Exception {
        Optional<Rented.Endpoint> direct = nobody();
        Optional<Rented.Endpoint> proxy = nobody();
        assertThatThrownBy(() -> installer.install(instance, machine(direct, proxy), provider, lead))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot log in")
                .hasMessageContaining(direct.get().toString())
                .hasMessageContaining(proxy.get().toString());
    }

    @Test
    void hostKeysOfMachinesThatHaveEndedAreForgotten() throws Exception {
        Path mine = Files.createFile(known.file(instance));
        Path other = Files.createFile(folder.resolve("known").resolve("muster-00000011-i99"));
        known.forgetOthers(lead.state().rentals());
        assertThat(mine).exists();
        assertThat(other).doesNotExist();
    }
}
