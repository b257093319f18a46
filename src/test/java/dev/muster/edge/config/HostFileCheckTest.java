package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.hosts.Finding;
import dev.muster.core.hosts.Finding.Grade;
import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.HostFileCheck;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is wrong with hosts that were read without a problem.
class HostFileCheckTest {
    /// Three hosts that vote, and nothing to find.
    private static final String SOUND = """
            p2p_voters: [n1, n2, n3]
            hosts:
              n1: {ssh_host: 198.51.100.1, status: ready, role: gpu_selfplay}
              n2: {ssh_host: 198.51.100.2, status: active, role: gpu_training}
              n3: {ssh_host: 198.51.100.3, role: mixed}
            """;

    private static List<Finding> check(String yaml) throws ConfigException {
        HostFileReader.Loaded loaded = HostFileReader.read("hosts.yaml", yaml.getBytes(StandardCharsets.UTF_8));
        assertThat(loaded.findings()).isEmpty();
        return HostFileCheck.of(loaded.file());
    }

    /// The only finding.
    private static Finding only(String yaml, Kind kind) throws ConfigException {
        List<Finding> findings = check(yaml);
        assertThat(findings).extracting(Finding::kind).containsExactly(kind);
        return findings.getFirst();
    }

    /// The only finding when the three sound hosts have one more line.
    private static Finding more(String line, Kind kind) throws ConfigException {
        return only(SOUND + "  " + line + "\n", kind);
    }

    @Test
    void aSoundFileHasNoFindings() throws ConfigException {
        assertThat(check(SOUND)).isEmpty();
        assertThat(check(SOUND + "  n4: {ssh_host: 198.51.100.4, status: retired, note: destroyed}\n"))
                .isEmpty();
    }

    @Test
    void anEvenNumberOfVotersIsNoBetterThanOneLess() throws ConfigException {
        Finding even = only(SOUND.replace("n3]", "n3, n4]") + "  n4: {ssh_host: 198.51.100.4}\n", Kind.EVEN_VOTERS);
        assertThat(even.message()).isEqualTo("4 voters survive the loss of 1, as 3 would");
        assertThat(even.grade()).isEqualTo(Grade.WARN);
    }

    @Test
    void aVoterByANameThatNoNodeCanHaveIsWrong() throws ConfigException {
        String yaml = SOUND.replace("n3]", "n 3]").replace("n3:", "n 3:");
        HostFileReader.Loaded loaded = HostFileReader.read("hosts.yaml", yaml.getBytes(StandardCharsets.UTF_8));
        List<Finding> findings = HostFileCheck.of(loaded.file());
        assertThat(findings).extracting(Finding::kind).containsExactly(Kind.VOTER_UNUSABLE_NAME);
        assertThat(findings.getFirst().grade()).isEqualTo(Grade.FAIL);
    }

    @Test
    void noVotersAndOneVoterAreTold() throws ConfigException {
        only("hosts: {n1: {ssh_host: a.example}}", Kind.NO_VOTERS);
        only("p2p_voters: []\nhosts: {n1: {ssh_host: a.example}}", Kind.NO_VOTERS);
        only("voters: [n1]\nhosts: {n1: {ssh_host: a.example}}", Kind.ONE_VOTER);
    }

    @Test
    void aFileWithoutHostsSaysSo() throws ConfigException {
        assertThat(check("elo_sync: {coordinator: n1}"))
                .extracting(Finding::kind)
                .containsExactly(Kind.NO_HOSTS, Kind.NO_VOTERS);
    }

    @Test
    void aVoterThatIsNoHostIsFoundAtItsLine() throws ConfigException {
        Finding missing = only(SOUND.replace("[n1, n2, n3]", "\n  - n1\n  - n2\n  - n9"), Kind.VOTER_MISSING);
        assertThat(missing.about()).isEqualTo("n9");
        assertThat(missing.at()).hasToString("4:5");
        assertThat(missing.grade()).isEqualTo(Grade.FAIL);
    }

    @Test
    void aVoterOutOfServiceFails() throws ConfigException {
        Finding out = only(SOUND.replace("status: active", "status: retired"), Kind.VOTER_OUT_OF_SERVICE);
        assertThat(out.message()).isEqualTo("expected the voter to be ready, but it is retired");
        assertThat(out.grade()).isEqualTo(Grade.FAIL);
    }

    @Test
    void votersWithoutAMajorityFailTogether() throws ConfigException {
        String yaml = SOUND.replace("status: active", "status: offline").replace("status: ready", "status: destroyed");
        assertThat(check(yaml))
                .extracting(Finding::kind)
                .containsExactlyInAnyOrder(Kind.NO_MAJORITY, Kind.VOTER_OUT_OF_SERVICE, Kind.VOTER_OUT_OF_SERVICE);
    }

    @Test
    void anEphemeralVoterIsTold() throws ConfigException {
        only(SOUND.replace("status: ready", "is_ephemeral: true"), Kind.VOTER_EPHEMERAL);
        only(SOUND.replace("status: ready", "storage_type: ram"), Kind.VOTER_EPHEMERAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nat_blocked", "force_relay_mode"})
    void aVoterThatCannotBeDialledIsTold(String key) throws ConfigException {
        Finding nat = only(SOUND.replace("status: ready", key + ": true"), Kind.VOTER_BEHIND_NAT);
        assertThat(nat.message()).contains(key);
    }

    @Test
    void aVoterWithP2pDisabledFails() throws ConfigException {
        only(SOUND.replace("status: ready", "p2p_enabled: false"), Kind.VOTER_WITHOUT_P2P);
    }

    @Test
    void aVoterThatStandsTwiceCountsOnce() throws ConfigException {
        Finding twice = only(SOUND.replace("n3]", "n3, n3]"), Kind.VOTER_TWICE);
        assertThat(twice.about()).isEqualTo("n3");
    }

    @Test
    void theListAndTheHostsOwnWordsHaveToAgree() throws ConfigException {
        String all = SOUND.replace("{ssh_host", "{p2p_voter: true, ssh_host");
        assertThat(check(all)).isEmpty();
        Finding extra = only(all + "  n4: {ssh_host: 198.51.100.4, p2p_voter: true}\n", Kind.VOTERS_DISAGREE);
        assertThat(extra.about()).isEqualTo("n4");
        Finding without = only(all.replace("n3: {p2p_voter: true, ssh", "n3: {ssh"), Kind.VOTERS_DISAGREE);
        assertThat(without.about()).isEqualTo("n3");
    }

    @Test
    void withoutAListTheHostsOwnWordsCount() throws ConfigException {
        String flags =
                SOUND.replace("p2p_voters: [n1, n2, n3]\n", "").replace("{ssh_host", "{p2p_voter: true, ssh_host");
        assertThat(check(flags)).isEmpty();
        only(flags + "  n4: {ssh_host: 198.51.100.4, p2p_voter: true}\n", Kind.EVEN_VOTERS);
    }

    @Test
    void oneEndpointUnderTwoNamesFails() throws ConfigException {
        Finding same = more("n4: {ssh_host: 198.51.100.1, ssh_port: '22'}", Kind.SAME_ENDPOINT);
        assertThat(same.about()).isEqualTo("n4");
        assertThat(same.message()).contains("the same address 198.51.100.1:22 as n1 in line 3");
        assertThat(same.grade()).isEqualTo(Grade.FAIL);
        assertThat(check(SOUND + "  n4: {ssh_host: 198.51.100.1, ssh_port: 2222}\n"))
                .isEmpty();
        assertThat(check(SOUND + "  n4: {ssh_host: 198.51.100.1, status: retired}\n"))
                .isEmpty();
    }

    @Test
    void oneTailscaleAddressUnderTwoNamesFails() throws ConfigException {
        Finding same = only(
                SOUND + "  n4: {ssh_host: a.example, tailscale_ip: 100.64.0.4}\n"
                        + "  n5: {ssh_host: b.example, tailscale_ip: 100.64.0.4}\n",
                Kind.SAME_ENDPOINT);
        assertThat(same.message()).contains("the same Tailscale address 100.64.0.4 as n4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DESTROYED Jan 1, 2026", "Instance terminated - retired Jan 1 2026", "may be terminated"})
    void aReadyHostWhoseNoteSaysOtherwiseIsTold(String note) throws ConfigException {
        Finding gone = more("n4: {ssh_host: a.example, status: ready, note: '" + note + "'}", Kind.NOTE_SAYS_GONE);
        assertThat(gone.message()).contains(note);
    }

    @Test
    void aTrainingRoleWithTrainingDisabledIsTold() throws ConfigException {
        more("n4: {ssh_host: a.example, role: gpu_training_primary, training_enabled: false}", Kind.TRAINING_DISABLED);
        assertThat(check(SOUND + "  n4: {ssh_host: a.example, role: gpu_selfplay, training_enabled: false}\n"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.8", "172.16.0.1", "172.31.255.1", "192.168.1.5", "169.254.1.1", "'fd00::1'"})
    void aPrivateAddressIsToldUnlessAnotherWayLeadsThere(String address) throws ConfigException {
        more("n4: {ssh_host: " + address + "}", Kind.PRIVATE_ADDRESS);
        more("n4: {ssh_host: " + address + ", status: retired}", Kind.PRIVATE_ADDRESS);
        assertThat(check(SOUND + "  n4: {ssh_host: " + address + ", tailscale_ip: 100.64.0.4}\n"))
                .isEmpty();
        assertThat(check(SOUND + "  n4: {ssh_host: " + address + ", ssh_proxy: n1}\n"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"11.0.0.8", "172.32.0.1", "192.169.1.5", "100.64.0.1", "ssh5.vast.ai", "fd.example"})
    void otherAddressesAreNotPrivate(String address) throws ConfigException {
        assertThat(check(SOUND + "  n4: {ssh_host: " + address + "}\n")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "'::1'"})
    void localhostIsNoAddressForOthers(String address) throws ConfigException {
        more("n4: {ssh_host: " + address + "}", Kind.LOCAL_ADDRESS);
    }

    @Test
    void aReadyHostNeedsAnAddress() throws ConfigException {
        more("n4: {role: selfplay}", Kind.NO_ADDRESS);
        assertThat(check(SOUND + "  n4: {tailscale_ip: 100.64.0.4}\n")).isEmpty();
        assertThat(check(SOUND + "  n4: {status: pending_setup}\n")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"100.x.x.x", "<tailscale-ip>", "your-vast-ip-1"})
    void whatATemplateLeftOverIsTold(String address) throws ConfigException {
        more("n4: {ssh_host: '" + address + "'}", Kind.PLACEHOLDER);
        more("n4: {ssh_host: a.example, tailscale_ip: '" + address + "'}", Kind.PLACEHOLDER);
    }

    @Test
    void findingsStandInTheOrderOfTheFile() throws ConfigException {
        List<Finding> findings = check(SOUND + "  n4: {ssh_host: localhost}\n  n5: {ssh_host: 10.0.0.1}\n"
                + "  n6: {ssh_host: 198.51.100.1}\n");
        assertThat(findings).extracting(Finding::about).containsExactly("n4", "n5", "n6");
    }
}
