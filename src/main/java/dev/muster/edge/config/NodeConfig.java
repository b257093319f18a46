package dev.muster.edge.config;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.plan.Policy;
import dev.muster.core.state.ChangeLimit;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.swarm.Transport;
import dev.muster.edge.swarm.Ways;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// How one node runs: flags over environment over `<data>/node.yaml` over the defaults, which stand here.
///
/// @param data            the data directory; everything the node keeps is below it
/// @param clusterId       nodes and voters of differently named clusters do not talk to each other
/// @param listen          address to listen on; loopback unless somebody says otherwise
/// @param advertise       where other nodes reach this one
/// @param maxParallelJobs attempts at once; the machine's cores by default
/// @param voters          of a new cluster, the same on each of them; counts only until the cluster exists
/// @param seeds           `host:port` of API addresses to join by
/// @param models          where current models lie on this node, and under which names
/// @param checks          what this node is to have
public record NodeConfig(
        Path data,
        NodeId name,
        String clusterId,
        Token token,
        String listen,
        String advertise,
        Ports ports,
        Role role,
        int maxParallelJobs,
        List<Founder> voters,
        List<String> seeds,
        Policy policy,
        Limits limits,
        Network network,
        ModelNames models,
        CheckSettings checks) {
    public static final String FILE = "node.yaml";
    public static final String CLUSTER_ID_DEFAULT = "muster";
    /// Nobody outside the machine reaches a node that was just tried out.
    public static final String LISTEN_DEFAULT = "127.0.0.1";

    public NodeConfig {
        voters = List.copyOf(voters);
        seeds = List.copyOf(seeds);
    }

    /// With the usual network, names for models and nothing to check beside.
    public NodeConfig(
            Path data,
            NodeId name,
            String clusterId,
            Token token,
            String listen,
            String advertise,
            Ports ports,
            Role role,
            int maxParallelJobs,
            List<Founder> voters,
            List<String> seeds,
            Policy policy,
            Limits limits) {
        this(
                data,
                name,
                clusterId,
                token,
                listen,
                advertise,
                ports,
                role,
                maxParallelJobs,
                voters,
                seeds,
                policy,
                limits,
                Network.DEFAULT,
                ModelNames.DEFAULT,
                CheckSettings.NONE);
    }

    /// The same with the ports that were really taken.
    public NodeConfig withPorts(Ports taken) {
        return new NodeConfig(
                data,
                name,
                clusterId,
                token,
                listen,
                advertise,
                taken,
                role,
                maxParallelJobs,
                voters,
                seeds,
                policy,
                limits,
                network,
                models,
                checks);
    }

    /// 0 takes a free port, for tests.
    public record Ports(int api, int artifacts, int raft, int gossip) {
        public static final Ports DEFAULT = new Ports(8770, 8767, 8771, 8765);

        /// Gossip on any free port.
        public Ports(int api, int artifacts, int raft) {
            this(api, artifacts, raft, 0);
        }
    }

    /// A voter of a new cluster.
    public record Founder(NodeId id, String host, int apiPort, int raftPort) {
        public String api() {
            return host + ":" + apiPort;
        }
    }

    /// What the agent does not let jobs exceed.
    ///
    /// @param processes of all attempts together; above it the attempt with the most is stopped
    /// @param jobGrace  from SIGTERM to SIGKILL when the agent itself stops a job; a job's own `grace` goes first
    /// @param diskReserve bytes free below which the attempt that filled the disk is stopped, [DiskFloor#reserve]
    /// @param artifactsMax bytes of the artifact store above which files that nothing here needs make room
    public record Limits(int processes, Duration jobGrace, long diskReserve, long artifactsMax) {
        /// The runbooks' RINGRIFT_RUNAWAY_SELFPLAY_PROCESS_THRESHOLD and RINGRIFT_JOB_GRACE_PERIOD.
        public static final Limits DEFAULT = new Limits(128, Duration.ofSeconds(60), DiskFloor.DEFAULT.reserve());

        /// The disk alone limits the artifacts.
        public Limits(int processes, Duration jobGrace, long diskReserve) {
            this(processes, jobGrace, diskReserve, Long.MAX_VALUE);
        }
    }

    /// How files come and go.
    ///
    /// @param dialable     others can open connections to this node; false behind NAT. Where it says true, the leader tries
    /// @param transport    of files from other nodes
    /// @param uploadRate   bytes per second that this node sends of files, 0 for no limit
    /// @param downloadRate bytes per second that it receives of files, 0 for no limit
    /// @param ways         other programs that may bring files, and single peers' limits
    public record Network(boolean dialable, Transport transport, long uploadRate, long downloadRate, Ways ways) {
        public static final Network DEFAULT = new Network(true, Transport.AUTO, 0, 0);

        /// With this program's own ways only.
        public Network(boolean dialable, Transport transport, long uploadRate, long downloadRate) {
            this(dialable, transport, uploadRate, downloadRate, Ways.NONE);
        }
    }

    /// What stays free on this node's disk.
    public DiskFloor disk() {
        return new DiskFloor(policy.diskFreeMin(), limits.diskReserve);
    }

    /// Reads a node's configuration.
    ///
    /// @param flags       by key (`ports.api`), over everything else; `name` has to come from somewhere
    /// @param environment usually `System.getenv()`
    /// @throws ConfigException with all problems at once
    public static NodeConfig load(Path data, Map<String, String> flags, Map<String, String> environment)
            throws ConfigException {
        Problems problems = new Problems(data.resolve(FILE), "this node's configuration");
        ObjectNode tree = tree(data.resolve(FILE), problems);
        // A file that cannot be read says nothing about its keys.
        problems.check();
        Environment.overrides(environment).forEach((key, value) -> {
            lay(tree, key, value);
            problems.from(Environment.nameOf(key, environment), key);
        });
        flags.forEach((key, value) -> {
            lay(tree, key, value);
            problems.fromOption(option(key), key);
        });
        NodeConfig config = read(data, tree, environment, problems);
        problems.check();
        return config;
    }

    /// How the command line spells a key: `--max-parallel-jobs`, `--api-port`.
    private static String option(String key) {
        String port = key.replaceFirst("^ports\\.(api|artifact|raft|gossip)s?$", "$1-port");
        return "--" + port.replace('_', '-');
    }

    /// The file that says what these flags say.
    public static String yaml(Map<String, String> flags) {
        ObjectNode tree = Problems.Yaml.MAPPER.createObjectNode();
        flags.forEach((key, value) -> lay(tree, key, value));
        return Problems.Yaml.MAPPER.writeValueAsString(tree);
    }

    private static ObjectNode tree(Path file, Problems problems) {
        ObjectNode empty = Problems.Yaml.MAPPER.createObjectNode();
        if (!Files.exists(file)) return empty;
        try {
            return problems.read(Files.readAllBytes(file));
        } catch (IOException e) {
            problems.unreadable(0, "expected to read it, but found " + e);
        }
        return empty;
    }

    private static void lay(ObjectNode tree, String key, String value) {
        int dot = key.indexOf('.');
        if (dot < 0) {
            tree.put(key, value);
            return;
        }
        JsonNode below = tree.get(key.substring(0, dot));
        ObjectNode section = below instanceof ObjectNode object ? object : tree.putObject(key.substring(0, dot));
        lay(section, key.substring(dot + 1), value);
    }

    private static NodeConfig read(Path data, ObjectNode tree, Map<String, String> environment, Problems problems) {
        Section top = new Section("", tree, problems);
        Optional<NodeId> name = top.value("name", NodeId::new);
        if (name.isEmpty() && !tree.has("name"))
            problems.add("name", "expected a name for this node, but found none; write `name: n1`");
        String listen = top.text("listen").orElse(LISTEN_DEFAULT);
        Section limits = top.section("limits");
        String advertise = top.text("advertise").orElse(reachable(listen));
        Ways ways = WaysOf.read(data, top, limits, advertise, environment, problems);
        Network network = network(top.section("network"), limits, ways);
        Optional<Token> token = Secrets.token(data, top, environment, problems);
        NodeConfig read = new NodeConfig(
                data.toAbsolutePath().normalize(),
                name.orElse(new NodeId("unnamed")),
                top.text("cluster_id").orElse(CLUSTER_ID_DEFAULT),
                token.orElse(new Token("unreadable")),
                listen,
                advertise,
                ports(top.section("ports")),
                top.value("role", NodeConfig::role).orElse(Role.MIXED),
                top.integer("max_parallel_jobs", Runtime.getRuntime().availableProcessors(), 0, 10_000),
                founders(top.section("voters")),
                seeds(top, problems),
                policy(top.section("policy"), problems),
                limits(limits),
                network,
                models(top.section("models"), problems),
                CheckSettings.read(top.section("checks"), problems));
        top.end();
        try {
            read.disk();
        } catch (IllegalArgumentException e) {
            problems.add("limits", e.getMessage());
        }
        return read;
    }

    private static String reachable(String listen) {
        if (!listen.equals("0.0.0.0") && !listen.equals("::")) return listen;
        try {
            return InetAddress.getLocalHost().getHostAddress();
        } catch (UnknownHostException e) {
            return LISTEN_DEFAULT;
        }
    }

    private static Ports ports(Section section) {
        Ports ports = new Ports(
                section.integer("api", Ports.DEFAULT.api, 0, 65_535),
                section.integer("artifacts", Ports.DEFAULT.artifacts, 0, 65_535),
                section.integer("raft", Ports.DEFAULT.raft, 0, 65_535),
                section.integer("gossip", Ports.DEFAULT.gossip, 0, 65_535));
        section.end();
        return ports;
    }

    private static Role role(String text) {
        try {
            return Role.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected coordinator, selfplay, training or mixed, but found \"" + text + "\"", e);
        }
    }

    private static List<Founder> founders(Section section) {
        List<Founder> founders = new ArrayList<>();
        for (String name : section.names()) {
            Section voter = section.section(name);
            Optional<NodeId> id = section.name(name, NodeId::new);
            String host = voter.text("host").orElse(LISTEN_DEFAULT);
            int api = voter.integer("api", Ports.DEFAULT.api, 1, 65_535);
            int raft = voter.integer("raft", Ports.DEFAULT.raft, 1, 65_535);
            voter.end();
            id.ifPresent(known -> founders.add(new Founder(known, host, api, raft)));
        }
        return founders;
    }

    private static List<String> seeds(Section top, Problems problems) {
        List<String> seeds = new ArrayList<>();
        for (String seed : top.texts("seeds")) {
            String whole = seed.contains(":") ? seed : seed + ":" + Ports.DEFAULT.api;
            if (whole.matches("[A-Za-z0-9._\\-\\[\\]:]+:\\d{1,5}")) seeds.add(whole);
            else problems.add("seeds", "expected host:port, but found \"" + seed + "\"");
        }
        return seeds;
    }

    private static Policy policy(Section section, Problems problems) {
        Policy fallback = Policy.DEFAULT;
        int before = problems.count();
        Duration heartbeat = section.duration("heartbeat", fallback.heartbeat());
        Duration suspect = section.duration("suspect_after", fallback.suspectAfter());
        Duration fence = section.duration("fence_after", fallback.fenceAfter());
        double share = section.share("fence_share", fallback.fenceShare());
        Duration window = section.duration("fence_window", fallback.fenceWindow());
        int placements = section.integer("placements_max", fallback.placementsMax(), 1, 100_000);
        long diskFree = section.size("disk_free_min", fallback.diskFreeMin());
        Duration patience = section.duration("distribution_patience", fallback.distributionPatience());
        Duration forget = section.duration("forget_after", fallback.forgetAfter());
        double changeShare = section.share("change_share", fallback.changes().share());
        Duration changeWindow =
                section.duration("change_window", fallback.changes().window());
        section.end();
        if (problems.count() > before) return fallback;
        try {
            ChangeLimit changes = new ChangeLimit(changeShare, changeWindow);
            return new Policy(
                    heartbeat, suspect, fence, share, window, placements, diskFree, patience, forget, changes);
        } catch (IllegalArgumentException e) {
            problems.add("policy", e.getMessage());
            return fallback;
        }
    }

    private static Limits limits(Section section) {
        Limits limits = new Limits(
                section.integer("processes", Limits.DEFAULT.processes, 1, 1_000_000),
                section.duration("job_grace", Limits.DEFAULT.jobGrace),
                section.size("disk_reserve", Limits.DEFAULT.diskReserve),
                section.size("artifacts_max", Limits.DEFAULT.artifactsMax));
        section.end();
        return limits;
    }

    private static Network network(Section section, Section limits, Ways ways) {
        Network network = new Network(
                section.bool("dialable", Network.DEFAULT.dialable),
                section.value("transport", Transport::parse).orElse(Network.DEFAULT.transport),
                limits.rate("upload_rate", Network.DEFAULT.uploadRate),
                limits.rate("download_rate", Network.DEFAULT.downloadRate),
                ways);
        section.end();
        return network;
    }

    private static ModelNames models(Section section, Problems problems) {
        ModelNames fallback = ModelNames.DEFAULT;
        int before = problems.count();
        String dir = section.value("dir", ModelNames::dir).orElse(fallback.dir());
        String canonical = section.value("canonical", ModelNames::pattern).orElse(fallback.canonical());
        String link = section.value("link", ModelNames::pattern).orElse(fallback.link());
        section.end();
        if (problems.count() > before) return fallback;
        try {
            return new ModelNames(dir, canonical, link);
        } catch (IllegalArgumentException e) {
            problems.add("models", e.getMessage());
            return fallback;
        }
    }
}
