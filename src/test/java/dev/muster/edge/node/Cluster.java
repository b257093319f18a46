package dev.muster.edge.node;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.config.CheckSettings;
import dev.muster.edge.config.ModelNames;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.config.Token;
import dev.muster.edge.http.ApiServer;
import dev.muster.edge.http.ApiSettings;
import dev.muster.edge.http.ArtifactServer;
import dev.muster.edge.http.PortUnavailable;
import dev.muster.edge.telemetry.GpuAnswer;
import dev.muster.edge.telemetry.HostSample;
import dev.muster.edge.telemetry.HostSampler;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/// Real nodes on loopback in this process, each with its own directory and ports.
final class Cluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final Token TOKEN = new Token("cluster-token");

    private final Path base;
    private final List<NodeConfig.Founder> founders = new ArrayList<>();
    final Map<String, NodeRuntime> running = new TreeMap<>();
    /// Of every node that is started from now on.
    DiskFloor disk = new DiskFloor(1, 1);
    /// As [Policy#distributionPatience].
    Duration patience = Policy.DEFAULT.distributionPatience();

    NodeConfig.Network network = NodeConfig.Network.DEFAULT;
    CheckSettings checks = CheckSettings.NONE;
    /// Where others are told to reach a node that is started from now on.
    String advertise = "127.0.0.1";

    private final Map<String, NodeConfig.Ports> ports = new TreeMap<>();

    Cluster(Path base, int voters) throws IOException {
        this.base = base;
        for (int i = 1; i <= voters; i++) {
            NodeConfig.Ports mine = ports("v" + i);
            founders.add(new NodeConfig.Founder(new NodeId("v" + i), "127.0.0.1", mine.api(), mine.raft()));
        }
    }

    private NodeConfig.Ports ports(String name) throws IOException {
        NodeConfig.Ports known = ports.get(name);
        if (known != null) return known;
        try (ServerSocket a = free();
                ServerSocket b = free();
                ServerSocket c = free()) {
            NodeConfig.Ports made = new NodeConfig.Ports(a.getLocalPort(), b.getLocalPort(), c.getLocalPort());
            ports.put(name, made);
            return made;
        }
    }

    /// Below those that the system gives to whoever dials, or another node's connection may have it by the time it is used.
    private static ServerSocket free() throws IOException {
        for (int attempt = 1; ; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(PORT_MIN, PORT_MAX);
            try {
                return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
            } catch (BindException e) {
                if (attempt == 100) throw e;
            }
        }
    }

    Path data(String name) {
        return base.resolve(name);
    }

    private static final int PORT_MIN = 15_000;
    private static final int PORT_MAX = 29_000; // below those at which members of a task meet

    NodeRuntime start(String name) throws Exception {
        return start(name, TOKEN);
    }

    NodeRuntime start(String name, Token token) throws Exception {
        boolean voter =
                founders.stream().anyMatch(founder -> founder.id().name().equals(name));
        NodeConfig config = new NodeConfig(
                data(name),
                new NodeId(name),
                "test",
                token,
                "127.0.0.1",
                advertise,
                ports(name),
                Role.MIXED,
                8,
                voter ? founders : List.of(),
                voter
                        ? List.of()
                        : founders.stream().map(NodeConfig.Founder::api).toList(),
                new Policy(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        0.25,
                        Duration.ofMinutes(10),
                        500,
                        disk.work(),
                        patience,
                        Policy.DEFAULT.forgetAfter()),
                new NodeConfig.Limits(128, Duration.ofSeconds(5), disk.reserve()),
                network,
                ModelNames.DEFAULT,
                checks);
        NodeRuntime node = NodeRuntime.start(config, Cluster::servers, new Still(data(name)));
        running.put(name, node);
        return node;
    }

    static Servers.Listening servers(
            NodeConfig config, Member member, PeerService peers, Supplier<Soft.Telemetry> telemetry)
            throws IOException {
        ApiSettings settings = new ApiSettings(
                config.listen(), config.ports().api(), config.token().secret(), "test", telemetry);
        try {
            ApiServer api = ApiServer.start(settings, member, peers);
            ArtifactServer artifacts =
                    ArtifactServer.start(settings, config.ports().artifacts(), member);
            return new Servers.Listening() {
                @Override
                public int apiPort() {
                    return api.port();
                }

                @Override
                public int artifactPort() {
                    return artifacts.port();
                }

                @Override
                public void close() {
                    api.close();
                    artifacts.close();
                }
            };
        } catch (PortUnavailable e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    void startAll(String... names) throws Exception {
        for (String name : names) start(name);
        Eventually.await(
                () -> "all to be ready: "
                        + running.values().stream().map(NodeRuntime::standing).toList(),
                PATIENCE,
                () -> running.values().stream()
                        .allMatch(node -> node.state().fleet().nodes().size() >= names.length
                                && node.standing().leader().isPresent()
                                && node.standing().readOnly().isEmpty()));
    }

    void stop(String name) {
        running.remove(name).close();
    }

    NodeRuntime node(String name) {
        return running.get(name);
    }

    NodeRuntime leader() {
        Eventually.await(
                "a leader",
                PATIENCE,
                () -> running.values().stream().anyMatch(node -> node.standing().leading()));
        return running.values().stream()
                .filter(node -> node.standing().leading())
                .findFirst()
                .orElseGet(this::leader);
    }

    static Envelope order(Command command) {
        return Envelope.of(Actor.person("ann"), "test", command);
    }

    static Command job(String name, String... command) {
        return new Command.SubmitJob(JobSpec.of(name, JobKind.OTHER, List.of(command)));
    }

    @Override
    public void close() {
        List.copyOf(running.values()).parallelStream().forEach(NodeRuntime::close);
    }

    /// A machine of which nothing is measured but its disk.
    private record Still(Path data) implements Gauges {
        @Override
        public HostSample host() {
            return new HostSampler(data).sample();
        }

        @Override
        public GpuAnswer gpus() {
            return GpuAnswer.None.noDriver("no NVIDIA driver");
        }

        @Override
        public Hardware hardware() {
            return Hardware.cpus(8, Bytes.gib(8));
        }

        @Override
        public Soft.Telemetry sample(int processes) {
            return new Soft.Telemetry(0.1, 0.1, 0.1, data.toFile().getUsableSpace(), Double.NaN, Double.NaN, processes);
        }
    }
}
