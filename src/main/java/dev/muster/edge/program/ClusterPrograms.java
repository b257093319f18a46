package dev.muster.edge.program;

import dev.muster.edge.cli.Exit;
import dev.muster.edge.cli.Failure;
import dev.muster.edge.cli.Programs;
import dev.muster.edge.cli.Shell;
import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.NodeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `muster cluster init`, `join` and `token`: write a node's data directory; nothing is started.
final class ClusterPrograms {
    private static final String TOKEN = "token";
    private static final int TOKEN_BYTES = 24;
    private static final Pattern FOUNDER = Pattern.compile("([^=.]+)=(.+):(\\d+):(\\d+)");

    private ClusterPrograms() {}

    /// A cluster of one voter, or of the founders that `voters` lists; then each of them is made with the same list and
    /// the same token.
    static int init(Programs.Options options, Shell shell) throws Failure {
        Path data = fresh(options);
        Map<String, String> flags = new TreeMap<>(options.flags());
        String name = name(flags);
        String others = flags.remove("voters");
        if (others != null) founders(others, flags);
        if (!flags.containsKey("voters." + name + ".host")) {
            flags.put(
                    "voters." + name + ".host",
                    flags.getOrDefault("advertise", flags.getOrDefault("listen", NodeConfig.LISTEN_DEFAULT)));
            copy(flags, "ports.api", "voters." + name + ".api");
            copy(flags, "ports.raft", "voters." + name + ".raft");
        }
        write(data, flags, secret(flags, shell));
        shell.out().println("made a new cluster in " + data + "; start it with: muster up --data " + data);
        return Exit.DONE;
    }

    private static void founders(String list, Map<String, String> flags) throws Failure {
        for (String founder : list.split(",")) {
            Matcher parts = FOUNDER.matcher(founder.strip());
            if (!parts.matches()) {
                throw Failure.usage(
                        "--voters: expected ID=HOST:API_PORT:RAFT_PORT, but found \"" + founder + "\"",
                        "--voters n1=10.0.0.1:8770:8771,n2=10.0.0.2:8770:8771");
            }
            flags.put("voters." + parts.group(1) + ".host", parts.group(2));
            flags.put("voters." + parts.group(1) + ".api", parts.group(3));
            flags.put("voters." + parts.group(1) + ".raft", parts.group(4));
        }
    }

    static int join(Programs.Options options, Shell shell) throws Failure {
        if (options.words().isEmpty()) {
            throw Failure.usage(
                    "expected the address of a node to join by",
                    "muster cluster join http://n1:8770 --name n2 --token-file FILE");
        }
        Path data = fresh(options);
        Map<String, String> flags = new TreeMap<>(options.flags());
        String name = name(flags);
        List<String> seeds =
                options.words().stream().map(ClusterPrograms::address).toList();
        flags.put("seeds", String.join(",", seeds));
        String oneTime = flags.remove("enrol_token_file");
        if (oneTime != null) return enrol(data, flags, name, seeds, oneTime, shell);
        if (!flags.containsKey("token_file") && token(shell).isEmpty()) {
            throw Failure.usage(
                    "expected the cluster's token, but found none",
                    "`muster cluster token` on a node of the cluster prints it; pass it by --token-file or MUSTER_TOKEN");
        }
        String secret = secret(flags, shell);
        boolean answered = JoinCheck.ask(seeds, secret, name);
        write(data, flags, secret);
        if (!answered)
            shell.err().println("nobody answers at " + String.join(", ", seeds) + " yet; the agent will go on asking");
        shell.out().println("wrote " + data + "; start the node with: muster up --data " + data);
        return Exit.DONE;
    }

    /// A one-time token is shown when all that could be wrong here has been looked at.
    private static int enrol(
            Path data, Map<String, String> flags, String name, List<String> seeds, String file, Shell shell)
            throws Failure {
        if (flags.containsKey("token_file")) {
            throw Failure.usage("expected --token-file or --enrol-token-file, but found both", "");
        }
        String oneTime = readSecret(file);
        check(data, flags, random());
        try {
            EnrolmentClient.Answer answer = EnrolmentClient.ask(seeds, oneTime, name);
            flags.put("cluster_id", answer.clusterId());
            flags.put("seeds", String.join(",", answer.seeds(seeds)));
            answer.role().ifPresent(role -> flags.put("role", role));
            write(data, flags, answer.token());
        } catch (Failure failure) {
            forget(data);
            throw failure;
        }
        shell.out()
                .println("enrolled as " + name + " and wrote " + data + "; start the node with: muster up --data "
                        + data);
        return Exit.DONE;
    }

    static int token(Programs.Options options, Shell shell) throws Failure {
        try {
            // What the files of this node say, whatever the caller speaks to other nodes with.
            NodeConfig config = NodeConfig.load(options.data(), options.flags(), Map.of());
            shell.out().println(config.token().secret());
            return Exit.DONE;
        } catch (ConfigException e) {
            throw new Failure(Exit.ERROR, "CONFIG", e.getMessage(), "name the data directory of a node by --data");
        }
    }

    private static String address(String word) {
        return word.contains("://") ? URI.create(word).getAuthority() : word;
    }

    private static String name(Map<String, String> flags) throws Failure {
        try {
            return flags.computeIfAbsent("name", key -> hostName());
        } catch (UncheckedIOException e) {
            throw Failure.usage("expected a name for this node, and this host has none", "--name n1");
        }
    }

    /// Without its domain.
    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().split("\\.")[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path fresh(Programs.Options options) throws Failure {
        if (Files.exists(options.data().resolve(NodeConfig.FILE))) {
            throw new Failure(
                    Exit.ERROR,
                    "CONFLICT",
                    "expected a new data directory, but " + options.data() + " holds a node",
                    "choose another by --data; nothing was changed");
        }
        return options.data().toAbsolutePath();
    }

    private static void copy(Map<String, String> flags, String from, String to) {
        if (flags.containsKey(from)) flags.put(to, flags.get(from));
    }

    private static String secret(Map<String, String> flags, Shell shell) throws Failure {
        String file = flags.remove("token_file");
        if (file != null) return readSecret(file);
        String given = token(shell);
        return given.isEmpty() ? random() : given;
    }

    private static String readSecret(String file) throws Failure {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "TOKEN", "cannot read the token in " + file + ": " + e.getMessage(), "");
        }
    }

    private static String random() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private static String token(Shell shell) {
        return shell.env().getOrDefault("MUSTER_TOKEN", shell.env().getOrDefault("RINGRIFT_CLUSTER_AUTH_TOKEN", ""));
    }

    /// The whole configuration is read back before anybody relies on it.
    private static void write(Path data, Map<String, String> flags, String secret) throws Failure {
        check(data, flags, secret);
        try {
            Files.writeString(data.resolve(NodeConfig.FILE), NodeConfig.yaml(flags));
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot write to " + data + ": " + e.getMessage(), "");
        }
    }

    /// Writes the token, and reads the configuration with it.
    private static void check(Path data, Map<String, String> flags, String secret) throws Failure {
        try {
            Files.createDirectories(data);
            Path token = data.resolve(TOKEN);
            Files.deleteIfExists(token);
            Files.createFile(token, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(token, secret + "\n");
            // Without the voters first: they hold copies, which would be wrong in the same way.
            Map<String, String> single = new TreeMap<>(flags);
            single.keySet().removeIf(key -> key.startsWith("voters."));
            NodeConfig.load(data, single, Map.of());
            NodeConfig.load(data, flags, Map.of());
        } catch (ConfigException e) {
            forget(data);
            throw new Failure(Exit.USAGE, "CONFIG", e.getMessage(), "");
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot write to " + data + ": " + e.getMessage(), "");
        }
    }

    /// What was refused leaves nothing behind.
    private static void forget(Path data) {
        try {
            Files.deleteIfExists(data.resolve(TOKEN));
        } catch (IOException e) {
            // the message that follows matters more
        }
    }
}
