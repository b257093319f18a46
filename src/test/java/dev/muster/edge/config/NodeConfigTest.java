package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.plan.Policy;
import dev.muster.core.state.ChangeLimit;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.swarm.Transport;
import dev.muster.edge.swarm.Ways;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeConfigTest {
    private static final Map<String, String> TOKEN = Map.of("MUSTER_TOKEN", "a-long-secret");

    @TempDir
    Path data;

    @Test
    void aNameAndATokenAreEnough() throws Exception {
        write("name: n1\n");

        NodeConfig config = NodeConfig.load(data, Map.of(), TOKEN);

        assertThat(config.name()).isEqualTo(new NodeId("n1"));
        assertThat(config.clusterId()).isEqualTo("muster");
        assertThat(config.listen()).isEqualTo("127.0.0.1");
        assertThat(config.advertise()).isEqualTo("127.0.0.1");
        assertThat(config.ports()).isEqualTo(new NodeConfig.Ports(8770, 8767, 8771, 8765));
        assertThat(config.role()).isEqualTo(Role.MIXED);
        assertThat(config.maxParallelJobs()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.voters()).isEmpty();
        assertThat(config.seeds()).isEmpty();
        assertThat(config.policy()).isEqualTo(Policy.DEFAULT);
        assertThat(config.limits()).isEqualTo(new NodeConfig.Limits(128, Duration.ofSeconds(60), 64L << 20));
        assertThat(config.toString()).doesNotContain("a-long-secret");
    }

    @Test
    void everyKeyIsRead() throws Exception {
        Files.writeString(data.resolve("secret"), "another-secret\n");
        Files.writeString(data.resolve("rpc-secret"), "for-aria2\n");
        Files.writeString(data.resolve("id_cluster"), "a key\n");
        write("""
                name: n1
                cluster_id: prod
                token_file: secret
                listen: 10.0.0.1
                advertise: n1.example
                ports: {api: 1, artifacts: 2, raft: 3, gossip: 4}
                role: selfplay
                max_parallel_jobs: 7
                voters:
                  n1: {host: 10.0.0.1, api: 1, raft: 3}
                  n2: {host: 10.0.0.2}
                seeds: [10.0.0.2, "10.0.0.3:9999"]
                policy: {heartbeat: 1s, suspect_after: 3s, fence_after: 9s, fence_share: 0.5, fence_window: 1m, placements_max: 9, disk_free_min: 2GiB, distribution_patience: 3m, forget_after: 30d, change_share: 0.1, change_window: 2h}
                limits: {processes: 5, job_grace: 30s, disk_reserve: 20MiB, artifacts_max: 50GiB, upload_rate: 10MiB/s, download_rate: 1GiB, bandwidth_overrides: {vast-*: 50Mbit/s, n7: 3MB}}
                models: {dir: weights, canonical: "{config}.pth", link: "best_{config}.pth"}
                network: {dialable: false, transport: http}
                ssh: {user: ubuntu, host: n1.mesh, port: 2222, identity: id_cluster}
                aria2: {rpc: "http://localhost:6801/jsonrpc", secret_file: rpc-secret}
                checks: {venv: /opt/venv, modules: [numpy, yaml], install: [pip, install, torch], gpus: 2}
                """);

        NodeConfig config = NodeConfig.load(data, Map.of(), Map.of());

        assertThat(config)
                .isEqualTo(new NodeConfig(
                        data.toAbsolutePath(),
                        new NodeId("n1"),
                        "prod",
                        new Token("another-secret"),
                        "10.0.0.1",
                        "n1.example",
                        new NodeConfig.Ports(1, 2, 3, 4),
                        Role.SELFPLAY,
                        7,
                        List.of(
                                new NodeConfig.Founder(new NodeId("n1"), "10.0.0.1", 1, 3),
                                new NodeConfig.Founder(new NodeId("n2"), "10.0.0.2", 8770, 8771)),
                        List.of("10.0.0.2:8770", "10.0.0.3:9999"),
                        new Policy(
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(9),
                                0.5,
                                Duration.ofMinutes(1),
                                9,
                                2L << 30,
                                Duration.ofMinutes(3),
                                Duration.ofDays(30),
                                new ChangeLimit(0.1, Duration.ofHours(2))),
                        new NodeConfig.Limits(5, Duration.ofSeconds(30), 20L << 20, 50L << 30),
                        new NodeConfig.Network(
                                false,
                                Transport.HTTP,
                                10L << 20,
                                1L << 30,
                                new Ways(
                                        new Ways.Ssh(
                                                Optional.of("ubuntu"),
                                                "n1.mesh",
                                                2222,
                                                Optional.of(
                                                        data.toAbsolutePath().resolve("id_cluster")),
                                                Optional.of(
                                                        data.toAbsolutePath().resolve("known_hosts"))),
                                        Optional.of(new Ways.Aria2Rpc(
                                                URI.create("http://localhost:6801/jsonrpc"), "for-aria2")),
                                        Map.of("vast-*", 6_250_000L, "n7", 3_000_000L))),
                        new ModelNames("weights", "{config}.pth", "best_{config}.pth"),
                        new CheckSettings(
                                Optional.of(Path.of("/opt/venv/bin/python")),
                                List.of("numpy", "yaml"),
                                List.of("pip", "install", "torch"),
                                2)));
    }

    @Test
    void thePythonOfChecksIsOneAndItsModulesAreNames() throws Exception {
        write("name: n1\nchecks: {venv: /opt/venv/bin/activate}\n");
        assertThat(NodeConfig.load(data, Map.of(), TOKEN).checks().python()).contains(Path.of("/opt/venv/bin/python"));
        write("name: n1\nchecks: {venv: venv, modules: [\"os; rm\"], pyhton: /usr/bin/python3}\n");
        assertThatThrownBy(() -> NodeConfig.load(data, Map.of(), TOKEN))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("expected an absolute path, but found \"venv\"")
                .hasMessageContaining("expected a module such as numpy")
                .hasMessageContaining("pyhton");
    }

    @Test
    void withoutThemNoSshIsOfferedAndNoAria2Asked() throws Exception {
        write("name: n1\nadvertise: 10.0.0.7\n");

        Ways ways = NodeConfig.load(data, Map.of(), TOKEN).network().ways();

        assertThat(ways.ssh().user()).isEmpty();
        assertThat(ways.ssh().host()).isEqualTo("10.0.0.7");
        assertThat(ways.ssh().port()).isEqualTo(22);
        assertThat(ways.aria2()).isEmpty();
        assertThat(ways.overrides()).isEmpty();
        write("name: n1\naria2: {}\n");
        assertThat(NodeConfig.load(data, Map.of(), TOKEN).network().ways().aria2())
                .contains(new Ways.Aria2Rpc(URI.create("http://127.0.0.1:6800/jsonrpc"), ""));
    }

    @Test
    void whatCannotBeReachedOrWouldTellASecretIsAProblemWithItsKey() throws Exception {
        write("""
                name: n1
                network: {transport: pigeon}
                ssh: {usr: u, host: -oProxyCommand=x, user: a b, identity: nowhere}
                aria2: {rpc: "http://10.0.0.9:6800/jsonrpc", secret: written-right-here}
                limits:
                  bandwidth_overrides: {"vast 1": 1MB, n2: 5 apples}
                """);

        assertThat(problems(Map.of(), Map.of()))
                .contains(
                        at(2) + "network.transport: expected auto, swarm, http, aria2 or rsync, but found \"pigeon\"",
                        at(3) + "ssh.usr: unknown key; did you mean ssh.user?",
                        at(3) + "ssh: expected a user name, but found \"a b\"",
                        at(4) + "aria2.rpc: expected an address on this machine, as in http://127.0.0.1:6800/jsonrpc,"
                                + " but found \"http://10.0.0.9:6800/jsonrpc\"",
                        at(4) + "aria2.secret: expected a reference such as ${MUSTER_TOKEN}, but found a secret in the"
                                + " file; put it into a file of its own and name that as aria2.secret_file")
                .anyMatch(
                        problem -> problem.startsWith(at(3) + "ssh.identity: expected a private key, but cannot read"))
                .anyMatch(problem -> problem.startsWith(at(6) + "limits.bandwidth_overrides.vast 1: expected a node's"))
                .anyMatch(problem -> problem.startsWith(at(6) + "limits.bandwidth_overrides.n2: expected a size"))
                .noneMatch(problem -> problem.contains("written-right-here"));
    }

    @Test
    void aModelsNameCannotLeadElsewhere() throws Exception {
        write("""
                name: n1
                models:
                  dir: ../elsewhere
                  canonical: "..{config}.pth"
                  link: "a/{config}.pth"
                """);

        assertThatThrownBy(() -> NodeConfig.load(data, Map.of(), TOKEN))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .anyMatch(problem -> problem.startsWith(at(3) + "models.dir: expected a directory"))
                                .anyMatch(problem -> problem.startsWith(at(4) + "models.canonical: expected a file"))
                                .anyMatch(problem -> problem.startsWith(at(5) + "models.link: expected a file name"))
                                .hasSize(3));
    }

    @Test
    void aModelsFileAndItsLinkHaveTwoNames() throws Exception {
        write("name: n1\nmodels: {canonical: \"{config}.pth\", link: \"{config}.pth\"}\n");

        assertThatThrownBy(() -> NodeConfig.load(data, Map.of(), TOKEN)).hasMessageContaining("another name");
    }

    @Test
    void allProblemsAreToldAtOnceWithTheNearestKnownKey() throws Exception {
        write("""
                nmae: n1
                rolle: mixed
                ports: {api: seventy}
                limits:
                  job_grace: 5 apples
                token: written-right-here
                """);

        assertThatThrownBy(() -> NodeConfig.load(data, Map.of(), Map.of()))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .anyMatch(problem -> problem.equals(at(1) + "nmae: unknown key; did you mean name?"))
                                .anyMatch(problem -> problem.equals(at(2) + "rolle: unknown key; did you mean role?"))
                                .anyMatch(problem -> problem.equals(at(3)
                                        + "ports.api: expected a whole number of 0 to 65535, but found \"seventy\""))
                                .anyMatch(
                                        problem -> problem.startsWith(at(5) + "limits.job_grace: expected a duration"))
                                .anyMatch(problem ->
                                        problem.startsWith(data.resolve(NodeConfig.FILE) + ": name: expected a name"))
                                .anyMatch(problem -> problem.startsWith(at(6) + "token: expected a reference"))
                                .hasSize(6))
                .hasMessageNotContaining("written-right-here");
    }

    @Test
    void nobodyCanAskForDeltas() throws Exception {
        write("name: n1\nnetwork: {transport: delta}\n");
        assertThat(problems(Map.of(), Map.of()))
                .containsExactly(
                        at(2) + "network.transport: expected auto, swarm, http, aria2 or rsync, but found \"delta\"");
    }

    @Test
    void aFileThatIsNoYamlIsOneProblem() throws Exception {
        write("name: n1\nports: {api: 1\nrole: mixed\n");
        assertThatThrownBy(() -> NodeConfig.load(data, Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageMatching(".*/node.yaml:[34]: expected YAML, but found: [^\n]+");
        write("- n1\n");
        assertThatThrownBy(() -> NodeConfig.load(data, Map.of(), Map.of()))
                .hasMessage(at(1) + "expected keys and values, but found [\"n1\"]");
    }

    @Test
    void aProblemSaysWhereItsValueComesFrom() throws Exception {
        write("name: n1\nports: 8770\npolicy: {heartbeat: 1 apple, suspect_after: 1s}\n");
        assertThat(problems(Map.of("max_parallel_jobs", "-1"), Map.of("MUSTER_PROCESS_CAP", "many")))
                .containsExactlyInAnyOrder(
                        at(2) + "ports: expected a mapping, but found 8770",
                        at(3)
                                + "policy.heartbeat: expected a duration such as 45s, 10m or 1h30m, but found \"1 apple\"",
                        "--max-parallel-jobs: expected a whole number of 0 to 10000, but found \"-1\"",
                        "MUSTER_PROCESS_CAP: limits.processes: expected a whole number of 1 to 1000000, but found"
                                + " \"many\"");
    }

    @Test
    void anOptionIsSpelledAsItWasWritten() throws Exception {
        write("name: n1\n");
        assertThat(problems(Map.of("ports.artifacts", "x"), Map.of()))
                .containsExactly("--artifact-port: expected a whole number of 0 to 65535, but found \"x\"");
    }

    private List<String> problems(Map<String, String> flags, Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(TOKEN);
        all.putAll(environment);
        try {
            NodeConfig.load(data, flags, all);
            return List.of();
        } catch (ConfigException e) {
            return e.problems();
        }
    }

    private String at(int line) {
        return data.resolve(NodeConfig.FILE) + ":" + line + ": ";
    }

    @Test
    void thePriorSystemsNamesAreReadAndOursGoFirst() throws Exception {
        write("name: n1\nports: {raft: 5}\n");

        NodeConfig config = NodeConfig.load(
                data,
                Map.of("ports.artifacts", "17"),
                Map.of(
                        "RINGRIFT_CLUSTER_AUTH_TOKEN", "their-old-secret",
                        "RINGRIFT_P2P_ADVERTISE_HOST", "10.1.1.1",
                        "RINGRIFT_P2P_PORT", "18770",
                        "RINGRIFT_P2P_GOSSIP_PORT", "18765",
                        "MUSTER_PORT", "28770",
                        "RINGRIFT_JOB_GRACE_PERIOD", "90",
                        "RINGRIFT_RUNAWAY_SELFPLAY_PROCESS_THRESHOLD", "64"));

        assertThat(config.token()).isEqualTo(new Token("their-old-secret"));
        assertThat(config.advertise()).isEqualTo("10.1.1.1");
        assertThat(config.ports()).isEqualTo(new NodeConfig.Ports(28770, 17, 5, 18765));
        assertThat(config.limits().jobGrace()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.limits().processes()).isEqualTo(64);
    }

    @Test
    void everyNameOfTheTableSetsItsKey() {
        Environment.NAMES.forEach((key, names) -> names.forEach(
                name -> assertThat(Environment.overrides(Map.of(name, "v"))).containsExactly(Map.entry(key, "v"))));
    }

    private void write(String text) throws Exception {
        Files.writeString(data.resolve(NodeConfig.FILE), text);
    }

    @Test
    void aKeyThatStandsTwiceIsAnErrorWithItsLine() throws Exception {
        write("""
                name: n1
                role: mixed
                name: n2
                """);
        assertThatThrownBy(() -> NodeConfig.load(data, Map.of(), Map.of()))
                .hasMessageContaining("node.yaml:3: expected each key once, but found \"name\" again");
    }
}
