package dev.muster.edge.local;

import dev.muster.edge.local.SshHost.Trait;
import dev.muster.edge.ssh.SshTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

/// Hosts to log in to, on this machine: a real sshd each, on loopback addresses of their own, with host key, home and login shell of
/// their own, and with faults. For tests and benchmarks of all that goes by SSH.
///
/// Who calls it may log in with [#key()] as the user that runs this. As root or not; only what is behind the jump host needs
/// root, because that is in a network of its own ([Lab]). Neither the machine's own sshd nor /etc/ssh is touched.
public final class SshFleet implements AutoCloseable {
    /// How long a slow host's login shell takes to begin.
    public static final Duration SLOW = Duration.ofMillis(1500);

    /// sshd listens on no more addresses.
    private static final int ADDRESSES_PER_SSHD = 16;

    private static final int DIAL_MILLIS = 1000;
    private static final int LAB_PORT = 2222;

    private final Path folder;
    private final List<SshHost> hosts = new ArrayList<>();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private int addresses;

    private SshFleet(Path folder) {
        this.folder = folder;
    }

    /// Why no fleet can be started here; empty when one can.
    public static Optional<String> missing() {
        for (String program : List.of("/usr/bin/ssh", "/usr/bin/ssh-keygen")) {
            if (!Files.isExecutable(Path.of(program)))
                return Optional.of(program + " is missing: install openssh-client");
        }
        return Sshd.program().isPresent() ? Optional.empty() : Optional.of("sshd is missing: install openssh-server");
    }

    /// No hosts yet.
    ///
    /// @param folder for all its files; a short path without spaces
    public static SshFleet start(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        key(folder.resolve("key"));
        key(folder.resolve("other_key"));
        // It insists on it, as root.
        if (root()) Files.createDirectories(Path.of("/run/sshd"));
        return new SshFleet(folder);
    }

    /// A host of each kind and some plain ones, fifteen together; sixteen where there can be one behind the jump host.
    ///
    /// @param lab the script `lab/lab`
    public static SshFleet standard(Path folder, Path lab) throws IOException, InterruptedException {
        SshFleet fleet = start(folder);
        try {
            for (int i = 1; i <= 5; i++) fleet.add("n" + i, Trait.PLAIN);
            for (Trait trait : Trait.values()) {
                if (trait != Trait.PLAIN && trait != Trait.JUMP && trait != Trait.BEHIND)
                    fleet.add(trait.name().toLowerCase(Locale.ROOT).replace('_', '-'), trait);
            }
            if (Lab.missing(lab).isEmpty()) fleet.addBehind(lab);
            else fleet.add("jump", Trait.JUMP);
            return fleet;
        } catch (IOException | InterruptedException | RuntimeException e) {
            fleet.close();
            throw e;
        }
    }

    public List<SshHost> hosts() {
        return List.copyOf(hosts);
    }

    public SshHost host(String name) {
        return hosts.stream()
                .filter(host -> host.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected one of " + hosts + ", but found " + name));
    }

    /// Opens all hosts but those that refuse it.
    public Path key() {
        return folder.resolve("key");
    }

    /// For hosts' keys; nobody else writes to it.
    public Path known() {
        return folder.resolve("known_hosts");
    }

    /// The fleet as a file of hosts, YAML.
    public String hostFile() {
        StringBuilder text = new StringBuilder("hosts:\n");
        for (SshHost host : hosts) {
            SshTarget target = host.target();
            text.append("  ").append(host.name()).append(":\n");
            text.append("    ssh_host: ").append(target.address()).append('\n');
            text.append("    ssh_port: ").append(target.port()).append('\n');
            text.append("    ssh_user: ").append(target.user()).append('\n');
            text.append("    ssh_key: ").append(key()).append('\n');
            target.over()
                    .ifPresent(over ->
                            text.append("    ssh_proxy: ").append(over.name()).append('\n'));
            text.append("    role: cpu_selfplay\n    status: ready\n");
        }
        return text.toString();
    }

    /// One more host, on an address of its own.
    public SshHost add(String name, Trait trait) throws IOException, InterruptedException {
        InetAddress address = nextAddress();
        Path home = home(name, trait);
        SshHost host = switch (trait) {
            case DOWN -> new SshHost(name, trait, target(name, address, free(address)), home, Optional.empty());
            case SILENT -> silent(name, address, home);
            case BEHIND -> throw new IllegalArgumentException("expected addBehind for " + name);
            default -> {
                int port = free(address);
                Sshd sshd = sshd(List.of(), home, trait, List.of(address), port, () -> dial(address, port));
                yield new SshHost(name, trait, target(name, address, port), home, Optional.of(sshd));
            }
        };
        hosts.add(host);
        return host;
    }

    /// So many plain hosts on addresses of their own, sixteen of which have one sshd and home in common: for measuring.
    public void addMany(int count) throws IOException, InterruptedException {
        for (int first = 0; first < count; first += ADDRESSES_PER_SSHD) {
            List<InetAddress> group = new ArrayList<>();
            for (int i = first; i < Math.min(count, first + ADDRESSES_PER_SSHD); i++) group.add(nextAddress());
            int port = free(group.getFirst());
            Path home = home("many" + first, Trait.PLAIN);
            Sshd sshd = sshd(List.of(), home, Trait.PLAIN, group, port, () -> dial(group.getLast(), port));
            for (InetAddress address : group) {
                String name = "m" + hosts.size();
                hosts.add(new SshHost(name, Trait.PLAIN, target(name, address, port), home, Optional.of(sshd)));
            }
        }
    }

    /// Two hosts: `jump`, and `behind`, which is only reached from there.
    private void addBehind(Path script) throws IOException, InterruptedException {
        Lab lab = Lab.up(script, 1, "1gbit");
        parts.add(lab);
        Path jumpHome = home("jump", Trait.JUMP);
        Sshd jumpSshd = sshd(lab, "h0", jumpHome, Trait.JUMP);
        InetAddress address = nextAddress();
        Door door = Door.open(address, () -> lab.on("h0", () -> socket(lab.address("h0"))));
        parts.add(door);
        SshTarget jump = target("jump", address, door.port());
        hosts.add(new SshHost("jump", Trait.JUMP, jump, jumpHome, Optional.of(jumpSshd)));
        Path home = home("behind", Trait.BEHIND);
        Sshd sshd = sshd(lab, "h1", home, Trait.BEHIND);
        String over = jump.user() + "@" + jump.address() + ":" + jump.port();
        SshTarget behind = new SshTarget(
                "behind",
                lab.address("h1"),
                LAB_PORT,
                jump.user(),
                Optional.of(key()),
                Optional.of(over),
                OptionalInt.empty(),
                Optional.of(jump));
        hosts.add(new SshHost("behind", Trait.BEHIND, behind, home, Optional.of(sshd)));
    }

    private Sshd sshd(Lab lab, String place, Path home, Trait trait) throws IOException, InterruptedException {
        String address = lab.address(place);
        Callable<Boolean> answers = () -> lab.on(place, () -> {
            try (Socket socket = socket(address)) {
                return socket.isConnected();
            }
        });
        InetAddress parsed = InetAddress.ofLiteral(address);
        return sshd(lab.command(place, List.of()), home, trait, List.of(parsed), LAB_PORT, answers);
    }

    private static Socket socket(String address) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), LAB_PORT), DIAL_MILLIS);
        return socket;
    }

    private SshHost silent(String name, InetAddress address, Path home) throws IOException {
        ServerSocket server = new ServerSocket(0, 64, address);
        parts.add(server);
        return new SshHost(name, Trait.SILENT, target(name, address, server.getLocalPort()), home, Optional.empty());
    }

    private SshTarget target(String name, InetAddress address, int port) {
        return new SshTarget(
                name,
                address.getHostAddress(),
                port,
                user(),
                Optional.of(key()),
                Optional.empty(),
                OptionalInt.empty());
    }

    private Sshd sshd(
            List<String> prefix,
            Path home,
            Trait trait,
            List<InetAddress> addresses,
            int port,
            Callable<Boolean> answers)
            throws IOException, InterruptedException {
        Path own = home.resolveSibling("sshd");
        Files.createDirectories(own);
        key(own.resolve("host_key"));
        Path opens = trait == Trait.REFUSES_KEY ? folder.resolve("other_key.pub") : folder.resolve("key.pub");
        Files.copy(opens, own.resolve("authorized_keys"));
        Files.writeString(own.resolve("sshd_config"), SshFiles.config(own, home, trait, addresses, port));
        Sshd sshd = Sshd.start(prefix, own, answers);
        parts.add(sshd);
        return sshd;
    }

    private Path home(String name, Trait trait) throws IOException {
        Path home = folder.resolve(name).resolve("home");
        Files.createDirectories(home);
        SshFiles.write(home, trait);
        return home;
    }

    private InetAddress nextAddress() throws IOException {
        addresses++;
        return InetAddress.getByAddress(new byte[] {127, 77, (byte) (addresses / 250), (byte) (addresses % 250 + 1)});
    }

    private static boolean dial(InetAddress address, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), DIAL_MILLIS);
            return true;
        }
    }

    private static int free(InetAddress address) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, address)) {
            return socket.getLocalPort();
        }
    }

    /// Makes a key without a passphrase, as `ssh-keygen` does.
    public static void key(Path file) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException("ssh-keygen: " + said.strip());
    }

    private static String user() {
        return System.getProperty("user.name");
    }

    private static boolean root() {
        return user().equals("root");
    }

    /// Ends all its processes. The files stay.
    @Override
    public void close() {
        for (AutoCloseable part : parts.reversed()) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("expected to end a part of the fleet: " + e.getMessage(), e);
            }
        }
        parts.clear();
    }
}
