package dev.muster.edge.config;

import dev.muster.edge.swarm.Ways;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Reads `ssh`, `aria2` and `limits.bandwidth_overrides` of `node.yaml`.
final class WaysOf {
    private static final URI ARIA2_DEFAULT = URI.create("http://127.0.0.1:6800/jsonrpc");
    private static final int SSH_PORT = 22;

    private WaysOf() {}

    /// @param advertise where others reach this node by SSH too, unless told
    static Ways read(
            Path data,
            Section top,
            Section limits,
            String advertise,
            Map<String, String> environment,
            Problems problems) {
        return new Ways(
                ssh(data, top.section("ssh"), advertise, problems),
                aria2(data, top.section("aria2"), environment, problems),
                overrides(limits.section("bandwidth_overrides")));
    }

    private static Ways.Ssh ssh(Path data, Section section, String advertise, Problems problems) {
        Optional<String> user = section.text("user");
        String host = section.text("host").orElse(advertise);
        int port = section.integer("port", SSH_PORT, 1, 65_535);
        Optional<Path> identity = section.value("identity", text -> file(data, text));
        section.end();
        Optional<Path> known = Optional.of(data.toAbsolutePath().normalize().resolve("known_hosts"));
        try {
            return new Ways.Ssh(user, host, port, identity, known);
        } catch (IllegalArgumentException e) {
            problems.add("ssh", e.getMessage());
            return Ways.NONE.ssh();
        }
    }

    private static Path file(Path data, String text) {
        Path file = text.startsWith("~/")
                ? Path.of(System.getProperty("user.home")).resolve(text.substring(2))
                : data.toAbsolutePath().normalize().resolve(text);
        if (!Files.isReadable(file))
            throw new IllegalArgumentException("expected a private key, but cannot read " + file);
        return file;
    }

    private static Optional<Ways.Aria2Rpc> aria2(
            Path data, Section section, Map<String, String> environment, Problems problems) {
        if (section.absent()) return Optional.empty();
        URI rpc = section.value("rpc", WaysOf::rpc).orElse(ARIA2_DEFAULT);
        Optional<String> secret = Secrets.of(data, section, "aria2.", environment, problems);
        section.end();
        return Optional.of(new Ways.Aria2Rpc(rpc, secret.orElse("")));
    }

    /// It is told to write into this node's store, and hears the cluster's token.
    private static URI rpc(String text) {
        URI uri = URI.create(text);
        String host = String.valueOf(uri.getHost());
        if ("http".equals(uri.getScheme()) && host.matches("localhost|127(\\.\\d{1,3}){3}|\\[::1]")) return uri;
        throw new IllegalArgumentException(
                "expected an address on this machine, as in " + ARIA2_DEFAULT + ", but found \"" + text + "\"");
    }

    private static Map<String, Long> overrides(Section section) {
        Map<String, Long> overrides = new LinkedHashMap<>();
        for (String pattern : section.names()) {
            Optional<String> name = section.name(pattern, WaysOf::pattern);
            long rate = section.rate(pattern, 0);
            name.ifPresent(known -> overrides.put(known, rate));
        }
        return overrides;
    }

    private static String pattern(String text) {
        if (text.matches("[A-Za-z0-9._*-]{1,64}")) return text;
        throw new IllegalArgumentException(
                "expected a node's name or a pattern such as vast-*, but found \"" + text + "\"");
    }
}
