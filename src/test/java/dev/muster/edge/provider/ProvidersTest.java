package dev.muster.edge.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.hosts.HostFile;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.HostFileReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvidersTest {
    private static final HostFile NONE = new HostFile(List.of(), Optional.empty(), List.of());

    private final Map<String, String> env = new HashMap<>();

    @TempDir
    Path home;

    @BeforeEach
    void home() {
        env.put("HOME", home.toString());
        // Nobody listens there: whoever asks is not answered, and the real provider is never asked.
        env.put("VAST_URL", "http://127.0.0.1:1");
    }

    private Providers providers() {
        return new Providers(env, () -> NONE, Surroundings.system(Wiretap.OFF));
    }

    private void denied(String message) {
        try (Provider vast = providers().of("vast")) {
            assertThatThrownBy(vast::list)
                    .isInstanceOf(ProviderFailure.Denied.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void aKeyIsLookedForWhereTheRunbooksAndTheOfficialCommandLineKeepIt() throws IOException {
        denied("expected a key in VAST_API_KEY, but it is not set");
        assertThat(providers().configured()).containsExactly("hosts");
        Files.writeString(home.resolve(".vast_api_key"), "old-place\n");
        assertThat(providers().configured()).containsExactly("vast", "hosts");
        env.put("VAST_API_KEY_FILE", home.resolve("missing").toString());
        denied("VAST_API_KEY_FILE");
        env.put("VAST_API_KEY", "from the environment");
        denied("VAST_API_KEY: expected a key of printable characters without spaces, but found 20 characters");
        env.put("LAMBDA_API_KEY", "key");
        assertThat(providers().configured()).containsExactly("lambda", "hosts");
    }

    @Test
    void aKeyIsNeverPrinted() {
        assertThat(new ApiKey("very-secret")).hasToString("***");
        assertThatThrownBy(() -> new ApiKey("very secret")).hasMessageNotContaining("very");
    }

    @Test
    void anAddressThatIsNoneIsToldWithItsVariable() {
        for (String wrong : List.of("console.vast.ai", "ftp://x", "http://", "http://a b", "https://x?key=1")) {
            env.put("VAST_URL", wrong);
            assertThatThrownBy(() -> providers().of("vast"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("VAST_URL: ");
        }
        assertThatThrownBy(() -> providers().of("vats")).hasMessageContaining("vast, lambda, hosts");
    }

    @Test
    void theRunbooksVariablesSayHowToOrder() throws IOException {
        Providers.Preferences usual = providers().preferences();
        assertThat(usual.sshKey()).isEqualTo(home.resolve(".ssh/vast_rsa"));
        assertThat(usual.image()).isEqualTo("pytorch/pytorch:2.0");
        assertThat(usual.priceMax()).isEmpty();
        Files.writeString(home.resolve("id.pub"), "ssh-ed25519 AAAA ann\n");
        env.putAll(Map.of("VAST_SSH_KEY", "~/id", "VAST_DEFAULT_IMAGE", "img", "VAST_MAX_PRICE", "0.50"));
        assertThat(providers().preferences().publicKey()).isEqualTo("ssh-ed25519 AAAA ann");
        assertThat(providers().preferences().priceMax()).contains(Money.parse("0.5"));
        env.put("VAST_MAX_PRICE", "cheap");
        assertThatThrownBy(() -> providers().preferences()).hasMessageStartingWith("VAST_MAX_PRICE: ");
    }

    @Test
    void ownHostsAreListedAsTheFileSaysAndCannotBeRented() throws ConfigException, ProviderFailure {
        String text = """
                hosts:
                  mac:
                    ssh_host: 192.168.1.7
                    ssh_port: 2222
                    ssh_user: ann
                    gpu: 2x RTX 3090 (48GB)
                    status: ready
                  old:
                    ssh_host: 192.168.1.8
                    status: archived
                  vast-123:
                    ssh_host: ssh4.vast.ai
                    vast_instance_id: '123'
                """;
        HostFile file = HostFileReader.read("hosts.yaml", text.getBytes(StandardCharsets.UTF_8))
                .file();
        Providers providers = new Providers(env, () -> file, Surroundings.system(Wiretap.OFF));
        try (Provider hosts = providers.of("hosts")) {
            List<Rented> machines = hosts.list();
            assertThat(machines).extracting(Rented::id).containsExactly("mac", "old");
            assertThat(machines).extracting(Rented::observed).containsExactly(Observed.UNKNOWN, Observed.GONE);
            assertThat(machines.getFirst().reach().direct()).hasToString("Optional[192.168.1.7:2222]");
            assertThat(machines.getFirst().gpus().vramMb()).isEqualTo(24_576);
            assertThat(hosts.can().rent()).isFalse();
            assertThatThrownBy(() -> hosts.destroy("mac")).isInstanceOf(ProviderFailure.Unsupported.class);
        }
    }
}
