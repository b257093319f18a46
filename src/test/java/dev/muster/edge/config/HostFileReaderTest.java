package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.hosts.Finding;
import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.GpuSpec;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.HostRole;
import dev.muster.core.state.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostFileReaderTest {
    private static HostFileReader.Loaded read(String yaml) throws ConfigException {
        return HostFileReader.read("hosts.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    /// Without any problem.
    private static HostFile sound(String yaml) throws ConfigException {
        HostFileReader.Loaded loaded = read(yaml);
        assertThat(loaded.findings()).isEmpty();
        return loaded.file();
    }

    private static Host host(String yaml, String name) throws ConfigException {
        return sound(yaml).host(name).orElseThrow();
    }

    /// As a terminal shows it, less the file.
    private static List<String> problems(String yaml) throws ConfigException {
        return read(yaml).findings().stream()
                .map(found -> found.at() + ": " + found.about() + ": " + found.message())
                .toList();
    }

    @Test
    void aHostOfALiveFile() throws ConfigException {
        Host host = host("""
                hosts:
                  vast-29129529:
                    ssh_host: ssh6.vast.invalid
                    ssh_port: "19528"
                    tailscale_ip: 127.100.0.86
                    ssh_user: root
                    ssh_key: ~/.ssh/id_cluster
                    ringrift_path: null
                    venv_activate: ':'
                    memory_gb: 515
                    cpus: "128"
                    gpu: 8x RTX 4090
                    gpu_vram_gb: 192
                    role: gpu_selfplay_primary
                    status: ready
                    vast_instance_id: "29129529"
                    p2p_enabled: false
                    is_ephemeral: true
                    nat_blocked: "true"
                    force_relay_mode: yes
                    is_container: true
                    needs_userspace_tailscale: true
                    socks5_port: 1055
                    region: eu-north1
                    note: SSH key rejected
                """, "vast-29129529");
        assertThat(host.at()).hasToString("2:3");
        assertThat(host.reach())
                .isEqualTo(new Host.Reach(
                        "ssh6.vast.invalid",
                        19528,
                        "root",
                        "~/.ssh/id_cluster",
                        "127.100.0.86",
                        "",
                        "",
                        false,
                        true,
                        true,
                        OptionalInt.of(1055)));
        assertThat(host.machine().gpus())
                .isEqualTo(new GpuSpec(8, "RTX 4090", Optional.of(Bytes.gib(24)), GpuSpec.Kind.WHOLE));
        assertThat(host.machine().cpus()).hasValue(128);
        assertThat(host.machine().memory()).contains(Bytes.gib(515));
        assertThat(host.machine().ephemeral()).isTrue();
        assertThat(host.work().path()).isEmpty();
        assertThat(host.work().activate()).isEqualTo(":");
        assertThat(host.rented()).isEqualTo(new Host.Rented("vast", "29129529", "eu-north1"));
        assertThat(host.note()).isEqualTo("SSH key rejected");
        assertThat(host.inService()).isTrue();
    }

    @Test
    void whatIsMissingHasADefault() throws ConfigException {
        Host host = host("hosts:\n  n1:\n", "n1");
        assertThat(host.reach())
                .isEqualTo(new Host.Reach("", 22, "", "", "", "", "", true, false, false, OptionalInt.empty()));
        assertThat(host.machine().gpus()).isEqualTo(GpuSpec.NONE);
        assertThat(host.machine().memory()).isEmpty();
        assertThat(host.work().training()).isTrue();
        assertThat(host.inService()).isTrue();
    }

    @Test
    void theInstancesOfTheLifecycleRunbook() throws ConfigException {
        Host host = host("""
                vast_instances:
                  - id: vast-12345
                    hostname: vast-12345.vast.ai
                    tailscale_ip: 100.x.x.x
                    gpu_type: RTX_4090
                    gpu_count: 2
                    status: active
                    last_seen: 2025-12-17T10:00:00Z
                """, "vast-12345");
        assertThat(host.reach().address()).isEqualTo("vast-12345.vast.ai");
        assertThat(host.machine().gpus().count()).isEqualTo(2);
        assertThat(host.machine().gpus().name()).isEqualTo("RTX 4090");
        assertThat(host.rented()).isEqualTo(new Host.Rented("vast", "12345", ""));
        assertThat(host.at()).hasToString("2:5");
        assertThat(host.inService()).isTrue();
    }

    @Test
    void nodesWithListsOfRoles() throws ConfigException {
        Host host = host("""
                cluster: {name: c, version: '2.0'}
                alerts: {slack_webhook: '${SLACK}'}
                nodes:
                  lambda-a:
                    host: ubuntu@127.100.0.129
                    gpu_type: H100
                    gpu_count: 2
                    vram_gb: 160
                    batch_multiplier: 64
                    priority: 1
                    roles: [selfplay, training, benchmark]
                    status: idle
                    notes: 'Recovered'
                groups: {idle: {description: d, nodes: [lambda-a]}}
                """, "lambda-a");
        assertThat(host.reach().address()).isEqualTo("127.100.0.129");
        assertThat(host.reach().user()).isEqualTo("ubuntu");
        assertThat(host.machine().gpus().each()).contains(Bytes.gib(80));
        assertThat(host.work().roles()).extracting(HostRole::word).containsExactly("selfplay", "training", "benchmark");
        assertThat(host.note()).isEqualTo("Recovered");
    }

    @Test
    void groupsOfNodesUnderAnyName() throws ConfigException {
        HostFile file = sound("""
                my_gpu_cluster:
                  description: mine
                  ssh_key: '~/.ssh/id_cluster'
                  nodes:
                    - { name: gpu-1, host: '100.64.0.1', user: ubuntu, gpu: 'A100 40GB', gpu_memory_gb: 40 }
                    - { name: gpu-2, host: '100.64.0.2', port: 2222 }
                config: {ssh_timeout: 25, default_port: 2200, repo_paths: ['~/x']}
                """);
        Host first = file.host("gpu-1").orElseThrow();
        assertThat(first.reach().identity()).isEqualTo("~/.ssh/id_cluster");
        assertThat(first.reach().port()).isEqualTo(2200);
        assertThat(first.machine().gpus().each()).contains(Bytes.gib(40));
        assertThat(file.host("gpu-2").orElseThrow().reach().port()).isEqualTo(2222);
    }

    @Test
    void standardAndVastHostsWithRolesInOneWord() throws ConfigException {
        HostFile file = sound("""
                standard_hosts:
                  aws_staging: {ssh_host: 'ubuntu@s.example', remote_path: '~/x', role: 'selfplay,cmaes', has_gpu: true}
                vast_hosts:
                  vast_4x5090: {host: 'h', port: 12345, user: root, storage_type: ram, role: selfplay}
                worker_defaults: {workers_2p: 10}
                """);
        Host staging = file.host("aws_staging").orElseThrow();
        assertThat(staging.work().roles()).extracting(HostRole::word).containsExactly("selfplay", "cmaes");
        assertThat(staging.work().path()).isEqualTo("~/x");
        assertThat(staging.machine().gpus().count()).isEqualTo(1);
        assertThat(file.host("vast_4x5090").orElseThrow().machine().ephemeral()).isTrue();
    }

    @Test
    void sectionsOfOtherPartsAreKeptQuietlyAndLimitsAreRead() throws ConfigException {
        HostFile file = sound("""
                elo_sync: {coordinator: n1, transports: [tailscale]}
                sync_routing: {replication_target: 3}
                protocols: {swim: {enabled: true}}
                disk_management: {}
                consolidation: null
                auto_sync:
                  bandwidth_limit_mbps: 100
                  host_bandwidth_overrides: {vast-*: 50, 'lambda-*': "100"}
                hosts: {n1: {ssh_host: a}}
                """);
        assertThat(file.bandwidth())
                .containsExactly(
                        new HostFile.BandwidthLimit("vast-*", 50), new HostFile.BandwidthLimit("lambda-*", 100));
    }

    @Test
    void votersInEverySpelling() throws ConfigException {
        assertThat(sound("p2p_voters: [n1]\nhosts: {n1: {p2p_voter: true}}").votes("n1"))
                .isTrue();
        assertThat(sound("voters: [n1]\nhosts: {n1: }").votes("n1")).isTrue();
        assertThat(sound("hosts: {n1: {p2p_voter: true}, n2: {}}").voters()).hasSize(1);
        assertThat(read("p2p_voters: [n1]\nvoters: [n2]\nhosts: {n1: , n2: }").findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.VOTERS_DISAGREE);
    }

    @Test
    void anchorsAndMergeKeysStandForWhatTheyName() throws ConfigException {
        Host host = host("""
                worker_defaults: &d {ssh_user: root, ssh_port: 2222, cpus: 8}
                hosts:
                  n1: {<<: *d, ssh_host: a, ssh_port: 22}
                """, "n1");
        assertThat(host.reach().user()).isEqualTo("root");
        assertThat(host.reach().port()).isEqualTo(22);
        assertThat(host.machine().cpus()).hasValue(8);
    }

    @Test
    void aMarkAtTheBeginningAndForeignLineEndsAreNoMatter() throws ConfigException {
        assertThat(sound("\uFEFFhosts:\r\n  n1:\r\n    ssh_host: a\r\n").hosts())
                .hasSize(1);
    }

    @Test
    void allProblemsAreToldAtOnceWithTheirPlaces() throws ConfigException {
        assertThat(problems("""
                hosts:
                  n1:
                    ssh_host: [a, b]
                    cpus: lots
                    memory_gb: {a: 1}
                    p2p_enabled: maybe
                    ssh_port: 65536
                    gpu_vramm_gb: 24
                  n2: nothing
                p2p_voters: {n1: true}
                auto_sync: {host_bandwidth_overrides: {vast-*: fast}}
                hots: {}
                """))
                .containsExactly(
                        "3:5: hosts.n1.ssh_host: expected a single value, but found a list",
                        "4:11: hosts.n1.cpus: expected a number, but found \"lots\"",
                        "5:5: hosts.n1.memory_gb: expected a single value, but found a mapping",
                        "6:18: hosts.n1.p2p_enabled: expected true or false, but found \"maybe\"",
                        "7:15: hosts.n1.ssh_port: expected a whole number of 1 to 65535, but found \"65536\"",
                        "8:5: hosts.n1.gpu_vramm_gb: unknown key; did you mean gpu_vram_gb?",
                        "9:3: hosts.n2: expected a host's keys and values, but found \"nothing\"",
                        "10:1: p2p_voters: expected a list of hosts' names, but found a mapping",
                        "11:48: auto_sync.host_bandwidth_overrides.vast-*: expected a number, but found \"fast\"",
                        "12:1: hots: unknown key; did you mean hosts?");
    }

    @Test
    void aWrongTypeMakesTheFileUnusableAndAnUnknownKeyDoesNot() throws ConfigException {
        assertThat(read("hosts: {n1: {cpus: lots}}").broken()).isTrue();
        assertThat(read("hosts: {n1: {a: 1, a: 2}}").broken()).isTrue();
        assertThat(read("hosts: {n1: {frobnicate: lots, status: redy, ssh_port: 0}}")
                        .broken())
                .isFalse();
    }

    @Test
    void wordsThatNobodyKnowsAreOutOfServiceAndTheNearestIsNamed() throws ConfigException {
        HostFileReader.Loaded loaded = read("hosts: {n1: {status: redy}, n2: {role: gpu_slefplay}}");
        assertThat(loaded.findings()).extracting(Finding::kind).containsExactly(Kind.UNKNOWN_STATUS, Kind.UNKNOWN_ROLE);
        assertThat(loaded.findings().get(0).message())
                .isEqualTo("expected a status that is known, but found \"redy\", which counts as out of service;"
                        + " did you mean ready?");
        assertThat(loaded.findings().get(1).message()).endsWith("; did you mean gpu_selfplay?");
        assertThat(loaded.file().hosts()).noneMatch(Host::inService);
    }

    @Test
    void aKeyThatStandsTwiceIsToldAndTheFirstCounts() throws ConfigException {
        HostFileReader.Loaded loaded = read("hosts:\n  n1: {ssh_host: a}\n  n2: {ssh_host: b}\n  n1: {ssh_host: c}\n");
        assertThat(loaded.findings()).extracting(Finding::kind).containsExactly(Kind.DUPLICATE_KEY);
        assertThat(loaded.findings().getFirst().at()).hasToString("4:3");
        assertThat(loaded.findings().getFirst().message()).contains("it stands in line 2 already");
        assertThat(loaded.file().host("n1").orElseThrow().reach().address()).isEqualTo("a");
    }

    @Test
    void aNameInTwoSectionsAndAHostWithoutANameAreTold() throws ConfigException {
        assertThat(read("hosts: {v: {}}\nvast_instances: [{id: v}]").findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.NAMED_TWICE);
        assertThat(problems("nodes: [{gpu: none}]")).containsExactly("1:9: nodes[0]: expected a name, but found none");
    }

    @Test
    void aNameThatNoNodeCanHaveIsTold() throws ConfigException {
        assertThat(read("hosts: {'a b': {}}").findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.UNUSABLE_NAME);
    }

    @ParameterizedTest
    @CsvSource({"1.2.3.4:2222,2222,1.2.3.4", "u@h:1022,1022,h", "h,22,h", "'fd00::1:22',22,fd00::1:22"})
    void aPortBehindTheAddressIsTakenOff(String written, int port, String address) throws ConfigException {
        Host.Reach reach =
                host("hosts: {n1: {ssh_host: '" + written + "'}}", "n1").reach();
        assertThat(reach.port()).isEqualTo(port);
        assertThat(reach.address()).isEqualTo(address);
    }

    @Test
    void aPortBehindTheAddressIsLookedAtToo() throws ConfigException {
        assertThat(problems("hosts: {n1: {ssh_host: 'h:99999'}}"))
                .containsExactly("1:14: hosts.n1.ssh_host: expected a port of 1 to 65535, but found \"h:99999\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''                       | 1:1: expected `hosts:`, but found an empty file
                    '# nothing'              | 1:1: expected `hosts:`, but found an empty file
                    '- a'                    | 1:1: expected keys and values, but found a list
                    just words               | 1:1: expected keys and values, but found "just words"
                    'hosts: *none'           | 1:8: expected an alias of something that stands before it, but found *none
                    'a: 1\\n---\\nb: 2'      | 2:1: expected one document, but found a second one (`---`)
                    'hosts:\\n\\tn1: {}'     | 2:1: expected YAML, but found
                    'hosts: {n1: {'          | expected YAML, but found
                    'a: &x {b: 1}\\nc: {<<: [1]}' | expected `<<` to take over a mapping or a list of mappings
                    """)
    void whatIsNoFileOfHostsIsRefusedInOneSentence(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml.replace("\\n", "\n").replace("\\t", "\t")))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("hosts.yaml:")
                .hasMessageContaining(message);
    }

    @Test
    void bytesThatAreNoTextAreRefused() {
        byte[] junk = {'h', 'o', (byte) 0xFF, (byte) 0xFE, 1, 2};
        assertThatThrownBy(() -> HostFileReader.read("f", junk))
                .hasMessage("f:1:1: expected text in UTF-8, but found other bytes");
        byte[] large = new byte[HostFileReader.BYTES_MAX + 1];
        Arrays.fill(large, (byte) 'a');
        assertThatThrownBy(() -> HostFileReader.read("f", large))
                .hasMessageContaining("expected at most 2097152 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {70, 600, 20_000})
    void deepNestingIsRefused(int depth) {
        assertThatThrownBy(() -> read("hosts: " + "[".repeat(depth) + "]".repeat(depth)))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("hosts.yaml:1:");
        assertThatThrownBy(() -> read("hosts: " + "{a: ".repeat(depth))).isInstanceOf(ConfigException.class);
    }

    @Test
    void aliasesOfAliasesAreNotWalkedThrough() throws ConfigException {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x, x, x]\n");
        for (int level = 1; level < 30; level++) {
            laughs.append("a%1$d: &a%1$d [".formatted(level));
            for (int times = 0; times < 9; times++)
                laughs.append("*a").append(level - 1).append(", ");
            laughs.append("x]\n");
        }
        HostFileReader.Loaded loaded = read(laughs + "hosts: *a29\np2p_voters: *a29\n");
        assertThat(loaded.findings()).isNotEmpty();
    }

    @Test
    void aBombOfMergesOrOfSharedHostsIsRefused() {
        StringBuilder merges = new StringBuilder("a: &a {");
        for (int key = 0; key < 1000; key++) merges.append("k").append(key).append(": 1, ");
        merges.append("}\nhosts:\n");
        for (int host = 0; host < 1000; host++)
            merges.append("  n").append(host).append(": {<<: *a}\n");
        assertThatThrownBy(() -> read(merges.toString())).hasMessageContaining("expected at most 100000 merged keys");
        StringBuilder shared = new StringBuilder("g0: {nodes: &l [");
        for (int host = 0; host < 3000; host++)
            shared.append("{name: h").append(host).append("}, ");
        shared.append("]}\n");
        for (int group = 1; group < 3000; group++)
            shared.append("g").append(group).append(": {nodes: *l}\n");
        assertThatThrownBy(() -> read(shared.toString())).hasMessageContaining("expected at most 5000 hosts");
        StringBuilder keys = new StringBuilder("cluster: &k {");
        for (int key = 0; key < 1000; key++) keys.append("k").append(key).append(": 1, ");
        keys.append("}\nhosts:\n");
        for (int host = 0; host < 1000; host++) keys.append("  n").append(host).append(": *k\n");
        assertThatThrownBy(() -> read(keys.toString())).hasMessageContaining("found more than 10000 problems in it");
        String sound = keys.toString().replaceAll("k\\d+: 1, ", "").replace("cluster: &k {", "cluster: &k {" + known());
        assertThatThrownBy(() -> read(sound.replaceAll("(?s)hosts:.*", "hosts:\n" + many("*k", 4900))))
                .hasMessageContaining("expected at most 200000 keys in all");
    }

    @Test
    void namesElsewhereInTheFileThatNoHostHasAreToldWithTheNearest() throws ConfigException {
        assertThat(problems("""
                elo_sync: {coordinator: gpu-mian}
                auto_sync: {exclude_hosts: [gpu-main, "vast-*", none]}
                sync_routing:
                  allowed_external_storage:
                    - host: elsewhere
                groups:
                  fast: {nodes: [gpu-main, gpu-2]}
                  all: [gpu-mains]
                hosts:
                  gpu-main: {ssh_host: h, ssh_proxy: gpu-jump}
                  gpu-jump: {ssh_host: h2, ssh_proxy: ann@bastion.example}
                  gpu-far: {ssh_host: h3, ssh_proxy: gpu-jumps}
                """))
                .containsExactly(
                        "1:25: elo_sync.coordinator: expected a host of this file, but found \"gpu-mian\"; did you mean gpu-main?",
                        "5:13: sync_routing.allowed_external_storage: expected a host of this file, but found \"elsewhere\"",
                        "7:28: groups.fast: expected a host of this file, but found \"gpu-2\"",
                        "8:9: groups.all: expected a host of this file, but found \"gpu-mains\"; did you mean gpu-main?",
                        "12:3: gpu-far.ssh_proxy: expected a host of this file, but found \"gpu-jumps\"; did you mean gpu-jump?");
    }

    /// Keys that each host may have, enough of them to count.
    private static String known() {
        return "cpus: 1, memory_gb: 1, gpu: none, role: selfplay, status: ready, ssh_host: h, ssh_port: 22, ssh_user: u,"
                + " ssh_key: k, ringrift_path: p, venv_activate: a, region: r, note: n, p2p_enabled: true, priority: 1,"
                + " tailscale_ip: t, is_container: true, is_ephemeral: true, nat_blocked: true, force_relay_mode: true,"
                + " socks5_port: 1, runpod_id: i, nebius_id: i, vultr_id: i, hetzner_id: i, has_gpu: true, name: n,"
                + " gpu_count: 0, gpu_vram_gb: 0, max_parallel_jobs: 1, worker_port: 1, worker_url: u, storage_type: ram,"
                + " selfplay_enabled: true, training_enabled: true, gauntlet_enabled: true, export_enabled: true, id: i,"
                + " batch_multiplier: 1, disable_gpu_tree: true, description: d, last_seen: l";
    }

    private static String many(String value, int hosts) {
        StringBuilder all = new StringBuilder();
        for (int host = 0; host < hosts; host++)
            all.append("  n").append(host).append(": ").append(value).append('\n');
        return all.toString();
    }
}
