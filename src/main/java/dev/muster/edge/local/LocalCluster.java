package dev.muster.edge.local;

import dev.muster.core.state.Role;
import dev.muster.edge.config.NodeConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Real agents on this machine, each a process with its own data directory: on loopback with ports of their own (then the
/// first `voters` of them vote), or on the hosts of a [Lab].
public final class LocalCluster implements AutoCloseable {
    /// How long an agent may take to stop by itself.
    private static final int STOP_SECONDS = 15;
    /// Where the first node's API is looked for first; each further node is ten higher.
    private static final int API_PORT = Integer.getInteger("muster.local.port", 8770);
    /// Where the usual ports are taken: below those that the system gives to whoever connects somewhere.
    private static final int PORTS_FROM = 20_000;

    private static final int PORTS_TO = 30_000;
    /// Of this process's clusters that are not closed, whether their agents run or not.
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private final Path dir;
    private final String token;
    private final Map<String, Member> members = new TreeMap<>();
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
    private Optional<String> heap = Optional.empty();
    private Optional<Path> program = Optional.empty();
    private Consumer<Map<String, String>> environment = inherited -> {};

    /// Where an agent runs.
    ///
    /// @param listen address it listens on
    /// @param host   address at which the others reach it
    /// @param before what goes before its command, as `ip netns exec n1`
    record Place(String listen, String host, List<String> before) {
        static final Place LOOPBACK = new Place("127.0.0.1", "127.0.0.1", List.of());
    }

    /// One agent: its name, place, ports, directory and, while it runs, its process.
    public static final class Member {
        private final String name;
        private final boolean voter;
        private final Place place;
        private final int apiPort;
        private final int artifactPort;
        private final int raftPort;
        private final int gossipPort;
        private final Path data;
        private Process process;

        private Member(String name, boolean voter, Place place, int[] ports, Path data) {
            this.name = name;
            this.voter = voter;
            this.place = place;
            this.apiPort = ports[0];
            this.artifactPort = ports[1];
            this.raftPort = ports[2];
            this.gossipPort = ports[3];
            this.data = data;
        }

        public String name() {
            return name;
        }

        public boolean voter() {
            return voter;
        }

        public int apiPort() {
            return apiPort;
        }

        public Path data() {
            return data;
        }

        /// `host:port` of the API.
        public String api() {
            return place.host + ":" + apiPort;
        }

        String artifacts() {
            return place.host + ":" + artifactPort;
        }

        public boolean running() {
            return process != null && process.isAlive();
        }

        public long pid() {
            return process.pid();
        }
    }

    private LocalCluster(Path dir, String token) {
        this.dir = dir;
        this.token = token;
    }

    /// Lays out the data directories of a new cluster; starts nothing.
    ///
    /// @param maxParallelJobs of each node
    public static LocalCluster create(Path dir, int voters, int workers, int maxParallelJobs) throws IOException {
        return create(dir, voters, workers, maxParallelJobs, Role.MIXED);
    }

    /// Voters that take no work.
    static LocalCluster coordinators(Path dir, int voters) throws IOException {
        return create(dir, voters, 0, 1, Role.COORDINATOR);
    }

    private static LocalCluster create(Path dir, int voters, int workers, int maxParallelJobs, Role role)
            throws IOException {
        LocalCluster cluster = new LocalCluster(dir, secret());
        for (int i = 1; i <= voters + workers; i++) {
            String name = "n" + i;
            int base = API_PORT + 10 * (i - 1);
            int[] own = {cluster.near(base), cluster.near(base - 3), cluster.near(base + 1), cluster.near(base - 5)};
            cluster.members.put(name, new Member(name, i <= voters, Place.LOOPBACK, own, dir.resolve(name)));
        }
        for (Member member : cluster.members.values()) cluster.write(member, maxParallelJobs, role);
        return cluster;
    }

    /// One agent on each host of a lab, named after it, on the usual ports; starts nothing.
    ///
    /// @param voters hosts whose agents vote
    static LocalCluster on(Lab lab, Path dir, Set<String> voters, int maxParallelJobs) throws IOException {
        LocalCluster cluster = new LocalCluster(dir, secret());
        NodeConfig.Ports usual = NodeConfig.Ports.DEFAULT;
        int[] ports = {usual.api(), usual.artifacts(), usual.raft(), usual.gossip()};
        for (String host : lab.hosts()) {
            Place place = new Place("0.0.0.0", lab.address(host), lab.command(host, List.of()));
            cluster.members.put(host, new Member(host, voters.contains(host), place, ports, dir.resolve(host)));
        }
        for (Member member : cluster.members.values()) cluster.write(member, maxParallelJobs, Role.MIXED);
        return cluster;
    }

    /// A copy of an agent's whole data directory, with ports of its own; starts nothing. A copy of one that does not run any
    /// more is what is left of a machine that moved.
    Member copy(Member of, String directory) throws IOException {
        Path data = dir.resolve(directory);
        try (Stream<Path> files = Files.walk(of.data)) {
            for (Path file : (Iterable<Path>) files::iterator)
                Files.copy(
                        file,
                        data.resolve(of.data.relativize(file)),
                        LinkOption.NOFOLLOW_LINKS,
                        StandardCopyOption.COPY_ATTRIBUTES);
        }
        int[] own = {free(), free(), free(), free()};
        Member copy = new Member(of.name, of.voter, of.place, own, data);
        Path yaml = data.resolve("node.yaml");
        Files.writeString(yaml, Files.readString(yaml).replace(ports(of), ports(copy)));
        members.put(directory, copy);
        return copy;
    }

    private static String ports(Member member) {
        return "ports: {api: " + member.apiPort + ", artifacts: " + member.artifactPort + ", raft: " + member.raftPort
                + ", gossip: " + member.gossipPort + "}";
    }

    private static String secret() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private void write(Member member, int maxParallelJobs, Role role) throws IOException {
        Files.createDirectories(member.data);
        Path secret = member.data.resolve("token");
        Files.writeString(secret, token + "\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        String voters = members.values().stream()
                .filter(Member::voter)
                .map(voter -> "  " + voter.name + ": {host: " + voter.place.host + ", api: " + voter.apiPort
                        + ", raft: " + voter.raftPort + "}\n")
                .collect(Collectors.joining());
        String seeds = members.values().stream()
                .filter(Member::voter)
                .map(voter -> "\"" + voter.api() + "\"")
                .collect(Collectors.joining(", "));
        Files.writeString(
                member.data.resolve("node.yaml"),
                "name: " + member.name + "\n"
                        + "cluster_id: local-" + token.substring(0, 8) + "\n"
                        + "token_file: token\n"
                        + "listen: " + member.place.listen + "\n"
                        + "advertise: " + member.place.host + "\n"
                        + ports(member) + "\n"
                        + "role: " + role.name().toLowerCase(Locale.ROOT) + "\n"
                        + "max_parallel_jobs: " + maxParallelJobs + "\n"
                        + (member.voter ? "voters:\n" + voters : "")
                        + "seeds: [" + seeds + "]\n");
    }

    /// Agents that are started from now on get this much heap at most.
    ///
    /// @param most as `64m`
    public void heap(String most) {
        heap = Optional.of(most);
    }

    /// Agents that are started from now on are this program's.
    ///
    /// @param launcher as `muster`
    /// @param change   of the environment that they inherit
    void program(Path launcher, Consumer<Map<String, String>> change) {
        program = Optional.of(launcher);
        environment = change;
    }

    public String token() {
        return token;
    }

    public List<Member> members() {
        return List.copyOf(members.values());
    }

    public Member member(String name) {
        return members.get(name);
    }

    public Path dir() {
        return dir;
    }

    public void startAll() throws IOException {
        for (Member member : members.values()) start(member);
    }

    /// Starts one agent; its output goes to `NAME/agent.out`.
    public void start(Member member) throws IOException {
        List<String> command = new ArrayList<>(member.place.before);
        command.addAll(program.map(path -> List.of(path.toString())).orElseGet(() -> Muster.command(heap)));
        command.addAll(List.of("up", "--data", member.data.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        heap.ifPresent(most -> builder.environment().put("MUSTER_HEAP", most));
        environment.accept(builder.environment());
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        member.data.resolve("agent.out").toFile()));
        member.process = builder.start();
        member.process.getOutputStream().close();
    }

    /// `kill -9`, as a crash would.
    public void kill(Member member) throws InterruptedException {
        member.process.destroyForcibly().waitFor();
    }

    /// Waits for an agent that ends by itself.
    ///
    /// @return its exit code
    int end(Member member) throws InterruptedException {
        if (member.process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) return member.process.exitValue();
        throw new IllegalStateException("expected " + member.data + "'s agent to end, but it runs");
    }

    /// SIGTERM; SIGKILL when the agent does not stop in time.
    public void stop(Member member) throws InterruptedException {
        if (!member.running()) return;
        member.process.destroy();
        if (!member.process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) kill(member);
    }

    /// Stops all agents at once; their jobs are the caller's to stop before.
    @Override
    public void close() {
        for (Member member : members.values()) {
            if (member.running()) member.process.destroy();
        }
        try {
            for (Member member : members.values()) {
                if (member.process != null) stop(member);
            }
        } catch (InterruptedException e) {
            for (Member member : members.values()) {
                if (member.running()) member.process.destroyForcibly();
            }
            Thread.currentThread().interrupt();
        } finally {
            GIVEN.removeAll(ports);
        }
    }

    private int near(int wanted) throws IOException {
        return taken(wanted) ? wanted : free();
    }

    private int free() throws IOException {
        for (int port = PORTS_FROM; port < PORTS_TO; port++) if (taken(port)) return port;
        throw new IOException("expected a free port from " + PORTS_FROM + " to " + PORTS_TO + ", but found none");
    }

    /// Takes it, unless it is another's.
    private boolean taken(int port) {
        if (!GIVEN.add(port)) return false;
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            ports.add(port);
            return socket.isBound();
        } catch (IOException e) {
            GIVEN.remove(port);
            return false;
        }
    }
}
