package dev.muster.edge.config;

import dev.muster.core.hosts.Finding;
import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Where a file names hosts besides declaring them, as in `elo_sync.coordinator` and `groups`: a name that is no host's is
/// told with the nearest one. Voters are [dev.muster.core.hosts.HostFileCheck]'s.
final class HostReferences {
    /// Sections of other parts of the prior system, and the keys by which they name hosts.
    private static final Map<String, List<String>> KEYS = Map.of(
            "elo_sync", List.of("coordinator"),
            "sync_routing", List.of("excluded_hosts", "priority_hosts", "allowed_external_storage"),
            "auto_sync", List.of("exclude_hosts"),
            "consolidation", List.of("coordinator", "excluded_nodes"));

    /// What stands for no single host.
    private static final Set<String> NOBODY = Set.of("", "none", "null", "auto", "local", "localhost", "all");

    private final Set<String> known;
    private final List<Finding> findings = new ArrayList<>();

    private HostReferences(Set<String> known) {
        this.known = known;
    }

    /// @param known the hosts' names
    static List<Finding> check(YamlNode.Mapping top, Set<String> known, Iterable<Host> hosts) {
        HostReferences references = new HostReferences(known);
        KEYS.forEach((section, keys) -> {
            if (value(top, section) instanceof YamlNode.Mapping below) {
                for (String key : keys) references.names(section + "." + key, value(below, key));
            }
        });
        references.groups(value(top, "groups"));
        for (Host host : hosts) references.proxy(host);
        return references.findings;
    }

    private static YamlNode value(YamlNode.Mapping mapping, String key) {
        YamlNode.Entry entry = mapping.entries().get(key);
        return entry == null ? new YamlNode.Scalar(mapping.at(), "", true) : entry.value();
    }

    /// One name, a list of them, or a list of mappings with a `host:`.
    private void names(String path, YamlNode node) {
        if (node instanceof YamlNode.Scalar scalar) {
            name(path, scalar.text().strip(), scalar.at());
        } else if (node instanceof YamlNode.Sequence list) {
            for (YamlNode element : list.elements()) {
                names(path, element instanceof YamlNode.Mapping mapping ? value(mapping, "host") : element);
            }
        }
    }

    private void groups(YamlNode groups) {
        if (!(groups instanceof YamlNode.Mapping mapping)) return;
        mapping.entries().forEach((name, entry) -> {
            YamlNode group = entry.value();
            names("groups." + name, group instanceof YamlNode.Mapping below ? value(below, "nodes") : group);
        });
    }

    /// A jump host need not be one of ours; a name without a dot is nobody else's.
    private void proxy(Host host) {
        String proxy = host.reach().proxy();
        if (!proxy.matches(".*[.@:$*/ ].*")) name(host.name() + ".ssh_proxy", proxy, host.at());
    }

    /// A pattern is no name.
    private void name(String path, String name, Place at) {
        if (known.contains(name) || NOBODY.contains(name) || name.matches(".*[*?${}].*")) return;
        String nearest = Fields.nearest(name, known)
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
        String message = "expected a host of this file, but found " + Section.quoted(name) + nearest;
        findings.add(new Finding(Kind.UNKNOWN_HOST, path, at, message, "correct the name, or remove it"));
    }
}
