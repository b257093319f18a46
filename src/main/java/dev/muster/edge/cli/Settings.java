package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.NotJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// Which nodes to ask, and with what token: options over environment over the context file.
final class Settings {
    static final String NODE_DEFAULT = "http://127.0.0.1:8770";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    /// As the server takes it.
    private static final int ACTOR_MAX = 120;
    private static final int USER_MAX = 40;
    private static final int HOST_MAX = ACTOR_MAX - USER_MAX - 1;
    /// `owner` is the demo's that wrote the file.
    private static final List<String> CONTEXT = List.of("node", "nodes", "token", "owner");
    private static final List<String> TOKENS = List.of("MUSTER_TOKEN", "RINGRIFT_CLUSTER_AUTH_TOKEN");
    private static final List<String> TOKEN_FILES = List.of("MUSTER_TOKEN_FILE", "RINGRIFT_CLUSTER_AUTH_TOKEN_FILE");

    private Settings() {}

    static Client client(Args args) throws Failure {
        Map<String, String> env = env(args);
        return client(args, nodes(args, env, context(args, args.shell().env())));
    }

    /// As [#client(Args)], but of these nodes.
    ///
    /// @param nodes URLs
    static Client client(Args args, List<String> nodes) throws Failure {
        Map<String, String> env = env(args);
        return new Client(nodes, token(args), args.globalDuration("--timeout", TIMEOUT), actor(env), requestId(args));
    }

    /// The cluster's token as this command would show it; empty when none is known.
    static String token(Args args) throws Failure {
        return token(args, env(args), context(args, args.shell().env()));
    }

    /// A context that is named goes over the environment; the default one does not.
    private static Map<String, String> env(Args args) {
        Map<String, String> env = args.shell().env();
        return args.text("--context").isPresent() ? without(env) : env;
    }

    /// `$XDG_CONFIG_HOME/muster/context.json`: `{"nodes": ["http://n1:8770", …], "token": "…"}`, or one `node`.
    static Path contextFile(Map<String, String> env) {
        String base = env.getOrDefault("XDG_CONFIG_HOME", "");
        Path folder = base.isEmpty() ? Path.of(env.getOrDefault("HOME", "/"), ".config") : Path.of(base);
        return folder.resolve("muster").resolve("context.json");
    }

    private static Map<String, String> without(Map<String, String> env) {
        Map<String, String> rest = new HashMap<>(env);
        rest.remove("MUSTER_NODE");
        rest.keySet().removeAll(TOKENS);
        rest.keySet().removeAll(TOKEN_FILES);
        return rest;
    }

    private static Doc context(Args args, Map<String, String> env) throws Failure {
        String named = args.text("--context").orElse(env.getOrDefault("MUSTER_CONTEXT", ""));
        Path file = named.isBlank() ? contextFile(env) : Path.of(named);
        boolean unneeded = args.text("--context").isEmpty()
                && (!env.getOrDefault("MUSTER_NODE", "").isBlank()
                        || args.text("--api").or(() -> args.global("--node")).isPresent());
        if (!Files.exists(file) && !named.isBlank() && !unneeded)
            throw Failure.usage(
                    "expected a context in " + file + ", but there is no such file",
                    args.text("--context").isPresent()
                            ? "it names nodes and their token: {\"node\": \"http://HOST:8770\", \"token\": \"…\"}"
                            : "MUSTER_CONTEXT names it; unset it, or name a node by MUSTER_NODE");
        if (!Files.exists(file)) return Doc.object();
        try {
            Doc context = Doc.json(Files.readAllBytes(file));
            for (String key : context.entries().keySet()) {
                if (!CONTEXT.contains(key)) {
                    throw Failure.usage(file + ": expected the keys nodes and token, but found " + key, "");
                }
            }
            return context;
        } catch (IOException e) {
            throw Failure.usage("expected to read " + file + ", but " + Client.why(e), "");
        } catch (NotJson e) {
            throw Failure.usage(file + " is no JSON: " + e.getMessage(), "");
        }
    }

    private static List<String> nodes(Args args, Map<String, String> env, Doc context) throws Failure {
        Optional<String> written = args.text("--api").or(() -> args.global("--node"));
        if (written.isPresent()) return list(args.text("--api").isPresent() ? "--api" : "--node", written.get());
        String variable = env.getOrDefault("MUSTER_NODE", "");
        if (!variable.isBlank()) return list("MUSTER_NODE", variable);
        List<String> several = Stream.concat(context.list("nodes").stream(), context.list("node").stream())
                .map(Doc::text)
                .toList();
        if (!several.isEmpty()) return several;
        return context.has("node") ? List.of(context.text("node")) : List.of(NODE_DEFAULT);
    }

    /// `job run --node n3` chooses the node that is to run the job; an address looks different.
    static boolean isUrl(String text) {
        return text.contains(":") || text.contains("/");
    }

    /// @param where they were written
    private static List<String> list(String where, String commaSeparated) throws Failure {
        List<String> nodes = Stream.of(commaSeparated.split(","))
                .map(String::strip)
                .filter(node -> !node.isEmpty())
                .toList();
        // A bare word is a node's name rather than its address, save this machine's.
        for (String node : nodes) {
            if (node.matches("[A-Za-z0-9_-]+") && !node.equals("localhost")) {
                throw Failure.usage(
                        "expected " + where + " to be a node's API, as in http://" + node + ":8770, but found \"" + node
                                + "\"",
                        "");
            }
        }
        return nodes;
    }

    private static String token(Args args, Map<String, String> env, Doc context) throws Failure {
        Optional<String> written = args.text("--token").or(() -> first(env, TOKENS));
        if (written.isPresent()) return written.get().strip();
        Optional<String> file = first(env, TOKEN_FILES);
        if (file.isEmpty()) return context.text("token");
        try {
            return Files.readString(Path.of(file.get())).strip();
        } catch (IOException | InvalidPathException e) {
            throw Failure.usage("expected the cluster's token in " + file.get() + ", but " + Client.why(e), "");
        }
    }

    private static Optional<String> first(Map<String, String> env, List<String> names) {
        return names.stream()
                .map(name -> env.getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst();
    }

    /// Who gives the order, for the audit: MUSTER_ACTOR, or the user's name and the machine's, `ann@laptop`. A claim that
    /// nobody checks; empty when neither is known.
    private static String actor(Map<String, String> env) {
        String named = plain(env.getOrDefault("MUSTER_ACTOR", ""), ACTOR_MAX);
        if (!named.isEmpty()) return named;
        String user = plain(
                first(env, List.of("USER", "LOGNAME")).orElseGet(() -> System.getProperty("user.name", "")), USER_MAX);
        String host = plain(env.getOrDefault("HOSTNAME", kernelsHostName()), HOST_MAX);
        return user.isEmpty() || host.isEmpty() ? user : user + "@" + host;
    }

    /// `HOSTNAME` is a variable of most shells, but rarely of their environment; asking DNS could take seconds.
    private static String kernelsHostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /// Only what the server takes: letters, digits and `._@+-`; all else becomes `-`.
    private static String plain(String name, int max) {
        String plain = name.strip().replaceAll("[^A-Za-z0-9._@+-]+", "-").replaceFirst("^[^A-Za-z0-9]+", "");
        return plain.substring(0, Math.min(plain.length(), max));
    }

    /// The same for every retry of one order; made up unless it was given.
    private static String requestId(Args args) throws Failure {
        Optional<String> given = args.text("--request-id");
        if (given.isEmpty()) return UUID.randomUUID().toString();
        if (given.get().matches("[\\x21-\\x7e]{1,64}")) return given.get();
        throw Failure.usage(
                "expected --request-id to be 1 to 64 characters without spaces, but found \"" + given.get() + "\"", "");
    }
}
