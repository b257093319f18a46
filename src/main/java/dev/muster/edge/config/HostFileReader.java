package dev.muster.edge.config;

import dev.muster.core.hosts.Finding;
import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.Place;
import dev.muster.core.state.NodeId;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;

/// Reads `distributed_hosts.yaml` in all shapes that the prior system had: `hosts:` by name, older `nodes:`,
/// `standard_hosts:` and `vast_hosts:`, lists as in `vast_instances:`, and groups of `nodes:` under names that people chose.
/// What belongs to other parts of that system is known and left alone.
public final class HostFileReader {
    /// About three thousand hosts; the largest real file is 26 KB.
    public static final int BYTES_MAX = 2 << 20;

    private static final int HOSTS_MAX = 5000;
    /// More than a file of this size can write down; aliases can ask for billions.
    private static final int KEYS_MAX = 200_000;
    /// With more, it is another kind of file.
    private static final int FINDINGS_MAX = 10_000;

    /// Hosts by name, or as a list.
    private static final List<String> HOSTS =
            List.of("hosts", "nodes", "standard_hosts", "vast_hosts", "remote_hosts", "vast_instances");

    /// Of other parts of the prior system; `groups` names hosts that stand elsewhere.
    private static final List<String> OTHERS = List.of(
            "alerts",
            "auto_sync",
            "board_configs",
            "cluster",
            "cmaes",
            "config",
            "consolidation",
            "defaults",
            "disk_management",
            "elo_sync",
            "groups",
            "job_defaults",
            "protocols",
            "provider_timeouts",
            "sync",
            "sync_routing",
            "training",
            "vast_ai",
            "version",
            "worker_defaults",
            // Sections of hosts, which count once they have `nodes:`.
            "aws_nodes",
            "cloud_instances",
            "local_machines");

    /// @param findings what is wrong with the text, in its order; what it means is
    ///     [dev.muster.core.hosts.HostFileCheck]'s to judge
    public record Loaded(HostFile file, List<Finding> findings) {
        /// Something could not be read, so that the file does not say what its writer meant. A value out of its range
        /// is an error of one host, and the others can be used all the same.
        public boolean broken() {
            return findings.stream()
                    .anyMatch(found -> found.kind() == Kind.WRONG_TYPE || found.kind() == Kind.DUPLICATE_KEY);
        }
    }

    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private int read;
    private int keys;

    private HostFileReader() {}

    /// @param file as messages call it
    /// @throws ConfigException when there are no keys and values to look at
    public static Loaded read(String file, byte[] yaml) throws ConfigException {
        HostFileReader reader = new HostFileReader();
        try {
            return reader.all(YamlTree.read(utf8(yaml), YamlTree.Counts.FIRST, reader::again));
        } catch (YamlTree.Unreadable e) {
            throw new ConfigException("the hosts", List.of(file + ":" + e.at() + ": " + e.getMessage()));
        }
    }

    static byte[] utf8(byte[] yaml) throws YamlTree.Unreadable {
        Place top = new Place(1, 1);
        if (yaml.length > BYTES_MAX) {
            throw new YamlTree.Unreadable(top, "expected at most " + BYTES_MAX + " bytes, but found more");
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(yaml));
        } catch (CharacterCodingException e) {
            throw new YamlTree.Unreadable(top, "expected text in UTF-8, but found other bytes");
        }
        boolean marked = yaml.length >= 3 && yaml[0] == (byte) 0xEF && yaml[1] == (byte) 0xBB && yaml[2] == (byte) 0xBF;
        return marked ? Arrays.copyOfRange(yaml, 3, yaml.length) : yaml;
    }

    private void again(String path, Place at, Place first) {
        String message = "expected each key once, but found it again; it stands in line " + first.line() + " already";
        findings.add(new Finding(Kind.DUPLICATE_KEY, path, at, message, "remove one of them"));
    }

    private Loaded all(YamlNode tree) throws YamlTree.Unreadable {
        if (tree.nothing()) throw new YamlTree.Unreadable(tree.at(), "expected `hosts:`, but found an empty file");
        if (!(tree instanceof YamlNode.Mapping mapping)) {
            throw new YamlTree.Unreadable(tree.at(), "expected keys and values, but found " + tree.brief());
        }
        Fields top = new Fields("", mapping, findings);
        HostFields defaults = HostFields.NONE.withPort(top.section("config")
                .map(config -> config.whole(1, 65_535, "default_port"))
                .filter(port -> port.isPresent())
                .map(port -> port.getAsInt())
                .orElse(Host.SSH_PORT));
        for (String name : HOSTS) hosts(top, name, name, defaults);
        top.known(OTHERS);
        for (String name : mapping.entries().keySet()) group(top, name, defaults);
        Optional<List<HostFile.Voter>> voters = voters(top);
        List<HostFile.BandwidthLimit> limits =
                top.section("auto_sync").map(HostFileReader::limits).orElse(List.of());
        top.end();
        if (!hosts.isEmpty()) findings.addAll(HostReferences.check(mapping, hosts.keySet(), hosts.values()));
        findings.sort((one, other) -> one.at().compareTo(other.at()));
        return new Loaded(new HostFile(List.copyOf(hosts.values()), voters, limits), List.copyOf(findings));
    }

    // ---- hosts

    /// @param path how messages call the key
    private void hosts(Fields top, String key, String path, HostFields defaults) throws YamlTree.Unreadable {
        Optional<YamlNode.Entry> entry = top.entry(key);
        if (entry.isEmpty()) return;
        switch (entry.get().value()) {
            case YamlNode.Mapping named -> {
                for (Map.Entry<String, YamlNode.Entry> one : named.entries().entrySet()) {
                    host(
                            one.getKey(),
                            one.getValue().at(),
                            path + "." + one.getKey(),
                            one.getValue().value(),
                            defaults);
                }
            }
            case YamlNode.Sequence list -> {
                for (int index = 0; index < list.elements().size(); index++) {
                    element(list.elements().get(index), path + "[" + index + "]", defaults);
                }
            }
            case YamlNode.Scalar other -> top.wrong(Kind.WRONG_TYPE, other, "hosts by name, or a list of them", key);
        }
    }

    /// A host in a list says its own name.
    private void element(YamlNode element, String path, HostFields defaults) throws YamlTree.Unreadable {
        String name = "";
        Place at = element.at();
        if (element instanceof YamlNode.Mapping mapping) {
            Fields fields = new Fields(path + ".", mapping, findings);
            name = fields.text("name", "id", "hostname", "host");
            at = fields.at("name", "id", "hostname", "host");
            if (name.isEmpty()) {
                findings.add(new Finding(
                        Kind.WRONG_VALUE, path, element.at(), "expected a name, but found none", "write `name:`"));
                return;
            }
        }
        host(name, at, path, element, defaults);
    }

    private void host(String name, Place at, String path, YamlNode node, HostFields defaults)
            throws YamlTree.Unreadable {
        if (++read > HOSTS_MAX) {
            throw new YamlTree.Unreadable(at, "expected at most " + HOSTS_MAX + " hosts, but found more");
        }
        YamlNode.Mapping mapping;
        if (node instanceof YamlNode.Mapping found) {
            mapping = found;
        } else if (node.nothing()) {
            mapping = new YamlNode.Mapping(at, Map.of());
        } else {
            String message = "expected a host's keys and values, but found " + node.brief();
            findings.add(new Finding(Kind.WRONG_TYPE, path, at, message, ""));
            return;
        }
        keys += mapping.entries().size();
        if (keys > KEYS_MAX) {
            throw new YamlTree.Unreadable(at, "expected at most " + KEYS_MAX + " keys in all, but found more");
        }
        Host host = defaults.read(name, at, new Fields(path + ".", mapping, findings));
        checkName(host, path);
        if (findings.size() > FINDINGS_MAX) {
            throw new YamlTree.Unreadable(
                    at, "expected a file of hosts, but found more than " + FINDINGS_MAX + " problems in it");
        }
        Host first = hosts.putIfAbsent(name, host);
        if (first != null) {
            String message = name + " stands in line " + first.at().line() + " already; that one counts";
            findings.add(new Finding(Kind.NAMED_TWICE, path, at, message, "remove one of them"));
        }
    }

    private void checkName(Host host, String path) {
        try {
            new NodeId(host.name());
        } catch (IllegalArgumentException e) {
            findings.add(
                    new Finding(Kind.UNUSABLE_NAME, path, host.at(), e.getMessage(), "no node can join by that name"));
        }
    }

    // ---- groups under names that people chose

    private void group(Fields top, String name, HostFields defaults) throws YamlTree.Unreadable {
        if (HOSTS.contains(name) || name.equals("groups")) return;
        Optional<YamlNode.Entry> entry = top.entryUnasked(name);
        if (entry.isEmpty() || !(entry.get().value() instanceof YamlNode.Mapping mapping)) return;
        if (!mapping.entries().containsKey("nodes")) return;
        Fields group = new Fields(name + ".", mapping, findings);
        top.known(List.of(name));
        HostFields inherited = defaults.with(
                group.text("ssh_user", "user"), group.text("ssh_key"), group.whole(1, 65_535, "ssh_port", "port"));
        hosts(group, "nodes", name + ".nodes", inherited);
        group.known(List.of("description", "enabled", "note", "notes"));
        group.end();
    }

    // ---- voters and limits

    private Optional<List<HostFile.Voter>> voters(Fields top) {
        Optional<List<HostFile.Voter>> main = voters(top, "p2p_voters");
        Optional<List<HostFile.Voter>> other = voters(top, "voters");
        if (main.isPresent() && other.isPresent() && !names(main.get()).equals(names(other.get()))) {
            String message = "`voters` and `p2p_voters` name different hosts; p2p_voters counts";
            top.add(Kind.VOTERS_DISAGREE, "voters", top.at("voters"), message, "remove `voters`");
        }
        return main.or(() -> other);
    }

    private Optional<List<HostFile.Voter>> voters(Fields top, String key) {
        Optional<YamlNode.Entry> entry = top.entry(key);
        if (entry.isEmpty()) return Optional.empty();
        List<HostFile.Voter> voters = new ArrayList<>();
        if (entry.get().value() instanceof YamlNode.Sequence list) {
            for (YamlNode element : list.elements()) {
                if (element instanceof YamlNode.Scalar scalar && !scalar.nothing()) {
                    voters.add(new HostFile.Voter(scalar.text().strip(), scalar.at()));
                } else {
                    top.add(
                            Kind.WRONG_TYPE,
                            key,
                            element.at(),
                            "expected a host's name, but found " + element.brief(),
                            "");
                }
            }
        } else if (entry.get().value() instanceof YamlNode.Scalar one) {
            for (String name : top.texts(key)) voters.add(new HostFile.Voter(name, one.at()));
        } else {
            top.wrong(Kind.WRONG_TYPE, entry.get().value(), "a list of hosts' names", key);
        }
        return Optional.of(voters);
    }

    private static TreeSet<String> names(List<HostFile.Voter> voters) {
        return new TreeSet<>(voters.stream().map(HostFile.Voter::name).toList());
    }

    /// In Mbit/s, as `bandwidth_limit_mbps` beside them.
    private static List<HostFile.BandwidthLimit> limits(Fields sync) {
        List<HostFile.BandwidthLimit> limits = new ArrayList<>();
        sync.section("host_bandwidth_overrides").ifPresent(overrides -> {
            for (String glob : overrides.names()) {
                OptionalDouble rate = overrides.decimal(0, 1_000_000, glob);
                if (rate.isPresent()) limits.add(new HostFile.BandwidthLimit(glob, rate.getAsDouble()));
            }
        });
        return limits;
    }
}
